"""One upstream call for all who ask the same at the same time.

A flight is an upstream call with a Record of its own. It begins in the task of whoever asked first, and most are over
with the answer's head, whose body came with it; any other goes on in a task of its own, which none of the clients can
hold up. Who waits has a seat. The first in line pays (`Tab`), and whoever is first when the upstream call ends is the
one who paid. The last to leave ends the flight.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Hashable
from time import perf_counter
from typing import Final, TypeAlias

import msgspec

from gateway.call import Broken, Call, Handler, Lease, Record, Refusal, Reply, Whole, nothing
from gateway.policies.seat import Flown, Seat
from gateway.wire.sse import over

log = logging.getLogger("gateway.policies")

LEFT: Final = "Nobody waited for the rest of this answer."
SMALLEST: Final = 2**20
"""Bytes by which the quickest may be ahead of the others at least, however little is kept."""

FRESH: Final = 1.0
"""Seconds after its end in which an answer that is not kept yet is still given out."""

Land: TypeAlias = Callable[[Flown], Awaitable[None] | None]
"""What is done with an answer after all have been told that it is over."""


class Left(Broken):
    """Whoever asked has left before there was an answer: another has to."""


class Flight(Flown):
    """An upstream call and its answer so far; whoever joins gets all of it from its first chunk."""

    closed = shut = landed = False
    """Nobody may join any more; the reply has been closed; all is settled and kept."""
    task: asyncio.Task[None] | None = None
    lease: Lease | None = None
    """Of the call that began it, while others wait for the head with it: it goes on when its client leaves."""

    first: Seat | None = None
    """Of the call that began it; there from when others wait too, or when there is a body to wait for."""

    def __init__(self, call: Call, next: Handler, window: int, land: Land) -> None:
        self.leader = call.record
        self.record = record = msgspec.structs.replace(
            call.record, attempts=[], decided={}, cost=None, unpriced=False, custom_cost=False, waited=0.0
        )
        self.call = msgspec.structs.replace(call, record=record, endings=[])
        self.next, self.window, self.land = next, window, land
        self.chunks = []
        self.seats: dict[Seat, None] = {}

    @property
    def fresh(self) -> bool:
        """Whether an answer that is whole may still be joined; not while a slow client keeps its call from its end."""
        return self.whole and perf_counter() - self.record.ended < FRESH

    async def begin(self) -> None:
        """Ask, in the task of who asks first, up to the answer's head; all is over by then where the body came with it.

        Raises CancelledError alone; any other fault is the flight's.
        """
        try:
            self.reply = reply = await self.next(self.call)
            body = reply.body
            if type(body) is Whole:
                whole, body.left = body.left, b""
                self.closed = reply.status >= 400
                if whole:
                    self.take(reply, whole)
                if reply.close is not nothing:
                    await self.shut_down()
                self.finish()
            else:
                self.go_on(reply)
        except asyncio.CancelledError:
            self.fault = Left(LEFT)
            self.finish()
            raise
        except Exception as fault:  # noqa: BLE001 - it belongs to those who wait
            self.fault = fault
            self.finish()
        finally:
            if self.lease is not None:
                self.let_go()

    def go_on(self, reply: Reply) -> None:
        """An answer whose body is still to come."""
        if self.first is None:
            self.first = self.board(self.leader, leads=True)
        self.closed = reply.status >= 400
        self.ready = True
        self.wake()
        # Outside the edge nothing else makes tasks: this one must outlive the call that began it, whose client may be
        # slow, or leave, while others wait for the same answer. It ends with its last seat, or with the process.
        self.task = asyncio.get_running_loop().create_task(self.run(reply))

    async def run(self, reply: Reply) -> None:
        """Take the answer in, settle, and only then tell that it is over."""
        try:
            try:
                await self.take_in(reply)
            finally:
                await self.shut_down()
        except asyncio.CancelledError:
            # The last one left. SDKs hang up at the end mark: what has said its end is whole all the same.
            if not (self.chunks and over(self.chunks[-1])):
                self.fault = Broken(LEFT)
        except Exception as fault:  # noqa: BLE001 - it belongs to those who wait; a task has nobody to raise it to
            self.fault = fault
        self.finish()
        await self.ashore()

    async def ashore(self) -> None:
        """What is left to do once all have been told: the endings further in, and keeping the answer; once."""
        if self.landed:
            return
        self.landed = True
        if self.call.endings:
            await self.settle()
        try:
            landing = self.land(self)
            if landing is not None:
                await landing
        except Exception:  # everybody has an answer already: this is for the log alone
            log.exception("the answer to call %s was not kept", self.record.id)

    async def take_in(self, reply: Reply) -> None:
        """A body that comes chunk by chunk, as fast as it comes."""
        async for chunk in reply.body:
            if await self.last(reply, chunk):
                self.take(reply, chunk)
                return
            self.take(reply, chunk)
            self.wake()
            if self.held > self.window:
                await self.room()

    async def last(self, reply: Reply, chunk: bytes) -> bool:
        """Whether nothing follows `chunk`; then the bill is settled before anybody sees it and goes away with it."""
        if getattr(reply.body, "ended", False):
            await self.shut_down()
            return True
        if reply.length is None or self.size + len(chunk) < reply.length:
            return False
        async for _ in reply.body:
            pass
        return True

    def take(self, reply: Reply, chunk: bytes) -> None:
        """Keep a chunk for all, and show it to the taps of the policies further in."""
        if not chunk:
            return
        for tap in reply.taps:
            tap(chunk)
        self.chunks.append(chunk)
        self.size += len(chunk)
        self.held += len(chunk)

    async def room(self) -> None:
        """Let go of what the quickest has taken; who has not by then loses it. Waits while nobody takes anything."""
        self.closed = True
        while self.held > self.window:
            taken = max((seat.at for seat in self.seats), default=0)
            while self.base < taken and self.held > self.window:
                self.held -= len(self.chunks[self.base])
                self.chunks[self.base] = b""
                self.base += 1
            if self.held > self.window:
                self.full = asyncio.get_running_loop().create_future()
                await self.full
                self.full = None

    async def shut_down(self) -> None:
        """Close the provider's answer, once; this settles its cost."""
        if self.reply is not None and not self.shut:
            self.shut = True
            await self.reply.close()

    def finish(self) -> None:
        """It is over: the bill is where it will stay, and everybody hears of it."""
        record, reply = self.record, self.reply
        record.ended = perf_counter()
        record.status = reply.status if reply is not None else 0
        if self.fault is not None:
            record.outcome = "refused" if isinstance(self.fault, Refusal) else "failed"
        if self.seats:
            self.charge()
        self.done = True
        if self.seats:
            self.wake()

    async def settle(self) -> None:
        """Run the endings of the policies further in, as the edge does for a call."""
        for ending in reversed(self.call.endings):
            try:
                await ending(self.record)
            except Exception:  # an ending is somebody else's code at the end of a finished call
                log.exception("an ending of call %s failed", self.record.id)

    def wake(self) -> None:
        """Tell all who wait that something is new."""
        for seat in self.seats:
            seat.wake()

    def charge(self) -> None:
        """Put what is known of the bill on the first in line."""
        if not self.done and (payer := next(iter(self.seats), None)) is not None:
            payer.pay(self.record)

    def join(self, record: Record) -> Seat:
        """A seat behind all others."""
        if self.first is None and not self.done:
            self.first = self.board(self.leader, leads=True)
        lease = self.call.lease
        if self.task is None and not self.done and lease is not None and self.lease is None:
            lease.hold(self.left_by_first)
            self.lease = lease
        return self.board(record, leads=False)

    def board(self, record: Record, *, leads: bool) -> Seat:
        """A seat at the end of the line."""
        seat = Seat(self, record, self.leave, leads=leads)
        self.seats[seat] = None
        return seat

    def left_by_first(self) -> None:
        """The client of the call that began this has left before the head: the bill goes to the next in line."""
        first = self.first
        if first in self.seats:
            assert first is not None
            del self.seats[first]
            first.free()
            self.charge()

    async def leave(self, seat: Seat) -> None:
        """Give a seat up: the bill goes to the next in line; the last one ends the flight, and keeps the bill."""
        if seat not in self.seats:
            return
        if len(self.seats) == 1 and not self.done:
            self.closed = True
            await self.end(seat)
        paid = next(iter(self.seats), None) is seat
        self.seats.pop(seat, None)
        if paid and not self.done:
            seat.free()
            self.charge()
        elif len(self.seats) == 1 and self.first in self.seats:
            # Nobody waits with the first one any more, whose own client may end the call again.
            self.let_go()

    def let_go(self) -> None:
        """Before the head others waited with the first one; if its client has left meanwhile, its call ends now."""
        lease, self.lease = self.lease, None
        if lease is not None:
            lease.release()

    async def end(self, last: Seat) -> None:
        """End the upstream call that nobody waits for any more, and wait for its bill."""
        if self.task is not None:
            self.task.cancel()
            await asyncio.wait((self.task,))
        elif self.lease is not None:
            self.let_go()
            while not self.done:
                await last.change()


class Flights:
    """The flights of one gateway, in this process."""

    def __init__(self, window: int) -> None:
        self.window = max(window, SMALLEST)
        self.running: dict[Hashable, Flight] = {}

    def join(self, key: Hashable, record: Record) -> Seat | None:
        """A seat in the flight that is already on its way, if there is one."""
        flight = self.running.get(key)
        if flight is None or flight.closed or (flight.done and not flight.fresh):
            return None
        return flight.join(record)

    def lead(self, key: Hashable, call: Call, next: Handler, land: Land) -> Flight:
        """A new flight, which is to be begun."""
        flight = self.running[key] = Flight(call, next, self.window, land)
        return flight

    def over(self, key: Hashable, flight: Flown) -> None:
        """Its answer is kept, or is not to be: until now whoever asked found it in flight."""
        if self.running.get(key) is flight:
            del self.running[key]
