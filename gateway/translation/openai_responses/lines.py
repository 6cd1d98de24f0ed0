"""Events as lines of a stream, numbered in their order."""

from typing import Final

import msgspec

from gateway.translation.codec import Json

encode: Final = msgspec.json.Encoder().encode


class Lines:
    """Writes server-sent events; counts them for `sequence_number`."""

    __slots__ = ("number",)

    def __init__(self) -> None:
        self.number = 0

    def event(self, kind: str, **fields: object) -> bytes:
        """One event."""
        text = encode({"type": kind, **fields, "sequence_number": self.number})
        self.number += 1
        return b"event: %b\ndata: %b\n\n" % (kind.encode(), text)

    def raw(self, event: Json) -> bytes:
        """One event that has its number."""
        return b"event: %b\ndata: %b\n\n" % (event["type"].encode(), encode(event))

    def delta(self, head: bytes, text: str) -> bytes:
        """One event that differs from its like only in its text: `head` is all that stands before it."""
        number = self.number
        self.number += 1
        return b'%b%b,"sequence_number":%d}\n\n' % (head, encode(text), number)


def delta_head(kind: str, place: Json) -> bytes:
    """The beginning of all deltas for one place, up to their text."""
    fields = encode({"type": kind, **place})
    return b'event: %b\ndata: %b,"delta":' % (kind.encode(), fields[:-1])
