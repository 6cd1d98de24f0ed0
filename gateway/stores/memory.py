"""The store of a gateway that is alone: exact, and gone with its process."""

import time
from asyncio import sleep
from collections import OrderedDict
from collections.abc import Callable, Sequence
from typing import Any, Final

from gateway.stores.counters import Counted, Counter, Place, Places, Slip, Windowed
from gateway.stores.kept import Kept
from gateway.stores.store import Claim, Receipt, StoreLost, Verdict
from gateway.stores.windows import SECOND, frame, identity

RECEIPTS: Final = (Counted, Place)
SIZE: Final = 256 * 2**20
COUNTERS: Final = 200_000
SWEPT: Final = 2
"""Counters looked at for each new one: those that are over go twice as fast as new ones can come."""
SWEPT_WHEN_CROWDED: Final = 64


class Memory:
    """Counts and bytes in this process.

    A sliding window never lets more than its limit through within any true rolling window, and refuses nothing that an
    exact window longer by a sixtieth would let through. Full of counters, it is a StoreLost for new ones: to forget one
    would pardon whomever it counts. What waits for nothing can be had without awaiting it.
    """

    shared = False

    def __init__(self, size: int = SIZE, *, counters: int = COUNTERS, clock: Callable[[], float] = time.time) -> None:
        self._clock = clock
        self._kept = Kept(size)
        self._most = counters
        self._counters: OrderedDict[tuple[str, str, float], Counter] = OrderedDict()
        self._fresh = 0  # counters made since the last sweep: sweeping comes before anything is looked up

    async def reserve(self, claims: Sequence[Claim]) -> Verdict:
        """As `count`."""
        return self.count(claims)

    async def settle(self, claims: Sequence[Claim], receipt: Sequence[Receipt], amounts: Sequence[int]) -> None:
        """As `correct`."""
        self.correct(receipt, amounts)

    async def get(self, key: str) -> bytes | None:
        """As `kept`, for bytes."""
        value = self.kept(key)
        return value if isinstance(value, bytes) else None

    async def put(self, key: str, value: bytes, ttl: float) -> None:
        """As `keep`."""
        self.keep(key, value, ttl, len(value))

    def count(self, claims: Sequence[Claim]) -> Verdict:
        """All the claims or none, at once; one that names the counter of an earlier one counts on top of it. Raises
        StoreLost.
        """
        now = int(self._clock() * SECOND)
        if self._fresh:
            self._sweep(now)
        if len(claims) == 1:
            return self._alone(claims[0], now)
        found = [self._counters.get((one.key, one.technique, one.window)) or self._made(one) for one in claims]
        receipt: list[Slip] = []
        over = -1
        for claim, counter in zip(claims, found, strict=True):
            counter.move(now)
            if claim.amount and counter.used + claim.amount > claim.limit:
                over = len(receipt)
                break
            receipt.append(counter.take(claim.amount, claim.window, now))
        if over >= 0:
            take_back(found, receipt, now)
            receipt.clear()
        left, reset = [], []
        for claim, counter in zip(claims, found, strict=True):
            free = claim.limit - counter.used
            left.append(max(0, free))
            reset.append(max(0, counter.wait(max(1, (claim.amount or 1) - free)) - now) / SECOND)
        return Verdict(over < 0, over, tuple(left), tuple(reset), tuple(receipt))

    def _alone(self, claim: Claim, now: int) -> Verdict:
        """The same for one claim, as most calls have: there is nothing to take back."""
        counter = self._counters.get((claim.key, claim.technique, claim.window)) or self._made(claim)
        counter.move(now)
        amount, limit = claim.amount, claim.limit
        granted = not amount or counter.used + amount <= limit
        receipt = (counter.take(amount, claim.window, now),) if granted else ()
        free = limit - counter.used
        reset = max(0, counter.wait(max(1, (amount or 1) - free)) - now) / SECOND
        return Verdict(granted, -1 if granted else 0, (max(0, free),), (reset,), receipt)

    def correct(self, receipt: Sequence[Receipt], amounts: Sequence[int]) -> None:
        """Settle what has a receipt of this store's; nothing else changes anything."""
        for one, amount in zip(receipt, amounts, strict=False):
            if isinstance(one, RECEIPTS):
                one.settle(max(0, amount))

    def kept(self, key: str) -> Any:  # noqa: ANN401 - whatever was kept there
        """What is kept under a key, unless it has expired."""
        return self._kept.get(key, self._clock())

    def keep(self, key: str, value: object, ttl: float, size: int) -> None:
        """Keep what has `size` bytes for `ttl` seconds, in place of what was not asked for the longest."""
        if ttl > 0:
            self._kept.put(key, value, self._clock() + ttl, size)
        else:
            self._kept.remove(key)

    async def drop(self, prefix: str) -> int:
        """Forget bytes by the beginning of their key, with a pause for others now and then."""
        dropped = 0
        now = self._clock()
        for at, key in enumerate(self._kept.keys()):
            if key.startswith(prefix) and self._kept.get(key, now) is not None:
                self._kept.remove(key)
                dropped += 1
            if at % 10_000 == 9_999:
                await sleep(0)
        return dropped

    async def aclose(self) -> None:
        """Nothing is held open."""

    def _sweep(self, now: int) -> None:
        """Look at a few old counters for each new one; those that are over make room."""
        crowded = 8 * len(self._counters) >= 7 * self._most
        for _ in range(min(len(self._counters), self._fresh * (SWEPT_WHEN_CROWDED if crowded else SWEPT))):
            name, oldest = self._counters.popitem(last=False)
            if not oldest.over(now):
                self._counters[name] = oldest
        self._fresh = 0

    def _made(self, claim: Claim) -> Counter:
        """A counter for a claim that has none."""
        if len(self._counters) >= self._most:
            self._fresh += 1
            raise StoreLost("the memory store is full of counters")
        made: Counter = Places() if claim.technique == "concurrent" else Windowed(frame(claim.technique, claim.window))
        self._counters[identity(claim)] = made
        self._fresh += 1
        return made


def take_back(found: Sequence[Counter], receipt: Sequence[Slip], now: int) -> None:
    """Undo what the claims before the refused one were given, and look at the others."""
    for one in receipt:
        one.settle(0)
    for counter in found[len(receipt) :]:
        counter.move(now)
