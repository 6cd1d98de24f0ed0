"""One call from its first byte to its log line."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from time import perf_counter, time_ns
from typing import Final, Protocol, TypeAlias

from starlette.types import Receive, Scope, Send

from gateway.call import Broken, Call, Record, Refusal, Reply, Whole, nothing
from gateway.dialects import errors
from gateway.edge import leash, response
from gateway.edge.ids import uuid7
from gateway.edge.intake import Begin, Gone, Intake
from gateway.edge.leash import Leash
from gateway.edge.outlet import outlet
from gateway.edge.site import Site
from gateway.wire.sse import over

log = logging.getLogger("gateway.edge")

Relay: TypeAlias = Callable[[Callable[[bytes, bool], bool]], Awaitable[bool]]
"""How some bodies pass their chunks on by themselves (`upstream.metered`); False where they must be asked for each."""

CLIENT_CLOSED: Final = 499
"""nginx's status for a client that left before the answer's head; it is logged, never sent."""

STOPPING: Final = Refusal(503, 2107, "gateway_stopping", "The gateway is stopping: send the call again.")


class Door(Protocol):
    """Who keeps count of calls."""

    def entered(self, exchange: "Exchange") -> None:
        """A call has begun."""

    def left(self, exchange: "Exchange") -> None:
        """A call is over: its record is complete."""


class Exchange:
    """The life of one call; its `record` tells it afterwards."""

    __slots__ = ("call", "closed", "intake", "leash", "outlet", "record", "reply", "tail")

    def __init__(self, site: Site, begin: Begin) -> None:
        now = time_ns()
        self.record = Record(id=uuid7(now), created=now, started=perf_counter(), config_version=site.version)
        self.intake = Intake(self.record, site, begin)
        self.call: Call | None = None
        self.reply: Reply | None = None
        self.tail, self.closed = b"\n\n", False

    async def run(self, scope: Scope, receive: Receive, send: Send, door: Door) -> None:
        """Answer the request, whatever client, provider or process do meanwhile."""
        door.entered(self)
        self.leash = self.intake.lease = Leash(scope, receive)
        self.outlet = outlet(self.leash.exchange, send)
        try:
            self.reply = await self.answer(scope, receive)
            await self.pump(self.reply)
        except asyncio.CancelledError:
            if not self.leash.pulled():
                self.record.outcome = "failed"
                raise
            await self.cut_short()
        except Gone:
            self.abandoned()
        except Broken as broken:
            self.record.outcome, self.record.refusal = "failed", "stream_broken"
            await self.break_off(Refusal(502, 2005, "stream_broken", str(broken)))
        finally:
            self.leash.slip()
            self.record.ended = perf_counter()
            try:
                if self.call is not None and self.call.endings:
                    await settle(self.call)
            finally:
                door.left(self)

    async def answer(self, scope: Scope, receive: Receive) -> Reply:
        """What the gateway's handler says, or the gateway's own no."""
        try:
            self.call = call = self.intake.at_once(scope) or await self.intake.call(scope, receive)
            self.leash.body_is_read()
            assert self.intake.gateway is not None
            return await self.intake.gateway.handler(call)
        except Refusal as refusal:
            return self.refused(refusal)
        except Broken as broken:
            # A body that a policy looked into broke off before anything of it was sent: then there still is a status.
            self.record.outcome = "failed"
            return self.refused(Refusal(502, 2005, "stream_broken", str(broken)))
        except Gone:
            raise
        except Exception:  # the edge is the one place where a bug becomes a 500 and a traceback
            log.exception("call %s failed", self.record.id)
            self.record.outcome = "failed"
            return self.refused(Refusal(500, 2106, "internal_error", "The gateway failed on this call; see its log."))

    def refused(self, refusal: Refusal) -> Reply:
        """A refusal as a reply in the dialect of the call's path."""
        if self.record.outcome == "served":
            self.record.outcome = "refused"
        return errors.reply(refusal, self.intake.dialect())

    async def pump(self, reply: Reply) -> None:
        """Send `reply` out chunk by chunk, and show each chunk to its taps."""
        record = self.record
        record.status = reply.status
        if reply.refusal:
            record.refusal = reply.refusal
            record.outcome = "failed" if record.outcome == "served" else record.outcome
        if record.keep_payload:
            self.collect(reply)
        response.stamp(record)
        if type(reply.body) is Whole:
            await self.at_once(reply, reply.body)
            return
        try:
            self.outlet.answer(reply.status, reply.headers, response.facts(record))
            await self.pieces(reply)
        finally:
            await reply.close()

    async def at_once(self, reply: Reply, body: Whole) -> None:
        """Send out an answer whose body is all there: one write."""
        whole, body.left = body.left, b""
        for tap in reply.taps if whole else ():
            tap(whole)
        self.tail = whole or self.tail
        self.record.response_size = len(whole)
        out = self.outlet
        out.entire((reply.status, reply.headers, response.facts(self.record)), whole)
        if reply.close is not nothing:
            await reply.close()
        if out.full:
            await out.drained()

    async def pieces(self, reply: Reply) -> None:
        """Send out a body as it comes."""
        out, body = self.outlet, reply.body
        if out.full:
            await out.drained()
        relay: Relay | None = getattr(body, "relay", None)
        while relay is not None and await relay(self.passed) and not getattr(body, "ended", True):
            if out.full:
                await out.drained()
        if not self.closed:
            await self.steps(reply)
        if not self.closed:
            out.put(b"", None)
        if out.full:
            await out.drained()

    async def steps(self, reply: Reply) -> None:
        """Send out a body that is asked for chunk by chunk."""
        out, body = self.outlet, reply.body
        async for chunk in body:
            # A body that knows its end lets the last chunk say so: one write less.
            last = getattr(body, "ended", False) or self.record.response_size + len(chunk) == reply.length
            self.passed(chunk, last)
            if last:
                return
            if out.full:
                await out.drained()

    def passed(self, chunk: bytes, last: bool) -> bool:
        """Send a chunk out, and show it to the taps; whether the client must take something before the next."""
        assert self.reply is not None
        for tap in self.reply.taps:
            tap(chunk)
        self.record.response_size += len(chunk)
        self.tail, self.closed = chunk, last
        self.outlet.put(chunk, not last)
        return self.outlet.full

    def collect(self, reply: Reply) -> None:
        """Keep the beginning of the answer's body for log and spans."""
        gateway, record = self.intake.gateway, self.record
        assert gateway is not None
        kept, limit = bytearray(), gateway.logging.limit

        def keep(chunk: bytes) -> None:
            """A tap: takes as much of the chunk as is left of `limit` bytes."""
            if len(kept) < limit:
                kept.extend(chunk[: limit - len(kept)])

        async def write_down(record: Record) -> None:
            """An ending: gives the record the bytes that were tapped."""
            record.response_payload = bytes(kept)

        reply.taps.append(keep)
        if self.call is not None:
            self.call.at_end(write_down)
        record.response_type = reply.header(b"content-type").decode("latin-1")

    def abandoned(self) -> None:
        """Write down that the client left."""
        record = self.record
        if over(self.tail):
            return
        record.outcome = "abandoned"
        record.status = record.status if record.head_sent else CLIENT_CLOSED

    async def cut_short(self) -> None:
        """End a call whose client left, or whose time is up because the process stops."""
        if self.leash.why == leash.GONE:
            self.abandoned()
            return
        self.record.outcome, self.record.refusal = "failed", STOPPING.code
        if not self.record.head_sent:
            await self.pump(errors.reply(STOPPING, self.intake.dialect()))
        else:
            await self.break_off(STOPPING)

    async def break_off(self, refusal: Refusal) -> None:
        """End a body that cannot be finished: an event stream with an error event, any other by hanging up."""
        reply = self.reply
        assert reply is not None
        event = errors.event(refusal, self.record.asked.dialect) if takes_events(reply) else b""
        if not event:
            # A proper end would make it read as a whole answer: the client must see that it is not.
            self.leash.abort()
            return
        # An event that was cut in two ends here, so that ours is read as one of its own.
        gap = b"" if self.tail.endswith((b"\n\n", b"\r\n\r\n")) else b"\n\n"
        self.outlet.put(gap + event, None)
        await self.outlet.drained()


def takes_events(reply: Reply) -> bool:
    """Whether an event of ours can follow what was sent: server-sent events, neither compressed nor counted."""
    plain = reply.header(b"content-encoding") in (b"", b"identity") and reply.length is None
    return plain and reply.header(b"content-type").startswith(b"text/event-stream")


async def settle(call: Call) -> None:
    """Run the call's endings, the last added first. One that fails does not stop the others."""
    for ending in reversed(call.endings):
        try:
            await ending(call.record)
        except Exception:  # an ending is somebody else's code at the end of a finished call
            log.exception("an ending of call %s failed", call.record.id)
