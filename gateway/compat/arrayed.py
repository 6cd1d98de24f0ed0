"""Google's other form of a stream, one JSON array of chunks: what a client gets that does not ask for events.

https://ai.google.dev/api/generate-content#method:-models.streamgeneratecontent; all of Google's SDKs do ask, with
`alt=sse`.
"""

from typing import Final
from urllib.parse import unquote_to_bytes

from gateway.conversation.events import End, Failed, StreamEvent
from gateway.translation.codec import Writer
from gateway.wire import sse

ALTS: Final = frozenset((b"alt=sse", b"$alt=sse"))


def wanted(query: bytes) -> bool:
    """Whether a query does not ask for server-sent events."""
    return not query or not any(unquote_to_bytes(part).lower() in ALTS for part in query.split(b"&"))


class Arrayed:
    """A writer of server-sent events whose texts become the elements of an array, each as soon as it is there."""

    def __init__(self, writer: Writer) -> None:
        self.writer, self.splitter = writer, sse.Splitter()
        self.before, self.over = b"[", False

    def write(self, event: StreamEvent) -> bytes:
        """The elements for one event; the last event closes the array, an error's after an element that says it."""
        if self.over:
            return b""
        made = []
        for one in self.splitter.feed(self.writer.write(event)):
            made.append(self.before + one.text)
            self.before = b",\r\n"
        if type(event) is End or type(event) is Failed:
            self.over = True
            made.append(b"[]" if self.before == b"[" else b"]")
        return b"".join(made)
