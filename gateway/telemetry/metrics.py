"""Numbers about calls, added up in this process: one look-up and a few additions per call."""

from collections.abc import Callable, Iterable
from typing import Final, TypeAlias

from gateway.call import Attempt, Record, Usage
from gateway.telemetry import families, prometheus
from gateway.telemetry.families import OVERHEAD, SECONDS, Distribution, Histogram, Point, Snapshot

SERIES: Final = 1000
"""Sets of labels per metric: a client may invent any number of models."""

OTHER: Final = "_other"
ERRORS: Final = 32
"""Different errors kept per series; providers invent them too."""

LONGEST: Final = 128
MOST: Final = 2**40

USAGE: Final = tuple(map(float, families.TOKENS))
Whose: TypeAlias = tuple[str, str, str, str, str]


class Series:
    """All that is counted under one account, gateway, provider, model and operation."""

    __slots__ = (
        "attempts", "cache_hits", "cache_read", "cache_write", "calls", "cost", "duration", "errors",
        "first_chunk", "input", "output", "reasoning", "unpriced",
    )  # fmt: skip

    def __init__(self) -> None:
        self.calls: dict[tuple[int, str], int] = {}
        self.duration, self.first_chunk = Histogram(SECONDS), Histogram(SECONDS)
        self.attempts: dict[str, Histogram] = {}
        self.input, self.output = Histogram(USAGE), Histogram(USAGE)
        self.cache_read = self.cache_write = self.reasoning = 0
        self.cache_hits = self.unpriced = 0
        self.cost = 0.0

    def attempt(self, error: str) -> Histogram:
        """The durations of attempts that ended in `error`, empty for none."""
        known = self.attempts.get(error)
        if known is None:
            name = error[:LONGEST] if len(self.attempts) < ERRORS else OTHER
            known = self.attempts.setdefault(name, Histogram(SECONDS))
        return known


