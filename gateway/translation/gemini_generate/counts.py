"""usageMetadata, read by the metering's own struct and written in Google's arithmetic."""

from typing import Final

from gateway.call import Usage
from gateway.dialects.gemini import GeminiCounts
from gateway.dialects.reading import Shape, named
from gateway.translation.codec import Json
from gateway.translation.gemini_generate.words import TIERS, encode

COUNTS: Final = Shape(GeminiCounts)

READ: Final = {"standard": "default"}
"""Service tiers under their neutral names."""


def read_usage(metadata: object) -> tuple[Usage | None, str]:
    """Usage and service tier; what is odd in it is as if it were absent."""
    if not isinstance(metadata, dict) or not metadata:
        return None, ""
    counts = COUNTS.read(encode(metadata))
    if counts is None:
        return None, ""
    tier = named(counts.service_tier).lower()
    return counts.usage(), READ.get(tier, tier)


def write_usage(usage: Usage | None, tier: str) -> Json:
    """usageMetadata: thoughts stand beside candidates, what is cached inside the prompt.

    Google has no word for what was written into a cache: it is part of the prompt.
    """
    written: Json = {}
    if usage is not None:
        asked, answered, thought = usage.input_tokens, usage.output_tokens, usage.output_reasoning_tokens
        told = {
            "promptTokenCount": asked,
            "cachedContentTokenCount": usage.input_cached_tokens,
            "candidatesTokenCount": None if answered is None else max(answered - (thought or 0), 0),
            "thoughtsTokenCount": thought,
            "totalTokenCount": _total(usage),
            "promptTokensDetails": _details(asked, usage.input_audio_tokens),
            "candidatesTokensDetails": _details(answered, usage.output_audio_tokens, thought or 0),
        }
        written = {name: value for name, value in told.items() if value is not None}
    if tier:
        written["serviceTier"] = TIERS.get(tier, tier)
    return written


def _total(usage: Usage) -> int | None:
    """The sum as counted, or made."""
    if usage.total_tokens is not None or (usage.input_tokens is None and usage.output_tokens is None):
        return usage.total_tokens
    return (usage.input_tokens or 0) + (usage.output_tokens or 0)


def _details(whole: int | None, audio: int | None, thought: int = 0) -> list[Json] | None:
    """Tokens by modality, where sound is among them."""
    if audio is None:
        return None
    text = max((whole or 0) - audio - thought, 0)
    return [{"modality": "TEXT", "tokenCount": text}, {"modality": "AUDIO", "tokenCount": audio}]
