"""Requests that nobody sends by accident: each is answered or cut off, nothing gets through, and the gateway lives."""

import json
import time

import pytest

from tests import world
from tests.server.raw import PATH, get, post, statuses, talk
from tests.server.table import CLOSE, FRAMING, HEADS, SMUGGLED, chunked
from tests.world import Says

DEEP = 100_000


@pytest.fixture(scope="module")
def provider():
    with world.provider(lambda asked: Says(chunks=[b'{"id": "x", "model": "m"}'])) as one:
        yield one


@pytest.fixture(scope="module")
def gateway(tmp_path_factory, provider):
    yaml = f"""
    server: {{header_timeout: 1s, body_timeout: 1s, keep_alive: 1s, max_request_bytes: 1MiB}}
    providers: {{openai: {{base_url: "{provider.url}/v1"}}}}
    accounts: {{acme: {{gateways: {{main: {{}}}}}}}}
    """
    with world.gateway(tmp_path_factory.mktemp("hostile"), yaml) as one:
        yield one


V1 = "/v1/acme/main/openai"
PATHS = {
    "dot segments": (f"{V1}/../../../secret", 400),
    "a dot segment": (f"{V1}/./models", 400),
    "dot segments at the end": (f"{V1}/models/..", 400),
    "encoded dots": (f"{V1}/%2e%2e/secret", 400),
    "half-encoded dots": (f"{V1}/.%2E/secret", 400),
    "an encoded slash after dots": (f"{V1}/..%2fsecret", 400),
    "an encoded backslash": (f"{V1}/..%5csecret", 400),
    "a backslash": (f"{V1}/..\\secret", 400),
    "encoded NUL": (f"{V1}/models%00", 400),
    "an encoded line break": (f"{V1}/models%0d%0aX:%20y", 400),
    "dots where the account stands": ("/v1/../main/openai/models", 400),
    "an encoded slash where the account stands": ("/v1/acme%2fmain/main/openai/models", 400),
    "NUL where the gateway stands": ("/v1/acme/main%00/openai/models", 400),
    "an encoded letter where the gateway stands": ("/v1/acme/%6dain/openai/models", 400),
    "an encoded letter in v1": ("/%761/acme/main/openai/models", 404),
    "a double slash in front": (f"/{V1}/models", 404),
    "a double slash where the account stands": ("/v1//main/openai/models", 400),
    "a doubled provider": ("/v1/acme/main/openai%20/models", 400),
    "nothing after v1": ("/v1/", 400),
    "V1": ("/V1/acme/main/openai/models", 404),
    "dots around healthz": ("/v1/../healthz", 400),
}


