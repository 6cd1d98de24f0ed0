"""The request log of a real gateway: a line per call, each of them after its schema, and no secret anywhere."""

import json
import socket
import time
from pathlib import Path

import jsonschema
import pytest

from tests import world
from tests.e2e.acts import ASK, CHAT, PATH, STREAM, STREAM_ASK, leave_after, request, says, until
from tests.telemetry.collector import collecting

SCHEMA = json.loads((Path(__file__).resolve().parents[2] / "schemas" / "log.schema.json").read_bytes())
CANARIES = {
    "GW_TOKEN": "canary-gateway-token-0123456789", "STORED": "canary-stored-key-0123456789",
    "STORED_TWO": "canary-stored-other-0123456789", "EXPORT": "canary-export-header-0123456789",
    "ADDED": "canary-added-header-0123456789", "PROXY_PASSWORD": "canary-proxy-password-0123456789",
}  # fmt: skip
SENT = {"client": "canary-client-key-0123456789", "query": "canary-query-key-0123456789"}


@pytest.fixture(scope="module")
def provider():
    with world.provider(says) as one:
        yield one


@pytest.fixture(scope="module")
def gateway(tmp_path_factory, provider):
    yaml = f"""
    server: {{max_request_bytes: 100KiB}}
    providers:
      openai: {{base_url: {provider.url}/v1}}
      nobody: {{base_url: "http://127.0.0.1:9"}}
    accounts:
      acme:
        gateways:
          main: {{timeout: {{first_byte: 200ms}}}}
          silent: {{logs: {{collect: false}}}}
          full: {{logs: {{payload: true, max_payload_bytes: 64}}}}
          closed: {{authentication: {{tokens: [{{name: web, token: "${{GW_TOKEN}}", metadata: {{team: web}}}}]}}}}
    """
    with world.gateway(tmp_path_factory.mktemp("logs"), yaml, CANARIES) as one:
        yield one


def lines_of(gateway, log_id):
    """All lines of one call, once the log has had time for a second one."""
    gateway.line(log_id)
    time.sleep(0.1)
    return [line for line in gateway.lines() if line["id"] == log_id]


CALLS = {
    "served": (PATH, ASK, {}, "served", 200),
    "streamed": (PATH, STREAM_ASK, {"x_do": "stream"}, "served", 200),
    "a provider's error": (PATH, ASK, {"x_do": "status-500"}, "served", 500),
    "unauthorized": ("/v1/acme/closed/openai/chat/completions", ASK, {}, "refused", 401),
    "no such gateway": ("/v1/acme/none/openai/chat/completions", ASK, {}, "refused", 400),
    "no such provider": ("/v1/acme/main/none/chat/completions", ASK, {}, "refused", 400),
    "no such account's name": ("/v1/a%00b/none/none/x", ASK, {}, "refused", 400),
    "no provider, and no steps": ("/v1/acme/main", ASK, {}, "refused", 400),
    "a path with dots": ("/v1/acme/main/openai/../x", ASK, {}, "refused", 400),
    "bad metadata": (PATH, ASK, {"cf_aig_metadata": "{"}, "refused", 400),
    "bad switch": (PATH, ASK, {"cf_aig_collect_log": "maybe"}, "refused", 400),
    "late": (PATH, ASK, {"x_do": "silent"}, "failed", 504),
    "unreachable": ("/v1/acme/main/custom-nobody/x", ASK, {}, "failed", 502),
    "cut off": (PATH, STREAM_ASK, {"x_do": "cut-stream"}, "failed", 200),
}


@pytest.mark.parametrize("what", CALLS)
def test_every_call_is_one_line_after_the_schema(gateway, what):
    path, body, headers, outcome, status = CALLS[what]
    answer = gateway.call(path, body, **headers)
    (line,) = lines_of(gateway, answer.log_id)
    jsonschema.validate(line, SCHEMA, cls=jsonschema.Draft202012Validator)
    assert (line["outcome"], line["status_code"], answer.status) == (outcome, status, status)
    assert line["success"] == (outcome == "served" and status == 200)
    assert (line["error"] is None) == line["success"]


