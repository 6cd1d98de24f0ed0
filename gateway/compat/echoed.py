"""The model's name as the client wrote it, in the answers to Messages clients.

Claude Code sends a thought back only where the answer's model is, letter for letter, the one that it asked for.
"""

from collections.abc import AsyncIterator
from typing import Final

import msgspec

from gateway.call import Call, Refusal
from gateway.compat.splicing import MODEL, members, with_model
from gateway.compat.stripped import END, Stripped, unpacked
from gateway.wire import sse
from gateway.wire.compression import Inflater

START: Final = b'"message_start"'
"""What tells the event that names the model."""
FORM: Final = "anthropic_messages"


def wanted(call: Call, own: str) -> str:
    """The client's name of the model where its answers shall have that; empty where it is the provider's `own`."""
    if call.form != FORM:
        return ""
    given = msgspec.json.decode(members(call.body).get("model", b'""'))
    return given if isinstance(given, str) and given != own else ""


def renamed(text: bytes, name: str) -> bytes:
    """A whole answer with this name; what names no model stays as it is."""
    try:
        return with_model(text, name) if "model" in members(text) else text
    except Refusal:
        return text


class Echoed(Stripped):
    """A stream of Messages events, its first with this name, every other byte as it came."""

    def __init__(self, source: AsyncIterator[bytes], name: str, inflater: Inflater | None = None) -> None:
        super().__init__(source, inflater)
        self.name = msgspec.json.encode(name)
        self.done = False

    def strip(self, chunk: bytes) -> bytes:
        """What has come, once the event that names the model is whole; raises Broken."""
        if self.inflater is not None:
            chunk = unpacked(self.inflater, chunk)
        if self.done:
            return chunk
        text, self.rest = self.rest + chunk, b""
        made, at = list[bytes](), 0
        for end in END.finditer(text):
            event, at = text[at : end.end()], end.end()
            self.done = START in event
            made.append(self.told(event) if self.done else event)
            if self.done:
                break
        rest = text[at:]
        if self.done or len(rest) > sse.LIMIT:
            self.done = True
            return b"".join([*made, rest])
        self.rest = rest
        return b"".join(made)

    def told(self, event: bytes) -> bytes:
        """The first event, its model renamed."""
        found = MODEL.search(event)
        return event if found is None else event[: found.start(1)] + self.name + event[found.end(1) :]

    def close(self) -> bytes:
        """What still waits at the end."""
        rest, self.rest = self.rest, b""
        return rest
