"""Retries, fallbacks and the breaker of a real gateway against providers that fail on script."""

import itertools
import json
import threading
import time
from collections import defaultdict

import pytest
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from tests import world
from tests.e2e.policies.crowd import crowd, post, statuses
from tests.e2e.policies.given import (
    EVENTS,
    JSON,
    PRICES,
    ask,
    chat,
    events,
    message,
    message_events,
    path,
    wait,
)
from tests.telemetry.collector import attributes, collecting
from tests.world import Says

ERROR = b'{"error": {"message": "overloaded", "type": "server_error", "code": null}}'


class Script:
    """Answers by what a test's calls have left to hear, and when they came."""

    def __init__(self, good, stream):
        self.good, self.stream = good, stream
        self.left = defaultdict(list)
        self.came = defaultdict(list)
        self.lock = threading.Lock()

    def __call__(self, asked):
        who = json.loads(asked.body).get("user", "")
        with self.lock:
            self.came[who].append((time.monotonic(), asked))
            said = self.left[who].pop(0) if self.left[who] else None
        if said is not None:
            return said
        if json.loads(asked.body).get("stream"):
            return Says(headers=EVENTS, chunks=self.stream, framing="chunked", pause=0.01)
        return Says(headers=JSON, chunks=[self.good])

    def gaps(self, who):
        moments = [moment for moment, _ in self.came[who]]
        return [later - earlier for earlier, later in itertools.pairwise(moments)]


def fails(status=500, **headers):
    return Says(status, JSON | headers, [ERROR])


@pytest.fixture(scope="module")
def openai():
    return Script(chat("from openai"), events("from ", "openai"))


@pytest.fixture(scope="module")
def anthropic():
    return Script(message("from anthropic"), message_events("from ", "anthropic"))


@pytest.fixture(scope="module")
def collector():
    with collecting() as one:
        yield one


@pytest.fixture(scope="module")
def gateway(tmp_path_factory, openai, anthropic, collector):
    with world.provider(openai) as first, world.provider(anthropic) as second:
        yaml = f"""
    {PRICES}
    providers:
      openai: {{base_url: {first.url}/v1}}
      anthropic: {{base_url: {second.url}}}
    accounts:
      acme:
        gateways:
          plain: {{}}
          main: {{retry: {{attempts: 4, delay: 60ms, jitter: 0, max_delay: 3s}}}}
          keyed: {{retry: {{attempts: 3, delay: 1ms, max_delay: 5s}}, keys: {{openai: sk-stored}}}}
          backed: {{fallback: [{{to: anthropic/claude-x, on: [error, timeout, 429], first_byte: 300ms}}]}}
          both:
            retry: {{attempts: 2, delay: 10ms, jitter: 0}}
            fallback: [{{to: anthropic/claude-x}}]
          guarded: {{circuit_breaker: {{failures: 3, per: 30s, ratio: 0, open: 1s}}}}
        """
        env = {
            "OTEL_EXPORTER_OTLP_ENDPOINT": collector.url, "OTEL_BSP_SCHEDULE_DELAY": "50",
            "OTEL_METRICS_EXPORTER": "none",
        }  # fmt: skip
        with world.gateway(tmp_path_factory.mktemp("attempts"), yaml, env) as one:
            yield one


@pytest.fixture
def who(request):
    return request.node.name


def spans(collector, line, count):
    """The call's spans as OTLP brought them: the SERVER span, and one CLIENT span for each attempt, in order."""

    def found():
        return [span for span in collector.spans if span.trace_id.hex() == line["trace_id"]]

    wait(lambda: len(found()) >= count)
    time.sleep(0.1)
    mine = found()
    (server,) = [span for span in mine if span.kind == Span.SPAN_KIND_SERVER]
    clients = [span for span in mine if span.kind == Span.SPAN_KIND_CLIENT]
    assert len(mine) == 1 + len(clients)
    assert {span.parent_span_id for span in clients} == {server.span_id}
    return server, sorted(clients, key=lambda span: span.start_time_unix_nano)


