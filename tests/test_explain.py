"""What `gateway explain` finds out, checked against the gateway itself where both can be asked."""

import base64
import json
import re
import socket

import pytest

from gateway.cli.known import providers
from gateway.explain import Request, explain
from gateway.settings.load import load
from tests import world

TOKEN = "gw-0123456789abcdef"
YAML = f"""
providers:
  fake: {{base_url: "http://127.0.0.1:PORT/base/v1", headers: {{x-org: sekrit-org}}, propagate: traceparent}}
prices:
  custom-fake/small: {{input: 0.25, output: 1.5, request: 0.002}}
accounts:
  acme:
    gateways:
      open:
        timeout: {{connect: 250ms, first_byte: 90s, total: 1h}}
        logs: {{payload: true}}
        traces: [{{url: "https://otel.example.com/v1/traces?token=sekrit", headers: {{authorization: sekrit}}}}]
      closed:
        authentication:
          tokens: [{{name: web, token: {TOKEN}}}, {{name: old, token: {TOKEN}-old, expires: 2020-01-01}}]
        providers: [custom-fake, anthropic]
        keys: {{custom-fake: {{default: [sekrit-1, sekrit-2], batch: sekrit-3}}, anthropic: sekrit-4}}
        client_keys: forbid
      stored:
        keys:
          aws-bedrock: '{{"accessKeyId": "AKIDSEKRIT", "secretAccessKey": "sekrit", "region": "eu-west-1"}}'
          google-vertex-ai: '{{"client_email": "a@b"}}'
"""
CHAT = b'{"model": "small", "messages": [], "stream": true}'


@pytest.fixture
def loaded(tmp_path):
    path = tmp_path / "gateways.yaml"
    path.write_text(YAML.replace("PORT", "9"), encoding="utf-8")
    return load(path, {}, providers())


def facts(loaded, target, body=CHAT, method="POST", environ=None, **headers):
    named = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    standard = [(b"host", b"localhost"), (b"content-type", b"application/json")]
    found = dict(explain(Request(method, target.encode(), standard + named, body), loaded, environ or {}))
    assert not re.search("sekrit|SEKRIT", str(found))
    return found


def test_a_call_is_told_from_the_door_to_the_provider(loaded):
    told = facts(loaded, "/v1/acme/open/custom-fake/chat/completions", authorization="Bearer sekrit")
    assert told == {
        "gateway": f"acme/open, configuration {loaded.version}",
        "policies": "timeout",
        "caller": "anybody: this gateway asks for no token",
        "provider": "custom-fake",
        "asks for": "chat, openai_chat, model small, a stream",
        "sent to": "POST http://127.0.0.1:9/base/v1/chat/completions",
        "credential": "the client's own, in authorization",
        "headers": "host, content-type, authorization, x-org, content-length",
        "trace context": "propagate: traceparent",
        "timeouts": "connect 250ms, first_byte 90s, idle 5m, total 1h",
        "price": "US dollars per million tokens: input 0.25, output 1.5; 0.002 per call",
        "log": "a line with both bodies",
        "spans": "to https://otel.example.com",
    }


def test_a_token_is_named_and_a_stored_key_is_told_by_its_alias(loaded):
    told = facts(loaded, "/v1/acme/closed/custom-fake/embeddings", authorization=f"Bearer {TOKEN}")
    assert told["caller"] == "token web"
    assert told["policies"] == (
        "authentication (2 tokens), providers (custom-fake, anthropic), client_keys (forbid), timeout"
    )
    assert told["credential"] == "stored key default, the first to try of 2, as authorization"
    told = facts(
        loaded, "/v1/acme/closed/custom-fake/embeddings", cf_aig_authorization=TOKEN, cf_aig_byok_alias="batch"
    )
    assert told["credential"] == "stored key batch, as authorization"


def test_a_key_is_told_by_the_header_it_goes_out_in(loaded):
    told = facts(loaded, "/v1/acme/closed/anthropic/v1/messages", x_api_key=TOKEN)
    assert told["credential"] == "stored key default, as x-api-key"
    told = facts(loaded, "/v1/acme/stored/aws-bedrock/model/m/converse")
    assert told["sent to"] == "POST https://bedrock-runtime.eu-west-1.amazonaws.com/model/m/converse"
    assert "authorization" in told["credential"]


