from decimal import Decimal

import msgspec
import pytest

from gateway.call import Answer, Asked, Usage
from gateway.telemetry import families, metrics
from gateway.telemetry.families import Histogram, Snapshot, merge
from gateway.telemetry.metrics import OTHER, SERIES, Metrics
from tests.telemetry.records import attempt, record

WHOSE = ("acme", "production", "demo", "small-1", "chat")


def values(snapshot: Snapshot, name: str) -> dict[tuple[str, ...], float]:
    return {point.labels: point.value for point in snapshot.points[name]}


def counted(*records):
    made = Metrics()
    for one in records:
        made.count(one)
    return made.snapshot()


def test_a_call_is_counted_under_whom_it_served():
    got = counted(record(), record(status=502, outcome="failed"))
    assert values(got, "gateway_calls_total") == {(*WHOSE, "2xx", "served"): 1, (*WHOSE, "5xx", "failed"): 1}
    assert values(got, "gateway_tokens_total") == {
        (*WHOSE, "input"): 2400,
        (*WHOSE, "output"): 690,
        (*WHOSE, "cache_read"): 1200,
        (*WHOSE, "cache_write"): 200,
        (*WHOSE, "reasoning"): 128,
    }
    assert values(got, "gateway_cost_dollars_total") == {WHOSE: pytest.approx(0.000246)}
    (duration,) = got.distributions["gateway_call_duration_seconds"]
    assert (sum(duration.counts), duration.total) == (2, pytest.approx(1.4))
    (first,) = got.distributions["gateway_time_to_first_chunk_seconds"]
    assert first.total == pytest.approx(0.4)


def test_a_fallback_counts_each_provider_for_itself():
    broken = attempt(provider="other", status=429, answer=None, cost=None)
    got = counted(record(attempts=[broken, attempt()]))
    assert values(got, "gateway_upstream_errors_total") == {
        ("acme", "production", "other", "small-1", "chat", "429"): 1
    }
    assert list(values(got, "gateway_calls_total")) == [(*WHOSE, "2xx", "served")]


def test_refusals_are_counted_by_code_and_name_no_model():
    got = counted(record(attempts=[], status=429, refusal="rate_limited", outcome="refused"))
    assert values(got, "gateway_refusals_total") == {("acme", "production", "rate_limited"): 1}
    assert list(values(got, "gateway_calls_total")) == [("acme", "production", "demo", "", "chat", "4xx", "refused")]


def test_what_a_limit_refused_is_counted_by_its_name():
    refused = {"attempts": [], "status": 429, "outcome": "refused"}
    got = counted(
        record(refusal="rate_limited", decided={"rate_limited_by": "few"}, **refused),
        record(refusal="rate_limited", decided={"rate_limited_by": "few"}, **refused),
        record(refusal="spend_limited", decided={"spend_limited_by": "day"}, **refused),
        record(refusal="unauthorized", **refused),
    )
    assert values(got, "gateway_limit_refusals_total") == {
        ("acme", "production", "few"): 2,
        ("acme", "production", "day"): 1,
    }


def test_what_is_left_out_is_of_the_moment_and_has_an_end():
    made = Metrics()
    made.left_out([("acme", "production", "model", "openai/x"), ("acme", "production", "host", "openai")])
    assert values(made.snapshot(), "gateway_circuit_open") == {
        ("acme", "production", "model", "openai/x"): 1,
        ("acme", "production", "host", "openai"): 1,
    }
    made.left_out(("acme", "production", "model", f"openai/{number}") for number in range(SERIES + 5))
    got = values(made.snapshot(), "gateway_circuit_open")
    assert (len(got), got[OTHER, OTHER, OTHER, OTHER]) == (SERIES + 1, 5)
    made.left_out([])
    assert values(made.snapshot(), "gateway_circuit_open") == {}


def test_long_names_that_begin_alike_are_one_sample():
    made = Metrics()
    made.left_out(("acme", "production", "model", "x" * 200 + end) for end in "ab")
    assert list(values(made.snapshot(), "gateway_circuit_open").values()) == [2]


def test_cache_hits_and_unpriced_calls_are_counted():
    got = counted(record(attempts=[], cached=True), record(unpriced=True))
    assert values(got, "gateway_cache_hits_total") == {WHOSE: 1}
    assert values(got, "gateway_unpriced_calls_total") == {WHOSE: 1}


