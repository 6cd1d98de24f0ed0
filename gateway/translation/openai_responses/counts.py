"""Token counts, read as the meter reads them, and written in this dialect's own arithmetic."""

from typing import Final

import msgspec

from gateway.call import Usage
from gateway.dialects.openai_counts import OpenAICounts
from gateway.dialects.reading import Shape
from gateway.translation.codec import Json

COUNTS: Final = Shape(OpenAICounts)


def read_usage(value: object) -> Usage | None:
    """The counts of a `usage` object; what is odd in it is as if absent."""
    if not isinstance(value, dict) or not value:
        return None
    try:
        return msgspec.convert(value, OpenAICounts).usage()
    except msgspec.ValidationError:
        counts = COUNTS.read(msgspec.json.encode(value))
        return counts.usage() if counts is not None else None


def write_usage(usage: Usage | None) -> Json | None:
    """A `usage` object, of which the SDK's types want every member."""
    if usage is None:
        return None
    read, written = usage.input_tokens or 0, usage.output_tokens or 0
    return {
        "input_tokens": read,
        "input_tokens_details": {
            "cached_tokens": usage.input_cached_tokens or 0,
            "cache_write_tokens": usage.input_cache_write_tokens or 0,
        },
        "output_tokens": written,
        "output_tokens_details": {"reasoning_tokens": usage.output_reasoning_tokens or 0},
        "total_tokens": usage.total_tokens if usage.total_tokens is not None else read + written,
    }


def merge(old: Usage | None, new: Usage) -> Usage:
    """Later counts over earlier ones, of which None changes nothing."""
    if old is None:
        return new
    known = {name: value for name in Usage.__struct_fields__ if (value := getattr(new, name)) is not None}
    return msgspec.structs.replace(old, **known)
