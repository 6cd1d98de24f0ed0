"""A call through the gateway to a provider on loopback: what arrives, what comes back, what is written down."""

import gzip
import json
import socket
import time
import zlib

import pytest

from tests import world
from tests.world import Says

CHAT = {
    "id": "chatcmpl-1",
    "object": "chat.completion",
    "model": "gpt-4o-mini-2024-07-18",
    "choices": [{"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": "Hello."}}],
    "usage": {
        "prompt_tokens": 100,
        "completion_tokens": 20,
        "total_tokens": 120,
        "prompt_tokens_details": {"cached_tokens": 40},
        "completion_tokens_details": {"reasoning_tokens": 5},
    },
}
ASK = json.dumps({"model": "gpt-4o-mini", "messages": [{"role": "user", "content": "Hi"}]}).encode()
STREAM = [
    b'data: {"id":"1","model":"gpt-4o-mini","choices":[{"index":0,"delta":{"content":"He"}}]}\n\n',
    b'data: {"id":"1","model":"gpt-4o-mini",'
    b'"choices":[{"index":0,"delta":{"content":"llo"},"finish_reason":"stop"}]}\n\n',
    b'data: {"id":"1","model":"gpt-4o-mini","choices":[],"usage":{"prompt_tokens":7,"completion_tokens":2}}\n\n',
    b"data: [DONE]\n\n",
]
EVENTS = {"content-type": "text/event-stream; charset=utf-8"}
PATH = "/v1/acme/main/openai/chat/completions"


def says(asked):
    """What the provider does, by the request's x-do header."""
    do = asked.header("x-do") or "chat"
    body = json.dumps(CHAT).encode()
    if do == "chat":
        return Says(chunks=[body], headers={"content-type": "application/json", "x-request-id": "req_1", "date": "now"})
    if do.startswith("status-"):
        return Says(
            int(do[7:]), {"content-type": "application/json", "retry-after": "7"}, [b'{"error":{"message":"no"}}']
        )
    if do in ENCODED:
        headers = {"content-type": "application/json", "content-encoding": do}
        return Says(headers=headers, chunks=[ENCODED[do](body)])
    if do == "echo":
        return Says(headers={"content-type": "application/octet-stream"}, chunks=[asked.body])
    return SCRIPTS[do]


def deflated(body):
    return zlib.compress(body)


ENCODED = {"gzip": gzip.compress, "deflate": deflated}
SCRIPTS = {
    "stream": Says(headers=EVENTS, chunks=STREAM, framing="chunked"),
    "slow-stream": Says(headers=EVENTS, chunks=STREAM, framing="chunked", pause=0.3),
    "cut-stream": Says(headers=EVENTS, chunks=STREAM[:2], framing="chunked", cut=True),
    "cut-json": Says(chunks=[b'{"id": "chatcm', b'pl-1"'], framing="chunked", cut=True),
    "silent": Says(hang=True),
    "silent-stream": Says(headers=EVENTS, chunks=STREAM, framing="chunked", pause=30),
    "until-close": Says(chunks=[json.dumps(CHAT).encode()], framing="close"),
    "no-content": Says(204, {}, [], "none"),
}


@pytest.fixture(scope="module")
def provider():
    with world.provider(says) as one:
        yield one


@pytest.fixture(scope="module")
def gateway(tmp_path_factory, provider):
    yaml = f"""
    server: {{max_request_bytes: 1MiB}}
    providers:
      openai: {{base_url: {provider.url}/v1}}
      anthropic: {{base_url: {provider.url}}}
      google-ai-studio: {{base_url: {provider.url}}}
      nobody: {{base_url: "http://127.0.0.1:9"}}
    accounts:
      acme:
        gateways:
          main: {{}}
          hasty: {{timeout: {{first_byte: 300ms, idle: 400ms}}}}
          brief: {{timeout: {{total: 500ms}}}}
    """
    with world.gateway(tmp_path_factory.mktemp("native"), yaml) as one:
        yield one


