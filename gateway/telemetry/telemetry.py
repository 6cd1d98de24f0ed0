"""The one object through which calls are traced: ids when a call begins, spans when it is over."""

import importlib
import struct
import time
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, Literal, Protocol, TypeAlias

from msgspec import Struct, structs

from gateway.call import Record, Trace
from gateway.telemetry import ids, propagation
from gateway.telemetry.complaints import complain
from gateway.telemetry.content.capture import capture
from gateway.telemetry.delivery import Post
from gateway.telemetry.environment import Capture, ContentType, read
from gateway.telemetry.exporter import Exporter, Sender, Spans
from gateway.telemetry.metrics import Metrics
from gateway.telemetry.propagation import Parent, Passing
from gateway.telemetry.resource import Envelope, resource, scope
from gateway.telemetry.spans import SILENT, Encoder

Key: TypeAlias = tuple[str, tuple[tuple[str, str], ...], ContentType]
Trust: TypeAlias = Literal["trust", "sample", "ignore"]
JSON: Final = "gateway.telemetry.otlp_json"
FLUSH: Final = 2.0
"""Seconds that the last spans may take on shutdown, all exporters together."""


class Destination(Protocol):
    """A `traces` entry of gateways.yaml; header values may be settings Secrets, which are text all the same."""

    @property
    def url(self) -> str:
        """The full URL."""

    @property
    def headers(self) -> Mapping[str, str]:
        """Headers sent with every batch."""

    @property
    def content_type(self) -> ContentType:
        """The encoding."""


class Sink(Struct, frozen=True):
    """Where one gateway's spans go besides the process-wide exporter, and whether prompts are on them."""

    exporters: tuple[Exporter, ...] = ()
    capture: Capture = "none"


