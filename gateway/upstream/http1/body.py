"""An answer's body: what each read of the socket brought, as it comes."""

from collections.abc import AsyncIterator

import httpx2

from gateway.upstream.http1.connection import Connection


class Body(httpx2.AsyncByteStream):
    """The body behind one answer; a class and not a generator, so that closing works before the first step too.

    The connection is given back with the last chunk, without waiting for `aclose`.
    """

    __slots__ = ("connection", "ended", "rest")

    def __init__(self, connection: Connection) -> None:
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
            self.connection = None
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
            self.connection = None
            connection.abort()
            raise

    async def aclose(self) -> None:
        """Let the connection go: kept if the answer is complete, closed at once if not."""
        connection, self.connection, self.rest = self.connection, None, b""
        if connection is not None:
            connection.leave()
