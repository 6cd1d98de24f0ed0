"""Traces in a real backend: the demo's calls as Arize Phoenix's own API has them, beside the request log."""

import contextlib
import json
import signal
import socket
import subprocess
import sys
from dataclasses import dataclass
from typing import Any

import httpx2
import pytest

from demo.calls import CALLS, DIALECTS, PROMPT, SHOWN, Call
from demo.children import LOOPBACK, Child, port, surroundings
from demo.phoenix import PYTHON, installed
from demo.trace_demo import Gateway, running, variables
from tests import world
from tests.e2e.acts import ASK, COST, says, until

pytestmark = [
    pytest.mark.skipif(not installed(), reason="there is no Phoenix in .phoenix: `make .phoenix/.stamp` installs it"),
    pytest.mark.timeout(300),
    pytest.mark.slow,
]

COLLECTOR = PYTHON.parents[1] / "collector"
NAMES = [call.name for call in CALLS]
PRICED = [call.name for call in CALLS if "embeddings" not in call.name]


@dataclass
class Seen:
    """One call, its line in the log, and its trace in Phoenix."""

    call: Call
    status: int
    line: dict[str, Any]
    spans: list[dict[str, Any]]
    total: dict[str, Any]

    @property
    def root(self) -> dict[str, Any]:
        return next(span for span in self.spans if span["parentId"] is None)

    @property
    def attempts(self) -> list[dict[str, Any]]:
        """The spans below the call's, in the order of the attempts."""
        below = [span for span in self.spans if span["parentId"] == self.root["spanId"]]
        return sorted(below, key=lambda span: span["attributes"]["gateway"]["attempt"])


@pytest.fixture(scope="module")
def both():
    with running(0, 0) as started:
        yield started


@pytest.fixture(scope="module")
def seen(both):
    phoenix, gateway = both
    made = {call.name: (call, gateway.call(call)) for call in CALLS}
    traces = {answer.headers["traceparent"].split("-")[1] for _, answer in made.values()}
    phoenix.wait_for(traces)
    spans = phoenix.spans()
    lines = {line["trace_id"]: line for line in logged(gateway)}
    found = {}
    for name, (call, answer) in made.items():
        trace_id = answer.headers["traceparent"].split("-")[1]
        own = [span for span in spans if span["trace"]["traceId"] == trace_id]
        found[name] = Seen(call, answer.status_code, lines[trace_id], own, phoenix.trace(trace_id))
    return found


def logged(gateway: Gateway) -> list[dict[str, Any]]:
    text = gateway.child.written.read_text(encoding="utf-8")
    return [json.loads(line) for line in text.splitlines() if line.startswith("{")]


def spent(span: dict[str, Any]) -> float | None:
    """US dollars that Phoenix counts for a span."""
    return span["costSummary"]["total"]["cost"] if span["costSummary"] else None


@pytest.mark.parametrize("name", NAMES)
def test_a_call_is_one_trace_with_a_span_for_each_attempt(seen, name):
    one = seen[name]
    assert one.status == one.call.status == one.line["status_code"]
    assert one.root["name"].startswith("POST /v1/demo/")
    assert one.root["spanId"] == one.line["span_id"]
    assert len(one.attempts) == one.call.attempts == len(one.line["attempts"])
    wire = 1 if "HTTP" in name else 0
    assert len(one.spans) == one.total["numSpans"] == 1 + len(one.attempts) + wire
    for span, attempt in zip(one.attempts, one.line["attempts"], strict=True):
        assert span["name"] == f"{one.line['operation']} {attempt['model']}"
        assert span["spanKind"] == ("embedding" if one.line["operation"] == "embeddings" else "llm")
        assert (span["statusCode"] == "ERROR") == bool(attempt["error"])


def test_the_http_span_stands_below_its_attempt(seen):
    one = seen["with its HTTP span"]
    (wire,) = [span for span in one.spans if span["parentId"] == one.attempts[0]["spanId"]]
    assert wire["name"] == "POST"


