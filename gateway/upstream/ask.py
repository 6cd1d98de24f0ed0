"""The innermost handler: it asks the provider. The network never raises here: that, too, is a reply.

An unreachable provider is a 502 reply and a late one a 504, so that whoever tries again tests one thing, a status.
Only a body that breaks half way raises (`gateway.call.Broken`).
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from time import perf_counter
from typing import Final, TypeAlias

import httpx2

from gateway import dialects
from gateway.call import Attempt, Broken, Call, Headers, Refusal, Reply, Whole
from gateway.dialects import Meter, errors
from gateway.providers.outbound import Outbound, Target
from gateway.upstream.bill import Bill
from gateway.upstream.gather import gather, worth_it
from gateway.upstream.http1.body import Body
from gateway.upstream.http1.request import Request
from gateway.upstream.http1.transport import Transport
from gateway.upstream.keys import Key, Ring
from gateway.upstream.lane import Lane
from gateway.upstream.metered import Metered
from gateway.upstream.ready import context, host_of, known, ready, replaced
from gateway.wire.headers import outgoing
from gateway.wire.replies import drop

TRY_NEXT_KEY: Final = frozenset((401, 429))
BODILESS: Final = frozenset((204, 304))
EXPECT_BODY: Final = frozenset(("POST", "PUT", "PATCH"))
EMPTY: Final = httpx2.ByteStream(b"")

Origin: TypeAlias = tuple[httpx2.URL, tuple[bytes, bytes]]
"""A URL parsed once, since parsing one costs more than the rest of a request, and its Host header."""
Answered: TypeAlias = tuple[int, Headers, httpx2.AsyncByteStream]
"""Status, headers and body of an answer whose head is there."""


class Ask:
    """One gateway's way out: a handler over its lanes."""

    def __init__(self, lanes: Mapping[str, Lane], bill: Bill, span_id: Callable[[], str]) -> None:
        self.lanes, self.bill, self.span_id = lanes, bill, span_id
        self.origins: dict[tuple[str, str, int], Origin] = {}

    def __call__(self, call: Call) -> Awaitable[Reply]:
        """The provider's answer."""
        lane = self.lanes[call.provider]
        self.bill.check(call)
        ring = lane.ring(call)
        if len(ring.keys) == 1:
            return self.attempt(call, lane, ring.keys[0], ring.alias)
        return self.in_turn(call, lane, ring)

    async def in_turn(self, call: Call, lane: Lane, ring: Ring) -> Reply:
        """The provider's answer, asked for with one key after the other while they are refused."""
        left = len(ring.keys)
        for index, key in ring.order():
            left -= 1
            reply = await self.attempt(call, lane, key, ring.alias)
            if not left or reply.status not in TRY_NEXT_KEY:
                return reply
            ring.refused(index, reply.header(b"retry-after"))
            await drop(reply)
        raise AssertionError("a ring holds at least one key")

    async def attempt(self, call: Call, lane: Lane, key: Key, alias: str) -> Reply:
        """One try with one key."""
        attempt = Attempt(call.provider, call.asked, perf_counter(), key_alias=alias)
        if call.record.trace is not None:
            attempt.span_id = self.span_id()
        try:
            if type(lane.transport) is Transport:
                status, headers, stream = await self.directly(call, lane, key, attempt)
            else:
                status, headers, stream = await self.through(call, lane, key, attempt)
        except asyncio.CancelledError:
            attempt.error, attempt.ended = "cancelled", perf_counter()
            raise
        except (httpx2.TransportError, httpx2.InvalidURL) as fault:
            return self.unanswered(call, attempt, fault)
        call.record.waited += perf_counter() - attempt.started
        return await self.answered(call, lane, attempt, (status, headers, stream))

    async def directly(self, call: Call, lane: Lane, key: Key, attempt: Attempt) -> Answered:
        """The answer's head by our own transport's short way."""
        one = known(call, key)
        if one is None:
            one = await ready(call, lane, key)
        attempt.address, attempt.port = one.address, one.port
        message = one.message(call, context(call, lane, attempt.span_id))
        attempt.started = perf_counter()
        call.record.attempts.append(attempt)
        transport = lane.transport
        assert isinstance(transport, Transport)
        connection = await transport.exchange(one.place, message, lane.patience(call))
        return connection.status, connection.head, Body(connection)

    async def through(self, call: Call, lane: Lane, key: Key, attempt: Attempt) -> Answered:
        """The answer's head by any transport of httpx2's interface."""
        request = await self.request(call, lane, key, attempt)
        attempt.started = perf_counter()
        call.record.attempts.append(attempt)
        response = await lane.transport.handle_async_request(request)
        stream = response.stream
        assert isinstance(stream, httpx2.AsyncByteStream)
        return response.status_code, response.headers.raw, stream

    async def request(self, call: Call, lane: Lane, key: Key, attempt: Attempt) -> httpx2.Request:
        """The call as the provider will see it, signed last."""
        target = lane.provider.target(call, key.secret)
        url, host = self.origin(target)
        attempt.address, attempt.port = target.host, target.port
        headers = [*replaced(call.headers, lane.headers), *context(call, lane, attempt.span_id)]
        body = call.body
        headers = [host, *await key.signer.sign(Outbound(call.method, target, headers, body))]
        if body or call.method in EXPECT_BODY:
            headers.append((b"content-length", b"%d" % len(body)))
        extensions: dict[str, object] = {
            "target": target.path,
            "body": body,
            "timeout": lane.deadlines(call),
            "gateway.trace": (call.record.trace, attempt.span_id),
        }
        return Request(call.method, url, headers, httpx2.ByteStream(body) if body else EMPTY, extensions)

    def origin(self, target: Target) -> Origin:
        """A target's URL and Host header, made once per origin."""
        key = (target.scheme, target.host, target.port)
        if known := self.origins.get(key):
            return known
        host = host_of(target)
        if len(self.origins) > 4096:
            # Hosts may be templated by what a client writes (a resource, a region): memory must stay bounded.
            self.origins.clear()
        made = self.origins[key] = (httpx2.URL(f"{target.scheme}://{host.decode()}/"), (b"host", host))
        return made

    def unanswered(self, call: Call, attempt: Attempt, fault: Exception) -> Reply:
        """The reply to a call whose provider gave none: 504 when it was late, 502 otherwise."""
        attempt.ended = perf_counter()
        record = call.record
        if not record.attempts or record.attempts[-1] is not attempt:
            # The request could not even be made; that is an attempt too.
            record.attempts.append(attempt)
        record.waited += attempt.ended - attempt.started
        if isinstance(fault, httpx2.TimeoutException):
            attempt.error, attempt.status = "timeout", 504
            refusal = Refusal(504, 2005, "provider_timeout", f"{call.provider} did not answer in time.")
        else:
            attempt.error, attempt.status = "unreachable", 502
            refusal = Refusal(502, 2005, "provider_unreachable", f"{call.provider} could not be reached.")
        # In the dialect of the client, which is not the provider's where the call was translated.
        return errors.reply(refusal, call.record.asked.dialect)

    async def answered(self, call: Call, lane: Lane, attempt: Attempt, got: Answered) -> Reply:
        """The provider's answer as a reply, metered as it passes."""
        status, raw, stream = got
        attempt.status = status
        headers = outgoing(raw)
        named = dict(headers)
        kind = named.get(b"content-type", b"")
        call.record.response_type = kind.decode("latin-1")
        facts = headers if status >= 400 or lane.provider.counts_in_headers else ()
        coding = named.get(b"content-encoding", b"")
        whole = stream.whole() if type(stream) is Body else None
        if whole and not facts and not coding and (answer := dialects.whole(call.asked, status, kind, whole)):
            attempt.ended = attempt.first_chunk = perf_counter()
            self.bill.book(call, answer, attempt)
            return self.at_once(call, Reply(status, headers, Whole(whole), len(whole)), named)
        meter = dialects.meter(call.asked, status, kind, coding, facts)
        if whole is not None:
            self.read(call, attempt, meter, whole)
            return self.at_once(call, Reply(status, headers, Whole(whole), len(whole)), named)
        length = named.get(b"content-length")
        if status in BODILESS:
            headers, length = [pair for pair in headers if pair[0] != b"content-length"], None
        body = Metered(stream, attempt, meter, partial(self.bill.settle, call, meter))
        reply = Reply(status, headers, body, int(length) if length else None, close=body.aclose)
        if worth_it(call.asked, status, kind):
            return await self.gathered(call, reply)
        return reply

    def read(self, call: Call, attempt: Attempt, meter: Meter | None, body: bytes) -> None:
        """Meter a body that is all there."""
        attempt.ended = perf_counter()
        if body:
            attempt.first_chunk = attempt.ended
            if meter is not None:
                meter.feed(body)
        self.bill.settle(call, meter, attempt)

    @staticmethod
    def at_once(call: Call, reply: Reply, named: dict[bytes, bytes]) -> Reply:
        """A reply whose whole body came with its head: nothing is left to wait for, to watch or to close."""
        measured = b"content-length" in named
        if reply.status in BODILESS:
            reply.headers = [pair for pair in reply.headers if pair[0] != b"content-length"]
        elif call.method != "HEAD" and not measured and not call.asked.stream:
            reply.headers.append((b"content-length", b"%d" % (reply.length or 0)))
        if call.method == "HEAD" or (call.asked.stream and not measured):
            reply.length = None
        return reply

    async def gathered(self, call: Call, reply: Reply) -> Reply:
        """A reply whose body is all there, or a 502 when the provider broke off in it."""
        before = perf_counter()
        try:
            whole = await gather(reply)
            call.record.waited += perf_counter() - before
            return whole
        except Broken as broken:
            await reply.close()
            return errors.reply(Refusal(502, 2005, "stream_broken", str(broken)), call.record.asked.dialect)
        except BaseException:
            await reply.close()
            raise
