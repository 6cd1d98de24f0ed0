"""A server that does what a script says, byte for byte, over real sockets; and what a test needs to call it."""

import asyncio
import contextlib
import socket
import ssl
import struct
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import httpx2

from gateway.upstream.http1 import Limits, Transport

OK = b"HTTP/1.1 200 OK\r\n"
EMPTY = httpx2.ByteStream(b"")
PATIENT = {"connect": 5.0, "first_byte": 5.0, "idle": 5.0, "total": 10.0}


class Peer:
    """The server's end of one connection."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer

    async def request(self) -> tuple[bytes, bytes]:
        """The head and the body of one request, framed by content-length or chunks."""
        head = await self.reader.readuntil(b"\r\n\r\n")
        lower = head.lower()
        if b"\r\ncontent-length: " in lower:
            length = int(lower.split(b"\r\ncontent-length: ")[1].split(b"\r\n")[0])
            return head, await self.reader.readexactly(length)
        if b"\r\ntransfer-encoding: chunked" in lower:
            return head, await self.chunks()
        return head, b""

    async def chunks(self) -> bytes:
        body = b""
        while size := int((await self.reader.readuntil(b"\r\n")).strip(), 16):
            body += await self.reader.readexactly(size)
            assert await self.reader.readexactly(2) == b"\r\n"
        assert await self.reader.readexactly(2) == b"\r\n"
        return body

    async def say(self, *pieces: bytes) -> None:
        """Send each piece as a segment of its own."""
        for piece in pieces:
            if self.writer.is_closing():
                raise ConnectionResetError
            self.writer.write(piece)
            await asyncio.sleep(0)

    async def flood(self, piece: bytes, most: int = 2**24) -> None:
        """Send `piece` again and again until the client has had enough."""
        sent = 0
        while sent < most:
            self.writer.write(piece)
            await self.writer.drain()
            sent += len(piece)
            await asyncio.sleep(0)
        raise AssertionError("the client would have read on for ever")

    async def gone(self) -> None:
        """Return when the client has closed."""
        with contextlib.suppress(ConnectionError):
            while await self.reader.read(65536):
                pass

    def reset(self) -> None:
        """Close with RST."""
        self.writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.writer.transport.abort()


Script = Callable[[Peer], Awaitable[Any]]


class Hostile:
    """A running server: where it is, and what has happened to it."""

    def __init__(self, script: Script, scheme: str) -> None:
        self.script, self.scheme = script, scheme
        self.port = 0
        self.accepted = self.finished = 0
        self.faults: list[BaseException] = []
        self.tasks: set[asyncio.Task[None]] = set()

    @property
    def url(self) -> httpx2.URL:
        return httpx2.URL(f"{self.scheme}://127.0.0.1:{self.port}/")

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.accepted += 1
        task = asyncio.current_task()
        self.tasks.add(task)
        try:
            await self.script(Peer(reader, writer))
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        except asyncio.CancelledError:
            pass
        except BaseException as fault:
            self.faults.append(fault)
        finally:
            self.finished += 1
            self.tasks.discard(task)
            writer.close()
            with contextlib.suppress(ConnectionError, ssl.SSLError, asyncio.CancelledError):
                await writer.wait_closed()

    async def all_gone(self, within: float = 2.0) -> None:
        """Wait until every accepted connection's script has ended."""
        async with asyncio.timeout(within):
            while self.finished < self.accepted:
                await asyncio.sleep(0.005)


@contextlib.asynccontextmanager
async def hostile(script: Script, tls: ssl.SSLContext | None = None) -> AsyncIterator[Hostile]:
    """A server that plays `script` on every connection; a script's own failure fails the test."""
    server = Hostile(script, "https" if tls else "http")
    listening = await asyncio.start_server(server.serve, "127.0.0.1", 0, ssl=tls)
    server.port = listening.sockets[0].getsockname()[1]
    try:
        yield server
    finally:
        listening.close()
        for task in list(server.tasks):
            task.cancel()
        while server.tasks:
            await asyncio.sleep(0.002)
        await asyncio.sleep(0)
        if server.faults:
            raise server.faults[0]


@contextlib.asynccontextmanager
async def transport(limits: Limits | None = None, tls: ssl.SSLContext | None = None) -> AsyncIterator[Transport]:
    """A transport that must have closed all it opened."""
    made = Transport(limits or Limits(), tls)
    try:
        yield made
    finally:
        await made.aclose()
        assert made.open_connections == made.idle_connections == 0
        assert not made.pools.live


def request(
    url: httpx2.URL | str,
    method: str = "GET",
    body: bytes = b"",
    timeout: dict[str, float] | None = None,
    headers: list[tuple[bytes, bytes]] | None = None,
    target: bytes = b"/x",
) -> httpx2.Request:
    """A request as the gateway makes it: the body in the extensions, the URL parsed before."""
    extensions = {"target": target, "body": body, "timeout": PATIENT | (timeout or {})}
    return httpx2.Request(method, url, headers=headers or [], stream=EMPTY, extensions=extensions)


async def whole(response: httpx2.Response) -> bytes:
    """The body to its end, closed."""
    try:
        return b"".join([chunk async for chunk in response.stream])
    finally:
        await response.stream.aclose()


async def fetch(client: Transport, *args: Any, **kwargs: Any) -> tuple[int, bytes]:
    """Status and body of one call."""
    response = await client.handle_async_request(request(*args, **kwargs))
    return response.status_code, await whole(response)


def answering(*pieces: bytes, then: str = "wait") -> Script:
    """A script that answers every request with `pieces`; `then` is wait (for the next request), close or reset."""

    async def script(peer: Peer) -> None:
        while True:
            await peer.request()
            await peer.say(*pieces)
            if then == "close":
                return
            if then == "reset":
                await asyncio.sleep(0.02)
                peer.reset()
                return

    return script
