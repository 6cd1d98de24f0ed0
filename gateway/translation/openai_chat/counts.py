"""Usage in this dialect's arithmetic: tokens in include the cached ones, tokens out the reasoning."""

from typing import Final

import msgspec

from gateway.call import Usage
from gateway.dialects.openai_counts import Details, OpenAICounts
from gateway.dialects.reading import Shape
from gateway.translation.codec import Json

SHAPE: Final = Shape(OpenAICounts)
COUNTED: Final = frozenset(OpenAICounts.__struct_fields__)
CLASSES: Final = frozenset(Details.__struct_fields__)
PATH: Final = "usage."
"""Begins the name of an extra that is a member of `usage`: `usage.cost`."""


def usage(raw: Json) -> Usage | None:
    """A provider's usage; counts of an odd type are as if they were absent."""
    try:
        return msgspec.convert(raw, OpenAICounts).usage()
    except msgspec.ValidationError:
        counts = SHAPE.read(msgspec.json.encode(raw))
        return counts.usage() if counts is not None else None


def beside(raw: Json) -> Json:
    """What a provider's usage says besides tokens of our classes, by its path: `usage.cost`."""
    found: Json = {}
    for name, value in raw.items():
        if isinstance(value, dict) and name in COUNTED:
            found |= {f"{PATH}{name}.{part}": x for part, x in value.items() if part not in CLASSES and x is not None}
        elif name not in COUNTED and value is not None:
            found[PATH + name] = value
    return found


def written(usage: Usage | None, extras: Json) -> Json:
    """`usage` for a client, with those of the extras that belong into it."""
    counted = usage or Usage()
    read, wrote = counted.input_tokens or 0, counted.output_tokens or 0
    said: Json = {
        "prompt_tokens": read,
        "completion_tokens": wrote,
        "total_tokens": counted.total_tokens if counted.total_tokens is not None else read + wrote,
    }
    before = {
        "cached_tokens": counted.input_cached_tokens,
        "cache_write_tokens": counted.input_cache_write_tokens,
        "audio_tokens": counted.input_audio_tokens,
    }
    after = {"reasoning_tokens": counted.output_reasoning_tokens, "audio_tokens": counted.output_audio_tokens}
    for place, classes in (("prompt_tokens_details", before), ("completion_tokens_details", after)):
        if known := {name: value for name, value in classes.items() if value is not None}:
            said[place] = known
    for name, value in extras.items():
        if name.startswith(PATH):
            _put(said, name[len(PATH) :], value)
    return said


def _put(said: Json, path: str, value: object) -> None:
    """Set a member, or a member of a member; what is counted already stays as it is."""
    name, found, part = path.partition(".")
    holder = said.setdefault(name, {}) if found else said
    if isinstance(holder, dict):
        holder.setdefault(part or name, value)
