"""The transport: httpx2's interface over pools of HTTP/1.1 connections.

When a call is repeated. A provider may close a kept connection at any time, also in the moment a request is on its
way. A connection whose end, or any byte, has reached the kernel before the request is written is passed by, for every
method. If one breaks after that without a byte of an answer, the call is sent once more, on a fresh connection, when

    its method is idempotent (RFC 9110, 9.2.2), or the kernel refused the very first write, so that nothing was sent;
    and its connection had served before (a fresh one that breaks tells of something else);
    and its body can be had again.

Everything else is reported, since a POST that was received may be running, and costing money.
"""

import asyncio
import ssl
from typing import Final

import httpx2

from gateway.upstream.http1.body import Body
from gateway.upstream.http1.connection import Connection
from gateway.upstream.http1.headers import headers
from gateway.upstream.http1.limits import Limits, Patience, patience
from gateway.upstream.http1.outgoing import Outgoing, outgoing
from gateway.upstream.http1.pool import PORTS, Place, Pool, Pools
from gateway.upstream.http1.sending import ask, repeatable
from gateway.upstream.tls import trust

VERSIONS: Final = {"1.1": b"HTTP/1.1", "1.0": b"HTTP/1.0"}
CLOSING_TURNS: Final = 100
"""Turns of the loop given to sockets for closing; each needs two or three."""


class Transport(httpx2.AsyncBaseTransport):
    """HTTP/1.1 to any origin, plain or over TLS; belongs to the loop on which it is first used.

    Of `request.extensions` it reads `target` (the raw request target), `body` (the whole body, instead of iterating
    `request.stream`) and `timeout` (see `limits.patience`). The answer's extensions hold `http_version` and `trailers`,
    a list of pairs that is filled when the body has ended. Raises httpx2.TransportError and nothing else.
    """

    def __init__(self, limits: Limits | None = None, tls: ssl.SSLContext | None = None) -> None:
        self.tls = tls
        self.pools = Pools(limits or Limits())
        self.closed = False

    @property
    def open_connections(self) -> int:
        """Connections open or being opened, to all origins."""
        return sum(pool.open for pool in self.pools.values())

    @property
    def idle_connections(self) -> int:
        """Connections that wait for a next call."""
        return sum(len(pool.idle) for pool in self.pools.values())

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        """Send `request`, and answer as soon as the answer's head is there."""
        url = request.url
        message = outgoing(request)
        patient = patience(request.extensions.get("timeout"), 0.0)
        connection = await self.exchange((url.scheme, url.raw_host, url.port), message, patient)
        return httpx2.Response(
            connection.status,
            headers=headers(connection.head),
            stream=Body(connection),
            extensions={"http_version": VERSIONS[connection.version], "trailers": connection.trailers},
        )

    async def exchange(self, place: Place, message: Outgoing, phases: Patience) -> Connection:
        """Send `message`, and give out its connection once the answer's head is there, for a `Body` to be made of.

        `phases.until` counts from now. This is the short way, without httpx2's types; it raises as the long one does.
        """
        pool = self.pools.get(place) or self.pool(place)
        patient = phases.starting(pool.loop.time())
        connection = pool.take() or await pool.acquire(patient)
        try:
            await ask(connection, message, patient)
        except httpx2.TransportError:
            if not repeatable(connection, message):
                raise
            pool = self.pools.get(place) or self.pool(place)
            connection = await pool.fresh(patient)
            await ask(connection, message, patient)
        return connection

    def pool(self, place: Place) -> Pool:
        """A pool for an origin that has none."""
        scheme, host, _ = place
        if self.closed:
            raise httpx2.ConnectError("The transport is closed.")
        if scheme not in PORTS or not host:
            raise httpx2.UnsupportedProtocol("Only http:// and https:// URLs with a host can be called.")
        if scheme == "https" and self.tls is None:
            self.tls = trust()
        return Pool(self.pools, place, self.tls if scheme == "https" else None)

    async def aclose(self) -> None:
        """Close every connection, also those in use; done when their sockets are closed."""
        self.closed = True
        for pool in list(self.pools.values()):
            pool.close()
        for connection in list(self.pools.live):
            connection.fail(httpx2.ReadError, "The transport was closed.")
        for _ in range(CLOSING_TURNS):
            if not self.pools.live:
                return
            await asyncio.sleep(0)
