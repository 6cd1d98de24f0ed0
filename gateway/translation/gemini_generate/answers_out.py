"""Answers as clients of this dialect read them, whole or as chunks: both are made of the same pieces."""

from datetime import UTC, datetime
from typing import Final

from gateway.conversation.answer import Candidate, Completion
from gateway.conversation.parts import Media, Native, Part, Refusing, Text, ToolUse
from gateway.conversation.request import Conversation
from gateway.translation.codec import Json
from gateway.translation.gemini_generate import media
from gateway.translation.gemini_generate.calls import parsed, written_id
from gateway.translation.gemini_generate.counts import write_usage
from gateway.translation.gemini_generate.grounding import KEPT, write_grounding
from gateway.translation.gemini_generate.logprobs import write_logprobs
from gateway.translation.gemini_generate.parts_out import write_parts
from gateway.translation.gemini_generate.reader import blocked
from gateway.translation.gemini_generate.reasons import write_reason
from gateway.translation.gemini_generate.seals import sealed, sealed_call
from gateway.translation.gemini_generate.words import NAME

MALFORMED: Final = "MALFORMED_FUNCTION_CALL"
UNREADABLE: Final = "The arguments of a function call are no JSON object."

EXTRAS: Final = frozenset(("promptFeedback", "modelStatus"))


def write_answer(answer: Completion, asked: Conversation) -> Json:
    """The GenerateContentResponse."""
    written: Json = {}
    if not _refused(answer):
        written["candidates"] = [write_candidate(one, answer.extras) for one in answer.candidates]
    if usage := write_usage(answer.usage, answer.service_tier):
        written["usageMetadata"] = usage
    written.update(names(answer.model or asked.model, answer.id, answer.created))
    written.update({name: answer.extras[name] for name in EXTRAS & answer.extras.keys()})
    return written


def _refused(answer: Completion) -> bool:
    """Whether Google answered the prompt with nothing but why it is blocked."""
    return bool(blocked(answer.extras)) and not any(one.parts for one in answer.candidates)


def names(model: str, id: str, created: int) -> Json:
    """The members that every chunk has."""
    written = {"modelVersion": model}
    if created:
        written["createTime"] = datetime.fromtimestamp(created, UTC).isoformat().replace("+00:00", "Z")
    if id:
        written["responseId"] = id
    return written


def write_candidate(candidate: Candidate, extras: Json) -> Json:
    """One candidate; a call that cannot be read is left out and said to be why it ended."""
    parts = write_parts(candidate.parts, write_part, sealed)
    written: Json = {"content": {"parts": parts, "role": "model"} if parts else {"role": "model"}}
    if any(isinstance(part, ToolUse) and parsed(part.arguments) is None for part in candidate.parts):
        written.update({"finishReason": MALFORMED, "finishMessage": UNREADABLE})
    elif candidate.reason is not None:
        written["finishReason"] = write_reason(candidate.reason, candidate.native_reason)
    written["index"] = candidate.index
    natives = [part for part in candidate.parts if isinstance(part, Native)]
    texts = [part for part in candidate.parts if isinstance(part, Text)]
    written.update(sources(natives, [(part.text, part) for part in texts], [one.get("text") for one in parts]))
    if logprobs := write_logprobs(candidate.logprobs):
        written["logprobsResult"] = logprobs
    start = f"candidates.{candidate.index}."
    besides = {name.removeprefix(start): value for name, value in extras.items() if name.startswith(start)}
    return {**besides, **written}


def sources(natives: list[Native], cited: list[tuple[str, Text]], texts: list[object]) -> Json:
    """The members that say where words come from: Google's own as they came, else made of the citations.

    `texts` are the written parts' words, by which a text's part is found.
    """
    own = {part.name: part.value for part in natives if part.dialect == NAME and part.name in KEPT}
    if own:
        return own
    places = [(texts.index(text) if text in texts else 0, text, part.citations) for text, part in cited]
    grounding = write_grounding(places)
    return {"groundingMetadata": grounding} if grounding else {}


def write_part(part: Part) -> Json | None:
    """Any part but thoughts; None for what clients of this dialect cannot be told."""
    if isinstance(part, Text | Refusing):
        return {"text": part.text} if part.text else None
    if isinstance(part, Media):
        return media.written(part, own=False)
    if isinstance(part, ToolUse):
        return write_call(part)
    if isinstance(part, Native) and part.dialect == NAME and part.name not in KEPT:
        return part.value if isinstance(part.value, dict) else None
    return None


def write_call(call: ToolUse) -> Json | None:
    """A call; None where its arguments are no object."""
    args = parsed(call.arguments)
    if args is None:
        return None
    written: Json = {"functionCall": {**written_id(call.id), "name": call.name, "args": args}}
    if signature := sealed_call(call.signature, call.maker):
        written["thoughtSignature"] = signature
    return written