def test_models_that_providers_do_not_know_make_no_series():
    got = counted(*[record(attempts=[attempt(status=404, asked=Asked("chat", "", f"junk-{n}"))]) for n in range(50)])
    assert {labels[3] for labels in values(got, "gateway_calls_total")} == {OTHER}


def test_a_known_model_keeps_its_errors():
    got = counted(record(), record(attempts=[attempt(status=400)]))
    assert list(values(got, "gateway_upstream_errors_total")) == [(*WHOSE, "400")]


@pytest.mark.parametrize("invented", ["model", "account"])
def test_series_are_bounded(invented):
    made = Metrics()
    for number in range(2 * SERIES + 500):
        if invented == "model":
            made.count(record(attempts=[attempt(asked=Asked("chat", "", f"model-{number}"))]))
        else:
            made.count(record(account=f"account-{number}", refusal=f"code-{number}"))
    got = made.snapshot()
    assert len(made._series) <= 2 * SERIES + 1
    assert sum(values(got, "gateway_calls_total").values()) == 2 * SERIES + 500
    assert len(got.distributions["gateway_overhead_seconds"]) <= SERIES + 1
    assert any(OTHER in labels for labels in values(got, "gateway_calls_total"))


def test_refusals_with_invented_gateways_are_bounded():
    made = Metrics()
    for number in range(2 * SERIES):
        made.count(record(account=f"a{number}", attempts=[], refusal="unknown_gateway"))
    assert len(values(made.snapshot(), "gateway_refusals_total")) <= SERIES + 1


def test_errors_providers_invent_are_bounded():
    made = Metrics()
    for number in range(500):
        made.count(record(attempts=[attempt(error=f"e{number}")]))
    assert len(values(made.snapshot(), "gateway_upstream_errors_total")) == metrics.ERRORS + 1


@pytest.mark.parametrize("tokens", [-5, 0, 10**400, 2**63])
def test_absurd_counts_are_no_counts(tokens):
    got = counted(record(attempts=[attempt(answer=Answer(Usage(tokens, tokens, tokens, tokens)))]))
    assert values(got, "gateway_tokens_total") == {}


@pytest.mark.parametrize("cost", ["NaN", "Infinity"])
def test_a_cost_that_is_no_amount_is_not_added(cost):
    assert values(counted(record(attempts=[attempt(cost=Decimal(cost))])), "gateway_cost_dollars_total") == {}


def test_a_clock_that_ran_backwards_counts_as_nothing():
    got = counted(record(ended=1.0, attempts=[attempt(ended=1.0, first_chunk=1.0)]))
    assert got.distributions["gateway_call_duration_seconds"][0].total == 0
    assert got.distributions["gateway_attempt_duration_seconds"][0].total == 0


def test_a_value_on_a_bound_lies_below_it():
    histogram = Histogram((1.0, 2.0))
    for value in (0.5, 1.0, 1.5, 2.0, 2.5):
        histogram.add(value)
    assert histogram.counts == [2, 2, 1]


def test_gauges_reloads_and_watched_numbers_are_in_the_snapshot():
    made = Metrics()
    made.calls_in_flight, made.streams_in_flight = 3, 2
    made.reloaded("applied")
    made.watch("gateway_log_lines_lost_total", lambda: 7)
    got = made.snapshot()
    assert values(got, "gateway_calls_in_flight") == {(): 3}
    assert values(got, "gateway_streams_in_flight") == {(): 2}
    assert values(got, "gateway_config_reloads_total") == {("applied",): 1}
    assert values(got, "gateway_log_lines_lost_total") == {(): 7}


def test_workers_add_up_also_through_a_pipe():
    one, two = counted(record()), counted(record(), record(account="other"))
    sent = msgspec.msgpack.decode(msgspec.msgpack.encode(two), type=Snapshot)
    assert sent == two
    both, alone = merge([one, sent]), counted(record(), record(), record(account="other"))
    for name, family in families.FAMILIES.items():
        if family.kind == "histogram":
            assert {d.labels: d.counts for d in both.distributions[name]} == {
                d.labels: d.counts for d in alone.distributions[name]
            }
        else:
            assert values(both, name) == pytest.approx(values(alone, name))
