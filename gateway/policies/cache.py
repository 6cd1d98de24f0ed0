"""The cache: an answer is given again to whoever asks exactly the same, and asked for once by all who ask at once.

It sits inside authorization, limits and guards, which so apply to a hit too. Off, and without cf-aig-cache-key, it does
nothing. Across processes answers are shared by the store; single flight is per process.
"""

import time
from collections.abc import Awaitable, Callable, Mapping
from decimal import Decimal
from functools import partial
from time import perf_counter
from typing import Final

import msgspec

from gateway.call import Answer, Call, Handler, Headers, Record, Reply, Whole
from gateway.policies.cache_key import Key, Keys, Source, prefix
from gateway.policies.cache_wishes import OFF, Wish, read
from gateway.policies.kept import COST, Kept, complete, pack, portable, shareable, unpack
from gateway.policies.replayed import Replayed
from gateway.policies.reserving import degraded
from gateway.policies.seat import Flown, Seat
from gateway.policies.single_flight import Flights
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
        self.store, self.clock = store, clock
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
                kept = await self.look(key)
            except StoreLost:
                degraded(call, "cache")
                return await passed_by(call, next, DEGRADED)
            if kept is not None:
                return self.hit(call.record, kept)
            # Others may have set out while the store was asked.
            seat = self.flights.join(key.twins, call.record) or self.lead(call, next, key, wish)
        return await self.shared(call, next, seat)

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
        record.decided = {**record.decided, "cache": "HIT", **saved(kept.cost, kept.tokens_in, kept.tokens_out)}
        record.response_type = next((value for name, value in kept.headers if name == b"content-type"), b"").decode(
            "latin-1"
        )
        age = max(0, int(self.clock() - kept.created))
        headers = [*kept.headers, (STATUS, b"HIT"), (b"age", b"%d" % age)]
        if kept.cost:
            headers.append((SAVED, kept.cost.encode()))
        length = len(kept.body) if kept.measured else None
        body = Whole(kept.body) if len(kept.sizes) == 1 else Replayed(kept.chunks())
        return Reply(200, headers, body, length)

    def lead(self, call: Call, next: Handler, key: Key, wish: Wish) -> Seat:
        """A seat in a flight of this call's own."""
        return self.flights.lead(key.twins, call, next, partial(self.keep, key, wish.ttl))

    async def shared(self, call: Call, next: Handler, seat: Seat) -> Reply:
        """The answer of a flight, for one of those who wait for it."""
        flight, record, before = seat.flight, call.record, perf_counter()
        record.decided = {**record.decided, "cache": "MISS"}
        call.at_end(partial(over_for, seat))
        try:
            await seat.head()
        except BaseException:
            await seat.close()
            raise
        if flight.reply is None:
            await seat.close()
            if seat.leads and flight.fault is not None:
                raise flight.fault
            # A refusal, or a bug, may be about the call that led: this one asks for itself.
            reply = await next(call)
            reply.headers = [*reply.headers, (STATUS, b"MISS")]
            return reply
        flown = flight.record
        record.response_type, record.step = flown.response_type, flown.step
        # Who answered may not be who was asked first.
        record.provider, record.asked = flown.provider, flown.asked
        if seat.pays:
            seat.pay(flight.record)
            record.waited += flight.record.waited
        else:
            record.waited += perf_counter() - before
        return self.seated(seat, flight.reply)

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
        own = msgspec.structs.replace(reply, headers=headers, body=seat, taps=[], close=seat.close)
        if flight.whole and len(flight.chunks) <= 1:
            own.body = Whole(b"".join(flight.chunks))
        return own

    async def keep(self, key: Key, ttl: float, flight: Flown) -> None:
        """Give an answer to the store, if it is whole, sound and nobody's alone."""
        reply = flight.reply
        if reply is None or not flight.whole or flight.size > self.most or not shareable(reply.status, reply.headers):
            return
        kept = self.made(key, flight, reply.headers)
        attempts = flight.record.attempts
        if not attempts or attempts[-1].error:
            return
        answer, streamed = attempts[-1].answer, flight.call.asked.stream
        if complete(reply.headers, kept.body, answer, measured=kept.measured, streamed=streamed):
            try:
                await self.store.put(key.name, pack(kept), ttl)
                self.landed += 1
            except StoreLost:
                return

    def made(self, key: Key, flight: Flown, headers: Headers) -> Kept:
        """What is kept of a flight."""
        cost = worth(flight.record.cost)
        tokens = tokens_of(flight.record)
        sizes = [len(chunk) for chunk in flight.chunks]
        measured = flight.reply is not None and flight.reply.length is not None
        body = b"".join(flight.chunks)
        return Kept(key.digest, self.clock(), portable(headers), sizes, measured, cost, *tokens, body)


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


async def over_for(seat: Seat, record: Record) -> None:
    """A call's ending: it has left its flight, and knows what that saved it."""
    await seat.close()
    flight = seat.flight
    if record.cached and not seat.pays and flight.done and flight.fault is None:
        record.decided = {**record.decided, **saved(worth(flight.record.cost), *tokens_of(flight.record))}


def worth(cost: Decimal | None) -> str:
    """US dollars without an exponent and without zeros at the end; nothing where unknown."""
    text = format(cost, "f") if cost is not None else ""
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return text if COST.fullmatch(text) else ""


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
