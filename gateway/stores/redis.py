"""The store of many replicas: every count is one step of a script in Redis, on Redis' clock (extra `redis`).

A key of a claim begins with its gateway, up to the first colon, as in `acme/production:per-user:...`: that is its hash
tag, so that all claims of one call lie in one slot of a cluster. Every key expires.
"""

import re
from collections.abc import Sequence
from itertools import count
from secrets import token_hex
from time import monotonic
from typing import Any, Final

from gateway.stores.address import Address
from gateway.stores.kept import LARGEST
from gateway.stores.link import Link
from gateway.stores.scan import forget
from gateway.stores.scripts import CLOCK, KEPT, RESERVE, SETTLE, Script
from gateway.stores.store import Claim, Receipt, StoreLost, Verdict
from gateway.stores.windows import CALENDAR, SECOND, Months, Steps, frame, micros

MOST: Final = 2**53 - 1
"""The largest number Lua counts exactly: as billionths, 9 million US dollars; a larger limit is taken for this one."""
LONGEST: Final = 10 * 365 * 86400
AT_ONCE: Final = 64 * 1024
"""Bytes of a value that are read in the first answer; a larger one is fetched with a deadline for its size."""
RATE: Final = 20_000_000
"""Bytes a second that a large value may take on its way, beyond the deadline."""
RECEIPT: Final = re.compile(r"([0-9]{1,17})\.([0-9]{1,9})|[0-9a-f]{16}-[0-9]{1,18}:[0-9]{1,16}", re.ASCII)
NUMBER: Final = re.compile(rb"-?[0-9]{1,18}")


class RedisStore:
    """Counts and bytes that all replicas share.

    Sliding windows have the error of `Memory`, and no other. What is lost may have been carried out: it then counted
    too much until its window is over, never too little. Redis must not evict: `maxmemory-policy noeviction`.
    """

    shared = True

    def __init__(self, address: Address, ca_file: str | None = None, clock: str = CLOCK) -> None:
        self.link = Link(address, ca_file)
        self._prefix = address.prefix
        self._reserve, self._settle, self._kept = Script(RESERVE, clock), Script(SETTLE), Script(KEPT)
        self._holder = token_hex(8)
        self._numbers = count()

    async def reserve(self, claims: Sequence[Claim]) -> Verdict:
        """One script, whatever the number of claims."""
        keys = [self._counter(claim) for claim in claims]
        words = tuple(word for claim in claims for word in self._words(claim))
        return verdict(await self.link.run(self._reserve, keys, words), len(claims))

    async def settle(self, claims: Sequence[Claim], receipt: Sequence[Receipt], amounts: Sequence[int]) -> None:
        """One script; what has no receipt, or none of this store's, changes nothing."""
        keys: list[str] = []
        words: list[str | int] = []
        for claim, one, amount in zip(claims, receipt, amounts, strict=False):
            found = RECEIPT.fullmatch(one) if isinstance(one, str) else None
            if found is None:
                continue
            key = self._counter(claim)
            if found[1] is None:
                keys += key, key
                words += "places", one, 0, 0
            else:
                keys += key, f"{self._prefix}s:{found[1]}:{key}"
                words += found[1], found[2], bounded(claim.amount), bounded(amount)
        if keys and await self.link.run(self._settle, keys, tuple(words)) != b"settled":
            raise StoreLost("Redis answered something else")

    async def get(self, key: str) -> bytes | None:
        """In one answer where it is small; a value larger than may be kept is none of ours."""
        name = self._value(key)
        answer = await self.link.run(self._kept, [name], (AT_ONCE,))
        if not isinstance(answer, list) or not answer or not isinstance(answer[0], int):
            raise StoreLost("Redis answered something else")
        size = answer[0]
        value = answer[1] if len(answer) > 1 else None
        if AT_ONCE < size <= LARGEST:
            value = await self.link.ask("GET", name, longer=size / RATE)
        if value is not None and not isinstance(value, bytes):
            raise StoreLost("Redis answered something else")
        return value

    async def put(self, key: str, value: bytes, ttl: float) -> None:
        """As in memory: what is too large, or over already, is not kept."""
        if len(value) > LARGEST or ttl <= 0:
            await self.link.ask("UNLINK", self._value(key))
            return
        ends = max(1, round(min(ttl, LONGEST) * 1000))
        await self.link.ask("SET", self._value(key), value, "PX", ends, longer=len(value) / RATE)

    async def drop(self, prefix: str) -> int:
        """By looking through all of Redis' keys, step by step; a StoreLost half-way has forgotten a part."""
        return await forget(self.link, self._value(prefix), monotonic)

    async def aclose(self) -> None:
        """Close the connections."""
        await self.link.aclose()

    def _counter(self, claim: Claim) -> str:
        """The key of a claim's counter, which a changed window changes too."""
        tag, _, rest = claim.key.partition(":")
        window = "" if claim.technique in CALENDAR else micros(claim.window)
        return f"{self._prefix}n:{{{tag}}}:{claim.technique}{window}:{rest}"

    def _value(self, key: str) -> str:
        """Where bytes lie; without a hash tag, so that they spread over a cluster."""
        return f"{self._prefix}b:{key}"

    def _words(self, claim: Claim) -> tuple[str | int, ...]:
        """A claim as six arguments of the script."""
        limit, amount = bounded(claim.limit), bounded(claim.amount)
        if claim.technique == "concurrent":
            return limit, amount, -1, micros(claim.window), 0, f"{self._holder}-{next(self._numbers)}"
        cut = frame(claim.technique, claim.window)
        if isinstance(cut, Steps):
            return limit, amount, cut.width, cut.span, cut.offset, ""
        assert isinstance(cut, Months)
        return limit, amount, 0, cut.span, 0, ""


def bounded(number: int) -> int:
    """A number that Lua counts exactly."""
    return min(max(0, number), MOST)


def verdict(answer: Any, claims: int) -> Verdict:  # noqa: ANN401 - hostile until checked
    """What the script says, if it is what a script of ours can say."""
    if not isinstance(answer, list) or len(answer) != 1 + 3 * claims:
        raise StoreLost("Redis answered something else")
    over = number(answer[0])
    receipt = tuple(text(one) for one in answer[3::3])
    if not -1 <= over < claims:
        raise StoreLost("Redis answered something else")
    left, reset = tuple(map(number, answer[1::3])), tuple(number(one) / SECOND for one in answer[2::3])
    return Verdict(over < 0, over, left, reset, receipt if over < 0 else ())


def number(said: Any) -> int:  # noqa: ANN401 - as above
    """A whole number in digits."""
    if not isinstance(said, bytes) or not NUMBER.fullmatch(said):
        raise StoreLost("Redis answered something else")
    return int(said)


def text(said: Any) -> str:  # noqa: ANN401 - as above
    """A receipt, or none."""
    read = said.decode("latin-1") if isinstance(said, bytes) else "?"
    if read and not RECEIPT.fullmatch(read):
        raise StoreLost("Redis answered something else")
    return read
