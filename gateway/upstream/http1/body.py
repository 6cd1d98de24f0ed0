"""An answer's body: what each read of the socket brought, as it comes."""

from collections.abc import AsyncIterator, Callable
from typing import TypeAlias

import httpx2

from gateway.upstream.http1.connection import Connection

Taker: TypeAlias = Callable[[bytes, bool], bool]
"""Takes a piece, and whether it is the last; says whether it wants no more for now."""


class Body(httpx2.AsyncByteStream):
    """The body behind one answer; a class and not a generator, so that closing works before the first step too.

    The connection is given back with the last chunk, without waiting for `aclose`.
    """

    __slots__ = ("connection", "ended", "fault", "rest", "taker")

    def __init__(self, connection: Connection) -> None:
        self.taker: Taker | None = None
        self.fault: Exception | None = None
        self.rest = b""
        self.ended = False
        """Whether the body is complete and all of it was handed out: the last chunk may say so to its receiver."""
        self.connection: Connection | None = connection
        if connection.complete:
            self.rest = self.take(connection)
            self.ended = not self.rest

    def take(self, connection: Connection) -> bytes:
        """What has arrived, in one piece; a connection whose answer is complete is let go."""
        chunks = connection.chunks
        taken = chunks[0] if len(chunks) == 1 else b"".join(chunks)
        chunks.clear()
        connection.buffered = 0
        if connection.paused:
            connection.resume()
        if connection.complete:
            self.connection, connection.sink = None, None
            self.ended = True
            connection.leave()
        return taken

    def whole(self) -> bytes | None:
        """The whole body when it came together with the head, handed out without a step; None when more is to come."""
        if self.connection is not None:
            return None
        rest, self.rest = self.rest, b""
        self.ended = True
        return rest

    def __aiter__(self) -> AsyncIterator[bytes]:
        return self

    async def __anext__(self) -> bytes:
        """The next piece, never empty; raises httpx2's errors where the answer breaks off."""
        connection = self.connection
        if connection is None:
            return self.last()
        while not connection.chunks:
            if connection.complete:
                self.take(connection)
                raise StopAsyncIteration
            await self.more(connection)
        return self.take(connection)

    def last(self) -> bytes:
        """What came together with the head, then nothing."""
        rest, self.rest = self.rest, b""
        if not rest:
            raise StopAsyncIteration
        self.ended = True
        return rest

    async def more(self, connection: Connection) -> None:
        """Wait until something happens; whoever gives up waiting closes the connection."""
        try:
            if connection.buffered > connection.limits.head:
                connection.fail(httpx2.RemoteProtocolError, "The provider sends framing without a body.")
            if connection.fault is not None:
                raise connection.failure()
            await connection.change()
        except BaseException:
            # `flow` may have let it go since: then it is another call's by now.
            if self.connection is connection:
                self.connection = None
                connection.abort()
            raise

    async def relay(self, taker: Taker) -> None:
        """Give each piece to `taker` in the moment it comes, until the last one, or until it wants no more for now.

        A piece costs no step of the task that waits here. Raises as the iterator does, and what `taker` raises.
        """
        connection = self.connection
        if connection is None:
            rest, self.rest, self.ended = self.rest, b"", True
            if rest:
                taker(rest, True)
            return
        self.taker, connection.sink = taker, self.flow
        try:
            if connection.chunks:
                self.flow()
            while self.taker is not None and not connection.complete:
                await self.more(connection)
            if self.fault is not None:
                raise self.fault
        finally:
            self.taker = None
            if self.connection is not None:
                connection.sink = None
        # What came after `taker` had enough waits for the next time.
        if self.connection is not None and connection.complete and not connection.chunks:
            self.take(connection)

    def flow(self) -> None:
        """Pass on what has come; the waiting task is woken at the end, and where nothing more is wanted for now."""
        connection, taker = self.connection, self.taker
        if connection is None or taker is None:
            return
        try:
            enough = taker(self.take(connection), self.ended)
        except Exception as fault:  # noqa: BLE001 - it belongs to the task that waits, not to the event loop
            self.fault, enough = fault, True
        if enough or self.ended:
            self.taker = None
            connection.wake()

    async def aclose(self) -> None:
        """Let the connection go: kept if the answer is complete, closed at once if not."""
        connection, self.connection, self.rest = self.connection, None, b""
        if connection is not None:
            connection.leave()