@pytest.mark.parametrize(
    ("target", "headers", "refusal"),
    [
        ("/v1/acme/closed/custom-fake/x", {}, "401 unauthorized (2009)"),
        ("/v1/acme/closed/custom-fake/x", {"x_api_key": f"{TOKEN}-old"}, "401 token_expired (2009)"),
        ("/v1/acme/none/custom-fake/x", {}, "400 unknown_gateway (2001)"),
        ("/v1/acme/open/none/x", {}, "400 invalid_provider (2008)"),
        ("/v1/acme/closed/openai/x", {"x_api_key": TOKEN}, "400 invalid_provider (2008)"),
        ("/v1/acme/open/custom-fake/../x", {}, "400 invalid_path (2103)"),
        ("/v2/acme/open/custom-fake/x", {}, "404 not_found (2105)"),
        ("/v1/acme/open/azure-openai/x", {}, "400 invalid_path (2008)"),
        ("/v1/acme/open/custom-fake/x", {"cf_aig_metadata": "["}, "400 invalid_header (2100)"),
        ("/v1/acme/open/custom-fake/x", {"cf_aig_custom_cost": "["}, "400 invalid_header (2100)"),
        ("/v1/acme/open/custom-fake/x", {"cf_aig_request_timeout": "0"}, "400 invalid_header (2100)"),
        ("/v1/acme/open/custom-fake/x", {"cf_aig_byok_alias": "b"}, "400 unknown_key_alias (2040)"),
        (
            "/v1/acme/closed/anthropic/x",
            {"cf_aig_authorization": TOKEN, "x_api_key": "k"},
            "403 client_key_forbidden (2104)",
        ),
        ("/v1/acme/stored/google-vertex-ai/v1/publishers/google/models/m:x", {}, "500 key_unusable (2040)"),
        ("/" + "x" * 20000, {}, "414 target_too_long (2109)"),
    ],
)
def test_a_refusal_is_shown_as_the_client_gets_it(loaded, target, headers, refusal):
    assert facts(loaded, target, **headers)["refused"].startswith(refusal + ": ")


def test_a_refusal_says_what_the_gateway_says(tmp_path):
    with world.gateway(tmp_path, YAML.replace("PORT", "9")) as gateway:
        configuration = load(gateway.file, {}, providers())
        for target in ("/v1/acme/closed/custom-fake/x", "/v1/acme/open/none/x", "/v1/acme/none/x"):
            answer = gateway.call(target)
            said = answer.json["error"]
            told = facts(configuration, target)["refused"]
            assert told.startswith(f"{answer.status} {said['code']} ({answer.json['internalCode']}): ")
            assert told.endswith(said["message"])


def test_what_is_sent_is_what_was_told(tmp_path):
    with world.provider(lambda asked: world.Says(chunks=[b'{"model": "small"}'])) as provider:
        yaml = YAML.replace("PORT", str(provider.port))
        with world.gateway(tmp_path, yaml) as gateway:
            target = "/v1/acme/open/custom-fake/v1/chat/completions?a=1"
            gateway.call(target, CHAT, authorization="Bearer sekrit", x_mine="1")
            told = facts(load(gateway.file, {}, providers()), target, authorization="Bearer sekrit", x_mine="1")
        (asked,) = provider.asked
        assert told["sent to"] == f"{asked.method} {provider.url}{asked.target}"
        of_http_client = {"accept-encoding", "traceparent"}
        assert set(told["headers"].split(", ")) == {name.lower() for name, _ in asked.headers} - of_http_client


def test_secrets_of_a_query_are_not_told(loaded):
    path = "/v1/acme/open/google-ai-studio/v1beta/models/m:generateContent?key=sekrit&alt=sse&x-token=sekrit"
    told = facts(loaded, path, b"{}")
    assert told["sent to"].endswith("/v1beta/models/m:generateContent?key=***&alt=sse&x-token=***")
    assert told["credential"] == "the client's own, in the query"


def test_nothing_is_asked_for_a_service_account(tmp_path):
    crypto = pytest.importorskip("cryptography.hazmat.primitives.asymmetric.rsa")
    from cryptography.hazmat.primitives import serialization

    made = crypto.generate_private_key(65537, 2048)
    pem = made.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    account = {"client_email": "a@b", "private_key": pem.decode(), "project_id": "p", "region": "europe-west4"}
    (tmp_path / "key").write_text(json.dumps(account))
    path = tmp_path / "gateways.yaml"
    path.write_text("accounts: {a: {gateways: {g: {keys: {google-vertex-ai: '${file:key}'}}}}}")
    target = "/v1/a/g/google-vertex-ai/publishers/google/models/gemini-2.5-pro:generateContent"
    told = facts(load(path, {}, providers()), target)
    assert told["credential"] == (
        "stored key default, as an access token that oauth2.googleapis.com is asked for first"
    )
    assert told["sent to"].startswith("POST https://europe-west4-aiplatform.googleapis.com/v1/projects/p/")
    bearer = base64.b64encode(json.dumps(account | {"token_uri": "http://127.0.0.1/"}).encode()).decode()
    path.write_text("accounts: {a: {gateways: {g: {}}}}")
    assert facts(load(path, {}, providers()), target, authorization=f"Bearer {bearer}")["refused"].startswith("400")


