"""What a store offers: counting that is atomic, and bytes that expire."""

from collections.abc import Sequence
from typing import Any, Literal, Protocol, TypeAlias

import msgspec

Technique: TypeAlias = Literal["fixed", "sliding", "concurrent", "hour", "day", "week", "month"]
"""How a limit's window moves: `fixed` in steps of its length since 1970, `sliding` with the moment, `concurrent` not at
all (what is reserved counts until it is settled), the others by the calendar in UTC, weeks from Monday."""


Receipt: TypeAlias = Any
"""Where a claim was counted; what it is concerns its store alone."""


class Claim(msgspec.Struct, frozen=True):
    """So much of one limit, wanted now."""

    key: str
    """Names the counter: its limit's name and whose it is. Stores add their own prefix."""
    limit: int
    amount: int
    """In whole units: calls, tokens, or billionths of a US dollar. 0 only looks."""
    window: float = 0.0
    """Seconds, for `fixed` and `sliding`; for `concurrent` how long a reservation that nobody settles is kept."""
    technique: Technique = "fixed"


class Verdict(msgspec.Struct, frozen=True):
    """What became of some claims: all were granted, or none was."""

    granted: bool
    over: int
    """The index of the first claim that did not fit; -1 when all did."""
    left: tuple[int, ...]
    """What is left of each limit, after this."""
    reset: tuple[float, ...]
    """Seconds until more of each limit is free: for one that is used up, until this claim may fit."""
    receipt: tuple[Receipt, ...] = ()
    """For `settle`: where each claim was counted."""


class StoreLost(Exception):  # noqa: N818 - a fact about the store, named as policies name it
    """The store did not answer in time, or is not there; nobody knows whether the last operation was carried out."""


class Store(Protocol):
    """Counts and bytes by key. Every method raises StoreLost, soon, where the store is out of reach."""

    @property
    def shared(self) -> bool:
        """Whether other processes see the same counts."""

    async def reserve(self, claims: Sequence[Claim]) -> Verdict:
        """Count all the claims, or none of them, as one atomic step on one clock."""

    async def settle(self, claims: Sequence[Claim], receipt: Sequence[Receipt], amounts: Sequence[int]) -> None:
        """Put what was really used in place of what `reserve` granted, in the same windows; a window that is over is
        left alone. Doing it twice with one receipt changes nothing.
        """

    async def get(self, key: str) -> bytes | None:
        """The bytes kept under a key, unless they have expired."""

    async def put(self, key: str, value: bytes, ttl: float) -> None:
        """Keep bytes for `ttl` seconds."""

    async def drop(self, prefix: str) -> int:
        """Forget everything whose key begins so; how many there were."""

    async def aclose(self) -> None:
        """Let go of connections."""
