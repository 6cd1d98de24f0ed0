"""A process's numbers as OTLP metrics, sent at intervals from a thread; imported only where they are asked for."""

import threading
import time
from collections.abc import Iterable, Mapping
from typing import Final

from msgspec import Struct
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, InstrumentationScope, KeyValue
from opentelemetry.proto.metrics.v1.metrics_pb2 import (
    AggregationTemporality,
    Gauge,
    HistogramDataPoint,
    Metric,
    NumberDataPoint,
    ResourceMetrics,
    ScopeMetrics,
    Sum,
)
from opentelemetry.proto.metrics.v1.metrics_pb2 import Histogram as HistogramPoints
from opentelemetry.proto.resource.v1.resource_pb2 import Resource

from gateway.telemetry.complaints import complain
from gateway.telemetry.exporter import Sender, reason
from gateway.telemetry.families import FAMILIES, Distribution, Family, Point, Snapshot
from gateway.telemetry.metrics import Metrics


class Standard(Struct, frozen=True):
    """The name the GenAI conventions have for one of our metrics."""

    name: str
    unit: str


STANDARD: Final = {
    "gateway_attempt_duration_seconds": Standard("gen_ai.client.operation.duration", "s"),
    "gateway_time_to_first_chunk_seconds": Standard("gen_ai.client.operation.time_to_first_chunk", "s"),
    "gateway_token_usage": Standard("gen_ai.client.token.usage", "{token}"),
}
ATTRIBUTES: Final = {
    "model": "gen_ai.request.model",
    "operation": "gen_ai.operation.name",
    "error": "error.type",
    "class": "gen_ai.token.type",
}
"""Our labels by the conventions' names; `provider` is translated as a value, the rest keep our prefix."""

UNITS: Final = {"seconds": "s", "dollars": "{USD}"}
CUMULATIVE: Final = AggregationTemporality.AGGREGATION_TEMPORALITY_CUMULATIVE


class Reporter:
    """Sends a snapshot now and then; `names` gives each provider's gen_ai.provider.name."""

    def __init__(self, metrics: Metrics, names: Mapping[str, str], resource: Mapping[str, str]) -> None:
        self._metrics, self._names = metrics, names
        self._resource = Resource(attributes=pairs(resource))
        self._version = resource.get("service.version", "")
        self._began = time.time_ns()
        self._closing = threading.Event()
        self._deadline = float("inf")
        self._thread: threading.Thread | None = None

    def start(self, sender: Sender, interval: float) -> None:
        """Begin to send every `interval` seconds."""
        self._thread = threading.Thread(target=self._run, args=(sender, interval), name="otlp-metrics", daemon=True)
        self._thread.start()

    def close(self, deadline: float) -> None:
        """Send the last numbers, and wait for that until `deadline` at most."""
        self._deadline = deadline
        self._closing.set()
        if self._thread is not None:
            self._thread.join(max(deadline - time.monotonic(), 0.0))

    def request(self, snapshot: Snapshot) -> ExportMetricsServiceRequest:
        """A snapshot in OTLP's form."""
        now = time.time_ns()
        metrics = [metric for name, family in FAMILIES.items() if (metric := self._metric(name, family, snapshot, now))]
        scope = ScopeMetrics(scope=InstrumentationScope(name="gateway", version=self._version), metrics=metrics)
        return ExportMetricsServiceRequest(
            resource_metrics=[ResourceMetrics(resource=self._resource, scope_metrics=[scope])]
        )

    def _run(self, sender: Sender, interval: float) -> None:
        """The thread: send at each interval, and once more at the end."""
        while not self._closing.wait(interval):
            self._send(sender)
        self._send(sender)
        sender.close()

    def _send(self, sender: Sender) -> None:
        """One try: the next interval's numbers hold this one's, so that nothing is lost by a failure."""
        body = self.request(self._metrics.snapshot()).SerializeToString()
        place = sender.endpoint.place
        try:
            answered = sender.send(body, min(time.monotonic() + sender.endpoint.timeout, self._deadline))
        except (OSError, ValueError) as error:
            complain(
                f"{place}: metrics {type(error).__name__}", f"Could not export metrics to {place}: {reason(error)}"
            )
            return
        if not 200 <= answered.status < 300:
            complain(f"{place}: metrics {answered.status}", f"{place} answered {answered.status} to metrics.")

    def _metric(self, name: str, family: Family, snapshot: Snapshot, now: int) -> Metric | None:
        """One metric, or None while it has no value."""
        standard = STANDARD.get(name) or named(name)
        made = Metric(name=standard.name, unit=standard.unit, description=family.help)
        if family.kind == "histogram":
            found = snapshot.distributions.get(name, ())
            histograms = [self._distribution(family, one, now) for one in found]
            made.histogram.CopyFrom(HistogramPoints(data_points=histograms, aggregation_temporality=CUMULATIVE))
            return made if histograms else None
        numbers = [self._point(family, one, now) for one in snapshot.points.get(name, ())]
        if family.kind == "gauge":
            made.gauge.CopyFrom(Gauge(data_points=numbers))
        else:
            made.sum.CopyFrom(Sum(data_points=numbers, aggregation_temporality=CUMULATIVE, is_monotonic=True))
        return made if numbers else None

    def _point(self, family: Family, point: Point, now: int) -> NumberDataPoint:
        """A counter or gauge under one set of labels."""
        return NumberDataPoint(
            attributes=self._attributes(family, point.labels),
            start_time_unix_nano=self._began,
            time_unix_nano=now,
            as_double=point.value,
        )

    def _distribution(self, family: Family, one: Distribution, now: int) -> HistogramDataPoint:
        """A histogram under one set of labels."""
        return HistogramDataPoint(
            attributes=self._attributes(family, one.labels),
            start_time_unix_nano=self._began,
            time_unix_nano=now,
            count=sum(one.counts),
            sum=one.total,
            bucket_counts=one.counts,
            explicit_bounds=family.bounds,
        )

    def _attributes(self, family: Family, values: tuple[str, ...]) -> Iterable[KeyValue]:
        """Labels by the conventions' names; empty ones are left out."""
        labels = dict(zip(family.labels, values, strict=True))
        made = {ATTRIBUTES.get(label, f"gateway.{label}"): value for label, value in labels.items() if value}
        if provider := labels.get("provider"):
            made["gen_ai.provider.name"] = self._names.get(provider) or provider
        return pairs(made)


def named(name: str) -> Standard:
    """OpenTelemetry's spelling of one of our names: dots, no unit and no `total` in it."""
    words = name.removesuffix("_total").split("_")
    unit = UNITS.get(words[-1], "1")
    return Standard(f"gateway.{'_'.join(words[1:-1] if unit != '1' else words[1:])}", unit)


def pairs(values: Mapping[str, str]) -> list[KeyValue]:
    """Attributes; protobuf takes no lone surrogate."""
    return [
        KeyValue(key=key, value=AnyValue(string_value=value.encode("utf-8", "replace").decode()))
        for key, value in values.items()
    ]
