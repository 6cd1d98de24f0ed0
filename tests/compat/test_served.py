"""Unified calls through a whole gateway: what reaches the provider, what the client gets, what is written down."""

import gzip
import json
import socket
import time

import pytest

from tests import world
from tests.compat.scripted import ASK, DONE, MESSAGE, STREAM, events

TOKEN = "gw-0123456789abcdef"
YAML = f"""
providers:
  fake: {{base_url: "URL/v1"}}
  openai: {{base_url: "URL/v1"}}
  claude: {{base_url: "URL", dialect: anthropic, auth: {{header: x-api-key}}}}
prices:
  custom-fake/*: {{input: 1, output: 2}}
  custom-claude/*: {{input: 10, output: 20}}
accounts:
  a:
    gateways:
      open: {{}}
      closed:
        authentication: {{tokens: [{{name: web, token: {TOKEN}}}]}}
        keys: {{custom-claude: {{default: stored-1, other: stored-2}}}}
        providers: [custom-claude, custom-fake]
"""
CHAT, MESSAGES = "/v1/a/open/compat/chat/completions", "/v1/a/open/compat/v1/messages"
SAYS = {}


def says(asked):
    body = json.loads(asked.body)
    if test := SAYS.get(body["model"]):
        return test
    if asked.target.endswith("/messages"):
        return world.Says(chunks=[json.dumps(MESSAGE).encode()])
    if body.get("stream"):
        return world.Says(headers={"content-type": "text/event-stream"}, chunks=STREAM, framing="chunked", pause=0.01)
    return world.Says(chunks=[json.dumps(DONE).encode()])


@pytest.fixture(scope="module")
def provider():
    with world.provider(says) as one:
        yield one


@pytest.fixture(scope="module")
def gateway(provider, tmp_path_factory):
    with world.gateway(tmp_path_factory.mktemp("served"), YAML.replace("URL", provider.url)) as one:
        yield one
        assert "Traceback" not in one.errors()


def body(model, **fields):
    return json.dumps(ASK | {"model": model, "max_tokens": 9} | fields).encode()


def test_a_translated_answer_has_its_cost_in_a_header_and_its_facts_in_the_log(gateway):
    answer = gateway.call(CHAT, body("custom-claude/c", seed=1), cf_aig_strict="false", x_api_key="k")
    assert answer.status == 200
    assert answer.json["choices"][0]["message"]["content"] == "Hello"
    assert answer.headers["cf-aig-cost"] == "0.00008"
    assert (answer.headers["cf-aig-provider"], answer.headers["cf-aig-model"]) == ("custom-claude", "c")
    assert answer.headers["cf-aig-dropped"] == "seed"
    line = gateway.line(answer.log_id)
    assert (line["surface"], line["provider"], line["model"]) == ("compat", "custom-claude", "c")
    assert line["path"] == "chat/completions"
    assert (line["cost"], line["tokens_in"], line["tokens_out"]) == (0.00008, 2, 3)


def test_a_stream_is_metered_though_its_client_did_not_ask_for_usage(gateway):
    answer = gateway.call(CHAT, body("custom-fake/m", stream=True))
    assert b'"usage"' not in answer.body
    assert answer.body == b"".join(part for part in STREAM if b'"usage"' not in part)
    line = gateway.line(answer.log_id)
    assert (line["tokens_in"], line["tokens_out"]) == (2, 3)
    answer = gateway.call(MESSAGES, body("custom-fake/m", stream=True))
    assert [event["type"] for event in events(answer.body)][-1] == "message_stop"
    assert gateway.line(answer.log_id)["tokens_out"] == 3


