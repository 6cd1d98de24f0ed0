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

from gateway.call import Answer, Call, Handler, Record, Reply, Whole
from gateway.policies.cache_key import Key, Keys, Source, prefix
from gateway.policies.cache_wishes import OFF, Wish, read
from gateway.policies.kept import COST, Kept, complete, pack, portable, shareable, unpack
from gateway.policies.replayed import Replayed
from gateway.policies.reserving import degraded, near
from gateway.policies.seat import MISS, Flown, Seat
from gateway.policies.single_flight import Flight, Flights, Left
from gateway.policies.tab import Tab
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
        self.store, self.near, self.clock = store, near(store), clock
        self.keys = Keys(name, block.scope, sources)
        self.flights = Flights(self.most)
        self.landed = 0
        """How many answers were kept: whoever was looking while one was looks again."""

    def __call__(self, call: Call, next: Handler) -> Awaitable[Reply]:
        """An answer from the store, from a call that is on its way already, or from the provider."""
        wish = read(call.control, self.ttl)
        return next(call) if wish is OFF else self.answer(call, next, wish)

    async def answer(self, call: Call, next: Handler, wish: Wish) -> Reply:
        """The same for a call that the cache has a part in."""
        if not takes(call, wish):
            return await passed_by(call, next)
        key = self.keys.of(call, wish.key)
        seat = self.flights.join(key.twins, call.record)
        if seat is None:
            try:
                kept = self.found(key) if self.near else await self.look(key)
            except StoreLost:
                degraded(call, "cache")
                return await passed_by(call, next, DEGRADED)
            if kept is not None:
                return self.hit(call.record, kept)
            # Others may have set out while the store was asked.
            seat = self.flights.join(key.twins, call.record)
        if seat is None:
            return await self.led(call, next, key, wish)
        return await self.shared(call, next, seat) or await self.answer(call, next, wish)

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
        value = self.near.kept(key.name)
        return unpack(value, key.digest) if value is not None else None

    async def look(self, key: Key) -> Kept | None:
        """What is kept under a key; raises StoreLost."""
        landed = self.landed
        value = await self.store.get(key.name)
        if value is None and landed != self.landed:
            # An answer may have been kept after the store looked, by a flight that is gone by now.
            value = await self.store.get(key.name)
        return unpack(value, key.digest) if value is not None else None

    def hit(self, record: Record, kept: Kept) -> Reply:
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
        length = len(kept.body) if kept.measured else None
        body = Whole(kept.body) if len(kept.sizes) == 1 else Replayed(kept.chunks())
        return Reply(200, headers, body, length)

    async def led(self, call: Call, next: Handler, key: Key, wish: Wish) -> Reply:
        """The answer of a call that others may wait for."""
        flight = self.flights.lead(key.twins, call, next, partial(self.keep, key, wish.ttl))
        seat = flight.board(call.record)
        record = call.record
        record.decided = {**record.decided, **MISS} if record.decided else MISS
        call.at_end(partial(over_for_first, flight, seat))
        await flight.begin()
        if seat not in flight.seats:
            # The client has left, and others went on with its call; the edge ends it here.
            await asyncio.sleep(0)
        if flight.reply is None:
            assert flight.fault is not None
            raise flight.fault
        return self.given(seat, flight.reply)

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
        return self.given(seat, flight.reply)

    def given(self, seat: Seat, reply: Reply) -> Reply:
        """A reply of the seat's own to what came upstream, which its record tells of."""
        record, flown = seat.record, seat.flight.record
        record.response_type, record.step = flown.response_type, flown.step
        # Who answered may not be who was asked first.
        record.provider, record.asked = flown.provider, flown.asked
        if seat.pays:
            if not seat.flight.done:
                seat.pay(flown)
            record.waited += flown.waited
        return self.seated(seat, reply)

    @staticmethod
    def seated(seat: Seat, reply: Reply) -> Reply:
        """A reply of the seat's own to what came upstream."""
        record, flight = seat.record, seat.flight
        if seat.pays:
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

    async def keep(self, key: Key, ttl: float, flight: Flown) -> None:
        """Give an answer to the store, if it is whole, sound and nobody's alone."""
        try:
            if value := self.worth_keeping(key, flight):
                if self.near is not None:
                    self.near.keep(key.name, value, ttl)
                    return
                await self.store.put(key.name, value, ttl)
                self.landed += 1
        except StoreLost:
            return
        finally:
            self.flights.over(key.twins, flight)

    def worth_keeping(self, key: Key, flight: Flown) -> bytes:
        """An answer as the store has it; nothing where it may not be given again."""
        reply, attempts = flight.reply, flight.record.attempts
        if reply is None or not flight.whole or flight.size > self.most or not attempts or attempts[-1].error:
            return b""
        named = dict(reply.headers)
        if not shareable(reply.status, named, reply.headers):
            return b""
        chunks, measured = flight.chunks, reply.length is not None
        body = chunks[0] if len(chunks) == 1 else b"".join(chunks)
        answer, streamed = attempts[-1].answer, flight.call.asked.stream
        if not complete(named, body, answer, measured=measured, streamed=streamed):
            return b""
        cost, tokens = flight.record.cost, tokens_of(flight.record)
        sizes = [len(chunk) for chunk in chunks]
        return pack(Kept(key.digest, self.clock(), portable(reply.headers), sizes, measured, said(cost), *tokens, body))


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


async def over_for_first(flight: Flight, seat: Seat, record: Record) -> None:
    """The ending of a call that led: what came whole with its head is settled and kept now."""
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


def said(cost: Decimal | None) -> str:
    """A cost as it is kept, to be made fit to read for a hit; nothing where it is unknown."""
    text = "" if cost is None else str(cost)
    return text if COST.fullmatch(text) else ""


def worth(cost: Decimal | None) -> str:
    """US dollars without an exponent and without zeros at the end; nothing where unknown."""
    text = format(cost, "f") if cost is not None else ""
    return text.rstrip("0").rstrip(".") if "." in text else text


def tokens_of(flown: Record) -> tuple[int | None, int | None]:
    """Tokens in and out of the answer that came in the end."""
    answer: Answer | None = flown.attempts[-1].answer if flown.attempts else None
    usage = answer.usage if answer is not None else None
    return (usage.input_tokens, usage.output_tokens) if usage is not None else (None, None)


def saved(cost: str, tokens_in: int | None, tokens_out: int | None) -> dict[str, str | int]:
    """What a hit did not use, for log line and span."""
    said: dict[str, str | int | None] = {
        "cache_saved_cost": cost or None,
        "cache_saved_tokens_in": tokens_in,
        "cache_saved_tokens_out": tokens_out,
    }
    return {name: value for name, value in said.items() if value is not None}


async def purge(store: Store, account: str, gateway: str) -> int:
    """Forget all answers of a gateway; how many there were. Raises StoreLost."""
    return await store.drop(prefix(f"{account}/{gateway}"))
