"""Claude's own events out of Bedrock's frames, as the server-sent events that Anthropic sends."""

from typing import Final

import msgspec

from gateway.conversation.answer import Fault
from gateway.dialects.errors import encode
from gateway.translation.anthropic_messages import CODEC, wrapped
from gateway.wire import sse

EXCEPTION: Final = b"Exception"
LAST: Final = frozenset(("message_stop", "error"))
"""Events after which none is owed."""


class Event(msgspec.Struct):
    """The field of an event that names it."""

    type: str = ""


class Unwrapping:
    """Renders each chunk as it stands inside its frame."""

    def __init__(self) -> None:
        self.failed = self.over = False
        """`over`: nothing is owed any more."""

    def event(self, name: bytes, text: bytes) -> bytes:
        """The event inside a chunk, or the error that an exception is; nothing after an error."""
        if self.failed:
            return b""
        if name.endswith(EXCEPTION):
            assert CODEC.read_fault is not None
            return self.fault(CODEC.read_fault(502, text))
        try:
            inside = wrapped.unwrapped(text)
            kind = msgspec.json.decode(inside, type=Event).type
        except (ValueError, TypeError, RecursionError):
            return self.unreadable()
        self.over = self.over or kind in LAST
        return sse.write(sse.Event(inside, "".join(kind.split()).encode()))

    def unreadable(self) -> bytes:
        """An error event."""
        return self.fault(Fault(502, "The provider's stream cannot be read.", "api_error"))

    def fault(self, fault: Fault) -> bytes:
        """A fault as Anthropic's error event, after which nothing comes."""
        assert CODEC.write_fault is not None
        self.failed = self.over = True
        return b"event: error\ndata: %b\n\n" % encode(CODEC.write_fault(fault))

    def end(self) -> bytes:
        """Nothing after Claude's last event; an error where it never came."""
        return b"" if self.over else self.fault(Fault(502, "The provider's stream ended too soon.", "api_error"))
