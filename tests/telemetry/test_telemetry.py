import json
import logging
import subprocess
import sys
import time

import pytest
from msgspec import Struct

from gateway.settings.units import Secret
from gateway.telemetry import Telemetry, complaints
from tests.telemetry.collector import attributes, collecting
from tests.telemetry.records import attempt, record, until

TRACE, SPAN = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"
CALLER = {b"traceparent": f"00-{TRACE}-{SPAN}-01".encode(), b"tracestate": b"k=v"}
UNSAMPLED = {b"traceparent": f"00-{TRACE}-{SPAN}-00".encode()}


class Block(Struct, frozen=True):
    """A `traces` entry, as settings hand it over."""

    url: str
    headers: dict[str, str] = {}
    content_type: str = "protobuf"


@pytest.fixture
def make():
    made: list[Telemetry] = []

    def build(environ: dict[str, str] | None = None, **names: str) -> Telemetry:
        complaints._last.clear()
        quick = {"OTEL_BSP_SCHEDULE_DELAY": "10", "OTEL_METRICS_EXPORTER": "none", "OTEL_BSP_EXPORT_TIMEOUT": "200"}
        made.append(Telemetry({**quick, **(environ or {})}, names, "1.2.3"))
        return made[-1]

    yield build
    for telemetry in made:
        telemetry.close()


def to(url: str, **more: str) -> dict[str, str]:
    return {"OTEL_EXPORTER_OTLP_ENDPOINT": url, **more}


def served(telemetry: Telemetry, control: dict[bytes, bytes] | None = None, mode: str = "trust", **changes):
    return record(trace=telemetry.begin(control or {}, mode), **changes)


