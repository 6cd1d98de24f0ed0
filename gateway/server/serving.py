"""One worker: listens, serves, and goes away without cutting anybody off who can still be served.

SIGTERM or SIGINT: /readyz turns 503 at once and answers say `connection: close`; the listener stays open for the
drain's delay, so that load balancers may notice; then it closes, and running calls have the drain's timeout to finish.
Whoever still runs is told to end its stream properly, and is cancelled a second later. A second signal skips the wait.
"""

import asyncio
import contextlib
import logging
import signal
import socket
from collections.abc import Callable, Iterator
from functools import partial
from types import FrameType
from typing import Final

import uvicorn
from starlette.types import ASGIApp

from gateway.server.closing import deafen, goes_on, queued
from gateway.server.cycle import Cycle
from gateway.server.limits import Options, Worker
from gateway.server.protocol import Connection

log = logging.getLogger("gateway.server")

SIGNALS: Final = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)
GRACE: Final = 1.0
"""Seconds for calls that were told to end."""
HASTE: Final = 0.2
"""The same after a second signal."""
TURN: Final = 0.02
"""Seconds between two looks at the connections that are left."""
BACKLOG: Final = 4096


def listen(options: Options) -> socket.socket:
    """A socket that listens on the options' address; raises OSError when it cannot."""
    host = options.host.strip("[]")
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        every = socket.getaddrinfo(host, options.port, family if ":" in host else 0, socket.SOCK_STREAM)
    except UnicodeError:
        raise OSError("that is no host's name") from None
    # A name such as localhost may have both: IPv4 is what every client tries.
    found = min(every, key=lambda one: one[0] != socket.AF_INET)
    sock = socket.socket(found[0], socket.SOCK_STREAM)
    try:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        sock.bind(found[4])
        sock.listen(BACKLOG)
    except OSError:
        sock.close()
        raise
    sock.setblocking(False)
    return sock


class Serving(uvicorn.Server):
    """uvicorn's server with our connections, our signals and our end."""

    def __init__(self, app: ASGIApp, worker: Worker, on_ready: Callable[[], object]) -> None:
        super().__init__(
            uvicorn.Config(
                app,
                http=partial(Connection, worker),  # type: ignore[arg-type]  # a partial makes one as well as a class does
                ws="none",
                loop="none",
                lifespan="on",
                interface="asgi3",
                log_config=None,
                access_log=False,
                proxy_headers=False,
                server_header=False,
                date_header=False,
            )
        )
        self.worker, self.on_ready = worker, on_ready
        self.on_reload: Callable[[], object] | None = None
        self.stopping, self.hurry = asyncio.Event(), asyncio.Event()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Signals are ours, through the loop: a handler of Python's may run in the middle of anything."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self.stop)
        loop.add_signal_handler(signal.SIGHUP, self.reload)
        # A parent of several workers has them blocked, so that those which come too early wait until here.
        signal.pthread_sigmask(signal.SIG_UNBLOCK, SIGNALS)
        # They are not given back: what comes after the end must not turn it into a death by signal.
        yield

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Not used: see `capture_signals`."""

    def stop(self) -> None:
        """Begin to go; the second time, go now."""
        if self.stopping.is_set():
            self.hurry.set()
        self.worker.draining = True
        self.stopping.set()

    def reload(self) -> None:
        """SIGHUP: read the configuration again."""
        if self.on_reload is not None:
            self.on_reload()

    async def main_loop(self) -> None:
        """Serve until told to stop, and for the drain's delay after that."""
        self.on_ready()
        await self.stopping.wait()
        if delay := self.worker.options.drain_delay:
            log.info("stopping: no longer ready, calls are still accepted for %g s", delay)
            await self.within(self.hurry.wait(), delay)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Close the listener, let calls finish, end those that do not, and close everything else."""
        await self.last_in(sockets or [])
        tasks, connections = self.server_state.tasks, self.server_state.connections
        self.worker.leaving = True
        for connection in list(connections):
            connection.shutdown()
        running = len(tasks)
        await self.gone(self.worker.options.drain_timeout)
        cut = self.cut()
        if tasks:
            await asyncio.wait(tasks, timeout=HASTE if self.hurry.is_set() else GRACE)
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks, timeout=HASTE)
        log.info("stopped: %d calls finished, %d were ended", max(0, running - cut), cut)
        for connection in list(connections):
            connection.transport.close()
        await self.lifespan.shutdown()

    async def last_in(self, sockets: list[socket.socket]) -> None:
        """Close the listener, and take those in who were already in its queue: the kernel would reset them."""
        for sock in sockets:
            if not goes_on(sock):
                deafen(sock)
        waiting = [client for sock in sockets for client in queued(sock)]
        for server in self.servers:
            server.close()
        for sock in sockets:
            sock.close()
        loop = asyncio.get_running_loop()
        for client in waiting:
            with contextlib.suppress(OSError):
                await loop.connect_accepted_socket(self.connection, client)

    def connection(self) -> Connection:
        """A protocol for a client that was taken from the queue by hand."""
        return Connection(self.worker, self.config, self.server_state, {})

    async def gone(self, seconds: float) -> None:
        """Wait until every client is, at most for `seconds`, or until hurried."""
        until = asyncio.get_running_loop().time() + seconds
        while self.server_state.connections and not self.hurry.is_set():
            if asyncio.get_running_loop().time() >= until:
                return
            await self.within(self.hurry.wait(), TURN)

    def cut(self) -> int:
        """Tell each running call that its time is up; how many there were."""
        running = [cycle for cycle in map(cycle_of, self.server_state.connections) if cycle and not cycle.complete]
        for cycle in running:
            if cycle.on_drain is not None:
                cycle.on_drain()
        return len(running)

    @staticmethod
    async def within(event: object, seconds: float) -> None:
        """Wait for an event for at most `seconds`."""
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(event, seconds)  # type: ignore[arg-type]  # a coroutine


def cycle_of(connection: object) -> Cycle | None:
    """What a connection serves; uvicorn's set of them is typed as its own."""
    return connection.cycle if isinstance(connection, Connection) else None
