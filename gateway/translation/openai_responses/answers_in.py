"""A provider's whole answer in the neutral form; nothing in it can raise."""

from collections.abc import Callable
from typing import Any, Final

from gateway.conversation.answer import Candidate, Completion
from gateway.conversation.parts import Native, Part, Refusing, Text, ToolUse
from gateway.translation.codec import Json
from gateway.translation.openai_responses import logprobs
from gateway.translation.openai_responses.citations import read_citations
from gateway.translation.openai_responses.counts import read_usage
from gateway.translation.openai_responses.outcome import Seen, read_reason
from gateway.translation.openai_responses.own import NAME
from gateway.translation.openai_responses.thoughts import read_thinking
from gateway.translation.values import soft

ECHOED: Final = frozenset(
    (
        # What is read, and what every answer has.
        "id",
        "object",
        "created_at",
        "model",
        "output",
        "status",
        "incomplete_details",
        "usage",
        "service_tier",
        "system_fingerprint",
        # What only repeats the request.
        "background",
        "instructions",
        "frequency_penalty",
        "include",
        "max_output_tokens",
        "max_tool_calls",
        "metadata",
        "parallel_tool_calls",
        "presence_penalty",
        "previous_response_id",
        "prompt",
        "prompt_cache_key",
        "prompt_cache_options",
        "prompt_cache_retention",
        "reasoning",
        "safety_identifier",
        "store",
        "temperature",
        "text",
        "tool_choice",
        "tools",
        "top_logprobs",
        "top_p",
        "truncation",
        "user",
    )
)


def read_answer(answer: Json) -> Completion:
    """The completion; an odd field is as if absent."""
    parts: list[Part] = []
    tokens: list[Any] = []
    for item in soft(answer.get("output"), list, []):
        if isinstance(item, dict):
            parts += parts_of(item, tokens)
    seen = Seen()
    for part in parts:
        seen.note(part)
    reason, native = read_reason(answer, seen)
    candidate = Candidate(parts, reason, native, logprobs=logprobs.neutral(tokens) if tokens else None)
    return Completion(
        id=soft(answer.get("id"), str, ""),
        model=soft(answer.get("model"), str, ""),
        created=seconds(answer.get("created_at")),
        candidates=[candidate],
        usage=read_usage(answer.get("usage")),
        service_tier=soft(answer.get("service_tier"), str, ""),
        fingerprint=fingerprint(answer),
        extras={name: value for name, value in answer.items() if name not in ECHOED and value is not None},
    )


def seconds(value: object) -> int:
    """A time in seconds; 0 where it is none."""
    return int(value) if type(value) in (int, float) and 0 <= value < 2**53 else 0  # type: ignore[operator,call-overload]


def fingerprint(answer: Json) -> str:
    """The state of the provider's system, which xAI puts into `metadata`, and another gateway like this one above."""
    inner = soft(answer.get("metadata"), dict, {}).get("system_fingerprint")
    return soft(inner, str, "") or soft(answer.get("system_fingerprint"), str, "")


def parts_of(item: Json, tokens: list[Any]) -> list[Part]:
    """The parts that one item of an output becomes; `tokens` is given its log probabilities."""
    kind = soft(item.get("type"), str, "")
    if kind == "message":
        return [part for one in _contents(item) if (part := words(one, tokens)) is not None]
    read = READERS.get(kind)
    return [read(item) if read is not None else Native(NAME, kind or "item", item)]


def _contents(item: Json) -> list[Json]:
    """The contents of a message."""
    return [one for one in soft(item.get("content"), list, []) if isinstance(one, dict)]


def words(content: Json, tokens: list[Any]) -> Text | Refusing | None:
    """One content of a message; None where it is of no kind that a model says."""
    if content.get("type") == "refusal":
        return Refusing(soft(content.get("refusal"), str, ""))
    if content.get("type") != "output_text":
        return None
    tokens += soft(content.get("logprobs"), list, [])
    return Text(soft(content.get("text"), str, ""), read_citations(content.get("annotations")))


def function(item: Json) -> ToolUse:
    """A call of a function."""
    return ToolUse(call_id(item), soft(item.get("name"), str, ""), soft(item.get("arguments"), str, ""))


def free_text(item: Json) -> ToolUse:
    """A call of a tool that takes free text."""
    return ToolUse(call_id(item), soft(item.get("name"), str, ""), soft(item.get("input"), str, ""), custom=True)


def call_id(item: Json) -> str:
    """The id by which a result answers the call; the item's own where the provider gave no other."""
    return soft(item.get("call_id"), str, "") or soft(item.get("id"), str, "")


READERS: Final[dict[str, Callable[[Json], Part]]] = {
    "function_call": function,
    "custom_tool_call": free_text,
    "reasoning": read_thinking,
}
