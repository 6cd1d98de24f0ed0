"""Tokens: Anthropic counts cache reads and writes beside `input_tokens`, we count them within."""

from typing import Any, Final

import msgspec

from gateway.call import Usage
from gateway.dialects.anthropic import AnthropicCounts
from gateway.dialects.reading import loosely
from gateway.translation.codec import Json

TIERS: Final = {"standard": "default"}
"""Words for the tier that served an answer whose neutral one is another."""

SERVED: Final = {"default": "standard", "priority": "priority", "batch": "batch"}
"""Neutral words for tiers that this dialect has too."""

COUNTED: Final = frozenset((*AnthropicCounts.__struct_fields__,))


def counts(given: object) -> AnthropicCounts:
    """A usage object; whatever in it is odd is as if absent."""
    if not isinstance(given, dict):
        return AnthropicCounts()
    try:
        return msgspec.convert(given, AnthropicCounts)
    except msgspec.ValidationError:
        return loosely(AnthropicCounts, msgspec.json.encode(given)) or AnthropicCounts()


def tier(read: AnthropicCounts) -> str:
    """The tier that served an answer, in the neutral word."""
    said = read.service_tier or ""
    return TIERS.get(said, said)


def uncounted(given: object) -> dict[str, Any]:
    """What a usage object says that Usage has no place for, such as how many searches there were."""
    if not isinstance(given, dict):
        return {}
    return {f"usage.{name}": value for name, value in given.items() if name not in COUNTED and value is not None}


def written(usage: Usage | None, served: str = "") -> Json:
    """A message's usage; input and output are numbers always, as the SDK's types have it."""
    told = _input(usage or Usage())
    told["output_tokens"] = (usage.output_tokens if usage is not None else None) or 0
    if usage is not None and usage.output_reasoning_tokens is not None:
        told["output_tokens_details"] = {"thinking_tokens": usage.output_reasoning_tokens}
    if served in SERVED:
        told["service_tier"] = SERVED[served]
    return told


def _input(usage: Usage) -> Json:
    """Tokens in by their class; the cache's classes only where the provider counted them."""
    reads, writes = usage.input_cached_tokens, usage.input_cache_write_tokens
    told: Json = {"input_tokens": max(0, (usage.input_tokens or 0) - (reads or 0) - (writes or 0))}
    if reads is not None or writes is not None:
        told["cache_creation_input_tokens"] = writes or 0
        told["cache_read_input_tokens"] = reads or 0
    if usage.input_cache_write_1h_tokens is not None:
        hour = usage.input_cache_write_1h_tokens
        told["cache_creation"] = {
            "ephemeral_5m_input_tokens": max(0, (writes or 0) - hour),
            "ephemeral_1h_input_tokens": hour,
        }
    return told
