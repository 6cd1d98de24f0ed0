"""Tracing as a whole process does it: what it trusts, what it flushes, what a bad collector costs, what off means."""

import signal
import socket
import time

import pytest

from tests import world
from tests.e2e.acts import ASK, PATH, says
from tests.telemetry.collector import collecting

CALLER = "4bf92f3577b34da6a3ce929d0e0e4736"
SAMPLED = f"00-{CALLER}-00f067aa0ba902b7-01"


@pytest.fixture(scope="module")
def provider():
    with world.provider(says) as one:
        yield one


@pytest.mark.parametrize("trust", ["sample", "ignore"])
def test_how_far_a_caller_is_trusted_is_a_setting(tmp_path, provider, trust):
    yaml = f"""
    server: {{trust_trace_context: {trust}}}
    providers: {{openai: {{base_url: {provider.url}/v1}}}}
    accounts: {{acme: {{gateways: {{main: {{}}}}}}}}
    """
    with collecting() as collector:
        env = {"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": f"{collector.url}/v1/traces", "OTEL_TRACES_SAMPLER": "always_off"}
        with world.gateway(tmp_path, yaml, env) as one:
            line = one.line(one.call(PATH, ASK, traceparent=SAMPLED).log_id)
        assert (line["trace_id"] == CALLER) == (trust == "sample")
        assert not collector.spans, "a caller must not force its calls to be recorded"


def test_spans_are_sent_before_the_process_ends(tmp_path, provider):
    yaml = f"""
    providers: {{openai: {{base_url: {provider.url}/v1}}}}
    accounts: {{acme: {{gateways: {{main: {{}}}}}}}}
    """
    with collecting() as collector:
        env = {"OTEL_EXPORTER_OTLP_ENDPOINT": collector.url, "OTEL_METRICS_EXPORTER": "none"}
        with world.gateway(tmp_path, yaml, env) as one:
            for _ in range(20):
                one.call(PATH, ASK)
            assert not collector.spans, "the usual delay is 5 s"
            assert one.stop(signal.SIGTERM, 5) == 0
        assert len(collector.spans) == 40


@pytest.mark.parametrize("collector", ["dead", "hanging"])
def test_a_collector_that_does_not_answer_costs_nothing(tmp_path, provider, collector):
    yaml = f"""
    providers: {{openai: {{base_url: {provider.url}/v1}}}}
    accounts: {{acme: {{gateways: {{main: {{}}}}}}}}
    """
    with socket.create_server(("127.0.0.1", 0)) as deaf:
        port = deaf.getsockname()[1] if collector == "hanging" else 9
        env = {
            "OTEL_EXPORTER_OTLP_ENDPOINT": f"http://127.0.0.1:{port}", "OTEL_BSP_SCHEDULE_DELAY": "20",
            "OTEL_BSP_MAX_QUEUE_SIZE": "200", "OTEL_METRICS_EXPORTER": "none",
        }  # fmt: skip
        with world.gateway(tmp_path, yaml, env) as one:
            took = []
            for _ in range(400):
                began = time.perf_counter()
                assert one.call(PATH, ASK).status == 200
                took.append(time.perf_counter() - began)
            assert sorted(took)[200] < 0.02
            assert max(took) < 0.5
            dropped = next(
                line for line in one.call("/metrics", None, "GET").body.decode().splitlines()
                if line.startswith("gateway_spans_dropped_total")
            )  # fmt: skip
            assert float(dropped.split()[1]) >= 400, "what the queue does not hold is dropped and counted"
            began = time.monotonic()
            assert one.stop(signal.SIGTERM, 8) == 0
            assert time.monotonic() - began < 4


def test_without_tracing_opentelemetry_is_not_loaded(tmp_path, provider):
    yaml = f"""
    providers: {{openai: {{base_url: {provider.url}/v1}}}}
    accounts: {{acme: {{gateways: {{main: {{}}}}}}}}
    """
    with world.gateway(tmp_path, yaml, {"PYTHONPROFILEIMPORTTIME": "1"}) as one:
        answer = one.call(PATH, ASK)
        assert one.call("/metrics", None, "GET").status == 200
        line = one.line(answer.log_id)
        time.sleep(0.1)
        loaded = one.errors()
    assert "traceparent" not in answer.headers
    assert line["trace_id"] is None
    assert "uvloop" in loaded, "the list of imports is not what it seems"
    assert "opentelemetry" not in loaded
