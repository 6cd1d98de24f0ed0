"""How time is cut into the slices that counts are kept by, in whole microseconds since 1970 and the same in Lua."""

from datetime import UTC, datetime
from functools import lru_cache
from typing import Final, Protocol

from gateway.stores.store import Claim

SECOND: Final = 1_000_000
DAY: Final = 86_400 * SECOND
LENGTHS: Final = {"hour": 3600 * SECOND, "day": DAY, "week": 7 * DAY}
CALENDAR: Final = frozenset(LENGTHS) | {"month"}
SINCE_MONDAY: Final = 3 * DAY
"""1970 began on a Thursday."""
SLICES: Final = 60
"""Into so many a sliding window is cut: what is counted is forgotten up to one sixtieth of the window late."""


class Frame(Protocol):
    """Slices of time by number."""

    span: int
    """How many slices count at one time, the present one included."""

    def index(self, now: int) -> int:
        """The slice a moment falls into."""

    def opens(self, index: int) -> int:
        """The moment a slice begins."""


class Steps:
    """Slices of one length, counted from 1970 or from `offset` before it."""

    __slots__ = ("offset", "span", "width")

    def __init__(self, width: int, span: int = 1, offset: int = 0) -> None:
        self.width, self.span, self.offset = width, span, offset

    def index(self, now: int) -> int:
        """By whole division: there is no rounding that two clocks could do differently."""
        return (now + self.offset) // self.width

    def opens(self, index: int) -> int:
        """Exact, as the index is."""
        return index * self.width - self.offset


class Months:
    """Months of the calendar in UTC; the present one is remembered, as nearly every call falls into it."""

    __slots__ = ("_begin", "_end", "_index", "span")

    def __init__(self) -> None:
        self.span = 1
        self._begin = self._end = self._index = 0

    def index(self, now: int) -> int:
        """Months since the year 0."""
        if not self._begin <= now < self._end:
            day = datetime.fromtimestamp(now // SECOND, UTC)
            self._index = day.year * 12 + day.month - 1
            self._begin, self._end = self.opens(self._index), self.opens(self._index + 1)
        return self._index

    def opens(self, index: int) -> int:
        """Midnight of its first day."""
        return int(datetime(index // 12, index % 12 + 1, 1, tzinfo=UTC).timestamp()) * SECOND


def micros(seconds: float) -> int:
    """A length of time, never nothing: a window without length could not be cut."""
    return max(1, round(seconds * SECOND))


@lru_cache(4096)
def frame(technique: str, window: float) -> Frame:
    """The slices of a technique.

    A sliding window of 60 slices counts 61: the oldest lies partly outside of it, and counts in full.
    """
    if technique == "sliding":
        return Steps(-(-micros(window) // SLICES), SLICES + 1)
    if technique == "month":
        return Months()
    if technique in LENGTHS:
        return Steps(LENGTHS[technique], offset=SINCE_MONDAY if technique == "week" else 0)
    return Steps(micros(window))


def identity(claim: Claim) -> tuple[str, str, float]:
    """What makes a counter: where a limit's window is changed, another one begins."""
    return claim.key, claim.technique, claim.window
