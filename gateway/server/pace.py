"""The pace of a connection: one timer for all its deadlines, and writing that waits for a client that is slow."""

import asyncio
from typing import Final

from gateway.server.limits import STALL, Worker
from gateway.wire.outbox import SHORT

NEVER: Final = float("inf")
SLACK: Final = 0.001
"""Seconds a timer may fire early: uvloop's clock counts milliseconds."""


class Pace(asyncio.Protocol):
    """Deadlines and flow control; its heirs say what to do when a deadline passes.

    The timer is set anew only when it fires, or when a deadline comes to lie before it: most requests set none.
    """

    loop: asyncio.AbstractEventLoop
    transport: asyncio.Transport
    worker: Worker
    timer: asyncio.TimerHandle | None = None
    deadline = armed = NEVER
    unsent = -1
    """Bytes of answer that waited for the client when a deadline last passed; -1 before that. One look is not enough:
    the kernel's own buffer may hide for long that the client takes anything."""
    full = False
    waiting = b""
    """What is to be written at the end of this turn of the loop."""
    unblocked: asyncio.Future[None] | None = None

    def late(self) -> None:
        """A deadline has passed."""

    def settle(self) -> None:
        """The client has taken what waited for it."""

    def close(self) -> None:
        """Nothing is waited for any more."""
        self.unblock()
        if self.timer is not None:
            self.timer.cancel()

    def write(self, data: bytes) -> None:
        """Write, unless there is nobody to write to."""
        if self.waiting:
            data, self.waiting = self.waiting + data, b""
        if not self.transport.is_closing():
            self.transport.write(data)

    def write_soon(self, data: bytes) -> None:
        """Write at the end of this turn of the loop, with what others have; what is long, at once."""
        if len(data) > SHORT:
            self.write(data)
        elif data:
            self.waiting += data
            self.worker.soon(self)

    def flush(self) -> None:
        """Write what waits."""
        if self.waiting:
            self.write(b"")

    def pause_writing(self) -> None:
        """The client takes nothing for now; not for ever."""
        self.full = True
        self.unsent = -1
        self.expect(STALL)

    def resume_writing(self) -> None:
        """Let who waits in `drained` go on."""
        self.deadline = NEVER
        self.settle()
        self.unblock()

    def unblock(self) -> None:
        """Nothing that was written waits."""
        self.full = False
        unblocked, self.unblocked = self.unblocked, None
        if unblocked is not None and not unblocked.done():
            unblocked.set_result(None)

    async def drained(self) -> None:
        """Return when the client has taken what was written, or has left."""
        while self.full and not self.transport.is_closing():
            if self.unblocked is None or self.unblocked.done():
                self.unblocked = self.loop.create_future()
            await self.unblocked

    def expect(self, seconds: float) -> None:
        """Have `late` called in `seconds` unless something changes that."""
        self.deadline = when = self.loop.time() + seconds
        if when < self.armed:
            if self.timer is not None:
                self.timer.cancel()
            self.armed, self.timer = when, self.loop.call_at(when, self.tick)

    def tick(self) -> None:
        """Look whether the deadline has passed; most times it has moved on."""
        self.timer, self.armed = None, NEVER
        left = self.deadline - self.loop.time()
        if left <= SLACK:
            self.deadline = NEVER
            self.late()
        elif left < NEVER:
            self.expect(left)
