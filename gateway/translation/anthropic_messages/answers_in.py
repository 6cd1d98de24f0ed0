"""Whole messages, as Anthropic, Vertex AI and Bedrock answer them."""

from typing import Any, Final

from gateway.conversation.answer import Candidate, Completion
from gateway.translation.anthropic_messages.blocks_answered import answered
from gateway.translation.anthropic_messages.stops import reason
from gateway.translation.anthropic_messages.usage import counts, tier, uncounted
from gateway.translation.codec import Json
from gateway.translation.values import soft

FIELDS: Final = frozenset(("id", "type", "role", "model", "content", "stop_reason", "stop_sequence", "usage"))
"""What of a message has a place of its own."""


def read_answer(body: Json) -> Completion:
    """A message as a Completion; what is odd in it is as if absent."""
    word = soft(body.get("stop_reason"), str, "")
    stopped = soft(body.get("stop_sequence"), str, "") or None
    blocks = soft(body.get("content"), list, [])
    told = body.get("usage")
    counted = counts(told)
    extras: dict[str, Any] = {name: one for name, one in body.items() if name not in FIELDS and one is not None}
    return Completion(
        soft(body.get("id"), str, ""),
        soft(body.get("model"), str, ""),
        candidates=[
            Candidate(
                [answered(block) for block in blocks if isinstance(block, dict)],
                reason(word) if word else None,
                word,
                stopped,
            )
        ],
        usage=counted.usage(),
        service_tier=tier(counted),
        extras={**extras, **uncounted(told)},
    )
