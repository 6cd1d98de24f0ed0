import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from opentelemetry.proto.trace.v1.trace_pb2 import ScopeSpans, Span

from gateway.call import Asked, Record, Trace
from gateway.telemetry.spans import Encoder
from tests.telemetry.collector import attributes
from tests.telemetry.records import ASKED, CREATED, attempt, record

TRACE = record().trace


def spans(written: Record, trace: Trace = TRACE):
    return list(ScopeSpans.FromString(Encoder({"demo": "acme.demo"}).encode(written, trace)).spans)


def server(**changes):
    return spans(record(**changes))[0]


def test_the_call_is_a_server_span():
    span = server()
    assert (span.name, span.kind) == ("POST /v1/acme/production/demo/{rest}", Span.SPAN_KIND_SERVER)
    assert (span.trace_id.hex(), span.span_id.hex(), span.parent_span_id) == (TRACE.trace_id, TRACE.span_id, b"")
    assert span.status.code == 0
    assert (span.start_time_unix_nano, span.end_time_unix_nano - CREATED) == (CREATED, pytest.approx(0.7e9, abs=1000))
    assert attributes(span) == {
        "http.request.method": "POST",
        "http.route": "/v1/acme/production/demo/{rest}",
        "url.path": "/v1/acme/production/demo/v1/chat/completions",
        "url.scheme": "http",
        "network.protocol.version": "1.1",
        "http.response.status_code": 200,
        "client.address": "10.0.0.7",
        "user_agent.original": "OpenAI/Python 1.90.0",
        "gateway.log_id": "01890a5d-ac96-774b-bcce-b302099a8057",
        "gateway.account": "acme",
        "gateway.gateway": "production",
        "gateway.token": "web",
        "gateway.surface": "native",
        "gateway.outcome": "served",
        "gateway.attempts": 1,
        "gateway.cached": False,
        "gateway.overhead": 0.0004,
        "gateway.config_version": "a1b2c3d4",
        "gateway.requested_model": "small-1",
        "gateway.metadata.team": "search",
        "gateway.metadata.user": 42,
        "team": "search",
        "user": 42,
    }


def test_an_attempt_is_a_client_span_below_it():
    parent, span = spans(record())
    assert (span.name, span.kind) == ("chat small-1", Span.SPAN_KIND_CLIENT)
    assert (span.trace_id, span.parent_span_id) == (parent.trace_id, parent.span_id)
    assert span.span_id.hex() == "00f067aa0ba902b7"
    assert span.end_time_unix_nano - span.start_time_unix_nano == pytest.approx(0.5e9, abs=1000)
    got = attributes(span)
    assert got.pop("gen_ai.response.time_to_first_chunk") == pytest.approx(0.2)
    assert got == {
        "gen_ai.operation.name": "chat",
        "gen_ai.provider.name": "acme.demo",
        "gen_ai.request.model": "small-1",
        "gen_ai.request.stream": True,
        "gen_ai.request.max_tokens": 256,
        "gen_ai.request.top_p": 0.5,
        "server.address": "api.example.com",
        "server.port": 443,
        "http.response.status_code": 200,
        "gen_ai.response.model": "small-1-2026",
        "gen_ai.response.id": "chatcmpl-1",
        "gen_ai.response.finish_reasons": ["stop"],
        "gen_ai.usage.input_tokens": 1200,
        "gen_ai.usage.output_tokens": 345,
        "gen_ai.usage.cache_read.input_tokens": 600,
        "gen_ai.usage.cache_creation.input_tokens": 100,
        "gen_ai.usage.reasoning.output_tokens": 64,
        "gen_ai.usage.cost": 0.000123,
        "gateway.provider": "demo",
        "gateway.attempt": 1,
        "gateway.key_alias": "default",
        "gateway.account": "acme",
        "gateway.gateway": "production",
        "gateway.token": "web",
        "team": "search",
        "user": 42,
    }


def test_tokens_and_cost_stand_on_attempts_alone():
    assert not [name for name in attributes(server()) if name.startswith("gen_ai.")]


def test_every_attempt_has_its_span():
    failed = attempt(status=429, answer=None, cost=None, span_id="1" * 16)
    _, first, second = spans(record(attempts=[failed, attempt()]))
    assert attributes(first)["error.type"] == "429"
    assert first.status.code == 2
    assert "gen_ai.usage.input_tokens" not in attributes(first)
    assert (attributes(first)["gateway.attempt"], attributes(second)["gateway.attempt"]) == (1, 2)
    assert second.status.code == 0


@pytest.mark.parametrize(
    ("status", "outcome", "error", "kind"),
    [
        (404, "served", "", None),
        (429, "refused", "", None),
        (500, "served", "overloaded", "overloaded"),
        (504, "failed", "timeout", "timeout"),
        (200, "failed", "stream_broken", "stream_broken"),
        (503, "served", "", "503"),
    ],
)
def test_only_5xx_and_broken_answers_are_the_servers_errors(status, outcome, error, kind):
    span = server(status=status, outcome=outcome, attempts=[attempt(status=status, error=error)])
    assert (attributes(span).get("error.type"), span.status.code) == (kind, 2 if kind else 0)


