"""A provider that answers by script, metered and billed by the real parts, and clients who ask through a cache."""

import asyncio
import json
import time
import weakref
from decimal import Decimal
from functools import partial

import httpx2
import msgspec

from gateway import dialects
from gateway.call import Asked, Attempt, Call, Record, Reply
from gateway.edge.leash import Leash
from gateway.policies.cache import Cache
from gateway.policies.cache_key import Source
from gateway.prices import Price, Prices
from gateway.settings.cache import CacheBlock
from gateway.settings.units import Duration, Size
from gateway.stores.memory import Memory
from gateway.stores.store import StoreLost
from gateway.upstream.bill import Bill
from gateway.upstream.metered import Metered

CHAT = Asked("chat", "openai_chat", "m")
STREAM = msgspec.structs.replace(CHAT, stream=True)
JSON = [(b"content-type", b"application/json")]
SSE = [(b"content-type", b"text/event-stream")]
ANSWER = json.dumps(
    {
        "id": "1",
        "model": "m",
        "choices": [{"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": "Hi"}}],
        "usage": {"prompt_tokens": 10, "completion_tokens": 5, "total_tokens": 15},
    }
).encode()
EVENTS = (
    b'data: {"model":"m","choices":[{"index":0,"delta":{"content":"H"}}]}\n\n',
    b'data: {"model":"m","choices":[{"index":0,"delta":{"content":"i"},"finish_reason":"stop"}]}\n\nda',
    b'ta: {"model":"m","choices":[],"usage":{"prompt_tokens":10,"completion_tokens":5,"total_tokens":15}}\n\n',
    b"data: [DONE]\n\n",
)
COST = Decimal("0.00002")
BILL = Bill(Prices({"*/*": Price(input=Decimal("0.000001"), output=Decimal("0.000002"))}, {}))
SOURCES = {"p": Source(frozenset((b"authorization",)), "1")}


class Script(httpx2.AsyncByteStream):
    """Chunks, faults that are raised, and events that are waited for."""

    def __init__(self, items):
        self.items, self.closed, self.read = list(items), None, 0

    def __aiter__(self):
        return self

    async def __anext__(self):
        await asyncio.sleep(0)
        while self.items:
            item = self.items.pop(0)
            if isinstance(item, asyncio.Event):
                await item.wait()
                continue
            if isinstance(item, Exception):
                raise item
            self.read += 1
            return item
        raise StopAsyncIteration

    async def aclose(self):
        self.closed = time.perf_counter()


class Upstream:
    """The heart of the onion."""

    def __init__(self, *items, headers=JSON, status=200, length=None, gate=None):
        self.items, self.headers, self.status, self.gate = items, headers, status, gate
        self.length = len(b"".join(items)) if length is None and headers is JSON else length
        self.calls, self.streams, self.cancelled = [], [], 0

    async def __call__(self, call):
        self.calls.append(call)
        attempt = Attempt(call.provider, call.asked, time.perf_counter(), status=self.status)
        call.record.attempts.append(attempt)
        try:
            if self.gate is not None:
                await self.gate.wait()
            await asyncio.sleep(0)
        except asyncio.CancelledError:
            attempt.error = "cancelled"
            self.cancelled = time.perf_counter()
            raise
        stream = Script(self.items)
        self.streams.append(stream)
        meter = dialects.meter(call.asked, self.status, dict(self.headers)[b"content-type"], b"")
        body = Metered(stream, attempt, meter, partial(BILL.settle, call, meter))
        return Reply(self.status, list(self.headers), body, self.length, close=body.aclose)


class Lost:
    """A store that is out of reach, for all or for writing."""

    shared = True

    def __init__(self, *methods):
        self.methods, self.tried = methods, []

    async def get(self, key):
        self.tried.append("get")
        if "get" in self.methods:
            raise StoreLost

    async def put(self, key, value, ttl):
        self.tried.append("put")
        raise StoreLost


class Got:
    """What a client got, and the record of its call as the log writes it."""

    def __init__(self, reply, chunks, record):
        self.status, self.headers, self.chunks, self.record = reply.status, dict(reply.headers), chunks, record
        self.body = b"".join(chunks)
        self.cache = self.headers.get(b"cf-aig-cache-status", b"").decode()


def cache(ttl="5m", scope="token", store=None, name="acme/main", clock=time.time, max_bytes="25MiB"):
    block = CacheBlock(ttl=Duration.read(ttl), scope=scope, max_bytes=Size.read(max_bytes))
    return Cache(block, store or Memory(clock=clock), name, SOURCES, clock)


def ask(body=b'{"model":"m"}', asked=CHAT, token="", headers=(), provider="p", **control):
    record = Record(id="1", created=time.time_ns(), started=time.perf_counter(), asked=asked, token=token)
    said = {name.replace("_", "-").encode(): value for name, value in control.items()}
    headers = [(b"content-type", b"application/json"), *headers]
    return Call("POST", provider, b"chat/completions", b"", headers, said, body, asked, record)


LEASHES = weakref.WeakKeyDictionary()


def hang_up(task):
    """The client of this task leaves, as the server tells the edge."""
    LEASHES[task].gone()


async def never():
    """Nothing comes of a client any more, not even that it has left: `hang_up` says that."""
    await asyncio.Event().wait()


async def client(policy, upstream, call=None, *, leave_at=None, pace=None, endings=True):
    """What the edge does with a call; `leave_at` chunks the client hangs up."""
    leash = LEASHES[asyncio.current_task()] = Leash({}, never)
    call = msgspec.structs.replace(call or ask(), lease=leash)
    chunks, reply = [], None
    try:
        reply = await policy(call, upstream)
        try:
            async for chunk in reply.body:
                chunks.append(chunk)
                if len(chunks) == leave_at:
                    break
                if pace is not None:
                    await asyncio.sleep(pace)
        finally:
            await reply.close()
    finally:
        for ending in reversed(call.endings if endings else []):
            await ending(call.record)
    return Got(reply, chunks, call.record)


async def until(true):
    """Wait, shortly, for something to come true."""
    async with asyncio.timeout(5):
        while not true():
            await asyncio.sleep(0.001)
