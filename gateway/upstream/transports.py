"""The ways out of this process, each made once: straight over HTTP/1.1, through a proxy, by HTTP/2, or to the demo."""

import asyncio
from typing import Final

import httpx2
import msgspec

from gateway.providers.provider import Provider
from gateway.settings.blocks import ProviderBlock, Server
from gateway.upstream.demo import DemoTransport
from gateway.upstream.http1 import Limits, Transport
from gateway.upstream.tls import trust

UNCHANGED: Final = ProviderBlock()


class Way(msgspec.Struct, frozen=True):
    """What tells one transport from another."""

    proxy: str
    http2: bool
    connections: int
    idle: float
    ca_file: str | None


class Transports:
    """Transports by their settings: a reload that changes none of these keeps the open connections."""

    def __init__(self) -> None:
        self.demo = DemoTransport()
        self.made: dict[Way, httpx2.AsyncBaseTransport] = {}
        self.wanted: set[Way] = set()

    def retain(self) -> None:
        """Forget what no lane has asked for since the last time; calls in flight keep theirs until they are over."""
        self.made = {way: transport for way, transport in self.made.items() if way in self.wanted}
        self.wanted = set()

    def to(self, provider: Provider, block: ProviderBlock | None, server: Server) -> httpx2.AsyncBaseTransport:
        """The transport that leads to `provider`."""
        if provider.in_process:
            return self.demo
        block = block or UNCHANGED
        proxy = block.proxy or server.proxy
        return self.way(
            Way(
                proxy=proxy.reveal() if proxy else "",
                http2=block.http2,
                connections=server.max_connections,
                idle=float(server.idle_connections),
                ca_file=server.ca_file,
            )
        )

    def way(self, way: Way) -> httpx2.AsyncBaseTransport:
        """The one transport for these settings."""
        self.wanted.add(way)
        if way not in self.made:
            self.made[way] = made(way)
        return self.made[way]

    async def aclose(self) -> None:
        """Close every connection."""
        for transport in self.made.values():
            await transport.aclose()


def made(way: Way) -> httpx2.AsyncBaseTransport:
    """A new transport: our own wherever plain HTTP/1.1 to the origin will do."""
    tls = trust(way.ca_file)
    if not way.proxy and not way.http2:
        return Transport(Limits(connections=way.connections, idle=way.idle), tls)
    if way.http2:
        tls.set_alpn_protocols(["h2", "http/1.1"])
    limits = httpx2.Limits(max_connections=way.connections, keepalive_expiry=way.idle)
    proxied = httpx2.AsyncHTTPTransport(
        verify=tls, trust_env=False, http2=way.http2, limits=limits, proxy=way.proxy or None
    )
    return Patient(proxied)


class Patient(httpx2.AsyncBaseTransport):
    """Gives httpx2's own transport our deadlines, and our form of header names."""

    def __init__(self, inner: httpx2.AsyncHTTPTransport) -> None:
        self.inner = inner

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        """Send, with `first_byte` and `total` bounded here; httpx2's transport knows connect, read and write."""
        ours = request.extensions["timeout"]
        idle, connect = ours["idle"], ours["connect"]
        until = asyncio.get_running_loop().time() + ours["total"]
        request.extensions = {
            **request.extensions,
            "timeout": {"connect": connect, "pool": connect, "read": max(idle, ours["first_byte"]), "write": idle},
        }
        try:
            async with asyncio.timeout(min(ours["total"], connect + ours["first_byte"])):
                response = await self.inner.handle_async_request(request)
        except TimeoutError:
            raise httpx2.ReadTimeout("no answer in time", request=request) from None
        assert isinstance(response.stream, httpx2.AsyncByteStream)
        headers = [(name.lower(), value) for name, value in response.headers.raw]
        stream = Bounded(response.stream, idle, until)
        return httpx2.Response(response.status_code, headers=headers, stream=stream, extensions=response.extensions)

    async def aclose(self) -> None:
        """Close every connection."""
        await self.inner.aclose()


class Bounded(httpx2.AsyncByteStream):
    """A body whose every step is bounded by `idle`, and the whole by `until` on the loop's clock."""

    def __init__(self, inner: httpx2.AsyncByteStream, idle: float, until: float) -> None:
        self.inner, self.idle, self.until = inner, idle, until
        self.step = aiter(inner).__anext__
        self.ended = False

    def __aiter__(self) -> "Bounded":
        return self

    async def __anext__(self) -> bytes:
        now = asyncio.get_running_loop().time()
        try:
            async with asyncio.timeout_at(min(now + self.idle, self.until)):
                return await self.step()
        except TimeoutError:
            raise httpx2.ReadTimeout("the provider fell silent") from None
        except StopAsyncIteration:
            self.ended = True
            raise

    async def aclose(self) -> None:
        """Close the stream, and its connection where it is not at its end."""
        await self.inner.aclose()
