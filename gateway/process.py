"""What lives as long as the process does: log, telemetry, connections, and the configuration that is at work."""

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Final, TypeAlias

import msgspec

from gateway import __version__
from gateway.call import Record
from gateway.compose import Composer
from gateway.edge.edge import Edge
from gateway.edge.site import Gateway, Site
from gateway.logs import usual
from gateway.logs.line import render
from gateway.logs.stdout import Writer
from gateway.policies.breaker import Breaker
from gateway.prices import Prices
from gateway.reload import Watcher
from gateway.settings.blocks import Document
from gateway.settings.load import Loaded, load
from gateway.settings.problems import Problem, Problems
from gateway.telemetry import Telemetry, families, prometheus
from gateway.wire import siblings

log = logging.getLogger("gateway.process")

STDOUT: Final = 1
COMPANY: Final = 32
"""Calls told of at once: in a row each costs half of what it costs alone, and together less than half a millisecond."""
MOMENT: Final = 0.01
"""Seconds a call that is over waits for others at most."""


Adopt: TypeAlias = Callable[[Document], str]
"""Takes what a new configuration says of the server, or says why it must not be served."""


def anything(document: Document) -> str:
    """No objection."""
    return ""


def never() -> bool:
    """Not draining: what stands here until a server says otherwise."""
    return False


def written(record: Record) -> bytes:
    """A call's line, the short way where it is one like most."""
    if usual.usual(record):
        with contextlib.suppress(UnicodeEncodeError):
            return usual.render(record)
    return render(record)


def left_out(site: Site) -> Iterator[tuple[str, str, str, str]]:
    """Account, gateway, kind and name of whatever a circuit breaker leaves out now."""
    for gateway in site.gateways.values():
        for breaker in (layer for layer in gateway.layers if isinstance(layer, Breaker)):
            for one in breaker.states():
                if one.state != "closed":
                    yield gateway.account, gateway.name, one.kind, one.name


class Process:
    """One worker's state. Make it, then open it with `running()` inside the event loop."""

    def __init__(self, path: Path, loaded: Loaded, environ: Mapping[str, str], known: Mapping[str, str]) -> None:
        names: dict[str, str] = {}
        self.telemetry = Telemetry(environ, names, __version__)
        self.metrics = self.telemetry.metrics
        self.writer = Writer(STDOUT)
        self.composer = Composer(self.telemetry, names)
        self.edge = Edge(self.composer.site(loaded), self.telemetry.begin, self.report)
        self.watcher = Watcher(path, self.apply, partial(self.read, path, environ, known), loaded)
        self.over: list[tuple[Record, Gateway | None]] = []
        self.timer: asyncio.TimerHandle | None = None
        self.rejected: list[str] = []
        self.path = path
        self.draining: Callable[[], bool] = never
        self.adopt: Adopt = anything
        self.siblings: tuple[Path, int] | None = None
        self.metrics.watch("gateway_log_lines_lost_total", lambda: self.writer.lost)

    def read(self, path: Path, environ: Mapping[str, str], known: Mapping[str, str]) -> Loaded:
        """The configuration as it stands in the file now; a bad edit counts once, however often it is read."""
        try:
            return load(path, environ, known)
        except Problems as problems:
            if (lines := problems.lines()) != self.rejected:
                self.rejected = lines
                self.metrics.reloaded("rejected")
            raise

    async def apply(self, loaded: Loaded) -> None:
        """Put a new configuration to work; calls in flight keep the one they began with. Raises Problems."""
        if objection := self.adopt(loaded.document):
            self.metrics.reloaded("rejected")
            raise Problems(self.path, [Problem(1, 1, "", objection)], loaded.files)
        means = self.composer.means(loaded.document)
        # A hundred gateways take tens of milliseconds, for which no call should stand still.
        self.edge.site = await asyncio.to_thread(self.composer.composed, loaded, means)
        self.composer.settle(means)
        self.rejected = []
        self.metrics.reloaded("applied")

    def report(self, record: Record, gateway: Gateway | None) -> None:
        """A call is over: what is to be told of it waits a moment for company."""
        self.over.append((record, gateway))
        if len(self.over) >= COMPANY:
            self.account()
        elif self.timer is None:
            self.timer = asyncio.get_running_loop().call_later(MOMENT, self.account)

    def account(self) -> None:
        """Tell of the calls that are over."""
        over, self.over = self.over, []
        if self.timer is not None:
            self.timer.cancel()
            self.timer = None
        for record, gateway in over:
            try:
                self.tell(record, gateway)
            except Exception:  # one call's fault must not cost the others their lines
                log.exception("call %s could not be told of", record.id)

    def tell(self, record: Record, gateway: Gateway | None) -> None:
        """A call's log line, its spans, its numbers."""
        self.metrics.count(record)
        if record.trace is not None:
            self.telemetry.end(record, gateway.sink if gateway is not None else None)
        if not record.collect_log:
            return
        if not record.collect_payload:
            # They may have been kept for the spans alone.
            record.request_payload = record.response_payload = None
        self.writer.write(written(record))

    async def metrics_text(self) -> bytes:
        """Prometheus text, the siblings' numbers added up with our own; made in a thread, since it may be megabytes."""
        snapshots = [self.snapshot()]
        if self.siblings is not None:
            others = await siblings.collect(*self.siblings)
            snapshots += [msgspec.msgpack.decode(other, type=families.Snapshot) for other in others]
        return await asyncio.to_thread(lambda: prometheus.render(families.merge(snapshots)))

    def snapshot(self) -> families.Snapshot:
        """The numbers of this worker alone, as they are now."""
        self.account()
        self.metrics.calls_in_flight = self.edge.in_flight
        self.metrics.streams_in_flight = self.edge.streams
        self.metrics.left_out(left_out(self.edge.site))
        return self.metrics.snapshot()

    def serving(self, draining: Callable[[], bool], others: tuple[Path, int] | None, adopt: Adopt) -> None:
        """Learn from the server whether it is stopping, where its other workers are, and what it will not serve."""
        self.draining, self.siblings, self.adopt = draining, others, adopt
        if others is not None:
            self.writer.share(others[0])

    def reload(self) -> None:
        """Read the configuration again, changed or not."""
        self.reloading = asyncio.ensure_future(self.watcher.reload_now())

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Watch the file meanwhile; afterwards everything is flushed and closed."""
        watching = asyncio.create_task(self.watcher.run())
        # The price table is a second of work for whoever asks it first: not for a call.
        warming = asyncio.create_task(asyncio.to_thread(Prices().warm))
        try:
            async with self.published():
                yield
        finally:
            watching.cancel()
            await asyncio.wait((watching, warming))
            await self.close()

    def published(self) -> AbstractAsyncContextManager[None]:
        """Meanwhile, other workers may ask for this one's numbers."""
        if self.siblings is None:
            return contextlib.nullcontext()
        return siblings.published(siblings.place(*self.siblings), lambda: msgspec.msgpack.encode(self.snapshot()))

    async def close(self) -> None:
        """Flush and close everything; calls are over by now."""
        self.account()
        await self.composer.aclose()
        # Both wait for threads of theirs, bounded in time.
        await asyncio.to_thread(self.telemetry.close)
        await asyncio.to_thread(self.writer.close)