def test_a_body_announced_as_too_large_is_one_line_too(gateway):
    answer = gateway.call(PATH, b"x" * 110_000)
    assert answer.status == 413
    (line,) = lines_of(gateway, answer.log_id)
    assert (line["outcome"], line["error"]) == ("refused", "request_too_large")


def test_a_client_that_leaves_is_one_line(gateway):
    (line,) = lines_of(gateway, leave_after(gateway.port, request("stuck-stream"), b"data:"))
    jsonschema.validate(line, SCHEMA)
    assert (line["outcome"], line["status_code"], line["success"]) == ("abandoned", 200, False)


def test_a_client_that_leaves_before_its_body_is_whole_is_one_line(gateway):
    count = len(gateway.lines())
    with socket.create_connection(("127.0.0.1", gateway.port)) as client:
        client.sendall(request("", more="cf-aig-event-id: left-early\r\n")[:-3])
        time.sleep(0.1)
    until(lambda: len(gateway.lines()) > count)
    (line,) = [line for line in gateway.lines() if line["event_id"] == "left-early"]
    assert (line["outcome"], line["attempts"]) == ("abandoned", [])


@pytest.mark.parametrize(
    ("path", "wish", "written"),
    [
        (PATH, {}, True),
        (PATH, {"cf_aig_collect_log": "false"}, False),
        ("/v1/acme/silent/openai/chat/completions", {}, False),
        ("/v1/acme/silent/openai/chat/completions", {"cf_aig_collect_log": "true"}, True),
    ],
)
def test_whether_a_line_is_written_is_the_gateways_setting_and_the_calls_wish(gateway, path, wish, written):
    answer = gateway.call(path, ASK, **wish)
    later = gateway.call(PATH, ASK)
    gateway.line(later.log_id)
    assert (answer.log_id in [line["id"] for line in gateway.lines()]) == written
    assert answer.status == 200


def test_bodies_are_in_the_log_only_where_asked_for_and_only_their_beginning(gateway):
    plain = gateway.line(gateway.call(PATH, ASK).log_id)
    asked = gateway.line(gateway.call(PATH, ASK, cf_aig_collect_log_payload="true").log_id)
    full = gateway.line(gateway.call("/v1/acme/full/openai/chat/completions", ASK).log_id)
    stream = gateway.line(gateway.call("/v1/acme/full/openai/chat/completions", STREAM_ASK, x_do="stream").log_id)
    declined = gateway.call("/v1/acme/full/openai/chat/completions", ASK, cf_aig_collect_log_payload="false")
    assert plain["request"] is plain["response"] is None
    assert (asked["request"], asked["response"]) == (ASK.decode(), json.dumps(CHAT))
    assert full["request"] == ASK.decode()[:64]
    assert full["response"] == json.dumps(CHAT)[:64]
    assert stream["response"] == b"".join(STREAM).decode()[:64]
    assert gateway.line(declined.log_id)["response"] is None


def test_a_body_that_is_no_text_still_makes_a_line(gateway):
    answer = gateway.call(PATH, bytes(range(256)), cf_aig_collect_log_payload="true", content_type="audio/mpeg")
    jsonschema.validate(gateway.line(answer.log_id), SCHEMA)


def test_what_a_token_says_wins_over_what_the_client_says(gateway):
    answer = gateway.call(
        "/v1/acme/closed/openai/chat/completions", ASK, cf_aig_metadata='{"team": "other", "user": 7}',
        cf_aig_authorization=f"Bearer {CANARIES['GW_TOKEN']}", cf_aig_event_id="event-1",
    )  # fmt: skip
    line = gateway.line(answer.log_id)
    assert (line["token"], line["metadata"], line["event_id"]) == ("web", {"team": "web", "user": 7}, "event-1")
    assert answer.headers["cf-aig-event-id"] == "event-1"


