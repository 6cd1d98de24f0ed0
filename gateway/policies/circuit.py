"""Whether something that fails is still asked: closed, open for a while, half open for one call at a time."""

from collections import deque
from typing import Final, Literal, TypeAlias

import msgspec

State: TypeAlias = Literal["closed", "open", "half_open"]

PROBED: Final = 1.0
"""Seconds after which to come again while another call probes."""


class Limits(msgspec.Struct, frozen=True):
    """When a circuit opens, and for how long."""

    failures: int
    per: float
    ratio: float
    open: float


class Circuit:
    """One thing that may fail.

    It opens when the last `failures` failures came within `per` seconds and were at least `ratio` of the calls that
    ended since the first of them.
    """

    __slots__ = ("failed_at", "good", "limits", "open_until", "opened", "probing")

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self.failed_at: deque[tuple[float, int]] = deque(maxlen=limits.failures)
        """When each of the last failures came, and how many good ends had come before."""
        self.good = 0
        self.open_until = 0.0
        self.probing = False
        self.opened = 0

    def state(self, now: float) -> State:
        """As it is at a moment."""
        if not self.open_until:
            return "closed"
        return "open" if now < self.open_until else "half_open"

    def wait(self, now: float) -> float:
        """Seconds after which a call may be let through; 0 where it may be now."""
        if not self.open_until:
            return 0.0
        if now < self.open_until:
            return self.open_until - now
        return PROBED if self.probing else 0.0

    def enter(self) -> bool:
        """Let a call through, which `wait` allowed; whether it is a probe."""
        self.probing = bool(self.open_until)
        return self.probing

    def leave(self) -> None:
        """A probe ended without telling anything."""
        self.probing = False

    def succeed(self, *, probe: bool) -> None:
        """A call ended well; once the circuit is open, only probes tell something."""
        if probe and self.open_until:
            self.failed_at.clear()
            self.good, self.open_until, self.probing = 0, 0.0, False
        elif not self.open_until:
            self.good += 1

    def fail(self, now: float, *, probe: bool) -> None:
        """A call failed; once the circuit is open, only probes tell something."""
        if probe and self.open_until:
            self.trip(now)
        elif not self.open_until:
            self.failed_at.append((now, self.good))
            if self.too_many(now):
                self.trip(now)

    def too_many(self, now: float) -> bool:
        """Whether the failures so far are enough, close enough together, and a large enough part of all."""
        count, limits = len(self.failed_at), self.limits
        first, good = self.failed_at[0]
        near = count == limits.failures and now - first <= limits.per
        return near and count >= limits.ratio * (count + self.good - good)

    def trip(self, now: float) -> None:
        """Open."""
        self.failed_at.clear()
        self.good, self.open_until, self.probing = 0, now + self.limits.open, False
        self.opened += 1

    def quiet(self, now: float) -> bool:
        """Whether nothing that is remembered can still matter."""
        return not self.open_until and (not self.failed_at or now - self.failed_at[-1][0] > self.limits.per)
