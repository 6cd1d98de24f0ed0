"""A client's stream, as Anthropic sends it.

Blocks go out one after another, for Claude Code expects them so: what belongs to a later part waits until the part
before it is closed, up to HELD characters; beyond that parts go out side by side, and the official SDKs put them
together by index.
"""

from collections.abc import Callable
from typing import Any, Final

from gateway.call import Usage
from gateway.conversation.answer import Reason
from gateway.conversation.events import Add, Cite, Close, Count, End, Failed, Finish, Open, Sign, Start, StreamEvent
from gateway.conversation.parts import Refusing, ToolUse
from gateway.conversation.request import Conversation
from gateway.translation.anthropic_messages.answers_out import message_id
from gateway.translation.anthropic_messages.faults import write_fault
from gateway.translation.anthropic_messages.stops import Holds, stop_reason
from gateway.translation.anthropic_messages.usage import written
from gateway.translation.anthropic_messages.writing import Blocks, framed
from gateway.translation.codec import Json

HELD: Final = 2**22
"""Characters of later parts that may wait."""


class MessagesWriter:
    """One message for one client; other candidates than the first are passed over."""

    def __init__(self, conversation: Conversation) -> None:
        self._model = conversation.model
        self._start: Start | None = None
        self._begun = self._over = False
        self._usage: Usage | None = None
        self._tier = ""
        self._reason: Reason = "stop"
        self._native = ""
        self._stop: str | None = None
        self._holds: Holds = ""
        self._blocks = Blocks(HELD)
        self._takes: dict[type[Any], Callable[[Any], bytes]] = {
            Add: self._add,
            Open: self._part,
            Sign: self._part,
            Cite: self._part,
            Close: self._part,
            Start: self._hold,
            Count: self._count,
            Finish: self._finish,
            Failed: self._fail,
            End: self._end,
        }

    def write(self, event: StreamEvent) -> bytes:
        """The bytes for one event; message_start waits for the event after it, which may tell the tokens in."""
        take = self._takes.get(type(event))
        return b"" if self._over or take is None else take(event)

    def _add(self, said: Add) -> bytes:
        """A piece of a part: what nearly every event is."""
        if said.index:
            return b""
        return self._blocks.add(said) if self._begun else self._begin() + self._blocks.add(said)

    def _part(self, said: Open | Sign | Cite | Close) -> bytes:
        """Anything else of a part; what kind it is of may tell more of the answer's end than the provider does."""
        if said.index:
            return b""
        if isinstance(said, Open):
            if isinstance(said.part, ToolUse):
                self._holds = "call"
            elif isinstance(said.part, Refusing) and not self._holds:
                self._holds = "refusal"
        return self._begin() + self._blocks.take(said)

    def _hold(self, said: Start) -> bytes:
        """The beginning, kept until the next event."""
        self._start, self._tier = said, said.service_tier
        return b""

    def _finish(self, said: Finish) -> bytes:
        """Why it ended, kept until the end."""
        if said.index == 0:
            self._reason, self._native, self._stop = said.reason, said.native_reason, said.stop_sequence
        return self._begin()

    def _begin(self) -> bytes:
        """message_start, once."""
        if self._begun:
            return b""
        self._begun = True
        start = self._start or Start()
        message: Json = {
            "id": message_id(start.id),
            "type": "message",
            "role": "assistant",
            "model": start.model or self._model,
            "content": [],
            "stop_reason": None,
            "stop_sequence": None,
            "usage": written(self._usage, self._tier),
        }
        return framed("message_start", {"type": "message_start", "message": message})

    def _count(self, said: Count) -> bytes:
        """Tokens so far; later counts win field by field."""
        self._tier = said.service_tier or self._tier
        if self._usage is None:
            self._usage = Usage()
        for name in Usage.__struct_fields__:
            value = getattr(said.usage, name)
            if value is not None:
                setattr(self._usage, name, value)
        return self._begin()

    def _fail(self, said: Failed) -> bytes:
        """An error event, from which the SDKs raise."""
        self._over = True
        return framed("error", write_fault(said.fault))

    def _end(self, _: End) -> bytes:
        """What is still open, why it ended, the tokens of it all, and the end."""
        self._over = True
        usage = written(self._usage)
        delta = {
            "type": "message_delta",
            "delta": {
                "stop_reason": stop_reason(self._reason, self._native, self._holds),
                "stop_sequence": self._stop,
            },
            "usage": usage,
        }
        return self._begin() + self._blocks.end() + framed("message_delta", delta) + STOP


STOP: Final = framed("message_stop", {"type": "message_stop"})
