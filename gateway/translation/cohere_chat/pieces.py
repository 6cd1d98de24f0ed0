"""What whole answers and streams have in common: reasons, usage, citations, log probabilities."""

from typing import Any, Final

from gateway.call import Usage
from gateway.conversation.answer import Reason
from gateway.conversation.parts import Citation
from gateway.dialects.cohere import CohereCounts
from gateway.dialects.reading import Shape
from gateway.translation.codec import Json
from gateway.translation.cohere_chat.turns import NAME
from gateway.translation.counting import usage_of
from gateway.translation.values import soft

REASONS: Final[dict[str, Reason]] = {
    "COMPLETE": "stop",
    "STOP_SEQUENCE": "stop_sequence",
    "MAX_TOKENS": "length",
    "TOOL_CALL": "tool_use",
    "ERROR": "error",
    "TIMEOUT": "error",
    # Older models' words.
    "ERROR_TOXIC": "content_filter",
    "ERROR_LIMIT": "context_length",
}

ELSEWHERE: Final = ("THINKING_CONTENT", "PLAN")
"""Types of citations that are for thoughts, which have none in the neutral form."""

COUNTS: Final = Shape(CohereCounts)


def reason(word: str) -> Reason:
    """Why the answer ended, in neutral words."""
    return REASONS.get(word, "other")


def usage(counts: object) -> Usage | None:
    """Tokens as they are metered: `tokens` before `billed_units`."""
    return usage_of(COUNTS, counts)


def citations(given: object) -> list[Citation]:
    """The citations that one of Cohere's is: one per source. Empty where it is none of the text's."""
    if not isinstance(given, dict) or given.get("type") in ELSEWHERE:
        return []
    sources = [source for source in soft(given.get("sources"), list, []) if isinstance(source, dict)]
    return [_citation(given, source) for source in sources or [{}]]


def _citation(given: Json, source: Json) -> Citation:
    """One citation. `doc:3` is the fourth document, whether the gateway or Cohere itself gave it that id."""
    held: Any = next((source[name] for name in ("document", "tool_output") if isinstance(source.get(name), dict)), {})
    id, url = soft(source.get("id"), str, ""), soft(held.get("url"), str, "")
    index = id.removeprefix("doc:")
    start, end = given.get("start"), given.get("end")
    return Citation(
        "url" if url else "document",
        url,
        soft(held.get("title"), str, ""),
        soft(given.get("text"), str, ""),
        index if index.isdigit() else id,
        start if type(start) is int else None,
        end if type(end) is int else None,
        given,
        NAME,
    )


def logprobs(items: object) -> Json | None:
    """Log probabilities in OpenAI's form; None where there are none.

    Cohere gives those of several tokens with their text together: such a piece of text counts as one token.
    """
    entries = [_entry(item) for item in soft(items, list, []) if isinstance(item, dict)]
    return {"content": entries, "refusal": None} if entries else None


def _entry(item: Json) -> Json:
    """One piece of text with the sum of its tokens' log probabilities."""
    text = soft(item.get("text"), str, "")
    values = [value for value in soft(item.get("logprobs"), list, []) if type(value) in (int, float)]
    spelled = list(text.encode("utf-8", "replace"))
    return {"token": text, "logprob": sum(values), "bytes": spelled, "top_logprobs": []}
