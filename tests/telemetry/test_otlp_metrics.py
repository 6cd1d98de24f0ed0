from gateway.telemetry.families import SECONDS, TOKENS
from gateway.telemetry.metrics import Metrics
from gateway.telemetry.otlp_metrics import CUMULATIVE, Reporter, named
from tests.telemetry.collector import plain
from tests.telemetry.records import attempt, record


def reported(*records):
    metrics = Metrics()
    for one in records:
        metrics.count(one)
    request = Reporter(metrics, {"demo": "acme.demo"}, {"service.version": "1"}).request(metrics.snapshot())
    (scope,) = request.resource_metrics[0].scope_metrics
    return {metric.name: metric for metric in scope.metrics}


def labels(point):
    return {pair.key: plain(pair.value) for pair in point.attributes}


def test_durations_are_the_conventions():
    metric = reported(record())["gen_ai.client.operation.duration"]
    (point,) = metric.histogram.data_points
    assert metric.unit == "s"
    assert metric.histogram.aggregation_temporality == CUMULATIVE
    assert tuple(point.explicit_bounds) == SECONDS
    assert (point.count, sum(point.bucket_counts)) == (1, 1)
    assert labels(point) == {
        "gen_ai.operation.name": "chat",
        "gen_ai.provider.name": "acme.demo",
        "gen_ai.request.model": "small-1",
        "gateway.account": "acme",
        "gateway.gateway": "production",
        "gateway.provider": "demo",
    }


def test_failures_are_recorded_with_their_error():
    metric = reported(record(attempts=[attempt(error="timeout")]))["gen_ai.client.operation.duration"]
    assert labels(metric.histogram.data_points[0])["error.type"] == "timeout"


def test_tokens_are_the_conventions():
    points = reported(record())["gen_ai.client.token.usage"].histogram.data_points
    assert {labels(point)["gen_ai.token.type"]: point.sum for point in points} == {"input": 1200, "output": 345}
    assert tuple(points[0].explicit_bounds) == TOKENS


def test_first_chunks_are_the_conventions():
    (point,) = reported(record())["gen_ai.client.operation.time_to_first_chunk"].histogram.data_points
    assert round(point.sum, 3) == 0.2


def test_the_rest_is_ours():
    got = reported(record())
    assert got["gateway.calls"].sum.is_monotonic
    assert got["gateway.calls_in_flight"].gauge.data_points[0].as_double == 0
    assert not [name for name in got if not name.startswith(("gen_ai.client.", "gateway."))]


def test_names_lose_unit_and_total():
    assert (named("gateway_cost_dollars_total").name, named("gateway_cost_dollars_total").unit) == (
        "gateway.cost",
        "{USD}",
    )
    assert named("gateway_call_duration_seconds").name == "gateway.call_duration"
    assert named("gateway_calls_total").name == "gateway.calls"


def test_a_lone_surrogate_is_no_reason_to_send_nothing():
    assert reported(record(attempts=[attempt(error="\ud800")]))