def test_gateway_tokens_never_leave_and_stored_keys_go_where_their_provider_takes_them(gateway, provider):
    path = "/v1/a/closed/compat/chat/completions"
    for header in ("authorization", "x_api_key", "x_goog_api_key", "api_key"):
        assert gateway.call(path, body("custom-claude/c"), **{header: TOKEN}).status == 200
        assert provider.asked[-1].header("x-api-key") == "stored-1"
    named = gateway.call(path, body("custom-claude/c"), authorization=TOKEN, cf_aig_byok_alias="other")
    assert named.status == 200
    assert provider.asked[-1].header("x-api-key") == "stored-2"
    own = gateway.call(path, body("custom-claude/c"), cf_aig_authorization=TOKEN, authorization="Bearer mine")
    assert own.status == 200
    assert provider.asked[-1].header("x-api-key") == "mine"
    assert gateway.call(f"{path}?key={TOKEN}", body("custom-fake/c")).status == 200
    assert "?" not in provider.asked[-1].target
    assert not [pair for asked in provider.asked for pair in asked.headers if TOKEN in pair[1]]
    assert gateway.call(path, body("custom-claude/c")).status == 401
    no = gateway.call(path, body("custom-claude/c"), authorization=TOKEN, cf_aig_byok_alias="none")
    assert no.json["error"]["code"] == "unknown_key_alias"


def test_of_several_keys_one_leaves(gateway, provider):
    keys = {"authorization": "Bearer one", "x_api_key": "two", "x_goog_api_key": "three", "api_key": "four"}
    for path in (CHAT, MESSAGES):
        for model, name, value in (
            ("custom-fake/m", "authorization", "Bearer one"),
            ("custom-claude/c", "x-api-key", "two"),
        ):
            gateway.call(path, body(model), **keys)
            sent = {key.lower(): said for key, said in provider.asked[-1].headers}
            slots = ("authorization", "x-api-key", "x-goog-api-key", "api-key")
            assert {key: sent[key] for key in slots if key in sent} == {name: value}


@pytest.mark.parametrize(
    ("model", "status"),
    [
        ("custom-fake/../x", 200),
        ("custom-fake/a/b/c", 200),
        ("custom-fake/%2e%2e%2f", 200),
        ("custom-fake/\u0000\r\nx: y", 200),
        ("custom-fake/\u202e\U0001f600", 200),
        ("custom-fake/" + "x" * 300, 400),
        ("custom-/x", 400),
        ("compat/x", 400),
        ("../x", 400),
    ],
)
def test_hostile_models_go_to_their_provider_as_text_or_nowhere(gateway, provider, model, status):
    before = len(provider.asked)
    answer = gateway.call(CHAT, body(model))
    assert answer.status == status
    if status == 200:
        (asked,) = provider.asked[before:]
        assert asked.target == "/v1/chat/completions"
        assert json.loads(asked.body)["model"] == model.removeprefix("custom-fake/")
    else:
        assert len(provider.asked) == before


@pytest.mark.parametrize("model", ["gpt-5", "custom-fake%2Fx", "custom-fake\\x", "custom-fake:x"])
def test_a_name_that_no_slash_divides_is_the_home_providers(gateway, provider, model):
    answer = gateway.call(CHAT, body(model))
    assert answer.headers["cf-aig-provider"] == "openai"
    assert json.loads(provider.asked[-1].body)["model"] == model


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "DELETE", "OPTIONS", "PATCH"])
def test_other_methods_are_refused(gateway, method):
    answer = gateway.call(CHAT, body("custom-fake/m"), method=method)
    assert (answer.status, answer.headers["allow"]) == (405, "POST")


def test_lists_of_models_are_got(gateway):
    path = "/v1/a/closed/compat/models"
    got = gateway.call(path, None, method="GET", authorization=TOKEN)
    assert {one["id"].split("/")[0] for one in got.json["data"]} <= {"custom-claude", "custom-fake"}
    head = gateway.call(path, None, method="HEAD", authorization=TOKEN)
    assert (head.status, head.body) == (200, b"")
    assert head.headers["content-length"] == got.headers["content-length"]
    assert gateway.call(path, body("custom-fake/m"), authorization=TOKEN).status == 405