def test_importing_it_imports_nothing_of_opentelemetry():
    code = (
        "import sys, gateway.telemetry, gateway.logs.line\n"
        "gateway.telemetry.Telemetry({'OTEL_TRACES_EXPORTER': 'otlp'}, {}, '1')\n"
        "print([name for name in sys.modules if name.startswith(('opentelemetry', 'google', 'httpx'))])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_a_call_becomes_spans_at_the_collector(make):
    with collecting() as collector:
        telemetry = make(to(collector.url), demo="acme.demo")
        made = served(telemetry)
        telemetry.end(made, None)
        assert until(lambda: len(collector.spans) == 2)
        server, client = collector.spans
        assert server.trace_id.hex() == made.trace.trace_id
        assert attributes(client)["gen_ai.provider.name"] == "acme.demo"
        assert collector.resource["service.name"] == "gateway"
        assert collector.resource["service.version"] == "1.2.3"
        assert collector.paths == ["/v1/traces"]
        assert until(lambda: telemetry.exported == 2)


def test_off_is_off(make):
    telemetry = make()
    assert telemetry.begin({}, "trust") is None
    assert telemetry.exporters([]) is None
    telemetry.end(record(trace=None), None)


def test_a_trace_that_only_passes_keeps_its_ids_and_its_flags(make):
    telemetry = make()
    trace = telemetry.begin(CALLER, "trust")
    assert (trace.trace_id, trace.span_id, trace.sampled, trace.state) == (TRACE, SPAN, False, "k=v")
    assert telemetry.traceparent(trace, "1" * 16) == CALLER[b"traceparent"]
    assert telemetry.begin(CALLER, "ignore") is None
    telemetry.end(record(trace=trace), None)


def test_who_names_only_a_trace_still_passes_a_whole_traceparent(make):
    telemetry = make()
    trace = telemetry.begin({b"cf-aig-otel-trace-id": TRACE.encode()}, "trust")
    assert len(telemetry.traceparent(trace)) == 55


def test_a_trusted_caller_decides(make):
    telemetry = make(to("http://127.0.0.1:9"))
    trace = telemetry.begin(CALLER, "trust")
    assert (trace.trace_id, trace.parent_id, trace.state, trace.sampled) == (TRACE, SPAN, "k=v", True)
    assert trace.span_id != SPAN
    assert telemetry.begin(UNSAMPLED, "trust").sampled is False


def test_a_sampler_that_follows_nobody_decides_alone(make):
    telemetry = make(to("http://127.0.0.1:9", OTEL_TRACES_SAMPLER="always_off"))
    assert telemetry.begin(CALLER, "trust").sampled is False
    assert telemetry.begin({}, "trust").sampled is False


def test_a_caller_who_is_not_trusted_keeps_its_trace_and_decides_nothing(make):
    off = make(to("http://127.0.0.1:9", OTEL_TRACES_SAMPLER="parentbased_always_off"))
    assert off.begin(CALLER, "sample").sampled is False
    half = make(to("http://127.0.0.1:9", OTEL_TRACES_SAMPLER="parentbased_traceidratio", OTEL_TRACES_SAMPLER_ARG="0.5"))
    lucky = {b"traceparent": b"00-" + b"0" * 31 + b"1-" + SPAN.encode() + b"-01"}
    assert 120 < sum(half.begin(lucky, "sample").sampled for _ in range(400)) < 280


def test_an_ignored_caller_gets_a_new_trace(make):
    trace = make(to("http://127.0.0.1:9")).begin(CALLER, "ignore")
    assert trace.trace_id != TRACE
    assert trace.parent_id == trace.state == ""
    assert trace.sampled


def test_propagators_none_reads_and_sends_nothing(make):
    telemetry = make(to("http://127.0.0.1:9", OTEL_PROPAGATORS="none"))
    trace = telemetry.begin(CALLER, "trust")
    assert trace.trace_id != TRACE
    assert telemetry.traceparent(trace) == b""


def test_a_call_that_is_not_sampled_is_not_sent(make):
    with collecting() as collector:
        telemetry = make(to(collector.url))
        telemetry.end(served(telemetry, UNSAMPLED), None)
        telemetry.end(served(telemetry), None)
        assert until(lambda: collector.spans)
        assert len(collector.spans) == 2


def test_a_gateways_own_exporter_stands_beside_the_process_wide_one(make):
    with collecting() as everyone, collecting() as own:
        telemetry = make(to(everyone.url))
        sink = telemetry.exporters([Block(own.url + "/otel", {"authorization": Secret("hush")})])
        telemetry.end(served(telemetry), sink)
        telemetry.end(served(telemetry), None)
        assert until(lambda: len(everyone.spans) == 4 and len(own.spans) == 2)
        assert own.paths == ["/otel"]
        assert own.headers[0]["authorization"] == "hush"


def test_a_gateways_exporter_alone_turns_tracing_on(make):
    with collecting() as own:
        telemetry = make()
        sink = telemetry.exporters([Block(own.url)])
        telemetry.end(served(telemetry), sink)
        assert until(lambda: len(own.spans) == 2)
        assert telemetry.begin({}, "trust") is not None


def test_json_is_otlps_json(make):
    with collecting() as own:
        telemetry = make()
        made = served(telemetry, CALLER)
        sink = telemetry.exporters([Block(own.url, content_type="json")])
        made = served(telemetry, CALLER)
        telemetry.end(made, sink)
        assert until(lambda: own.documents)
        server, client = own.documents[0]["resourceSpans"][0]["scopeSpans"][0]["spans"]
        assert (server["traceId"], server["parentSpanId"], server["kind"]) == (TRACE, SPAN, 2)
        assert (client["parentSpanId"], client["spanId"]) == (made.trace.span_id, made.attempts[0].span_id)
        assert server["startTimeUnixNano"] == str(made.created)


def test_exporters_with_the_same_settings_are_one_and_unused_ones_end(make):
    with collecting() as own:
        telemetry = make()
        first, second = (telemetry.exporters([Block(own.url)]) for _ in range(2))
        other = telemetry.exporters([Block(own.url, {"x": "1"})])
        assert first.exporters == second.exporters != other.exporters
        telemetry.end(served(telemetry), other)
        telemetry.retain([first, None])
        assert until(lambda: len(own.spans) == 2)
        assert until(lambda: not other.exporters[0]._thread.is_alive())
        telemetry.retain([])
        assert telemetry.begin({}, "trust") is None


def test_disabled_is_off_whatever_else_is_said(make):
    telemetry = make({"OTEL_SDK_DISABLED": "true", "OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:9"})
    assert telemetry.exporters([Block("http://127.0.0.1:9")], "span") is None
    assert telemetry.begin({}, "trust") is None


def test_the_console_is_standard_error(make, capsys):
    telemetry = make({"OTEL_TRACES_EXPORTER": "console"})
    telemetry.end(served(telemetry), None)
    assert until(lambda: telemetry.exported == 2)
    out, err = capsys.readouterr()
    assert out == ""
    assert json.loads(err)["resourceSpans"][0]["scopeSpans"][0]["scope"]["name"] == "gateway"


@pytest.mark.parametrize(
    "broken",
    [{"attempts": [attempt(span_id="zz")]}, {"created": -1}, {"started": float("nan")}, {"ended": float("inf")}],
)
def test_a_record_that_makes_no_sense_is_told_and_costs_nothing_else(make, caplog, broken):
    telemetry = make(to("http://127.0.0.1:9"))
    with caplog.at_level(logging.WARNING, "gateway.telemetry"):
        telemetry.end(served(telemetry, **broken), None)
    assert "could not be made" in caplog.text


CONTENT = {
    "request_payload": b'{"model": "m", "messages": [{"role": "user", "content": "PROMPT"}]}',
    "response_payload": b'{"choices": [{"message": {"content": "ANSWER"}, "finish_reason": "stop"}]}',
}


@pytest.mark.parametrize(("environ", "capture"), [("true", "none"), ("", "span")])
def test_prompts_are_on_spans_only_where_asked_for(make, environ, capture):
    with collecting() as collector:
        telemetry = make(to(collector.url, OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT=environ))
        sink = telemetry.exporters([], capture)
        assert telemetry.captures(sink)
        telemetry.end(served(telemetry, **CONTENT), sink)
        assert until(lambda: len(collector.spans) == 2)
        got = attributes(collector.spans[1])
        assert "PROMPT" in got["gen_ai.input.messages"]
        assert "ANSWER" in got["gen_ai.output.messages"]
        assert "PROMPT" not in str(collector.spans[0])


def test_prompts_are_off_by_default(make):
    with collecting() as collector:
        telemetry = make(to(collector.url))
        assert not telemetry.captures(None)
        telemetry.end(served(telemetry, **CONTENT), None)
        assert until(lambda: len(collector.spans) == 2)
        assert "PROMPT" not in str(collector.requests)


def test_a_dead_collector_holds_up_neither_calls_nor_the_end(make):
    telemetry = make(to("http://127.0.0.1:9", OTEL_BSP_MAX_QUEUE_SIZE="50"))
    for _ in range(500):
        telemetry.end(served(telemetry), None)
    began = time.monotonic()
    telemetry.close()
    assert time.monotonic() - began < 2.5
    assert telemetry.exported == 0
    telemetry.end(served(telemetry), None)


def test_wrong_variables_are_told(make, caplog):
    with caplog.at_level(logging.WARNING, "gateway.telemetry"):
        make({"OTEL_TRACES_SAMPLER": "magic"})
    assert "OTEL_TRACES_SAMPLER" in caplog.text


def test_metrics_are_sent_too(make):
    with collecting() as collector:
        telemetry = make(to(collector.url, OTEL_METRICS_EXPORTER="otlp", OTEL_METRIC_EXPORT_INTERVAL="100"))
        telemetry.metrics.count(record())
        assert until(lambda: collector.metrics)
        names = {m.name for r in collector.metrics[0].resource_metrics for s in r.scope_metrics for m in s.metrics}
        assert "gen_ai.client.operation.duration" in names
        assert "gateway.spans_dropped" in names