class Telemetry:
    """Traces and metrics of this process, as the OTEL_* variables in `environ` want them.

    `names` gives the gen_ai.provider.name of each provider; it is kept, not copied, so that a reload may change it.
    Nothing of OpenTelemetry's packages is imported unless something asks for JSON, the console, metrics or HTTP spans.
    """

    def __init__(self, environ: Mapping[str, str], names: Mapping[str, str], version: str) -> None:
        self._environment = environment = read(environ)
        for sentence in environment.complaints:
            complain(sentence, sentence)
        self._attributes = resource(environment.resource, version)
        self._envelope = Envelope(self._attributes)
        self._scope = scope("gateway", version)
        self._encoder = Encoder(names)
        self._everywhere = tuple(map(self._exporter, self._senders()))
        self._gateways: dict[Key, Exporter] = {}
        self._retired = [0, 0]
        self._recording = bool(self._everywhere)
        self.metrics = Metrics()
        self.metrics.watch("gateway_spans_exported_total", lambda: self.exported)
        self.metrics.watch("gateway_spans_dropped_total", lambda: self.dropped)
        self._reporter: Any = None
        if environment.metrics is not None:
            module = importlib.import_module("gateway.telemetry.otlp_metrics")
            self._reporter = module.Reporter(self.metrics, names, self._attributes)
            self._reporter.start(Post(environment.metrics), environment.metric_interval)

    @property
    def exported(self) -> int:
        """Spans that a collector took."""
        return self._retired[0] + sum(exporter.exported for exporter in self._exporters())

    @property
    def dropped(self) -> int:
        """Spans that none did."""
        return self._retired[1] + sum(exporter.dropped for exporter in self._exporters())

    def exporters(self, blocks: Sequence[Destination], capture: Capture = "none") -> Sink | None:
        """A gateway's sink, its exporters shared with all that have the same settings; None where it needs none."""
        if self._environment.disabled or not (blocks or capture != "none"):
            return None
        made = tuple(dict.fromkeys(map(self._gateway, blocks)))
        self._recording = bool(self._everywhere or self._gateways)
        return Sink(made, capture)

    def retain(self, sinks: Iterable[Sink | None]) -> None:
        """Close, in the background, the exporters that none of `sinks` uses any more."""
        used = {id(exporter) for sink in sinks if sink for exporter in sink.exporters}
        for key, exporter in list(self._gateways.items()):
            if id(exporter) not in used:
                del self._gateways[key]
                self._retired[0] += exporter.exported
                self._retired[1] += exporter.dropped
                exporter.close()
        self._recording = bool(self._everywhere or self._gateways)

    def begin(self, control: dict[bytes, bytes], mode: Trust) -> Trace | None:
        """The call's place in a trace; None where nothing is recorded and the caller named none."""
        caller = None
        if mode != "ignore" and self._environment.propagates:
            caller = propagation.parent(control)
        if not self._recording:
            return passing(caller) if caller else None
        span_id = ids.span_id()
        sampler = self._environment.sampler
        if caller is None:
            trace_id = ids.trace_id()
            return Trace(trace_id, span_id, sampled=sampler.chooses(trace_id))
        if mode == "sample":
            # By our own id: a caller who may choose the trace's could choose to be recorded.
            sampled = sampler.chooses(span_id)
        else:
            sampled = bool(caller.flags & 1) if sampler.follows else sampler.chooses(caller.trace_id)
        return Trace(caller.trace_id, span_id, caller.span_id, caller.state, sampled)

    def attempt_id(self) -> str:
        """A span id for an Attempt, drawn early because the provider may be told."""
        return ids.span_id()

    def traceparent(self, trace: Trace, span_id: str = "") -> bytes:
        """The traceparent header of a request made within `span_id`; empty where OTEL_PROPAGATORS forbids it."""
        return propagation.traceparent(trace, span_id) if self._environment.propagates else b""

    def captures(self, sink: Sink | None) -> bool:
        """Whether prompts and answers are wanted for spans, in Record.request_payload and .response_payload."""
        if not (self._everywhere or (sink and sink.exporters)):
            return False
        return "span" in (self._environment.capture, sink.capture if sink else "none")

    def end(self, record: Record, sink: Sink | None) -> None:
        """Make the call's spans and queue them; afterwards the Record's payloads are no longer needed here."""
        trace = record.trace
        if trace is None or not (trace.sampled and self._recording):
            return
        targets = self._everywhere + sink.exporters if sink else self._everywhere
        if not targets:
            return
        try:
            content = capture(record) if self.captures(sink) else SILENT
            encoded = self._encoder.encode(record, trace, content)
        except (ValueError, ArithmeticError, struct.error) as error:
            complain("record", f"A call's spans could not be made: {type(error).__name__}")
            return
        spans = Spans(encoded, 1 + len(record.attempts), self._scope)
        for target in targets:
            target.put(spans)

    def instrumented(self, transport: Any, sink: Sink | None) -> Any:  # noqa: ANN401 - httpx2 stays unimported
        """An httpx2.AsyncBaseTransport around `transport` that adds the HTTP span of each request it carries."""
        targets = self._everywhere + sink.exporters if sink else self._everywhere
        if not targets:
            return transport
        return importlib.import_module("gateway.telemetry.http_spans").instrumented(transport, targets)

    def close(self) -> None:
        """Send what waits, within 2 seconds; it blocks, so call it when no call runs any more, or from a thread."""
        deadline = time.monotonic() + FLUSH
        exporters = list(self._exporters())
        for exporter in exporters:
            exporter.close()
        if self._reporter is not None:
            self._reporter.close(deadline)
        for exporter in exporters:
            exporter.join(deadline)
        self._recording = False

    def _exporters(self) -> Iterable[Exporter]:
        """All of them."""
        return (*self._everywhere, *self._gateways.values())

    def _senders(self) -> Iterable[Sender]:
        """The process-wide ones."""
        if self._environment.endpoint is not None:
            yield Post(self._environment.endpoint)
        if self._environment.console:
            yield importlib.import_module(JSON).Console()

    def _gateway(self, block: Destination) -> Exporter:
        """The exporter of a `traces` entry, kept for as long as any gateway has one like it."""
        key = block.url, tuple(sorted(block.headers.items())), block.content_type
        if key not in self._gateways:
            url, headers, content_type = key
            endpoint = structs.replace(
                self._environment.template, url=url, headers=dict(headers), content_type=content_type
            )
            self._gateways[key] = self._exporter(Post(endpoint))
        return self._gateways[key]

    def _exporter(self, sender: Sender) -> Exporter:
        """The queue in front of one collector."""
        wrap = self._wrap_json if sender.endpoint.content_type == "json" else self._envelope.wrap
        return Exporter(sender, self._environment.batching, wrap)

    def _wrap_json(self, batch: list[Spans]) -> bytes:
        """A batch in its JSON form."""
        converted: bytes = importlib.import_module(JSON).convert(self._envelope.wrap(batch))
        return converted


def passing(caller: Parent) -> Passing:
    """The caller's own context, for the log and for whom it is passed on to."""
    return Passing(
        caller.trace_id, caller.span_id or ids.span_id(), "", caller.state, sampled=False, flags=caller.flags
    )
