"""One answer that comes once and is read by several, each at its own pace from its own seat."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final, TypeAlias

from gateway.call import Broken, Call, Record, Reply
from gateway.policies.tab import Tab

SLOW: Final = "This client fell too far behind others that wait for the same answer."
BREATH: Final = 32
"""Chunks that are handed out in a row before others on the event loop have their turn."""

MISS: Final[dict[str, str | int | float | bool]] = {"cache": "MISS"}

Leave: TypeAlias = Callable[["Seat"], Awaitable[None]]


class Flown:
    """An answer as far as it has come."""

    call: Call
    record: Record
    """What happened upstream."""
    chunks: list[bytes]
    reply: Reply | None = None
    fault: Exception | None = None
    """Why there is no reply, or no end of it."""
    base = size = held = 0
    """How many chunks are gone from the front; the bytes there were, and those that are still here."""
    full: asyncio.Future[None] | None = None
    """There while nothing more fits in: whoever takes a chunk sets it."""
    ready = done = False
    """The head is there; all is over and settled."""

    @property
    def whole(self) -> bool:
        """Whether the answer came to its end, all of it still here."""
        return self.done and self.fault is None and not self.base


class Seat:
    """Who waits for an answer; also that answer's body, as an async iterator."""

    __slots__ = ("at", "flight", "leads", "leave", "pays", "record", "tab", "waiter")

    def __init__(self, flight: Flown, record: Record, leave: Leave, *, leads: bool) -> None:
        self.flight, self.record, self.leave, self.leads = flight, record, leave, leads
        self.tab, self.pays = Tab(record), leads
        self.at = 0
        self.waiter: asyncio.Future[None] | None = None

    def pay(self, flown: Record) -> None:
        """Become the one whose call this was, for record and log: its attempts, its cost, no hit."""
        self.pays = True
        self.tab.charge(flown)
        missed(self.record, flown)

    def free(self) -> None:
        """Be one who was answered for nothing."""
        self.pays = False
        self.tab.clear()

    async def head(self) -> None:
        """Wait for the answer's head, or for there being none."""
        while not self.flight.ready and not self.flight.done:
            await self.change()

    async def change(self) -> None:
        """Wait until something is new."""
        self.waiter = asyncio.get_running_loop().create_future()
        try:
            await self.waiter
        finally:
            self.waiter = None

    def wake(self) -> None:
        """Look again."""
        if self.waiter is not None and not self.waiter.done():
            self.waiter.set_result(None)

    def __aiter__(self) -> "Seat":
        return self

    @property
    def ended(self) -> bool:
        """Whether the last chunk was handed out."""
        flight = self.flight
        return flight.done and flight.fault is None and self.at == len(flight.chunks)

    async def __anext__(self) -> bytes:
        flight = self.flight
        while self.at == len(flight.chunks):
            if flight.fault is not None:
                # Each call gets an exception of its own: a shared one would collect the tracebacks of all.
                raise Broken(str(flight.fault)) if isinstance(flight.fault, Broken) else flight.fault
            if flight.done:
                raise StopAsyncIteration
            await self.change()
        if self.at % BREATH == BREATH - 1:
            await asyncio.sleep(0)
        if self.at < flight.base:
            raise Broken(SLOW)
        chunk = flight.chunks[self.at]
        self.at += 1
        if flight.full is not None and not flight.full.done():
            flight.full.set_result(None)
        return chunk

    async def close(self) -> None:
        """Leave."""
        await self.leave(self)


def missed(record: Record, flown: Record) -> None:
    """Write down that a call was answered by its own upstream call, and what was decided on the way there."""
    record.cached = False
    if flown.decided or record.decided is not MISS:
        record.decided = {**record.decided, **flown.decided, **MISS}