@pytest.mark.parametrize("name", PRICED)
def test_tokens_and_cost_in_phoenix_are_those_of_the_log(seen, name):
    one = seen[name]
    for span, attempt in zip(one.attempts, one.line["attempts"], strict=True):
        usage = attempt["usage"] or {"input_tokens": 0, "output_tokens": 0}
        assert span["tokenCountPrompt"] == usage["input_tokens"]
        assert span["tokenCountCompletion"] == usage["output_tokens"]
        assert spent(span) == pytest.approx(attempt["cost"], abs=1e-12)
        said = span["attributes"]["gen_ai"].get("usage", {})
        assert said.get("cost") == attempt["cost"]
    total = one.total["costSummary"]["total"]
    if not any(attempt["usage"] for attempt in one.line["attempts"]):
        assert (total["tokens"], total["cost"]) == (None, None)
        assert not one.line["cost"]
    else:
        assert total["tokens"] == one.line["tokens_in"] + one.line["tokens_out"]
        assert total["cost"] == pytest.approx(one.line["cost"], abs=1e-12)
        assert one.line["cost"] > 0


@pytest.mark.parametrize("name", sorted(set(NAMES) - set(PRICED)))
def test_an_embedding_has_its_tokens_and_its_cost_in_attributes(seen, name):
    # Phoenix has columns for language models' tokens alone.
    one = seen[name]
    said = one.attempts[0]["attributes"]["gen_ai"]["usage"]
    assert said == {"input_tokens": one.line["tokens_in"], "cost": one.line["cost"]}
    assert said["cost"] > 0


def test_a_retry_and_a_fallback_are_told_apart_from_what_served(seen):
    fallen = seen["fallen back"]
    assert [span["statusCode"] for span in fallen.attempts] == ["ERROR", "ERROR", "UNSET"]
    assert fallen.root["statusCode"] == "UNSET"
    assert [spent(span) for span in fallen.attempts][:2] == [None, None]
    assert [span["statusCode"] for span in seen["retried"].attempts] == ["ERROR"] * 3
    assert seen["retried"].root["statusCode"] == "ERROR"
    assert seen["universal"].root["attributes"]["gateway"]["step"] == 1
    assert seen["cached"].root["attributes"]["gateway"]["cached"] is True


@pytest.mark.parametrize("name", [call.name for call in CALLS if call not in SHOWN])
def test_no_prompt_and_no_answer_is_there_unless_switched_on(seen, name):
    everything = json.dumps(seen[name].spans)
    assert PROMPT not in everything
    assert "demo provider" not in everything, "how the demo's answers begin"


@pytest.mark.parametrize("name", [call.name for call in SHOWN if "tool" not in call.name])
def test_prompt_and_answer_are_messages_where_switched_on(seen, name):
    one = seen[name]
    llm = (one.attempts[-1] if one.attempts else one.root)["attributes"]["llm"]
    assert llm["input_messages"] == [{"message": {"role": "user", "content": PROMPT}}]
    (out,) = llm["output_messages"]
    assert out["message"]["content"].endswith(f"You wrote: {PROMPT}")
    assert (out["message"]["role"], out["message"]["finish_reason"]) == ("assistant", "stop")


def test_a_tool_and_its_call_are_shown(seen):
    llm = seen["with prompts and a tool"].attempts[0]["attributes"]["llm"]
    call = llm["output_messages"][0]["message"]["tool_calls"][0]["tool_call"]
    assert (call["function"]["name"], json.loads(call["function"]["arguments"])) == ("weather", {"city": "demo"})
    assert "weather" in json.dumps(llm["tools"])


def test_a_stream_says_when_its_first_chunk_came(seen):
    for name in ("native, streamed", *[call.name for call in DIALECTS if "streamed" in call.name]):
        said = seen[name].attempts[0]["attributes"]["gen_ai"]
        assert said["response"]["time_to_first_chunk"] >= 0


def test_metadata_is_on_the_spans(seen):
    one = seen["native"]
    assert [span["attributes"]["team"] for span in one.spans] == ["search", "search"]