def check(gateway, message, expected, provider):
    """Send it twice: in one piece, and in many; then the gateway must answer at once and must have said nothing."""
    before = len(provider.asked)
    third = max(1, len(message) // 3)
    for pieces in ((message,), (message[:third], message[third : 2 * third], message[2 * third :])):
        got = talk(gateway.port, *pieces)
        assert statuses(got)[:1] == [expected], got[:300]
        assert len(statuses(got)) == 1, got
    begun = time.monotonic()
    assert gateway.call("/healthz", None, "GET").status == 200
    assert time.monotonic() - begun < 1
    assert "Traceback" not in gateway.errors()
    assert not [asked.target for asked in provider.asked[before:] if "chat/completions" not in asked.target]
    return provider.asked[before:]


@pytest.mark.parametrize("name", FRAMING)
def test_a_body_whose_end_is_in_doubt_is_refused(gateway, provider, name):
    assert not check(gateway, *FRAMING[name], provider)


@pytest.mark.parametrize("name", HEADS)
def test_a_head_is_read_as_rfc_9112_has_it_or_refused(gateway, provider, name):
    check(gateway, *HEADS[name], provider)


@pytest.mark.parametrize("name", PATHS)
def test_a_path_with_two_meanings_reaches_nobody(gateway, provider, name):
    path, status = PATHS[name]
    assert not check(gateway, get(path, CLOSE), status, provider)


PIPELINED = {
    "whole requests": post() + SMUGGLED,
    "a request and half a one": post() + SMUGGLED[:20],
    "a request and garbage": post() + b"\0\0\0\xff" * 10,
    "a request, a blank line and a request": post() + b"\r\n\r\n" + SMUGGLED,
    "a last request and another": post(b"{}", CLOSE) + SMUGGLED,
    "a request whose length leaves some over": post(b"{}") + b"0\r\n\r\n" + SMUGGLED,
    "chunks and a request": chunked(b"2\r\n{}\r\n0\r\n\r\n" + SMUGGLED),
    "an upgrade with a body and a request": post(b"{}", "Connection: Upgrade", "Upgrade: h2c") + SMUGGLED,
}


@pytest.mark.parametrize("name", PIPELINED)
def test_what_follows_a_request_before_its_answer_is_not_read(gateway, provider, name):
    before = len(provider.asked)
    got = talk(gateway.port, PIPELINED[name])
    assert statuses(got) == [200], got
    arrived = provider.asked[before:]
    assert [(asked.target, asked.body) for asked in arrived] == [("/v1/chat/completions", b"{}")]
    assert "Traceback" not in gateway.errors()


def bomb(opening: str, closing: str) -> bytes:
    return (f'{{"model": "m", "messages": {opening * DEEP}{closing * DEEP}}}').encode()


BODIES = {
    "deep lists": bomb("[", "]"),
    "deep objects": bomb('{"a":', "}").replace(b":}", b":1}"),
    "lists without end": b"[" * DEEP,
    "a huge number": b'{"model": "m", "max_tokens": ' + b"9" * 10_000 + b"}",
    "a huge exponent": b'{"model": "m", "temperature": 1e999999}',
    "a model that is no UTF-8": b'{"model": "\xff\xfe"}',
    "a model with a lone surrogate": b'{"model": "\\ud800"}',
    "a model with a line break": b'{"model": "m\\r\\nset-cookie: a=b"}',
    "a model with NUL": b'{"model": "m\\u0000"}',
    "a model of a megabyte": b'{"model": "' + b"m" * 900_000 + b'"}',
    "a model that is a list": b'{"model": [1]}',
    "a model with control characters": b'{"model": "\x01\x1b[31m"}',
    "no JSON": b"\0" * 1000,
    "nothing": b"",
    "UTF-16": '{"model": "m"}'.encode("utf-16"),
    "many keys": b'{"model": "m", ' + b", ".join(b'"k%d": 1' % n for n in range(20_000)) + b"}",
}


@pytest.mark.parametrize("name", BODIES)
def test_a_body_that_is_a_trap_is_relayed_as_it_is(gateway, provider, name):
    before, begun = len(provider.asked), time.monotonic()
    got = gateway.call(PATH, BODIES[name])
    assert got.status == 200
    assert provider.asked[before].body == BODIES[name]
    assert "set-cookie" not in got.headers
    assert gateway.line(got.log_id)["outcome"] == "served"
    assert time.monotonic() - begun < 2
    assert "Traceback" not in gateway.errors()


CONTROL = {
    "metadata that is no JSON": ({"cf_aig_metadata": "{"}, 400),
    "metadata that is a list": ({"cf_aig_metadata": "[1]"}, 400),
    "metadata of 50 KB": ({"cf_aig_metadata": json.dumps({"a": "b" * 50_000})}, 400),
    "deep metadata": ({"cf_aig_metadata": '{"a":' * 5000 + "1" + "}" * 5000}, 400),
    "metadata with a line break": ({"cf_aig_metadata": '{"a": "b\\r\\nc"}'}, 200),
    "metadata that is no UTF-8": ({"cf_aig_metadata": '{"a": "\xff"}'}, 400),
    "a custom cost that is no JSON": ({"cf_aig_custom_cost": "free"}, 400),
    "a custom cost of NaN": ({"cf_aig_custom_cost": '{"per_token_in": NaN}'}, 400),
    "a custom cost below nothing": ({"cf_aig_custom_cost": '{"per_token_in": -1}'}, 400),
    "a timeout that is a word": ({"cf_aig_request_timeout": "soon"}, 400),
    "a timeout below nothing": ({"cf_aig_request_timeout": "-1"}, 400),
    "a timeout that is huge": ({"cf_aig_request_timeout": "9" * 400}, 400),
    "an unknown alias": ({"cf_aig_byok_alias": "x"}, 400),
    "an event id with an encoded line break": ({"cf_aig_event_id": "a%0d%0ab"}, 200),
    "an event id of 60 KB": ({"cf_aig_event_id": "e" * 60_000}, 200),
    "a traceparent that is none": ({"traceparent": "00-" + "g" * 32 + "-0-0"}, 200),
    "a log switch that is none": ({"cf_aig_collect_log": "perhaps"}, 400),
}


@pytest.mark.parametrize("name", CONTROL)
def test_a_header_of_ours_that_makes_no_sense_breaks_nothing(gateway, provider, name):
    headers, status = CONTROL[name]
    before = len(provider.asked)
    got = gateway.call(PATH, b"{}", **headers)
    assert got.status == status, got
    assert len(provider.asked) - before == (status == 200)
    assert gateway.call("/healthz", None, "GET").status == 200
    assert "Traceback" not in gateway.errors()


def test_the_table_is_long_enough():
    assert len(FRAMING) + len(HEADS) + len(PATHS) + len(PIPELINED) + len(BODIES) + len(CONTROL) >= 140


def test_a_head_byte_by_byte_is_read(gateway):
    message = get("/healthz", CLOSE)
    pieces = [message[index : index + 1] for index in range(len(message))]
    assert statuses(talk(gateway.port, *pieces, pause=0.001)) == [200]


def test_a_long_head_in_many_packets_is_refused(gateway):
    message = get("/healthz", "X: " + "y" * 66_560)
    pieces = [message[index : index + 512] for index in range(0, len(message), 512)]
    assert statuses(talk(gateway.port, *pieces, pause=0.0005)) == [431]
