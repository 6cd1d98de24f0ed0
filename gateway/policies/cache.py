"""The cache: an answer is given again to whoever asks exactly the same, and asked for once by all who ask at once.

It sits inside authorization, limits and guards, which so apply to a hit too. Off, and without cf-aig-cache-key, it does
nothing. Across processes answers are shared by the store; single flight is per process.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from decimal import Decimal
from functools import partial
from time import perf_counter
from typing import Final

from gateway.call import Call, Handler, Record, Reply, Whole
from gateway.policies.cache_key import Key, Keys, Source, prefix
from gateway.policies.cache_wishes import NAMES, OFF, Wish, read
from gateway.policies.kept import LENGTH, Kept, pack, portable, unpack
from gateway.policies.landing import answer_of
from gateway.policies.replayed import Replayed
from gateway.policies.reserving import degraded, near
from gateway.policies.savings import saved, tokens_of, worth
from gateway.policies.seat import MISS, Flown, Seat, missed
from gateway.policies.single_flight import Flight, Flights, Left
from gateway.policies.tab import Tab, alone
from gateway.settings.cache import CacheBlock
from gateway.stores.store import Store, StoreLost

STATUS: Final = b"cf-aig-cache-status"
SAVED: Final = b"cf-aig-cache-saved"
DEGRADED: Final = (b"cf-aig-degraded", b"cache")


class Cache:
    """One gateway's cache; `name` is "account/gateway", `sources` what keys must know of providers, by their name."""

    def __init__(
        self,
        block: CacheBlock,
        store: Store,
        name: str,
        sources: Mapping[str, Source],
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.ttl, self.most = float(block.ttl), int(block.max_bytes)
        self.usual = read({}, self.ttl)
        self.store, self.near, self.clock = store, near(store), clock
        self.keys = Keys(name, block.scope, sources)
        self.flights = Flights(self.most)
        self.landed = 0
        """How many answers were kept: whoever was looking while one was looks again."""

    def __call__(self, call: Call, next: Handler) -> Awaitable[Reply]:
        """An answer from the store, from a call that is on its way already, or from the provider."""
        wish = self.usual if NAMES.isdisjoint(call.control) else read(call.control, self.ttl)
        if wish is OFF:
            return next(call)
        if not takes(call, wish):
            return passed_by(call, next)
        key = self.keys.of(call, wish.key)
        if (seat := self.flights.join(key.twins, call.record)) is not None:
            return self.joined(call, next, seat)
        if self.near is None:
            return self.answer(call, next, key, wish)
        kept = self.found(key)
        return self.led(call, next, key, wish) if kept is None else self.hit(call.record, kept)

    async def answer(self, call: Call, next: Handler, key: Key, wish: Wish) -> Reply:
        """The same where the store is far."""
        try:
            kept = await self.look(key)
        except StoreLost:
            degraded(call, "cache")
            return await passed_by(call, next, DEGRADED)
        if kept is not None:
            return await self.hit(call.record, kept)
        # Others may have set out while the store was asked.
        if (seat := self.flights.join(key.twins, call.record)) is not None:
            return await self.joined(call, next, seat)
        return await self.led(call, next, key, wish)

    async def joined(self, call: Call, next: Handler, seat: Seat) -> Reply:
        """The answer of a flight; where there is none, as who led has left, the call begins anew."""
        return await self.shared(call, next, seat) or await self(call, next)

    def forecast(self, call: Call) -> str:
        """For `gateway explain`: the key of a call and how long its answer is kept; nothing where the cache is off.
        Raises Refusal.
        """
        wish = read(call.control, self.ttl)
        if wish is OFF:
            return ""
        if not takes(call, wish):
            return "none: the cache is passed by"
        return f"{self.keys.of(call, wish.key).name}, kept {wish.ttl:g} s"

    def found(self, key: Key) -> Kept | None:
        """What is kept under a key in this process."""
        assert self.near is not None
        kept = self.near.kept(key.name)
        return kept if isinstance(kept, Kept) and kept.digest == key.digest else None

    async def look(self, key: Key) -> Kept | None:
        """What is kept under a key; raises StoreLost."""
        landed = self.landed
        value = await self.store.get(key.name)
        if value is None and landed != self.landed:
            # An answer may have been kept after the store looked, by a flight that is gone by now.
            value = await self.store.get(key.name)
        return unpack(value, key.digest) if value is not None else None

    async def hit(self, record: Record, kept: Kept) -> Reply:
        """A kept answer for a call, which costs nothing."""
        Tab(record).clear()
        record.cached = True
        cost = worth(Decimal(kept.cost)) if kept.cost else ""
        record.decided = {**record.decided, "cache": "HIT", **saved(cost, kept.tokens_in, kept.tokens_out)}
        record.response_type = next((value for name, value in kept.headers if name == b"content-type"), b"").decode(
            "latin-1"
        )
        age = max(0, int(self.clock() - kept.created))
        headers = [*kept.headers, (STATUS, b"HIT"), (b"age", b"%d" % age)]
        if cost:
            headers.append((SAVED, cost.encode()))
        if kept.measured:
            headers.append((LENGTH, b"%d" % len(kept.body)))
        length = len(kept.body) if kept.measured else None
        body = Replayed(kept.chunks()) if kept.sizes else Whole(kept.body)
        return Reply(200, headers, body, length)

    async def led(self, call: Call, next: Handler, key: Key, wish: Wish) -> Reply:
        """The answer of a call that others may wait for."""
        flight = self.flights.lead(key.twins, call, next, partial(self.land, key, wish.ttl))
        record = call.record
        record.decided = {**record.decided, **MISS} if record.decided else MISS
        call.at_end(partial(over_for_first, flight))
        try:
            await flight.begin()
        finally:
            seat = flight.first
            if seat is None:
                # Nobody else waited: there was no bill to be passed on.
                alone(record, flight.record)
                missed(record, flight.record)
        if seat is not None and seat not in flight.seats:
            # The client has left, and others went on with its call; the edge ends it here.
            await asyncio.sleep(0)
        reply = flight.reply
        if reply is None:
            assert flight.fault is not None
            raise flight.fault
        told(record, flight.record)
        if self.near is not None and flight.task is None:
            # Nothing there has to be waited for, so that who comes next need not find it in flight.
            await flight.ashore()
        if seat is not None:
            return given(seat, reply)
        record.waited += flight.record.waited
        headers, body = [*reply.headers, (STATUS, b"MISS")], Whole(flight.chunks[0] if flight.chunks else b"")
        return Reply(reply.status, headers, body, reply.length, refusal=reply.refusal)

    async def shared(self, call: Call, next: Handler, seat: Seat) -> Reply | None:
        """The answer of a flight, for one of those who joined it; None where there is none, as who led has left."""
        flight, record, before = seat.flight, call.record, perf_counter()
        record.decided = {**record.decided, **MISS}
        call.at_end(partial(over_for, seat))
        try:
            await seat.head()
        except BaseException:
            await seat.close()
            raise
        if flight.reply is None:
            await seat.close()
            if isinstance(flight.fault, Left):
                return None
            # A refusal, or a bug, may be about the call that led: this one asks for itself.
            reply = await next(call)
            reply.headers = [*reply.headers, (STATUS, b"MISS")]
            return reply
        if not seat.pays:
            record.waited += perf_counter() - before
        told(record, flight.record)
        return given(seat, flight.reply)

    def land(self, key: Key, ttl: float, flight: Flown) -> Awaitable[None] | None:
        """Give an answer to the store, if it is whole, sound and nobody's alone."""
        if self.near is None:
            return self.keep(key, ttl, flight)
        try:
            if kept := answer_of(flight, key.digest, self.most, self.clock()):
                self.near.keep(key.name, kept, ttl, kept.size)
        finally:
            self.flights.over(key.twins, flight)
        return None

    async def keep(self, key: Key, ttl: float, flight: Flown) -> None:
        """The same, where the store is far."""
        try:
            if kept := answer_of(flight, key.digest, self.most, self.clock()):
                await self.store.put(key.name, pack(kept), ttl)
                self.landed += 1
        except StoreLost:
            return
        finally:
            self.flights.over(key.twins, flight)


def takes(call: Call, wish: Wish) -> bool:
    """Whether a call is one whose answer may be kept."""
    return bool(wish.ttl and call.method == "POST" and call.asked.operation)


async def passed_by(call: Call, next: Handler, *more: tuple[bytes, bytes]) -> Reply:
    """The answer to a call that the cache has no part in, though it is on."""
    record = call.record
    record.decided = {**record.decided, "cache": "BYPASS"}
    reply = await next(call)
    reply.headers = [*reply.headers, (STATUS, b"BYPASS"), *more]
    return reply


def given(seat: Seat, reply: Reply) -> Reply:
    """A reply of the seat's own to what came upstream."""
    record, flight = seat.record, seat.flight
    if seat.pays:
        if not flight.done:
            seat.pay(flight.record)
        record.waited += flight.record.waited
        headers = [*reply.headers, (STATUS, b"MISS")]
    else:
        seat.free()
        headers = [*portable(reply.headers), (STATUS, b"HIT"), (b"age", b"0")]
        if reply.status == 200:
            record.cached, record.decided = True, {**record.decided, "cache": "HIT"}
        else:
            # A failure that was asked for once and is given to all is nothing out of a cache.
            headers[-2:] = [(STATUS, b"MISS")]
    if flight.whole and len(flight.chunks) <= 1:
        return Reply(reply.status, headers, Whole(b"".join(flight.chunks)), reply.length, refusal=reply.refusal)
    return Reply(reply.status, headers, seat, reply.length, close=seat.close, refusal=reply.refusal)


def told(record: Record, flown: Record) -> None:
    """Write down who answered, who may not be who was asked first, and with what."""
    record.response_type, record.step = flown.response_type, flown.step
    record.provider, record.asked = flown.provider, flown.asked


async def over_for_first(flight: Flight, record: Record) -> None:
    """The ending of a call that led: what came whole with its head is settled and kept now."""
    seat = flight.first
    if seat is not None:
        if flight.task is not None:
            await over_for(seat, record)
            return
        flight.seats.pop(seat, None)
    await flight.ashore()


async def over_for(seat: Seat, record: Record) -> None:
    """A call's ending: it has left its flight, and knows what that saved it."""
    await seat.close()
    flight = seat.flight
    if record.cached and not seat.pays and flight.done and flight.fault is None:
        record.decided = {**record.decided, **saved(worth(flight.record.cost), *tokens_of(flight.record))}


async def purge(store: Store, account: str, gateway: str) -> int:
    """Forget all answers of a gateway; how many there were. Raises StoreLost."""
    return await store.drop(prefix(f"{account}/{gateway}"))