def test_the_providers_slowness_is_not_the_gateways_overhead(gateway):
    for do in ("slow", "slow-body"):
        answer = gateway.call(PATH.replace("main", "silent"), ASK, x_do=do, cf_aig_collect_log="true")
        assert float(answer.headers["cf-aig-overhead"]) < 50, do
        assert gateway.line(answer.log_id)["overhead_ms"] < 50, do


def test_the_status_of_a_failure_is_the_attempts_error_where_the_provider_names_none(gateway):
    line = gateway.line(gateway.call(PATH, ASK, x_do="plain-500").log_id)
    assert line["attempts"][0]["error"] == "500"


def test_no_secret_is_written_anywhere(tmp_path, provider):
    with collecting() as collector:
        yaml = f"""
        providers:
          openai: {{base_url: {provider.url}/v1, headers: {{x-added: "${{ADDED}}"}}}}
          google-ai-studio: {{base_url: {provider.url}}}
          tunnelled: {{base_url: "http://127.0.0.1:9", proxy: "http://user:${{PROXY_PASSWORD}}@127.0.0.1:9"}}
          nobody: {{base_url: "http://127.0.0.1:9", propagate: traceparent}}
        accounts:
          acme:
            gateways:
              main:
                authentication: {{tokens: [{{name: web, token: "${{GW_TOKEN}}"}}]}}
                keys:
                  openai: {{default: ["${{STORED}}", "${{STORED_TWO}}"]}}
                  custom-nobody: ${{STORED}}
                http_spans: true
                traces: [{{url: "{collector.url}/v1/traces", headers: {{authorization: "Bearer ${{EXPORT}}"}}}}]
        """
        env = CANARIES | {
            "OTEL_BSP_SCHEDULE_DELAY": "20", "OTEL_METRIC_EXPORT_INTERVAL": "200",
            "OTEL_EXPORTER_OTLP_METRICS_ENDPOINT": f"{collector.url}/v1/metrics",
        }  # fmt: skip
        with world.gateway(tmp_path, yaml, env) as one:
            seen = [repr(answer) for answer in canary_calls(one)]
            one.file.write_text(yaml.replace("http_spans: true", "http_spans: maybe"))
            until(lambda: "maybe" in one.errors() or "http_spans" in one.errors())
            until(lambda: collector.spans and collector.metrics)
            seen.append(one.call("/metrics", None, "GET").body.decode())
            time.sleep(0.2)
            seen += [one.errors(), Path(one.out.name).read_text()]
        assert len(collector.spans) > 6
        seen += [str(collector.requests), str(collector.metrics), str(collector.paths)]
    for name, canary in (CANARIES | SENT).items():
        assert [at for at, text in enumerate(seen) if canary in text] == [], name


def canary_calls(one):
    token = {"cf_aig_authorization": f"Bearer {CANARIES['GW_TOKEN']}"}
    yield one.call(PATH, ASK, **token)
    yield one.call(PATH, ASK, authorization=f"Bearer {CANARIES['GW_TOKEN']}")
    yield one.call(PATH, ASK, authorization=f"Bearer {SENT['client']}", **token)
    yield one.call(PATH, ASK, authorization=f"Bearer {SENT['client']}")
    yield one.call(f"{PATH}?key={SENT['query']}", ASK, x_do="status-500", **token)
    gemini = "/v1/acme/main/google-ai-studio/v1beta/models/g:generateContent"
    yield one.call(f"{gemini}?key={SENT['query']}", ASK, **token)
    yield one.call(f"{gemini}?key={CANARIES['GW_TOKEN']}", ASK)
    yield one.call("/v1/acme/main/custom-tunnelled/x", ASK, **token)
    yield one.call(f"/v1/acme/main/custom-nobody/x?key={SENT['query']}", ASK, **token)
    yield one.call(f"/v1/acme/main/none/x?key={SENT['query']}", ASK, **token)
    yield one.call(PATH, ASK, cf_aig_byok_alias="none", **token)
    yield one.call(f"/v1/acme/main/openai/../x?key={SENT['query']}", ASK, **token)
