"""One origin's connections: the last one used is the first one taken, and who finds none free waits in line."""

import asyncio
import ssl
from collections import deque
from contextlib import suppress
from math import inf
from typing import Final, TypeAlias

import httpx2

from gateway.upstream.http1.connection import SLACK, Connection
from gateway.upstream.http1.limits import Limits, Patience
from gateway.wire.outbox import Outbox

Turn: TypeAlias = asyncio.Future[Connection | None]
"""What a waiting call gets: a connection, or None for a place to open one in."""


Place: TypeAlias = tuple[str, bytes, int | None]
"""Scheme, host and port, as a URL has them."""

PORTS: Final = {"http": 80, "https": 443}


class Pool:
    """The connections to one origin. `open` counts places: in use, at rest, being opened, or promised to a waiter.

    A pool stands in `pools` as long as one of its places is taken, so that origins seen once do not pile up.
    """

    def __init__(self, pools: "Pools", place: Place, tls: ssl.SSLContext | None) -> None:
        self.pools, self.key, self.tls = pools, place, tls
        self.limits = pools.limits
        self.host = place[1].decode("ascii")
        self.port = place[2] or PORTS[place[0]]
        self.name = f"{self.host}:{self.port}"
        self.loop = asyncio.get_running_loop()
        self.idle: list[Connection] = []
        self.line: deque[Turn] = deque()
        self.open = 0
        self.shut = False
        self.timer: asyncio.TimerHandle | None = None

    def take(self) -> Connection | None:
        """A connection at rest that still lives, if there is one; never suspends."""
        idle = self.idle
        while idle:
            connection = idle.pop()
            if not connection.stale():
                return connection
            connection.abort()
        return None

    async def acquire(self, patience: Patience) -> Connection:
        """A connection: at rest, or handed over by the call before, or fresh."""
        while not self.place():
            connection = await self.turn(patience)
            if connection is None:
                break
            if not connection.stale():
                return connection
            connection.abort()
        return await self.connect(patience)

    async def fresh(self, patience: Patience) -> Connection:
        """A connection nobody has used, for a call whose kept one had died; the oldest at rest makes room."""
        if not self.place():
            kept = self.idle.pop(0) if self.idle else await self.turn(patience)
            if kept is not None:
                # Its place stays with this call: it must not go to the next in line.
                kept.home = None
                kept.abort()
        return await self.connect(patience)

    def place(self) -> bool:
        """Take a place if there is one left."""
        if self.open >= self.limits.connections:
            return False
        if not self.open:
            self.pools.setdefault(self.key, self)
        self.open += 1
        return True

    async def turn(self, patience: Patience) -> Connection | None:
        """Stand in line, first come first served."""
        turn: Turn = self.loop.create_future()
        self.line.append(turn)
        try:
            async with asyncio.timeout_at(self.moment(patience.pool, patience)):
                return await turn
        except BaseException as error:
            self.pass_on(turn)
            if isinstance(error, TimeoutError):
                raise httpx2.PoolTimeout(f"{self.name}: No connection became free in time.") from None
            raise

    def pass_on(self, turn: Turn) -> None:
        """Leave the line; what was given in the very moment of leaving goes to the next."""
        if not turn.done() or turn.cancelled():
            with suppress(ValueError):
                self.line.remove(turn)
        elif turn.exception() is None:
            given = turn.result()
            if given is None:
                self.vacate()
            else:
                given.leave()

    def next_in_line(self) -> Turn | None:
        """The first who still waits."""
        line = self.line
        while line:
            turn = line.popleft()
            if not turn.done():
                return turn
        return None

    async def connect(self, patience: Patience) -> Connection:
        """A fresh connection in a place already taken, which is given up when none can be had."""
        try:
            connection = await self.dial(patience)
            if self.shut or connection.closed:
                connection.abort()
                raise httpx2.ConnectError(f"{self.name}: The connection was closed as soon as it was open.")
        except BaseException:
            self.vacate()
            raise
        # Not before: uvloop never tells a connection whose opening was cancelled that it is closed.
        connection.home, connection.live, connection.soon = self, self.pools.live, self.pools.soon
        connection.live.add(connection)
        return connection

    async def dial(self, patience: Patience) -> Connection:
        """Resolve, connect and shake hands; every address is tried in turn. Raises ConnectError, ConnectTimeout."""
        seconds = min(patience.connect, patience.until - self.loop.time())
        try:
            async with asyncio.timeout_at(self.moment(patience.connect, patience)):
                _, connection = await self.loop.create_connection(
                    lambda: Connection(self.limits, self.name),
                    self.host,
                    self.port,
                    ssl=self.tls,
                    server_hostname=self.host.rstrip(".") if self.tls else None,
                )
        except TimeoutError:
            raise httpx2.ConnectTimeout(f"{self.name}: No connection within {round(seconds, 2):g} s.") from None
        except ssl.SSLCertVerificationError as error:
            raise httpx2.ConnectError(f"{self.name}: The certificate is not trusted: {error.verify_message}.") from None
        except (OSError, ValueError, OverflowError) as error:
            # ValueError: a host name that cannot be one (UnicodeError), OverflowError: a port that cannot.
            raise httpx2.ConnectError(f"{self.name}: No connection: {error}.") from None
        return connection

    def moment(self, seconds: float, patience: Patience) -> float | None:
        """When a wait of `seconds` is over, the call's total time at the latest; None for never."""
        when = min(self.loop.time() + seconds, patience.until)
        return None if when == inf else when

    def welcome(self, connection: Connection) -> None:
        """Give a connection that is free again to the first in line, or let it rest."""
        turn = self.next_in_line() if self.line else None
        if turn is not None:
            turn.set_result(connection)
            return
        connection.since = self.loop.time()
        self.idle.append(connection)
        if self.timer is None:
            self.timer = self.loop.call_at(connection.since + self.limits.idle, self.expire)

    def forget(self, connection: Connection) -> None:
        """Take a dead connection out, and give its place on."""
        with suppress(ValueError):
            self.idle.remove(connection)
        self.vacate()

    def vacate(self) -> None:
        """Give a place to the first in line, or back."""
        turn = self.next_in_line()
        if turn is not None:
            turn.set_result(None)
            return
        self.open -= 1
        if not self.open:
            if self.timer is not None:
                self.timer.cancel()
                self.timer = None
            if self.pools.get(self.key) is self:
                del self.pools[self.key]

    def expire(self) -> None:
        """Close what has rested too long; one timer serves them all, since the oldest stand first."""
        self.timer = None
        before = self.loop.time() - self.limits.idle + SLACK
        while self.idle and self.idle[0].since <= before:
            self.idle.pop(0).abort()
        if self.idle:
            self.timer = self.loop.call_at(self.idle[0].since + self.limits.idle, self.expire)

    def close(self) -> None:
        """Turn everybody in line away; nobody comes in any more."""
        self.shut = True
        while (turn := self.next_in_line()) is not None:
            turn.set_exception(httpx2.ConnectError(f"{self.name}: The transport was closed."))


class Pools(dict[Place, Pool]):
    """Every origin's pool, what they share, and every socket that is open."""

    def __init__(self, limits: Limits) -> None:
        super().__init__()
        self.limits = limits
        self.live: set[Connection] = set()
        self.soon = Outbox().soon
