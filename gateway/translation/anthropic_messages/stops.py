"""Why an answer ended, both ways."""

from typing import Final, Literal, TypeAlias

from gateway.conversation.answer import Reason

READ: Final[dict[str, Reason]] = {
    "end_turn": "stop",
    "stop_sequence": "stop_sequence",
    "max_tokens": "length",
    "tool_use": "tool_use",
    "pause_turn": "pause",
    "refusal": "refusal",
    "model_context_window_exceeded": "context_length",
}

WRITTEN: Final[dict[Reason, str]] = {
    **{ours: theirs for theirs, ours in READ.items()},
    "content_filter": "refusal",
    "malformed": "end_turn",
    "error": "end_turn",
    "other": "end_turn",
}

OWN: Final = frozenset(("compaction",))
"""Words of this dialect for which there is no neutral one; they go back as they came."""


def reason(word: str) -> Reason:
    """The neutral reason; `other` for a word that is new."""
    return READ.get(word, "other")


Holds: TypeAlias = Literal["", "call", "refusal"]
"""What an answer holds that tells more than the provider's `stop`."""


def stop_reason(ours: Reason, native: str, holds: Holds) -> str:
    """Anthropic's word; an answer with tool calls or a refusal says so, though the provider only said `stop`."""
    if ours == "stop" and holds:
        return "tool_use" if holds == "call" else "refusal"
    if ours == "other" and native in OWN:
        return native
    return WRITTEN[ours]