def test_the_gateways_own_error_names_itself():
    span = server(status=502, refusal="no_provider", attempts=[], outcome="failed")
    assert attributes(span)["error.type"] == attributes(span)["gateway.refusal"] == "no_provider"


def test_a_client_that_left_is_no_error():
    cut = attempt(error="cancelled", answer=None)
    parent, span = spans(record(outcome="abandoned", attempts=[cut]))
    for one in (parent, span):
        assert one.status.code == 0
        assert "error.type" not in attributes(one)
        assert attributes(one)["gateway.cancelled_by"] == "client"
    assert attributes(span)["gen_ai.response.finish_reasons"] == ["error"]


def test_embeddings_have_no_output_tokens():
    asked = Asked("embeddings", "", "embed-1", False, {"gen_ai.embeddings.dimension.count": 256})
    got = attributes(spans(record(asked=asked, attempts=[attempt(asked=asked)]))[1])
    assert got["gen_ai.operation.name"] == "embeddings"
    assert got["gen_ai.embeddings.dimension.count"] == 256
    assert "gen_ai.usage.output_tokens" not in got
    assert "gen_ai.response.time_to_first_chunk" not in got
    assert "gen_ai.request.stream" not in got


def test_an_operation_nobody_knows_is_named_by_method_and_provider():
    asked = Asked()
    span = spans(record(method="GET", asked=asked, attempts=[attempt(asked=asked)]))[1]
    assert span.name == "GET demo"
    assert "gen_ai.operation.name" not in attributes(span)


def test_a_remote_parent_is_named_with_its_state():
    trace = Trace(TRACE.trace_id, TRACE.span_id, "b" * 16, "k=v", True)
    parent, span = spans(record(trace=trace), trace)
    assert (parent.parent_span_id.hex(), parent.trace_state, parent.flags) == ("b" * 16, "k=v", 0x301)
    assert span.flags == 0x101


@pytest.mark.parametrize("key", ["gen_ai.usage.cost", "gateway.account", "http.route", "error.type", ""])
def test_metadata_never_takes_a_name_that_means_something(key):
    for span in spans(record(metadata={key: "x"})):
        assert attributes(span).get(key) != "x"
    assert attributes(server(metadata={key: "x"}))[f"gateway.metadata.{key}"] == "x"


def test_metadata_keeps_its_types():
    got = attributes(server(metadata={"a": True, "b": 1, "c": 1.5, "d": "1"}))
    assert [type(got[key]) for key in "abcd"] == [bool, int, float, str]


def test_parameters_say_nothing_twice():
    asked = Asked("chat", "", "m", True, {"gen_ai.request.stream": True, "gen_ai.request.model": "other"})
    assert attributes(spans(record(attempts=[attempt(asked=asked)]))[1])["gen_ai.request.model"] == "m"


@pytest.mark.parametrize(
    ("changes", "route", "path"),
    [
        ({"surface": "compat", "path": "chat/completions"}, "/v1/a/g/compat/{rest}", "/v1/a/g/compat/chat/completions"),
        ({"surface": "universal", "path": "", "provider": ""}, "/v1/a/g", "/v1/a/g"),
        ({"surface": "universal", "path": "chat/completions", "step": 1}, "/v1/a/g", "/v1/a/g"),
        ({"provider": "fallen-to", "step": 1}, "/v1/a/g/demo/{rest}", "/v1/a/g/demo/v1/chat/completions"),
        ({"provider": "", "path": "x"}, "/v1/a/g/{provider}/{rest}", "/v1/a/g/x"),
        ({"account": "", "gateway": ""}, "/v1/{account}/{gateway}/{rest}", "/v1/demo/v1/chat/completions"),
        ({"path": "v1/models?key=SECRET"}, "/v1/a/g/demo/{rest}", "/v1/a/g/demo/v1/models"),
    ],
)
def test_routes_hold_only_names_of_the_configuration_and_no_query(changes, route, path):
    span = server(**{"account": "a", "gateway": "g", **changes})
    assert attributes(span)["http.route"] == route
    assert attributes(span)["url.path"] == path
    assert span.name == f"POST {route}"


def test_a_call_that_was_never_seen_to_end_ends_with_what_was_seen_last():
    span = server(ended=0.0)
    assert span.end_time_unix_nano - CREATED == pytest.approx(0.6e9, abs=1000)


any_text = st.text(st.characters(exclude_categories=()), max_size=30)


@settings(max_examples=60, deadline=None)
@given(any_text, any_text, st.dictionaries(any_text, any_text | st.integers() | st.booleans(), max_size=3))
def test_whatever_clients_and_providers_write_is_valid_protobuf(model, error, metadata):
    asked = Asked("chat", "", model, True, dict(ASKED.parameters))
    parent, span = spans(record(user_agent=model, metadata=metadata, attempts=[attempt(asked=asked, error=error)]))
    attributes(parent)
    assert attributes(span)["gen_ai.operation.name"] == "chat"