def test_a_call_comes_back_byte_for_byte_with_its_facts_in_headers(gateway):
    answer = gateway.call(PATH, ASK)
    assert answer.status == 200
    assert answer.body == json.dumps(CHAT).encode()
    assert answer.headers["x-request-id"] == "req_1"
    assert answer.headers["cf-aig-provider"] == "openai"
    assert answer.headers["cf-aig-model"] == "gpt-4o-mini"
    assert answer.headers["cf-aig-step"] == "0"
    assert answer.headers["cf-aig-attempts"] == "1"
    assert answer.headers["cf-aig-request-id"] == answer.headers["cf-aig-event-id"] == answer.log_id
    assert float(answer.headers["cf-aig-overhead"]) > 0
    # 60 fresh and 40 cached tokens in, 20 out: 60 x 0.15 + 40 x 0.075 + 20 x 0.60 dollars per million.
    assert answer.headers["cf-aig-cost"] == "0.000024"


def test_the_record_tells_tokens_cost_and_timing(gateway):
    line = gateway.line(gateway.call(PATH, ASK, user_agent="test/1").log_id)
    assert (line["tokens_in"], line["tokens_out"]) == (100, 20)
    assert line["usage_metadata"]["input_cached_tokens"] == 40
    assert line["usage_metadata"]["output_reasoning_tokens"] == 5
    assert line["cost"] == 0.000024
    assert (line["account"], line["gateway"], line["provider"], line["model"]) == (
        "acme",
        "main",
        "openai",
        "gpt-4o-mini",
    )
    assert (line["outcome"], line["status_code"], line["success"], line["stream"]) == ("served", 200, True, False)
    assert line["path"] == "chat/completions"
    assert line["user_agent"] == "test/1"
    assert line["config_version"]
    assert line["duration"] >= line["overhead_ms"] > 0
    assert line["attempts"][0]["provider"] == "openai"


def test_one_version_segment_arrives_whichever_form_the_client_used(gateway, provider):
    for path in ("chat/completions", "v1/chat/completions"):
        gateway.call(f"/v1/acme/main/openai/{path}", ASK)
        assert provider.asked[-1].target == "/v1/chat/completions"


def test_query_and_path_keep_their_bytes(gateway, provider):
    target = "files/a%20b%2Fc?after=%41&x=1&x=2&empty="
    gateway.call(f"/v1/acme/main/openai/{target}", None, "GET")
    assert provider.asked[-1].target == f"/v1/{target}"


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"])
def test_any_method_passes(gateway, provider, method):
    body = ASK if method in ("POST", "PUT", "PATCH") else None
    answer = gateway.call("/v1/acme/main/openai/models", body, method)
    assert answer.status == 200
    assert provider.asked[-1].method == method
    assert (answer.body == b"") == (method == "HEAD")


def test_unknown_headers_pass_both_ways_and_ours_end_here(gateway, provider):
    traceparent = "00-" + "a" * 32 + "-" + "b" * 16 + "-01"
    hop = {"te": "trailers", "connection": "x-gone", "x_gone": "1"}
    ours = {"cf_aig_metadata": '{"a":1}', "baggage": "a=b", "traceparent": traceparent}
    gateway.call(PATH, ASK, x_mine="1", **hop, **ours)
    names = {name.lower() for name, _ in provider.asked[-1].headers}
    assert "x-mine" in names
    assert not names & {"te", "x-gone", "baggage", "traceparent", "cf-aig-metadata", "connection"}


def test_binary_bodies_pass_untouched(gateway, provider):
    body = bytes(range(256)) * 1000
    answer = gateway.call("/v1/acme/main/openai/audio/x", body, content_type="application/octet-stream", x_do="echo")
    assert answer.body == provider.asked[-1].body == body


def test_a_stream_comes_chunk_by_chunk_and_is_metered(gateway):
    body = json.dumps({"model": "gpt-4o-mini", "stream": True, "messages": []}).encode()
    with socket.create_connection(("127.0.0.1", gateway.port)) as client:
        client.sendall(
            f"POST {PATH} HTTP/1.1\r\nhost: x\r\nx-do: slow-stream\r\ncontent-type: application/json\r\n"
            f"content-length: {len(body)}\r\nconnection: close\r\n\r\n".encode()
            + body
        )
        began, seen, arrivals = time.monotonic(), b"", []
        while data := client.recv(65536):
            arrivals.append((time.monotonic() - began, data))
            seen += data
    assert b"".join(STREAM) == dechunked(seen)
    first = next(at for at, data in arrivals if b'"He"' in data)
    assert first < 0.25, "the first chunk must not wait for the second"
    assert len([at for at, data in arrivals if b"data:" in data]) == len(STREAM)
    log_id = next(line for line in seen.decode().split("\r\n") if line.startswith("cf-aig-log-id")).split(": ")[1]
    line = gateway.line(log_id)
    assert (line["tokens_in"], line["tokens_out"], line["stream"]) == (7, 2, True)
    assert line["ttft_ms"] < 250 < line["duration"]


