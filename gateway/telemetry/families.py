"""The metrics there are: name, kind, meaning, labels; and a snapshot of their values, which adds up across workers."""

from bisect import bisect_left
from collections.abc import Iterable
from typing import Final, Literal

from msgspec import Struct, field

SECONDS: Final = (0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92)
"""The buckets of gen_ai.client.operation.duration and its kin (semantic conventions v1.41.1)."""

TOKENS: Final = tuple(4**power for power in range(14))
"""The buckets of gen_ai.client.token.usage."""

OVERHEAD: Final = (0.0001, 0.0002, 0.0004, 0.0008, 0.0016, 0.0032, 0.0064, 0.0128, 0.0256, 0.1, 0.5, 2.5)


class Family(Struct, frozen=True):
    """One metric; `bounds` are a histogram's, and a family that is `quiet` appears in OTLP alone."""

    kind: Literal["counter", "gauge", "histogram"]
    help: str
    labels: tuple[str, ...] = ()
    bounds: tuple[float, ...] = ()
    quiet: bool = False


WHOSE: Final = ("account", "gateway", "provider", "model", "operation")

FAMILIES: Final = {
    "gateway_calls_total": Family("counter", "Calls answered.", (*WHOSE, "status", "outcome")),
    "gateway_call_duration_seconds": Family("histogram", "From arrival to the last byte out.", WHOSE, SECONDS),
    "gateway_time_to_first_chunk_seconds": Family(
        "histogram", "From a streamed attempt's start to its first chunk.", WHOSE, SECONDS
    ),
    "gateway_overhead_seconds": Family(
        "histogram", "Spent by the gateway itself up to the answer's head.", ("account", "gateway"), OVERHEAD
    ),
    "gateway_attempt_duration_seconds": Family(
        "histogram", "Attempts at providers; error is empty where one succeeded.", (*WHOSE, "error"), SECONDS
    ),
    "gateway_upstream_errors_total": Family("counter", "Attempts that failed, by error.", (*WHOSE, "error")),
    "gateway_tokens_total": Family(
        "counter", "Tokens by class: input holds cache_read and cache_write, output holds reasoning.", (*WHOSE, "class")
    ),
    "gateway_token_usage": Family(
        "histogram", "Tokens per attempt.", (*WHOSE, "class"), tuple(map(float, TOKENS)), quiet=True
    ),
    "gateway_cost_dollars_total": Family("counter", "US dollars spent at providers.", WHOSE),
    "gateway_unpriced_calls_total": Family("counter", "Calls with tokens that no price is known for.", WHOSE),
    "gateway_cache_hits_total": Family("counter", "Calls answered from the cache.", WHOSE),
    "gateway_refusals_total": Family("counter", "Calls the gateway refused, by code.", ("account", "gateway", "code")),
    "gateway_limit_refusals_total": Family(
        "counter", "Calls that a rate or spend limit refused, by its name.", ("account", "gateway", "limit")
    ),
    "gateway_circuit_open": Family(
        "gauge",
        "Processes that leave a model, or a host, out because it keeps failing.",
        ("account", "gateway", "kind", "name"),
    ),
    "gateway_calls_in_flight": Family("gauge", "Calls being served."),
    "gateway_streams_in_flight": Family("gauge", "Streams being relayed."),
    "gateway_log_lines_lost_total": Family("counter", "Log lines nobody took."),
    "gateway_spans_exported_total": Family("counter", "Spans a collector took."),
    "gateway_spans_dropped_total": Family("counter", "Spans no collector took."),
    "gateway_config_reloads_total": Family("counter", "Changes of gateways.yaml, by result.", ("result",)),
}


class Histogram:
    """Counts per bucket, the last one for all above; a value on a bound belongs below it."""

    __slots__ = ("bounds", "counts", "total")

    def __init__(self, bounds: tuple[float, ...]) -> None:
        self.bounds, self.total = bounds, 0.0
        self.counts = [0] * (len(bounds) + 1)

    def add(self, value: float) -> None:
        """Count one value."""
        self.counts[bisect_left(self.bounds, value)] += 1
        self.total += value


class Point(Struct, array_like=True):
    """The value of a counter or gauge under one set of labels."""

    labels: tuple[str, ...]
    value: float


class Distribution(Struct, array_like=True):
    """The buckets of a histogram under one set of labels, and the sum of all values."""

    labels: tuple[str, ...]
    counts: list[int]
    total: float


class Snapshot(Struct):
    """All values at one moment, by metric; msgspec carries it between processes."""

    points: dict[str, list[Point]] = field(default_factory=dict)
    distributions: dict[str, list[Distribution]] = field(default_factory=dict)


def merge(snapshots: Iterable[Snapshot]) -> Snapshot:
    """The sum of several workers' snapshots."""
    points: dict[str, dict[tuple[str, ...], Point]] = {}
    distributions: dict[str, dict[tuple[str, ...], Distribution]] = {}
    for snapshot in snapshots:
        for name, new_points in snapshot.points.items():
            known = points.setdefault(name, {})
            for point in new_points:
                known.setdefault(point.labels, Point(point.labels, 0.0)).value += point.value
        for name, added in snapshot.distributions.items():
            sums = distributions.setdefault(name, {})
            for one in added:
                into = sums.setdefault(one.labels, Distribution(one.labels, [0] * len(one.counts), 0.0))
                into.counts = [a + b for a, b in zip(into.counts, one.counts, strict=True)]
                into.total += one.total
    return Snapshot(
        {name: list(by_labels.values()) for name, by_labels in points.items()},
        {name: list(by_labels.values()) for name, by_labels in distributions.items()},
    )