def test_a_failing_provider_is_asked_again_after_waits_that_double(gateway, openai, collector, who):
    openai.left[who] = [fails(500), fails(529), fails(503)]
    answer = gateway.call(path("main"), ask(user=who))
    assert (answer.status, answer.json["choices"][0]["message"]["content"]) == (200, "from openai")
    assert (answer.headers["cf-aig-attempts"], answer.headers["cf-aig-step"]) == ("4", "0")
    waits = openai.gaps(who)
    assert [wait >= at for wait, at in zip(waits, (0.06, 0.12, 0.24), strict=True)] == [True] * 3
    assert sum(waits) < 2
    line = gateway.line(answer.log_id)
    assert [one["status"] for one in line["attempts"]] == [500, 529, 503, 200]
    assert [one["cost"] for one in line["attempts"]] == [None, None, None, 0.006]
    assert (line["cost"], line["decided"]["retry"], line["decided"]["retry_wait_ms"]) == (0.006, 3, 420)
    _, clients = spans(collector, line, 5)
    assert [attributes(span)["http.response.status_code"] for span in clients] == [500, 529, 503, 200]


def test_the_last_failure_is_the_clients_after_as_many_attempts_as_were_asked_for(gateway, openai, who):
    openai.left[who] = [fails(500)] * 9
    answer = gateway.call(path("plain"), ask(user=who), cf_aig_max_attempts="3", cf_aig_retry_delay="10")
    assert (answer.status, len(openai.came[who])) == (500, 3)
    assert answer.body == ERROR
    assert gateway.call(path("plain"), ask(user=f"{who}-once")).status == 200
    assert len(openai.came[f"{who}-once"]) == 1


def test_nothing_is_asked_again_that_must_not_be(gateway, openai, who):
    openai.left[who] = [fails(400), fails(401)]
    assert [gateway.call(path("main"), ask(user=who)).status for _ in range(3)] == [400, 401, 200]
    assert len(openai.came[who]) == 3


def test_a_stream_that_broke_after_its_first_byte_is_not_asked_for_again(gateway, openai, who):
    openai.left[who] = [Says(headers=EVENTS, chunks=openai.stream[:1], framing="chunked", cut=True)]
    answer = gateway.call(path("main"), ask(user=who, stream=True))
    assert answer.body.startswith(openai.stream[0])
    assert b'"stream_broken"' in answer.body
    assert len(openai.came[who]) == 1
    assert gateway.line(answer.log_id)["outcome"] == "failed"


def test_a_stream_that_never_began_is(gateway, openai, who):
    openai.left[who] = [fails(500), Says(headers=EVENTS, chunks=[], framing="chunked", cut=True)]
    answer = gateway.call(path("main"), ask(user=who, stream=True))
    assert answer.body == b"".join(openai.stream)
    assert answer.headers["cf-aig-attempts"] == "3"


def test_one_retry_after_holds_for_all_calls_with_the_same_key(gateway, openai, who):
    openai.left[who] = [fails(429, **{"retry-after": "1"})]
    first = threading.Thread(target=gateway.call, args=(path("keyed"), ask(user=who)))
    first.start()
    wait(lambda: openai.came[who])
    time.sleep(0.05)
    got = crowd(gateway.port, [post(path("keyed"), ask(user=f"{who}-{number}")) for number in range(50)])
    first.join()
    assert statuses(got) == {200: 50}
    limited = openai.came[who][0][0]
    later = sorted(moment - limited for number in range(50) for moment, _ in openai.came[f"{who}-{number}"])
    assert len(later) == 50, "none of them was sent in vain"
    assert later[0] >= 1.0
    assert later[-1] - later[0] > 0.02, "they do not return in one moment"


