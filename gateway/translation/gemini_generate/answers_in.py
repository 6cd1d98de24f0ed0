"""A whole answer of Google's: read as a stream of one chunk, so that both are the same."""

from typing import Final

from gateway.conversation.answer import Candidate, Completion
from gateway.conversation.events import Add, Cite, Finish, Logprobs, Open, Sign, StreamEvent
from gateway.conversation.parts import Part, Refusing, Text, Thinking, ToolUse
from gateway.translation.codec import Json
from gateway.translation.gemini_generate.counts import read_usage
from gateway.translation.gemini_generate.reader import blocked, seconds
from gateway.translation.gemini_generate.strands import Strand
from gateway.translation.values import soft

READ: Final = frozenset(("candidates", "usageMetadata", "modelVersion", "responseId", "createTime"))
BESIDE: Final = ("avgLogprobs", "finishMessage", "safetyRatings", "tokenCount")
"""Members of a candidate that are kept among the extras, as `candidates.0.avgLogprobs`."""


def read_answer(answer: Json) -> Completion:
    """The answer; never raises."""
    usage, tier = read_usage(answer.get("usageMetadata"))
    found = Completion(
        soft(answer.get("responseId"), str, ""),
        soft(answer.get("modelVersion"), str, ""),
        seconds(answer.get("createTime")),
        usage=usage,
        service_tier=tier,
        extras={name: value for name, value in answer.items() if name not in READ},
    )
    for said in soft(answer.get("candidates"), list, []):
        if isinstance(said, dict):
            found.candidates.append(_candidate(said, found))
    if not found.candidates and (reason := blocked(answer)):
        found.candidates.append(Candidate(reason="content_filter", native_reason=reason))
    return found


def _candidate(said: Json, found: Completion) -> Candidate:
    """One candidate; what has no neutral place goes among the extras."""
    index = soft(said.get("index"), int, len(found.candidates))
    strand = Strand(index, found.id)
    events: list[StreamEvent] = []
    strand.read(said, events)
    strand.end(events)
    found.extras.update({f"candidates.{index}.{name}": said[name] for name in BESIDE if name in said})
    candidate = Candidate(index=index)
    for event in events:
        if isinstance(event, Finish):
            candidate.reason, candidate.native_reason = event.reason, event.native_reason
        elif isinstance(event, Logprobs):
            candidate.logprobs = event.value
        else:
            _gather(event, candidate.parts)
    return candidate


def _gather(event: StreamEvent, parts: list[Part]) -> None:
    """Put an event into the parts."""
    if isinstance(event, Open):
        parts.append(event.part)
    elif isinstance(event, Add):
        _add(parts[event.at], event.text)
    elif isinstance(event, Sign):
        part = parts[event.at]
        if isinstance(part, Thinking | ToolUse):
            part.signature, part.maker = event.signature, event.maker
    elif isinstance(event, Cite) and isinstance(part := parts[event.at], Text):
        part.citations.append(event.citation)


def _add(part: Part, text: str) -> None:
    """More words or arguments."""
    if isinstance(part, ToolUse):
        part.arguments += text
    elif isinstance(part, Text | Thinking | Refusing):
        part.text += text
