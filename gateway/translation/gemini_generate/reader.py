"""Google's stream as events.

Each chunk looks like a whole answer. There is no last one: a stream is complete when its candidates have a
finishReason, but chunks may follow it (old models say STOP in each), so that the candidates end with the stream.
"""

from collections.abc import Iterable
from datetime import datetime

from msgspec import DecodeError

from gateway.conversation.answer import Fault
from gateway.conversation.events import Count, End, Failed, Finish, Start, StreamEvent
from gateway.translation.codec import Json
from gateway.translation.gemini_generate.counts import read_usage
from gateway.translation.gemini_generate.faults import fault_of
from gateway.translation.gemini_generate.strands import Strand
from gateway.translation.gemini_generate.words import decoded
from gateway.translation.values import soft


class Reader:
    """Turns chunks into events; elements of a JSON array are chunks too."""

    def __init__(self) -> None:
        self._strands: dict[int, Strand] = {}
        self._started = False
        self._over = False
        self._blocked = ""
        self._usage: Json = {}
        self._id = ""

    def read(self, name: bytes, text: bytes) -> Iterable[StreamEvent]:
        """The events of one chunk."""
        if self._over:
            return ()
        try:
            said = decoded(text)
        except (DecodeError, RecursionError):
            return self._failed(Fault(502, "The provider sent an event that cannot be read."))
        out: list[StreamEvent] = []
        for chunk in said if isinstance(said, list) else [said]:
            if not isinstance(chunk, dict):
                return [*out, *self._failed(Fault(502, "The provider sent an event that is no object."))]
            if chunk.get("error") is not None:
                return [*out, *self._failed(fault_of(chunk["error"]))]
            self._chunk(chunk, out)
        return out

    def _chunk(self, chunk: Json, out: list[StreamEvent]) -> None:
        """Names, candidates and counts of one chunk."""
        if not self._started:
            self._started = True
            self._id = soft(chunk.get("responseId"), str, "")
            out.append(Start(self._id, soft(chunk.get("modelVersion"), str, ""), seconds(chunk.get("createTime"))))
        candidates = chunk.get("candidates")
        if isinstance(candidates, list):
            for candidate in candidates:
                if isinstance(candidate, dict):
                    self._strand(candidate).read(candidate, out)
        if isinstance(usage := chunk.get("usageMetadata"), dict):
            self._usage.update(usage)
        if "promptFeedback" in chunk:
            self._blocked = blocked(chunk) or self._blocked

    def _strand(self, candidate: Json) -> Strand:
        """The candidate's strand, by its index."""
        index = candidate.get("index", 0)
        if type(index) is not int or index < 0:
            index = 0
        strand = self._strands.get(index)
        if strand is None:
            strand = self._strands[index] = Strand(index, self._id)
        return strand

    def _failed(self, fault: Fault) -> list[StreamEvent]:
        """The error, after which nothing is read."""
        self._over = True
        return [Failed(fault)]

    def _counted(self) -> list[StreamEvent]:
        """Tokens; later chunks win over earlier ones, field by field."""
        usage, tier = read_usage(self._usage)
        return [Count(usage, tier)] if usage is not None else []

    def end(self) -> Iterable[StreamEvent]:
        """The ends of the candidates and of the answer; a Failed where one has no finishReason."""
        if self._over:
            return ()
        if not self._strands and self._blocked:
            self._over = True
            return [Finish(0, "content_filter", self._blocked), *self._counted(), End()]
        if not self._strands or not all(strand.word for strand in self._strands.values()):
            return self._failed(Fault(502, "The provider's stream ended before the answer did."))
        self._over = True
        out: list[StreamEvent] = []
        for strand in self._strands.values():
            strand.end(out)
        return [*out, *self._counted(), End()]


def blocked(answer: Json) -> str:
    """Why the prompt was refused; empty where it was not."""
    feedback = answer.get("promptFeedback")
    reason = feedback.get("blockReason") if isinstance(feedback, dict) else None
    if isinstance(reason, int):
        return "SAFETY" if reason else ""
    return soft(reason, str, "")


def seconds(time: object) -> int:
    """Seconds since 1970 of an RFC 3339 time; 0 where it is none."""
    if not isinstance(time, str):
        return 0
    try:
        return max(int(datetime.fromisoformat(time).timestamp()), 0)
    except (ValueError, OverflowError, OSError):
        return 0
