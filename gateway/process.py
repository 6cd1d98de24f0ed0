"""What lives as long as the process does: log, telemetry, connections, and the configuration that is at work."""

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Final

from gateway import __version__
from gateway.call import Record
from gateway.compose import Composer
from gateway.edge.edge import Edge
from gateway.edge.site import Gateway
from gateway.logs.line import render
from gateway.logs.stdout import Writer
from gateway.reload import Watcher
from gateway.settings.load import Loaded, load
from gateway.telemetry import Telemetry

log = logging.getLogger("gateway.process")

STDOUT: Final = 1


def never() -> bool:
    """Not draining: what stands here until a server says otherwise."""
    return False


class Process:
    """One worker's state. Make it, then open it with `running()` inside the event loop."""

    def __init__(self, path: Path, loaded: Loaded, environ: Mapping[str, str], known: Mapping[str, str]) -> None:
        names: dict[str, str] = {}
        self.telemetry = Telemetry(environ, names, __version__)
        self.metrics = self.telemetry.metrics
        self.writer = Writer(STDOUT)
        self.composer = Composer(self.telemetry, names)
        self.edge = Edge(self.composer.site(loaded), self.telemetry.begin, self.report)
        self.watcher = Watcher(path, self.apply, partial(load, path, environ, known), loaded)
        self.draining: Callable[[], bool] = never
        self.siblings: Callable[[], Awaitable[list[bytes]]] | None = None
        self.metrics.watch("gateway_log_lines_lost_total", lambda: self.writer.lost)

    def apply(self, loaded: Loaded) -> None:
        """Put a new configuration to work; calls in flight keep the one they began with."""
        self.edge.site = self.composer.site(loaded)

    def report(self, record: Record, gateway: Gateway | None) -> None:
        """A call is over: its log line, its spans, its numbers."""
        if record.collect_log:
            self.writer.write(render(record))
        if record.trace is not None:
            self.telemetry.end(record, gateway.sink if gateway is not None else None)
        self.metrics.count(record)

    async def metrics_text(self) -> bytes:
        """Prometheus text, the siblings' numbers added up with our own."""
        return self.metrics.render()

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Watch the file meanwhile; afterwards everything is flushed and closed."""
        watching = asyncio.create_task(self.watcher.run())
        try:
            yield
        finally:
            watching.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await watching
            await self.close()

    async def close(self) -> None:
        """Flush and close everything; calls are over by now."""
        await self.composer.transports.aclose()
        # Both wait for threads of theirs, bounded in time.
        await asyncio.to_thread(self.telemetry.close)
        await asyncio.to_thread(self.writer.close)
