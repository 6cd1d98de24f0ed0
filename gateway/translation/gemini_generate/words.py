"""The dialect's name, how Google spells members, and the enumerations that both directions share."""

from functools import lru_cache
from typing import Any, Final

import msgspec
from msgspec import DecodeError

from gateway.conversation.request import Choice
from gateway.dialects.reading import BOM, SURROGATE
from gateway.translation.codec import Json
from gateway.translation.values import typed, wrong

NAME: Final = "gemini_generate"

encode: Final = msgspec.json.Encoder().encode
decode: Final = msgspec.json.Decoder().decode

LONGEST: Final = 64
"""Characters of a member's name; what is longer is none of Google's."""

TIERS: Final = {"default": "standard", "standard": "standard", "standard_only": "standard"}
"""Service tiers under Google's names, where they differ; `auto` has none, for it is how Google chooses unasked."""


class AnyOf(Choice, frozen=True):
    """A choice among functions that are all there are: no wish, but some frameworks always say it."""

    names: tuple[str, ...] = ()


@lru_cache(1024)
def spelt(name: str) -> str:
    """A member's name in camelCase, as the JSON mapping of Protocol Buffers has it."""
    head, *rest = name.split("_")
    return head + "".join(word[:1].upper() + word[1:] for word in rest)


def members(holder: Json) -> Json:
    """The same object with every member in camelCase: Google takes snake_case as well, and the SDKs mix both."""
    if any("_" in name for name in holder):
        return {spelt(name) if "_" in name and len(name) <= LONGEST else name: holder[name] for name in holder}
    return holder


def listed(value: object, place: str) -> list[Json]:
    """Objects of a list in camelCase; Google takes a single object for a list of one. Raises Refusal 400."""
    if value is None:
        return []
    if isinstance(value, dict):
        return [members(value)]
    return [members(typed(one, dict, f"{place}[{number}]")) for number, one in enumerate(typed(value, list, place))]


def chosen(holder: Json, name: str, words: dict[str, Any], place: str) -> object:
    """What an enumeration's word stands for, in any case; None where it is absent. Raises Refusal 400 for others."""
    value = holder.get(name)
    if value is None:
        return None
    word = value.upper() if isinstance(value, str) else value
    if isinstance(word, str) and word in words:
        return words[word]
    raise wrong(f"{place}.{name}", f"must be one of {', '.join(words)}.")


def decoded(text: bytes) -> object:
    """JSON, also with half surrogate pairs or broken UTF-8 in it; raises DecodeError or RecursionError."""
    try:
        return decode(text)
    except (DecodeError, UnicodeDecodeError):
        mended = SURROGATE.sub(rb"\\ufffd", text.removeprefix(BOM)).decode("utf-8", "replace").encode()
        return decode(mended)