class Metrics:
    """The process's counters, changed by the event loop alone; it counts the in-flight numbers up and down itself."""

    def __init__(self) -> None:
        self.calls_in_flight = 0
        self.streams_in_flight = 0
        self._series: dict[Whose, Series] = {}
        self._overhead: dict[tuple[str, str], Histogram] = {}
        self._refusals: dict[tuple[str, str, str], int] = {}
        self._limited: dict[tuple[str, str, str], int] = {}
        self._circuits: dict[tuple[str, str, str, str], int] = {}
        self._reloads: dict[str, int] = {}
        self._watched: dict[str, Callable[[], float]] = {}

    def count(self, record: Record) -> None:
        """Add one finished call."""
        account, gateway, asked = record.account, record.gateway, record.asked
        series = None
        for attempt in record.attempts:
            asked = attempt.asked
            whose = (account, gateway, attempt.provider, asked.model, asked.operation)
            series = self._series.get(whose) or self._new(whose, attempt.status)
            tried(series, attempt)
        if series is None:
            # No provider has said that this model exists: only a cached answer proves it.
            model = asked.model if record.cached else ""
            whose = (account, gateway, record.provider, model, asked.operation)
            series = self._series.get(whose) or self._new(whose, record.status)
        outcome = (record.status // 100, record.outcome)
        series.calls[outcome] = series.calls.get(outcome, 0) + 1
        series.duration.add(record.ended - record.started if record.ended > record.started else 0.0)
        series.cache_hits += record.cached
        series.unpriced += record.unpriced
        overhead = self._overhead.get((account, gateway))
        if overhead is None:
            overhead = capped(self._overhead, (account, gateway), Histogram(OVERHEAD))
        overhead.add(record.overhead)
        if record.refusal:
            self._refused(record)

    def left_out(self, circuits: Iterable[tuple[str, str, str, str]]) -> None:
        """Take in what is left out now: account, gateway, kind and name of each, in place of what was before."""
        self._circuits = {}
        for account, gateway, kind, name in circuits:
            key = account, gateway, kind, name[:LONGEST]
            if key not in self._circuits and len(self._circuits) >= SERIES:
                key = OTHER, OTHER, OTHER, OTHER
            self._circuits[key] = self._circuits.get(key, 0) + 1

    def reloaded(self, result: str) -> None:
        """Count a change of gateways.yaml that was `applied` or `rejected`."""
        self._reloads[result] = self._reloads.get(result, 0) + 1

    def watch(self, name: str, read: Callable[[], float]) -> None:
        """Take the value of the metric `name`, one without labels, from `read` whenever somebody asks."""
        self._watched[name] = read

    def snapshot(self) -> Snapshot:
        """All values now; asked for by the event loop, no call is half counted in it."""
        made = Snapshot({name: [] for name, family in families.FAMILIES.items() if family.kind != "histogram"})
        made.distributions = {name: [] for name, family in families.FAMILIES.items() if family.kind == "histogram"}
        for whose, series in list(self._series.items()):
            counted(made, whose, series)
            measured(made, whose, series)
        points = made.points
        points["gateway_refusals_total"] += [Point(labels, value) for labels, value in list(self._refusals.items())]
        points["gateway_limit_refusals_total"] += [Point(labels, value) for labels, value in self._limited.items()]
        points["gateway_circuit_open"] += [Point(labels, value) for labels, value in self._circuits.items()]
        points["gateway_config_reloads_total"] += [
            Point((result,), value) for result, value in list(self._reloads.items())
        ]
        points["gateway_calls_in_flight"].append(Point((), self.calls_in_flight))
        points["gateway_streams_in_flight"].append(Point((), self.streams_in_flight))
        for name, read in self._watched.items():
            points[name].append(Point((), read()))
        made.distributions["gateway_overhead_seconds"] += [
            Distribution(labels, list(histogram.counts), histogram.total)
            for labels, histogram in list(self._overhead.items())
        ]
        return made

    def render(self) -> bytes:
        """One process's numbers for Prometheus; those of several: `prometheus.render(families.merge(...))`."""
        return prometheus.render(self.snapshot())

    def _new(self, whose: Whose, status: int) -> Series:
        """A series, or the one that stands for all models when there are too many, or the model may not exist."""
        account, gateway, provider, model, operation = (part[:LONGEST] for part in whose)
        if len(self._series) >= SERIES or (400 <= status < 500 and status != 429):
            model = OTHER if model else ""
        key = account, gateway, provider, model, operation
        if key not in self._series and len(self._series) >= 2 * SERIES:
            key = OTHER, OTHER, OTHER, OTHER, OTHER
        return self._series.setdefault(key, Series())

    def _refused(self, record: Record) -> None:
        """Count a refusal by its code, and a limit's by the limit."""
        add(self._refusals, (record.account, record.gateway, record.refusal))
        if limit := record.decided.get("rate_limited_by") or record.decided.get("spend_limited_by"):
            add(self._limited, (record.account, record.gateway, str(limit)))


def add(known: dict[tuple[str, str, str], int], key: tuple[str, str, str]) -> None:
    """Count one more under `key`, or under the name alone when there are too many."""
    if key not in known and len(known) >= SERIES:
        key = OTHER, OTHER, key[2][:LONGEST]
    known[key] = known.get(key, 0) + 1


def capped(known: dict[tuple[str, str], Histogram], key: tuple[str, str], new: Histogram) -> Histogram:
    """`new` under `key`, or the one that stands for all others when there are too many."""
    account, gateway = key if len(known) < SERIES else (OTHER, OTHER)
    return known.setdefault((account[:LONGEST], gateway[:LONGEST]), new)


def tried(series: Series, attempt: Attempt) -> None:
    """Add one attempt."""
    started, ended = attempt.started, attempt.ended
    error = attempt.error or (str(attempt.status) if attempt.status >= 400 else "")
    durations = series.attempts.get(error) or series.attempt(error)
    durations.add(ended - started if ended > started else 0.0)
    if attempt.asked.stream and attempt.first_chunk > started:
        series.first_chunk.add(attempt.first_chunk - started)
    cost, answer = attempt.cost, attempt.answer
    if cost is not None and cost.is_finite():
        series.cost += float(cost)
    if answer is not None and answer.usage is not None:
        spent(series, answer.usage)


def spent(series: Series, usage: Usage) -> None:
    """Add the tokens of one attempt."""
    if tokens := sane(usage.input_tokens):
        series.input.add(tokens)
    if tokens := sane(usage.output_tokens):
        series.output.add(tokens)
    if usage.input_cached_tokens:
        series.cache_read += sane(usage.input_cached_tokens)
    if usage.input_cache_write_tokens:
        series.cache_write += sane(usage.input_cache_write_tokens)
    if usage.output_reasoning_tokens:
        series.reasoning += sane(usage.output_reasoning_tokens)


def sane(tokens: int | None) -> int:
    """A provider's count, unless it is absent or absurd: a counter never falls, and a float must hold it."""
    return tokens if tokens and 0 < tokens < MOST else 0


def counted(made: Snapshot, whose: Whose, series: Series) -> None:
    """Append a series' counters."""
    points = made.points
    for (status, outcome), value in list(series.calls.items()):
        points["gateway_calls_total"].append(Point((*whose, f"{status}xx" if status else "", outcome), value))
    for error, histogram in list(series.attempts.items()):
        if error:
            points["gateway_upstream_errors_total"].append(Point((*whose, error), sum(histogram.counts)))
    for kind, tokens in (
        ("input", series.input.total),
        ("output", series.output.total),
        ("cache_read", series.cache_read),
        ("cache_write", series.cache_write),
        ("reasoning", series.reasoning),
    ):
        if tokens:
            points["gateway_tokens_total"].append(Point((*whose, kind), tokens))
    sums: tuple[tuple[str, float], ...] = (
        ("gateway_cost_dollars_total", series.cost),
        ("gateway_unpriced_calls_total", series.unpriced),
        ("gateway_cache_hits_total", series.cache_hits),
    )
    for name, amount in sums:
        if amount:
            points[name].append(Point(whose, amount))


def measured(made: Snapshot, whose: Whose, series: Series) -> None:
    """Append a series' histograms, but for those that never counted anything."""

    def put(name: str, labels: tuple[str, ...], histogram: Histogram) -> None:
        """Append a histogram that has counted something."""
        if any(histogram.counts):
            made.distributions[name].append(Distribution(labels, list(histogram.counts), histogram.total))

    put("gateway_call_duration_seconds", whose, series.duration)
    put("gateway_time_to_first_chunk_seconds", whose, series.first_chunk)
    for error, histogram in list(series.attempts.items()):
        put("gateway_attempt_duration_seconds", (*whose, error), histogram)
    put("gateway_token_usage", (*whose, "input"), series.input)
    put("gateway_token_usage", (*whose, "output"), series.output)