@pytest.mark.parametrize("stream", [False, True])
def test_a_fallback_answers_across_dialects_in_the_clients_own(gateway, openai, anthropic, collector, who, stream):
    openai.left[who] = [fails(503)]
    answer = gateway.call(path("backed"), ask(user=who, max_tokens=9, **({"stream": True} if stream else {})))
    assert (answer.status, answer.headers["cf-aig-step"], answer.headers["cf-aig-provider"]) == (200, "1", "anthropic")
    if stream:
        assert answer.headers["content-type"].startswith("text/event-stream")
        frames = [json.loads(one[6:]) for one in answer.body.decode().split("\n\n") if one.startswith("data: {")]
        text = "".join(c["delta"].get("content") or "" for frame in frames for c in frame["choices"])
        assert {frame["object"] for frame in frames} == {"chat.completion.chunk"}
        assert answer.body.endswith(b"data: [DONE]\n\n")
    else:
        assert answer.json["object"] == "chat.completion"
        text = answer.json["choices"][0]["message"]["content"]
    assert text == "from anthropic"
    ((_, sent),) = [one for name in list(anthropic.came) for one in anthropic.came[name] if who.encode() in one[1].body]
    assert sent.target == "/v1/messages"
    assert json.loads(sent.body)["model"] == "claude-x"
    line = gateway.line(answer.log_id)
    assert [(one["provider"], one["model"], one["status"]) for one in line["attempts"]] == [
        ("openai", "gpt-4o-mini", 503), ("anthropic", "claude-x", 200)]  # fmt: skip
    assert (line["step"], line["provider"], line["decided"]["fallback"]) == (1, "anthropic", "error")
    assert line["cost"] == pytest.approx(0.006)
    _, clients = spans(collector, line, 3)
    assert [attributes(span)["gen_ai.provider.name"] for span in clients] == ["openai", "anthropic"]


def test_a_provider_that_does_not_begin_in_time_is_left_for_the_next(gateway, openai, who):
    openai.left[who] = [Says(hang=True)]
    began = time.monotonic()
    answer = gateway.call(path("backed"), ask(user=who, max_tokens=9))
    assert 0.3 <= time.monotonic() - began < 2.0
    assert (answer.status, answer.headers["cf-aig-step"]) == (200, "1")
    line = gateway.line(answer.log_id)
    assert [(one["status"], one["error"]) for one in line["attempts"]] == [(504, "timeout"), (200, None)]
    assert line["decided"]["fallback"] == "timeout"


def test_a_stream_whose_first_event_is_late_is_left_too(gateway, openai, who):
    openai.left[who] = [Says(headers=EVENTS, chunks=[b": wait\n\n", *openai.stream], framing="chunked", pause=1.0)]
    answer = gateway.call(path("backed"), ask(user=who, max_tokens=9, stream=True))
    assert (answer.headers["cf-aig-step"], b"anthropic" in answer.body) == ("1", True)


def test_costs_of_all_attempts_are_in_the_ledger(gateway, openai, collector, who):
    # The provider bills an answer that it says it could not finish.
    broken = json.dumps(json.loads(chat()) | {"error": {"message": "no"}}).encode()
    openai.left[who] = [fails(500), Says(500, JSON, [broken])]
    answer = gateway.call(path("both"), ask(user=who, max_tokens=9))
    line = gateway.line(answer.log_id)
    assert [(one["provider"], one["status"]) for one in line["attempts"]] == [
        ("openai", 500), ("openai", 500), ("anthropic", 200)]  # fmt: skip
    paid = [one["cost"] or 0 for one in line["attempts"]]
    assert line["cost"] == pytest.approx(sum(paid))
    assert paid[-1] == pytest.approx(0.006)
    assert (answer.headers["cf-aig-attempts"], answer.headers["cf-aig-step"]) == ("3", "1")
    assert len(spans(collector, line, 4)[1]) == 3


def test_a_breaker_opens_refuses_and_probes_back_in(gateway, openai, who):
    openai.left[who] = [fails(500)] * 3
    call = (path("guarded"), ask(user=who))
    assert [gateway.call(*call).status for _ in range(3)] == [500] * 3
    opened = time.monotonic()
    refused = gateway.call(*call)
    assert (refused.status, refused.json["error"]["code"], refused.headers["retry-after"]) == (503, "circuit_open", "1")
    assert len(openai.came[who]) == 3, "the provider is left alone"
    metrics = gateway.call("/metrics", None, "GET").body.decode()
    assert 'kind="model",name="openai/gpt-4o-mini"} 1\n' in metrics
    # Another model of the same provider is not left out.
    assert gateway.call(path("guarded"), ask(user=who, model="gpt-4.1")).status == 200
    back = wait(lambda: gateway.call(*call).status == 200)
    assert 0.5 < time.monotonic() - opened < 3, back
    assert gateway.line(gateway.call(*call).log_id)["status_code"] == 200
    assert 'name="openai/gpt-4o-mini"} 1\n' not in gateway.call("/metrics", None, "GET").body.decode()