def test_phoenix_and_the_gateway_price_a_public_model_alike(both, tmp_path):
    """Each by its own table; the answer has cached tokens, which cost less."""
    phoenix, _ = both
    with world.provider(says) as provider:
        yaml = f"""
        providers: {{openai: {{base_url: {provider.url}/v1}}}}
        accounts: {{acme: {{gateways: {{main: {{}}}}}}}}
        """
        with world.gateway(tmp_path, yaml, variables(phoenix.url)) as one:
            line = one.line(one.call("/v1/acme/main/openai/chat/completions", ASK).log_id)
    phoenix.wait_for({line["trace_id"]})
    (attempt,) = [s for s in phoenix.spans() if s["trace"]["traceId"] == line["trace_id"] and s["parentId"]]
    assert spent(attempt) == pytest.approx(COST, rel=1e-9)
    assert line["cost"] == COST
    assert attempt["attributes"]["llm"]["token_count"]["prompt_details"] == {"cache_read": 40}


@pytest.mark.skipif(
    not COLLECTOR.exists(), reason="there is no Collector in .phoenix: `make .phoenix/collector` builds it"
)
def test_spans_reach_phoenix_through_an_opentelemetry_collector(both, tmp_path):
    phoenix, _ = both
    received = port()
    settings = world.ROOT / "demo" / "collector" / "collector.yaml"
    environ = surroundings({"RECEIVED_ON": str(received), "SENT_TO": phoenix.url})
    collector = Child("The Collector", [str(COLLECTOR), "--config", str(settings)], environ, tmp_path / "collector.log")
    try:
        collector.wait_until(lambda: listens(LOOPBACK, received), 30)
        gateway = Gateway(f"http://{LOOPBACK}:{received}", tmp_path)
        try:
            gateway.wait_until_ready()
            answer = gateway.call(next(call for call in CALLS if call.name == "fallen back"))
        finally:
            gateway.stop()
        trace_id = answer.headers["traceparent"].split("-")[1]
        phoenix.wait_for({trace_id})
    finally:
        collector.stop()
    (line,) = [line for line in logged(gateway) if line["trace_id"] == trace_id]
    spans = [span for span in phoenix.spans() if span["trace"]["traceId"] == trace_id]
    assert sorted(span["name"] for span in spans if span["parentId"]) == ["chat demo", *["chat demo-error-500"] * 2]
    assert phoenix.trace(trace_id)["costSummary"]["total"]["cost"] == pytest.approx(line["cost"], abs=1e-12)


def test_phoenix_listens_on_the_loopback_alone(both):
    phoenix, _ = both
    for one in (phoenix.port, phoenix.grpc_port):
        assert listens(LOOPBACK, one)
        assert not listens("127.0.0.2", one), "whoever listens everywhere listens here too"


def listens(host: str, number: int) -> bool:
    with contextlib.suppress(OSError), socket.create_connection((host, number), 1):
        return True
    return False


def test_the_demo_prints_where_to_look_and_a_ctrl_c_stops_both(tmp_path):
    written = tmp_path / "out.txt"
    with written.open("wb") as out:
        command = [sys.executable, "-m", "demo.trace_demo"]
        command += ["--phoenix-port", str(world.free_port()), "--gateway-port", str(world.free_port())]
        demo = subprocess.Popen(command, cwd=world.ROOT, stdout=out, stderr=out, start_new_session=True)
    try:
        until(lambda: "Ctrl-C" in written.read_text() or demo.poll() is not None, 200)
        said = written.read_text()
        places = [word for word in said.split() if "/traces/" in word]
        assert len(places) == len(CALLS), said
        assert httpx2.get(places[0], trust_env=False).status_code == 200
        demo.send_signal(signal.SIGINT)
        assert demo.wait(30) == 0
    finally:
        if demo.poll() is None:
            demo.kill()
            demo.wait()
    for place in (places[0], said.rpartition("gateway: ")[2].split()[0]):
        with pytest.raises(httpx2.ConnectError):
            httpx2.get(place, trust_env=False)