def dechunked(seen):
    body, whole = seen.split(b"\r\n\r\n", 1)[1], b""
    while body:
        size, body = body.split(b"\r\n", 1)
        whole, body = whole + body[: int(size, 16)], body[int(size, 16) + 2 :]
    return whole


@pytest.mark.parametrize("encoding", ["gzip", "deflate"])
def test_compressed_answers_are_relayed_as_they_are_and_still_metered(gateway, provider, encoding):
    answer = gateway.call(PATH, ASK, x_do=encoding, accept_encoding=encoding)
    assert provider.asked[-1].header("accept-encoding") == encoding
    assert answer.headers["content-encoding"] == encoding
    assert answer.body == ENCODED[encoding](json.dumps(CHAT).encode()) or encoding == "gzip"
    assert gateway.line(answer.log_id)["tokens_in"] == 100


@pytest.mark.parametrize("status", [400, 401, 404, 429, 500, 503, 529])
def test_a_providers_own_error_is_relayed_unchanged(gateway, status):
    answer = gateway.call(PATH, ASK, x_do=f"status-{status}")
    assert (answer.status, answer.body) == (status, b'{"error":{"message":"no"}}')
    assert answer.headers["retry-after"] == "7"
    line = gateway.line(answer.log_id)
    assert (line["outcome"], line["success"], line["tokens_in"], line["cost"]) == ("served", False, None, None)


def test_close_delimited_and_empty_answers_pass(gateway):
    assert gateway.call(PATH, ASK, x_do="until-close").json == CHAT
    assert gateway.call(PATH, ASK, x_do="no-content").status == 204


def test_an_unreachable_provider_is_a_502_that_says_so(gateway):
    answer = gateway.call("/v1/acme/main/custom-nobody/chat/completions", ASK)
    assert answer.status == 502
    assert answer.json["error"]["code"] == "provider_unreachable"
    assert answer.json["internalCode"] == 2005
    line = gateway.line(answer.log_id)
    assert (line["outcome"], line["attempts"][0]["error"]) == ("failed", "unreachable")


def test_a_provider_that_is_too_slow_is_a_504(gateway):
    began = time.monotonic()
    answer = gateway.call("/v1/acme/hasty/openai/chat/completions", ASK, x_do="silent")
    assert answer.status == 504
    assert 0.25 < time.monotonic() - began < 1
    assert gateway.line(answer.log_id)["attempts"][0]["error"] == "timeout"


def test_the_client_may_ask_for_a_shorter_wait(gateway):
    answer = gateway.call(PATH, ASK, x_do="silent", cf_aig_request_timeout="200")
    assert answer.status == 504


def test_a_stream_that_falls_silent_ends_with_an_error_event(gateway):
    answer = gateway.call("/v1/acme/hasty/openai/chat/completions", ASK, x_do="silent-stream")
    assert answer.body.startswith(STREAM[0])
    event = answer.body[len(STREAM[0]) :]
    assert json.loads(event.removeprefix(b"data: "))["error"]["code"] == "stream_broken"
    line = gateway.line(answer.log_id)
    assert (line["outcome"], line["attempts"][0]["error"]) == ("failed", "timeout")


def test_the_whole_call_is_bounded(gateway):
    began = time.monotonic()
    gateway.call("/v1/acme/brief/openai/chat/completions", ASK, x_do="slow-stream")
    assert time.monotonic() - began < 1


def test_a_provider_that_drops_a_stream_is_told_to_the_client_as_an_event(gateway):
    answer = gateway.call(PATH, ASK, x_do="cut-stream")
    assert b"".join(STREAM[:2]) in answer.body
    assert b"stream_broken" in answer.body
    assert gateway.line(answer.log_id)["outcome"] == "failed"


def test_a_provider_that_drops_a_json_answer_is_a_502(gateway):
    answer = gateway.call(PATH, ASK, x_do="cut-json")
    assert (answer.status, answer.json["error"]["code"]) == (502, "stream_broken")


def test_a_body_over_the_limit_is_a_413(gateway, provider):
    before = len(provider.asked)
    answer = gateway.call(PATH, b"x" * 1_100_000)
    assert answer.status == 413
    assert "1048576" in answer.json["error"]["message"]
    assert len(provider.asked) == before
