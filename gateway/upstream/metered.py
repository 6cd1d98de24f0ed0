"""A provider's body on its way through: counted as it passes, its faults put into the gateway's own words."""

from collections.abc import AsyncIterator, Callable
from time import perf_counter
from typing import Final, Protocol

import httpx2

from gateway.call import Attempt, Broken
from gateway.wire.sse import over

SILENT: Final = "The provider fell silent in the middle of its answer."
BROKE_OFF: Final = "The provider broke off in the middle of its answer."


class Feeds(Protocol):
    """The part of a dialect's meter that a body needs."""

    def feed(self, chunk: bytes) -> None:
        """Take note of a chunk."""


def ignore(chunk: bytes) -> None:
    """Take no note: for answers that nothing is read from."""


class Metered:
    """The provider's own bytes, chunk by chunk, as an async iterator that may be closed at any time.

    A class, not an async generator: a generator that never started does not run its `finally` when it is closed.
    """

    __slots__ = ("attempt", "done", "feed", "settle", "step", "stream", "tail")

    def __init__(
        self, stream: httpx2.AsyncByteStream, attempt: Attempt, meter: Feeds | None, settle: Callable[[Attempt], None]
    ) -> None:
        self.stream, self.attempt, self.settle = stream, attempt, settle
        self.step = stream.__aiter__().__anext__
        self.feed = ignore if meter is None else meter.feed
        self.done, self.tail = False, b""

    def __aiter__(self) -> AsyncIterator[bytes]:
        return self

    @property
    def ended(self) -> bool:
        """Whether the last chunk was handed out, where the transport can tell."""
        return getattr(self.stream, "ended", False)

    async def __anext__(self) -> bytes:
        try:
            chunk = await self.step()
        except StopAsyncIteration:
            self.finish()
            raise
        except httpx2.TimeoutException as late:
            raise self.broken("timeout", SILENT) from late
        except (httpx2.TransportError, httpx2.StreamError) as fault:
            raise self.broken("stream_broken", BROKE_OFF) from fault
        if not self.attempt.first_chunk:
            self.attempt.first_chunk = perf_counter()
        self.feed(chunk)
        self.tail = chunk
        return chunk

    async def relay(self, taker: Callable[[bytes, bool], bool]) -> bool:
        """Give each chunk to `taker` as it comes (see `http1.body`); False where the stream cannot do that."""
        relay = getattr(self.stream, "relay", None)
        if relay is None:
            return False

        def take(chunk: bytes, last: bool) -> bool:
            """Count a chunk, and pass it on."""
            if not self.attempt.first_chunk:
                self.attempt.first_chunk = perf_counter()
            self.feed(chunk)
            self.tail = chunk
            return taker(chunk, last)

        try:
            await relay(take)
        except httpx2.TimeoutException as late:
            raise self.broken("timeout", SILENT) from late
        except (httpx2.TransportError, httpx2.StreamError) as fault:
            raise self.broken("stream_broken", BROKE_OFF) from fault
        if self.ended:
            self.finish()
        return True

    def broken(self, error: str, sentence: str) -> Broken:
        """Write the fault down and put it into words for the client."""
        self.attempt.error = error
        return Broken(sentence)

    def finish(self) -> None:
        """Settle the attempt, once."""
        if not self.done:
            self.done = True
            self.attempt.ended = perf_counter()
            self.settle(self.attempt)

    async def aclose(self) -> None:
        """Close the provider's stream: before its end, the connection closes with it."""
        if not self.done and not self.attempt.error:
            self.attempt.error = "" if self.ended or over(self.tail) or self.attempt.status >= 400 else "cancelled"
        self.finish()
        await self.stream.aclose()
