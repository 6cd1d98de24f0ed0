"""Providers that fail on script over real sockets, a clock that a test turns, and calls to them."""

import asyncio
import contextlib
from collections.abc import AsyncIterator

from gateway.call import Asked, Call, Handler
from gateway.policies.timing import Timing
from gateway.prices import Prices
from gateway.upstream.ask import Ask
from gateway.upstream.bill import Bill
from tests.upstream.calls import call, lane, provider
from tests.upstream.hostile import Hostile, Peer, hostile, transport

STREAM = Asked("chat", "openai_chat", "gpt-4o-mini", stream=True)
SSE = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n"
GOOD = b'{"id":"1","model":"gpt-4o-mini","choices":[],"usage":{"prompt_tokens":10,"completion_tokens":5}}'
EVENT = b'data: {"choices":[{"delta":{"content":"hi"}}]}\n\n'
DONE = b"data: [DONE]\n\n"


def says(status: int = 200, body: bytes = GOOD, *headers: bytes) -> bytes:
    """A whole answer."""
    lines = [b"HTTP/1.1 %d X" % status, b"content-type: application/json", b"content-length: %d" % len(body), *headers]
    return b"\r\n".join(lines) + b"\r\n\r\n" + body


def chunked(*pieces: bytes) -> bytes:
    """An event stream to its end."""
    return SSE + b"".join(b"%x\r\n%b\r\n" % (len(piece), piece) for piece in pieces) + b"0\r\n\r\n"


class Script:
    """What a provider answers, one answer after the other and the last again and again; what it was asked.

    An answer is bytes, or a function of the connection; `hang` answers nothing, `reset` and `close` end it.
    """

    def __init__(self, *answers: object) -> None:
        self.answers, self.asked = list(answers), []

    async def __call__(self, peer: Peer) -> None:
        while True:
            self.asked.append(await peer.request())
            answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
            if answer == "hang":
                return await peer.gone()
            if answer == "reset":
                return peer.reset()
            if callable(answer):
                return await answer(peer)
            await peer.say(answer)

    @property
    def heads(self) -> list[str]:
        return [head.decode("latin-1").lower() for head, _ in self.asked]


class World(dict[str, Hostile]):
    """Running providers by name, and the handler that asks them."""

    ask: Ask


@contextlib.asynccontextmanager
async def world(**scripts: Script) -> AsyncIterator[World]:
    """Providers named as in the rows, `_` for `-`, each playing a script; nothing may be left open afterwards."""
    async with contextlib.AsyncExitStack() as stack:
        client = await stack.enter_async_context(transport())
        found = World()
        lanes = {}
        for written, script in scripts.items():
            name = written.replace("_", "-")
            found[name] = server = await stack.enter_async_context(hostile(script))
            lanes[name] = lane(provider(f"{server.url}v1", name), client)
        found.ask = Ask(lanes, Bill(Prices({})), lambda: "b" * 16)
        yield found


class Turned:
    """A clock that only sleeping turns: `slept` holds how long."""

    def __init__(self, draw: float = 0.0) -> None:
        self.time, self.slept, self.chance = 1000.0, [], draw

    @property
    def timing(self) -> Timing:
        return Timing(lambda: self.time, lambda: 1_800_000_000.0 + self.time - 1000, self.sleep, lambda: self.chance)

    async def sleep(self, seconds: float) -> None:
        self.slept.append(round(seconds, 6))
        self.time += seconds
        await asyncio.sleep(0)

    def call(self, **said: object) -> Call:
        """A call that began when the clock did."""
        one = call(**said)
        one.record.started = self.time
        return one


async def taken(handler: Handler, one: Call) -> tuple[int, bytes]:
    """Status and body of what a handler answers, closed, the call's endings run."""
    reply = await handler(one)
    try:
        return reply.status, b"".join([chunk async for chunk in reply.body])
    finally:
        await reply.close()
        for ending in reversed(one.endings):
            await ending(one.record)


def told(one: Call) -> list[tuple[str, int, str]]:
    """The attempts of a call, in short."""
    return [(attempt.provider, attempt.status, attempt.error) for attempt in one.record.attempts]
