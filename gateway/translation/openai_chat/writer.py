"""A client's stream, chunk by chunk, in the order and with the members that OpenAI's have."""

from collections.abc import Callable
from typing import Any, Final

import msgspec
from msgspec import structs

from gateway.call import Usage
from gateway.conversation.events import (
    Add,
    Cite,
    Close,
    Count,
    End,
    Failed,
    Finish,
    Logprobs,
    Open,
    Sign,
    Start,
    StreamEvent,
)
from gateway.conversation.parts import Native, Thinking, ToolUse
from gateway.conversation.request import Conversation
from gateway.translation.codec import Json
from gateway.translation.openai_chat import answers_out, counts, faults, reasons
from gateway.translation.openai_chat.natives import DIALECT, EXTRAS
from gateway.translation.openai_chat.requests_in import LegacyConversation
from gateway.translation.openai_chat.writing import Voice

encode: Final = msgspec.json.Encoder().encode

DONE: Final = b"data: [DONE]\n\n"


class ChatWriter:
    """The writer of one stream."""

    __slots__ = ("begun", "extras", "head", "hides", "legacy", "over", "tail", "usage", "voices", "wanted")

    def __init__(self, conversation: Conversation) -> None:
        self.wanted = conversation.include_usage
        self.legacy = isinstance(conversation, LegacyConversation)
        self.hides = answers_out.hides(conversation)
        self.voices: dict[int, Voice] = {}
        self.extras: Json = {}
        self.usage: Usage | None = None
        self.over = False
        self.head = b""
        self.begun = Start(model=conversation.model)
        self.tail = b""
        """What stands before and after the choices in every chunk."""
        self._frame(self.begun)

    def _frame(self, start: Start) -> None:
        """Make what every chunk has around its choices."""
        self.begun = start
        said: Json = {
            "id": start.id,
            "object": "chat.completion.chunk",
            "created": start.created,
            "model": start.model,
        }
        if start.service_tier:
            said["service_tier"] = start.service_tier
        if start.fingerprint:
            said["system_fingerprint"] = start.fingerprint
        self.head = b"data: " + encode(said)[:-1] + b',"choices":['
        # As OpenAI does: null everywhere but in the one chunk that has it.
        self.tail = b'],"usage":null}\n\n' if self.wanted else b"]}\n\n"

    def write(self, event: StreamEvent) -> bytes:
        """The chunk, or chunks, for one event."""
        if self.over:
            return b""
        if type(event) is Add:
            return self._add(event)
        return WRITES[type(event)](self, event)

    def _add(self, event: Add) -> bytes:
        """More of a part: a chunk whose frame is made already."""
        voice = self.voices.get(event.index)
        part = voice.parts.get(event.at) if voice is not None else None
        if voice is None or part is None or not event.text:
            return b""
        part.add(event.text)
        if part.before is None:
            return b""
        return b"".join((self.head, voice.head, part.before, encode(event.text), part.after, voice.tail, self.tail))

    def _chunk(self, voice: Voice, delta: Json) -> bytes:
        """A chunk of one choice that adds `delta`."""
        return b"".join((self.head, voice.head, encode(delta), voice.tail, self.tail))

    def voice(self, index: int) -> tuple[Voice, bytes]:
        """A candidate's state, and the chunk with which it begins where it is new."""
        found = self.voices.get(index)
        if found is not None:
            return found, b""
        found = self.voices[index] = Voice(index)
        return found, self._chunk(found, {"role": "assistant", "content": "", "refusal": None})

    def start(self, event: Start) -> bytes:
        """The first chunk, which has the role."""
        named = structs.replace(event, id=answers_out.answer_id(event.id), model=event.model or self.begun.model)
        self._frame(named)
        return self.voice(0)[1]

    def open(self, event: Open) -> bytes:
        """A part begins; what is whole already is written at once."""
        voice, begun = self.voice(event.index)
        part = event.part
        if isinstance(part, Native):
            return begun + self._native(voice, part)
        if isinstance(part, Thinking) and self.hides:
            return begun
        if isinstance(part, ToolUse) and self.legacy and voice.calls:
            return begun
        delta = voice.begin(event.at, part, legacy=self.legacy)
        return begun + (self._chunk(voice, delta) if delta else b"")

    def _native(self, voice: Voice, part: Native) -> bytes:
        """What only this dialect knows; another dialect's has no place here."""
        if part.dialect != DIALECT:
            return b""
        if part.name == EXTRAS:
            self.extras |= part.value
            top = answers_out.top(part.value)
            return self._aside(encode(top)[1:-1]) if top else b""
        aside = answers_out.members([part], "choice.")
        if aside:
            extra = b"," + encode(aside)[1:-1]
            return b"".join((self.head, voice.head, b"{}", voice.tail[:-1], extra, b"}", self.tail))
        delta = voice.native(part)
        return self._chunk(voice, delta) if delta else b""

    def _aside(self, members: bytes) -> bytes:
        """A chunk without choices that has members of the whole answer."""
        return self.head + self.tail[:-3] + b"," + members + b"}\n\n"

    def sign(self, event: Sign) -> bytes:
        """A signature: a call's at once, a thought's when it is whole."""
        voice = self.voices.get(event.index)
        part = voice.parts.get(event.at) if voice is not None else None
        if voice is None or part is None:
            return b""
        delta = part.sign(event.signature, event.maker)
        return self._chunk(voice, delta) if delta else b""

    def cite(self, event: Cite) -> bytes:
        """A citation, for the end of its candidate."""
        voice, begun = self.voice(event.index)
        voice.cite(event.citation)
        return begun

    def close(self, event: Close) -> bytes:
        """A part is whole."""
        voice = self.voices.get(event.index)
        delta = voice.end(event.at) if voice is not None else None
        return self._chunk(voice, delta) if voice is not None and delta else b""

    def logprobs(self, event: Logprobs) -> bytes:
        """Log probabilities, of what the chunks before them added."""
        _, begun = self.voice(event.index)
        said = {"index": event.index, "delta": {}, "logprobs": event.value, "finish_reason": None}
        return begun + self.head + encode(said) + self.tail

    def finish(self, event: Finish) -> bytes:
        """Why a candidate ended, and before that what it cited."""
        voice, begun = self.voice(event.index)
        if voice.notes:
            begun += self._chunk(voice, {"annotations": voice.notes})
        word = reasons.finish(event.reason, calls=voice.calls > 0, legacy=self.legacy)
        said: Json = {"index": event.index, "delta": {}, "logprobs": None, "finish_reason": word}
        if event.native_reason and event.native_reason != word:
            said["native_finish_reason"] = event.native_reason
        if event.stop_sequence is not None:
            said["stop_reason"] = event.stop_sequence
        return begun + self.head + encode(said) + self.tail

    def count(self, event: Count) -> bytes:
        """Keep usage, field by field, until the end, and the tier, which some providers say only there."""
        if event.service_tier and event.service_tier != self.begun.service_tier:
            self._frame(structs.replace(self.begun, service_tier=event.service_tier))
        if self.usage is None:
            self.usage = Usage()
        for name in Usage.__struct_fields__:
            value = getattr(event.usage, name)
            if value is not None:
                setattr(self.usage, name, value)
        return b""

    def end(self, _: End) -> bytes:
        """Usage, if the client wants it, and the end."""
        self.over = True
        if not self.wanted or self.usage is None:
            return DONE
        said = encode(counts.written(self.usage, self.extras))
        return b"".join((self.head, b'],"usage":', said, b"}\n\n", DONE))

    def failed(self, event: Failed) -> bytes:
        """The error, which the official SDK raises; `[DONE]` does not follow, for nothing is done."""
        self.over = True
        return b"data: " + encode(faults.write_fault(event.fault)) + b"\n\n"


WRITES: Final[dict[type[Any], Callable[[ChatWriter, Any], bytes]]] = {
    Start: ChatWriter.start,
    Open: ChatWriter.open,
    Sign: ChatWriter.sign,
    Cite: ChatWriter.cite,
    Close: ChatWriter.close,
    Logprobs: ChatWriter.logprobs,
    Finish: ChatWriter.finish,
    Count: ChatWriter.count,
    End: ChatWriter.end,
    Failed: ChatWriter.failed,
}
