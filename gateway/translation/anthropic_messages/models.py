"""What each Claude model takes, as data: the one place that knows models by name.

https://platform.claude.com/docs/en/build-with-claude/thinking, …/effort, …/structured-outputs and the migration guides,
as of November 2026. Names are as on any platform: `claude-opus-4-6`, `us.anthropic.claude-sonnet-4-5-20250929-v1:0`,
`claude-3-7-sonnet@20250219`. It is asked only for clients of other dialects: a Messages client's words go as they are.
"""

import re
from functools import lru_cache
from typing import Final, Literal

from msgspec import Struct

from gateway.conversation.request import Effort

LEVELS: Final[tuple[Effort, ...]] = ("low", "medium", "high", "xhigh", "max")
WITHOUT_XHIGH: Final[tuple[Effort, ...]] = ("low", "medium", "high", "max")
WITHOUT_MAX: Final[tuple[Effort, ...]] = ("low", "medium", "high")


class Takes(Struct, frozen=True):
    """What one model takes."""

    thinking: Literal["", "budget", "adaptive"] = "budget"
    """The form of `thinking`: enabled with `budget_tokens`, or `adaptive`; empty where it cannot think."""
    efforts: tuple[Effort, ...] = ()
    """The levels of `output_config.effort`."""
    unasked: bool = False
    """It thinks unless that is switched off."""
    off: str = "disabled"
    """The type of `thinking` that switches it off; empty where nothing does."""
    samplers: int = 2
    """How many of temperature and top_p may be set at once; 0 also means no top_k."""
    forced: bool = True
    """Whether a tool can be forced."""
    schema: bool = True
    """Structured outputs and strict tools."""
    room: int = 64_000
    """The most tokens an answer may have."""


OTHERS: Final = Takes()
"""Models of other makers that are served in this dialect: nothing is held back from them."""

THINKER: Final = Takes("adaptive", LEVELS, unasked=True, samplers=0)

# Families (none: any), the version from which on it holds, and what such a model takes; the first row that fits counts.
ROWS: Final[tuple[tuple[tuple[str, ...], tuple[int, int], Takes], ...]] = (
    (("fable", "mythos"), (5, 1), Takes("adaptive", LEVELS, unasked=True, off="", samplers=0, forced=False)),
    (("fable", "mythos"), (0, 0), Takes("adaptive", LEVELS, unasked=True, off="", samplers=0)),
    (("opus",), (5, 5), Takes("adaptive", LEVELS, unasked=True, off="", samplers=0, forced=False)),
    (("sonnet",), (5, 5), Takes("adaptive", LEVELS, unasked=True, off="between_tools", samplers=0, forced=False)),
    ((), (5, 0), THINKER),
    (("opus",), (4, 7), Takes("adaptive", LEVELS, samplers=0)),
    ((), (4, 6), Takes("adaptive", WITHOUT_XHIGH, samplers=1)),
    (("opus",), (4, 5), Takes(efforts=WITHOUT_MAX, samplers=1)),
    ((), (4, 5), Takes(samplers=1)),
    (("opus",), (4, 1), Takes(samplers=1, room=32_000)),
    (("opus",), (4, 0), Takes(schema=False, room=32_000)),
    ((), (3, 7), Takes(schema=False)),
    ((), (3, 5), Takes("", schema=False, room=8192)),
    ((), (0, 0), Takes("", schema=False, room=4096)),
)

# The family stands before the version since Claude 4, and behind it before that; a date is no version.
MODEL: Final = re.compile(
    r"claude(?:-(?P<family>[a-z]+))?(?:-(?P<major>\d{1,2})(?!\d)(?:-(?P<minor>\d{1,2})(?!\d))?)?(?:-(?P<behind>[a-z]+))?"
)
APART: Final = re.compile(r"[.@_\s]")
NEWEST: Final = 99
"""The version of a model without one, such as `claude-opus-latest`."""


@lru_cache(maxsize=512)
def takes(model: str) -> Takes:
    """What a model takes, by its name."""
    found = MODEL.search(APART.sub("-", model[:256].lower()))
    if found is None:
        return OTHERS
    family = found["family"] or found["behind"] or ""
    version = (int(found["major"] or NEWEST), int(found["minor"] or 0))
    return next(row for families, since, row in ROWS if version >= since and (not families or family in families))


def level(effort: Effort, levels: tuple[Effort, ...]) -> Effort:
    """The level nearest to `effort` that is not above it; `low` for what is below all."""
    order: tuple[Effort, ...] = ("none", "minimal", *LEVELS)
    under = [known for known in levels if order.index(known) <= order.index(effort)]
    return under[-1] if under else levels[0]
