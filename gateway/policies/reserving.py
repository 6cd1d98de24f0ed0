"""Asking the store for what a call wants, so that nothing stays reserved for a client that left meanwhile."""

import asyncio
import math
from collections.abc import Sequence
from contextlib import suppress
from typing import Protocol

from gateway.call import Call, Handler, Headers, Record, Refusal, Reply
from gateway.stores.memory import Memory
from gateway.stores.store import Claim, Receipt, Store, StoreLost, Verdict


def near(store: Store) -> Memory | None:
    """The store, where it is in this process and can be asked without waiting."""
    return store if type(store) is Memory else None


async def reserve(store: Store, claims: Sequence[Claim], call: Call) -> Verdict:
    """The store's verdict; raises StoreLost. A call that is cancelled meanwhile gives back what it was granted."""
    asking = asyncio.ensure_future(store.reserve(claims))
    try:
        return await asyncio.shield(asking)
    except asyncio.CancelledError:

        async def give_back(record: Record) -> None:
            """An ending: wait for the verdict that nobody waits for any more, and settle it at nothing."""
            with suppress(StoreLost):
                verdict = await asking
                if verdict.granted:
                    await store.settle(claims, verdict.receipt, [0] * len(claims))

        call.at_end(give_back)
        raise


async def settle(store: Store, claims: Sequence[Claim], receipt: Sequence[Receipt], amounts: Sequence[int]) -> None:
    """Put what was used in place of what was reserved; a store that is lost by now keeps the reservation."""
    try:
        await store.settle(claims, receipt, amounts)
    except StoreLost:
        return


def unavailable(names: str) -> Refusal:
    """The refusal of a limit that cannot be looked at and must not be passed over."""
    sentence = f"The store of counts is out of reach, and without it nothing passes {names}; try again in a moment."
    return Refusal(503, 2113, "limit_unavailable", sentence, [(b"retry-after", b"1")])


class Named(Protocol):
    """A limit, as far as it can be told of."""

    name: str
    strict: bool
    """Whether nothing passes it while the store is lost."""


async def passed_over(call: Call, next: Handler, limits: Sequence[Named]) -> Reply:
    """What happens to a call whose limits nobody can look at; raises Refusal where one of them forbids that."""
    strict = [limit.name for limit in limits if limit.strict]
    if strict:
        raise unavailable(", ".join(strict))
    names = ", ".join([limit.name for limit in limits])
    degraded(call, names)
    reply = await next(call)
    reply.headers = [*reply.headers, (b"cf-aig-degraded", names.encode("ascii"))]
    return reply


def degraded(call: Call, names: str) -> None:
    """Write down which limits nobody looked at."""
    before = call.record.decided.get("degraded")
    call.record.decided = {**call.record.decided, "degraded": f"{before}, {names}" if before else names}


def seconds(wait: float) -> bytes:
    """Whole seconds, rounded up, at least one: what Retry-After takes."""
    return b"%d" % max(1, math.ceil(wait))


def without(headers: Headers, names: frozenset[bytes]) -> Headers:
    """A new list without headers of a provider that have the names of ours."""
    left = []
    for pair in headers:
        if pair[0] not in names:
            left.append(pair)  # noqa: PERF401 - a comprehension is a function of its own in Python 3.11
    return left
