"""A client's stream: server-sent events that end in CRLF, each with a chunk that looks like a whole answer.

Only this form is written, which Google gives with `alt=sse` as all its SDKs ask; without it Google sends a JSON array.
"""

from collections.abc import Callable
from typing import Any, Final

from msgspec.structs import replace

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
from gateway.conversation.parts import Media, Native, Part, Text, Thinking, ToolUse
from gateway.conversation.request import Conversation
from gateway.translation.codec import Json
from gateway.translation.gemini_generate.answers_out import MALFORMED, UNREADABLE, names, sources, write_part
from gateway.translation.gemini_generate.counts import write_usage
from gateway.translation.gemini_generate.faults import write_fault
from gateway.translation.gemini_generate.logprobs import write_logprobs
from gateway.translation.gemini_generate.parts_out import seal_alone
from gateway.translation.gemini_generate.reasons import write_reason
from gateway.translation.gemini_generate.seals import sealed
from gateway.translation.gemini_generate.words import NAME, encode

TEXT: Final = b'data: {"candidates":[{"content":{"parts":[{"text":'
THOUGHT: Final = b'data: {"candidates":[{"content":{"parts":[{"thought":true,"text":'
END: Final = b"\r\n\r\n"


class Strand:
    """A candidate that is being written."""

    def __init__(self, index: int, names: bytes) -> None:
        self.index = index
        self.tail = b'}],"role":"model"},"index":%d}],' % index + names
        self.parts: dict[int, Part] = {}
        self.texts: dict[int, list[str]] = {}
        self.cited: list[Text] = []
        self.natives: list[Native] = []
        self.unreadable = False
        self.finish: Finish | None = None

    def end(self) -> Json:
        """The candidate of the last chunk."""
        written: Json = {"content": {"parts": [{"text": ""}], "role": "model"}, "index": self.index}
        if self.unreadable:
            written.update({"finishReason": MALFORMED, "finishMessage": UNREADABLE})
        elif self.finish is not None:
            written["finishReason"] = write_reason(self.finish.reason, self.finish.native_reason)
        cited: list[tuple[str, Text]] = [(part.text, part) for part in self.cited]
        return {**written, **sources(self.natives, cited, [])}


class Writer:
    """Writes words as they come, calls when they are whole, and counts with the last chunk."""

    def __init__(self, asked: Conversation) -> None:
        self._model = asked.model
        self._names = b""
        self._strands: dict[int, Strand] = {}
        self._usage = Usage()
        self._tier = ""
        self._over = False
        self._named: Json = {}
        self._name(Start())

    def write(self, event: StreamEvent) -> bytes:
        """The bytes for one event."""
        if self._over:
            return b""
        if type(event) is Add:
            return self._add(event)
        return WRITES[type(event)](self, event)

    def _name(self, event: Start) -> bytes:
        """Keep the names that stand in each chunk."""
        self._named = names(event.model or self._model, event.id, event.created)
        self._names = encode(self._named)[1:] + END
        self._tier = event.service_tier
        return b""

    def _strand(self, index: int) -> Strand:
        """The candidate by its index."""
        strand = self._strands.get(index)
        if strand is None:
            strand = self._strands[index] = Strand(index, self._names)
        return strand

    def _open(self, event: Open) -> bytes:
        """Keep a part that grows, write one that is whole."""
        strand = self._strand(event.index)
        part = event.part
        if isinstance(part, Native):
            strand.natives.append(part)
        if isinstance(part, Media | Native):
            written = write_part(part)
            return self._chunk(strand, written) if written is not None else b""
        # The event is not ours to write into.
        strand.parts[event.at] = Text() if isinstance(part, Text) else replace(part)
        strand.texts[event.at] = []
        return b""

    def _add(self, event: Add) -> bytes:
        """Words at once; arguments wait for the rest of them."""
        strand = self._strands.get(event.index)
        part = strand.parts.get(event.at) if strand is not None else None
        if strand is None or part is None or not event.text:
            return b""
        if isinstance(part, Thinking):
            # The first words are kept as a sign that there were some.
            part.text = part.text or event.text
            return THOUGHT + encode(event.text) + strand.tail
        strand.texts[event.at].append(event.text)
        return b"" if isinstance(part, ToolUse) else TEXT + encode(event.text) + strand.tail

    def _sign(self, event: Sign) -> bytes:
        """Keep a signature until its part is whole."""
        part = self._strand(event.index).parts.get(event.at)
        if isinstance(part, Thinking | ToolUse):
            part.signature, part.maker = event.signature, event.maker
        return b""

    def _cite(self, event: Cite) -> bytes:
        """Keep a source for the last chunk."""
        part = self._strand(event.index).parts.get(event.at)
        if isinstance(part, Text):
            part.citations.append(event.citation)
        return b""

    def _close(self, event: Close) -> bytes:
        """Write a call, or a thought's signature."""
        strand = self._strand(event.index)
        part = strand.parts.pop(event.at, None)
        texts = strand.texts.pop(event.at, [])
        if isinstance(part, Thinking):
            signature = sealed(part)
            thought = bool(part.text) or part.maker != NAME
            return self._chunk(strand, seal_alone(signature, thought=thought)) if signature else b""
        if isinstance(part, Text) and part.citations:
            part.text = "".join(texts)
            strand.cited.append(part)
        if not isinstance(part, ToolUse):
            return b""
        part.arguments = "".join(texts)
        written = write_part(part)
        if written is None:
            strand.unreadable = True
            return b""
        return self._chunk(strand, written)

    def _logprobs(self, event: Logprobs) -> bytes:
        """A chunk without words: Google has the two together, but clients add up chunks."""
        result = write_logprobs(event.value)
        if result is None:
            return b""
        return self._whole([{"content": {"role": "model"}, "index": event.index, "logprobsResult": result}])

    def _finish(self, event: Finish) -> bytes:
        """Keep why it ended: that is for the last chunk."""
        self._strand(event.index).finish = event
        return b""

    def _count(self, event: Count) -> bytes:
        """Keep what was counted last, field by field."""
        for name in event.usage.__struct_fields__:
            if (value := getattr(event.usage, name)) is not None:
                setattr(self._usage, name, value)
        self._tier = event.service_tier or self._tier
        return b""

    def _failed(self, event: Failed) -> bytes:
        """The error, after which nothing is written."""
        self._over = True
        return b"data: " + encode(write_fault(event.fault)) + END

    def _end(self, event: End) -> bytes:
        """The last chunk."""
        self._over = True
        return self._whole([strand.end() for strand in self._strands.values()], write_usage(self._usage, self._tier))

    def _chunk(self, strand: Strand, part: Json) -> bytes:
        """A chunk with one part."""
        return self._whole([{"content": {"parts": [part], "role": "model"}, "index": strand.index}])

    def _whole(self, candidates: list[Json], usage: Json | None = None) -> bytes:
        """A chunk."""
        counted = {"usageMetadata": usage} if usage else {}
        return b"data: " + encode({"candidates": candidates, **counted, **self._named}) + END


WRITES: Final[dict[type, Callable[[Writer, Any], bytes]]] = {
    Start: Writer._name,
    Open: Writer._open,
    Sign: Writer._sign,
    Cite: Writer._cite,
    Close: Writer._close,
    Logprobs: Writer._logprobs,
    Finish: Writer._finish,
    Count: Writer._count,
    Failed: Writer._failed,
    End: Writer._end,
}
