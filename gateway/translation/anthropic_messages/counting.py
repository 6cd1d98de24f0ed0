"""Counting the tokens of a request without an answer: `POST /v1/messages/count_tokens`.

https://platform.claude.com/docs/en/api/messages-count-tokens. The request is a message's without what only an answer
needs; the answer is one number.
"""

from typing import Final

from msgspec.structs import replace

from gateway.conversation.losses import Losses
from gateway.conversation.request import Conversation
from gateway.translation.anthropic_messages.requests_in import read_request
from gateway.translation.anthropic_messages.requests_out import write_request
from gateway.translation.codec import Json, Quirks, Written

COUNTED: Final = frozenset(
    (
        "model",
        "messages",
        "system",
        "tools",
        "tool_choice",
        "thinking",
        "output_config",
        "output_format",
        "cache_control",
        "context_management",
        "compaction",
        "mcp_servers",
        "speed",
        "anthropic_version",
        "anthropic_beta",
        "betas",
    )
)
"""Fields that count_tokens takes; it refuses those of an answer."""

read_count: Final = read_request
"""A request for a count as a Conversation; raises Refusal 400 that names the place."""


def write_count(conversation: Conversation, losses: Losses, quirks: Quirks) -> Written:
    """A request for a count; parameters that only an answer needs are left out, for they change no count."""
    written = write_request(replace(conversation, parameters={}, stream=False), losses, quirks)
    written.body = {name: value for name, value in written.body.items() if name in COUNTED}
    return written


def read_total(body: Json) -> int | None:
    """The tokens that a provider counted; None where it did not say."""
    total = body.get("input_tokens")
    return total if type(total) is int and total >= 0 else None


def write_total(tokens: int) -> Json:
    """A count as a client reads it."""
    return {"input_tokens": tokens}