def test_no_connection_is_made_and_no_name_looked_up(loaded, monkeypatch):
    def connects(*arguments):
        raise AssertionError(arguments)

    monkeypatch.setattr(socket.socket, "connect", connects)
    monkeypatch.setattr(socket, "getaddrinfo", connects)
    environ = {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:1", "OTEL_METRICS_EXPORTER": "otlp"}
    told = facts(loaded, "/v1/acme/open/custom-fake/chat/completions", environ=environ)
    assert told["spans"] == "to http://127.0.0.1:1, https://otel.example.com"


@pytest.mark.parametrize(
    ("target", "body", "headers", "price"),
    [
        ("/v1/acme/open/openai/chat/completions", b'{"model": "gpt-4o-mini"}', {}, "US dollars per million tokens"),
        ("/v1/acme/open/openai/chat/completions", b'{"model": "nobodys"}', {}, "unpriced"),
        ("/v1/acme/open/openai/chat/completions", b"{}", {}, "unknown"),
        ("/v1/acme/open/openai/files", b"", {}, "not metered"),
        ("/v1/acme/open/openai/chat/completions", CHAT, {"cf_aig_custom_cost": '{"total_cost": 1}'}, "as cf-aig"),
    ],
)  # fmt: skip
def test_the_price_is_told_as_far_as_it_is_known(loaded, target, body, headers, price):
    assert facts(loaded, target, body, **headers)["price"].startswith(price)


def test_the_calls_own_headers_change_what_is_told(loaded):
    told = facts(
        loaded, "/v1/acme/open/custom-fake/x", cf_aig_collect_log_payload="false", cf_aig_request_timeout="1500"
    )
    assert told["log"] == "a line without bodies"
    assert "first_byte 1.5s" in told["timeouts"]
    assert facts(loaded, "/v1/acme/open/custom-fake/x", cf_aig_collect_log="false")["log"] == "no line"


def test_paths_of_the_gateways_own_are_told_apart(loaded):
    for path in ("/healthz", "/readyz", "/metrics"):
        assert facts(loaded, path).keys() == {"answered by"}


def test_spans_that_are_switched_off_are_not_promised(loaded):
    told = facts(loaded, "/v1/acme/open/custom-fake/x", environ={"OTEL_SDK_DISABLED": "true"})
    assert told["spans"] == "none: OTEL_SDK_DISABLED"


HELLO = {"max_tokens": 9, "messages": [{"role": "user", "content": "Hi"}]}


@pytest.mark.parametrize(
    ("path", "body", "unified", "sent"),
    [
        (
            "chat/completions",
            HELLO | {"model": "custom-fake/small"},
            "openai_chat to openai_chat of custom-fake",
            "POST http://127.0.0.1:9/base/v1/chat/completions",
        ),
        (
            "v1/messages",
            HELLO | {"model": "custom-fake/small"},
            "anthropic_messages to openai_chat of custom-fake",
            "POST http://127.0.0.1:9/base/v1/chat/completions",
        ),
        (
            "chat/completions",
            HELLO | {"model": "gemini/g-1"},
            "openai_chat to gemini_generate of google-ai-studio",
            "POST https://generativelanguage.googleapis.com/v1beta/models/g-1:generateContent",
        ),
        (
            "embeddings",
            {"input": "Hi", "model": "cohere/embed-v4.0"},
            "openai_embeddings to cohere_embed of cohere",
            "POST https://api.cohere.com/v2/embed",
        ),
    ],
)
def test_a_unified_call_is_told_as_its_provider_would_get_it(loaded, path, body, unified, sent):
    told = facts(loaded, f"/v1/acme/open/compat/{path}", json.dumps(body).encode(), x_api_key="sekrit")
    assert told["unified"] == unified
    assert told["sent to"] == sent
    assert told["provider"] == unified.rpartition(" ")[2]
    slot = "x-goog-api-key" if "google" in unified else "authorization"
    assert told["credential"] == f"the client's own, in {slot}"


@pytest.mark.parametrize(
    ("path", "body", "refusal"),
    [
        ("chat/completions", {"model": "none/x"}, "400 invalid_provider (2008)"),
        ("chat/completions", {}, "400 invalid_request (2111)"),
        ("completions", {"model": "openai/x"}, "404 not_found (2105)"),
        ("embeddings", {"model": "anthropic/x", "input": "Hi"}, "400 unsupported_endpoint (2110)"),
        ("chat/completions", HELLO | {"model": "anthropic/c", "seed": 1}, "400 unsupported_parameter (2110)"),
    ],
)
def test_a_unified_call_is_refused_as_the_gateway_refuses_it(loaded, path, body, refusal):
    told = facts(loaded, f"/v1/acme/open/compat/{path}", json.dumps(body).encode())
    assert told["refused"].startswith(refusal)


def test_a_list_of_models_is_answered_by_the_gateway(loaded):
    told = facts(loaded, "/v1/acme/open/compat/models", b"", method="GET")
    assert "Answered by the gateway itself" in str(told)