@pytest.mark.parametrize(
    "sent", [None, b"", b"{}", b"[]", b"null", b"\xff", b'{"model": "custom-fake/m"', b"[" * 10**6]
)
@pytest.mark.parametrize("path", [CHAT, MESSAGES, "/v1/a/open/compat/responses", "/v1/a/open/compat/embeddings"])
def test_bodies_that_are_no_request_are_refused(gateway, path, sent):
    answer = gateway.call(path, sent)
    assert (answer.status, answer.json["error"]["code"]) == (400, "invalid_request")


def test_a_huge_body_passes_and_is_translated(gateway, provider):
    words = 'x\n\u00e9"' * 1_000_000
    for path in (CHAT, MESSAGES):
        assert gateway.call(path, body("custom-fake/m", messages=[{"role": "user", "content": words}])).status == 200
        sent = json.loads(provider.asked[-1].body)["messages"][-1]["content"]
        assert words == (sent if isinstance(sent, str) else sent[0]["text"])


def test_a_packed_answer_is_translated_and_passed(gateway):
    packed = gzip.compress(b"".join(STREAM))
    SAYS["packed"] = world.Says(
        headers={"content-type": "text/event-stream", "content-encoding": "gzip"}, chunks=[packed], framing="chunked"
    )
    passed = gateway.call(CHAT, body("custom-fake/packed", stream=True), accept_encoding="gzip")
    assert passed.body.endswith(b"data: [DONE]\n\n")
    assert "content-encoding" not in passed.headers
    read = gateway.call(MESSAGES, body("custom-fake/packed", stream=True), accept_encoding="gzip")
    assert events(read.body)[-1]["type"] == "message_stop"


@pytest.mark.parametrize("path", [CHAT, MESSAGES])
def test_a_stream_that_breaks_off_ends_in_the_clients_own_error_event(gateway, path):
    SAYS["cut"] = world.Says(
        headers={"content-type": "text/event-stream"}, chunks=STREAM[:1], framing="chunked", cut=True, pause=0.05
    )
    answer = gateway.call(path, body("custom-fake/cut", stream=True))
    assert b"Hel" in answer.body
    assert events(answer.body)[-1]["error"]["message"]
    assert gateway.line(answer.log_id)["outcome"] == "failed"


def test_an_unreachable_or_broken_provider_is_told_in_the_clients_dialect(gateway):
    SAYS["half"] = world.Says(chunks=[b'{"id": "c1"'], framing="chunked", cut=True)
    answer = gateway.call(MESSAGES, body("custom-fake/half"))
    assert (answer.status, answer.json["type"]) == (502, "error")


def test_a_client_that_leaves_takes_the_providers_stream_with_it(gateway, provider):
    SAYS["slow"] = world.Says(
        headers={"content-type": "text/event-stream"}, chunks=STREAM[:3] * 50, framing="chunked", pause=0.1
    )
    sent = body("custom-fake/slow", stream=True)
    with socket.create_connection(("127.0.0.1", gateway.port), 5) as client:
        client.sendall(
            b"POST %b HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n%b"
            % (MESSAGES.encode(), len(sent), sent)
        )
        assert client.recv(10)
        before = len(provider.gone)
    until = time.monotonic() + 5
    while len(provider.gone) == before and time.monotonic() < until:
        time.sleep(0.02)
    assert len(provider.gone) > before


@pytest.mark.parametrize("more", [[], STREAM * 50])
@pytest.mark.parametrize("path", [CHAT, MESSAGES])
def test_an_error_in_the_middle_of_a_stream_is_the_attempts_error_and_no_cancellation(gateway, path, more):
    error = b'data: {"error": {"message": "boom", "type": "server_error", "code": "overloaded"}}\n\n'
    SAYS["boom"] = world.Says(
        headers={"content-type": "text/event-stream"}, chunks=[STREAM[0], error, *more], framing="chunked", pause=0.01
    )
    answer = gateway.call(path, body("custom-fake/boom", stream=True))
    assert b"boom" in answer.body
    (attempt,) = gateway.line(answer.log_id)["attempts"]
    assert attempt["error"] == "overloaded"
