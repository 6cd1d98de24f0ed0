"""Server-sent events, split as WHATWG's HTML standard says (section 9.2.6), and written.

Lines end in CR, LF or CRLF, a leading byte order mark is dropped, several `data` lines are one text joined by LF, and
an event that no blank line closes is never given out.
"""

import re
from typing import Final

import msgspec

LIMIT: Final = 16 * 2**20
"""Bytes one event may have."""

BOM: Final = b"\xef\xbb\xbf"
FAULTS: Final = (b"event: error", b'data: {"error"')
AWS: Final = b"\x0d:message-type\x07\x00\x09exception"
"""A header of an event stream's last message: the length of its name, the name, type string, length, value."""
BREAKS: Final = re.compile(rb"\r\n|\r|\n")


def over(tail: bytes) -> bool:
    """Whether a body whose last chunk is `tail` has said all: official SDKs hang up there, before the body's end.

    They do so at OpenAI's end mark and at an error: an event of that name, one whose data is one, AWS's exceptions.
    """
    text = tail.rstrip()
    return text.endswith(b"data: [DONE]") or text[text.rfind(b"\n\n") + 1 :].lstrip().startswith(FAULTS) or AWS in tail


class TooLong(ValueError):  # noqa: N818 - it says what is wrong with the bytes
    """An event is longer than the splitter may hold."""


class Event(msgspec.Struct, frozen=True):
    """One event: `name` is empty where the stream gave none (WHATWG then calls it `message`)."""

    text: bytes
    """Its `data` lines, joined by LF."""
    name: bytes = b""
    id: bytes = b""
    """The last id the stream gave, which also holds for the events after it."""


class Splitter:
    """Events out of chunks that may be cut anywhere, also between CR and LF."""

    __slots__ = ("_begun", "_carry", "_half", "_id", "_name", "_size", "_texts", "_wait", "limit")

    def __init__(self, limit: int = LIMIT) -> None:
        self.limit = limit
        self._begun = False
        self._half = False
        self._carry: list[bytes] = []
        self._wait = 0
        self._size = 0
        self._texts: list[bytes] = []
        self._name = b""
        self._id = b""

    def feed(self, chunk: bytes) -> list[Event]:
        """The events that `chunk` closes. Raises TooLong."""
        if self._half and chunk:
            # The CR before it has already ended the line: this is the other half of a CRLF.
            chunk, self._half = chunk.removeprefix(b"\n"), False
        self._carry.append(chunk)
        self._wait += len(chunk)
        # Only a line break can close a line, so without one there is nothing to look at: this keeps a long line linear.
        if self._wait + self._size > self.limit:
            raise TooLong(f"an event has more than {self.limit} bytes")
        if b"\n" not in chunk and b"\r" not in chunk:
            return []
        return self._split(b"".join(self._carry))

    def _split(self, text: bytes) -> list[Event]:
        """The events that the whole lines of `text` close; what is after the last line break stays."""
        if not self._begun:
            self._begun = True
            text = text.removeprefix(BOM)
        self._half = text.endswith(b"\r")
        lines = BREAKS.split(text) if b"\r" in text else text.split(b"\n")
        rest = lines.pop()
        self._carry, self._wait = [rest], len(rest)
        events: list[Event] = []
        for line in lines:
            if line:
                self._field(line)
            else:
                self._close(events)
        return events

    def _field(self, line: bytes) -> None:
        """Take in one line that is not blank; comments, unknown names and an id with NUL change nothing."""
        name, _, value = line.partition(b":")
        value = value.removeprefix(b" ")
        if name == b"data":
            self._texts.append(value)
            self._size += len(value) + 1
        elif name == b"event":
            self._name = value
        elif name == b"id" and b"\0" not in value:
            self._id = value

    def _close(self, events: list[Event]) -> None:
        """Give out an event that has data, and forget its name; the id stays, as WHATWG wants."""
        if self._texts:
            events.append(Event(b"\n".join(self._texts), self._name, self._id))
        self._texts, self._name, self._size = [], b"", 0


def write(event: Event) -> bytes:
    """The event as it goes out, each line of its text on a `data` line; name and id must not have line breaks."""
    head = b""
    if event.name:
        head += b"event: " + event.name + b"\n"
    if event.id:
        head += b"id: " + event.id + b"\n"
    if b"\n" not in event.text and b"\r" not in event.text:
        return head + b"data: " + event.text + b"\n\n"
    return head + b"".join(b"data: " + line + b"\n" for line in BREAKS.split(event.text)) + b"\n"


def comment(text: bytes = b"") -> bytes:
    """A line that readers skip, which keeps an idle connection open."""
    return b": " + BREAKS.sub(b" ", text) + b"\n\n"
