"""Requests that nobody sends by accident: each is answered or cut off, nothing gets through, and the gateway lives."""

import json
import time

import pytest

from tests import world
from tests.server.raw import PATH, get, post, statuses, talk
from tests.world import Says

CLOSE = "Connection: close"
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


def line(*lines: str) -> bytes:
    """A request with exactly these lines, without a body."""
    return "\r\n".join([*lines, "", ""]).encode("latin-1")


def chunked(body: bytes, coding: str = "Transfer-Encoding: chunked", *lines: str) -> bytes:
    return line(f"POST {PATH} HTTP/1.1", "Host: a", coding, *lines) + body


def length(*values: str) -> bytes:
    return line(f"POST {PATH} HTTP/1.1", "Host: a", *(f"Content-Length: {value}" for value in values)) + b"{}"


SMUGGLED = b"GET /v1/acme/main/openai/smuggled HTTP/1.1\r\nHost: a\r\n\r\n"

FRAMING = {
    "a length beside chunks": (
        chunked(b"0\r\n\r\n" + SMUGGLED, "Content-Length: 4\r\nTransfer-Encoding: chunked"),
        400,
    ),
    "chunks beside a length": (
        chunked(b"0\r\n\r\n" + SMUGGLED, "Transfer-Encoding: chunked\r\nContent-Length: 4"),
        400,
    ),
    "two lengths": (length("2", "3"), 400),
    "two lengths alike": (length("2", "2"), 400),
    "a list of lengths": (length("2, 2"), 400),
    "a negative length": (length("-1"), 400),
    "a signed length": (length("+2"), 400),
    "a hexadecimal length": (length("0x2"), 400),
    "a length of nothing": (length(""), 400),
    "a length with a blank in it": (length("1 2"), 400),
    "a length over 64 bits": (length("9" * 30), 400),
    "a length over the limit": (length("99999999"), 413),
    "a length with an underscore": (length("1_0"), 400),
    "a length of Arabic digits": (length("\xd9\xa2"), 400),
    "a coding that is none": (chunked(b"0\r\n\r\n", "Transfer-Encoding: xchunked"), 400),
    "chunked twice in one line": (chunked(b"0\r\n\r\n", "Transfer-Encoding: chunked, chunked"), 400),
    "chunked twice in two lines": (
        chunked(b"0\r\n\r\n", "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked"),
        400,
    ),
    "gzip, then chunked": (chunked(b"0\r\n\r\n", "Transfer-Encoding: gzip, chunked"), 400),
    "chunked, then identity": (chunked(b"0\r\n\r\n", "Transfer-Encoding: chunked, identity"), 400),
    "identity": (chunked(b"", "Transfer-Encoding: identity"), 400),
    "a coding in quotes": (chunked(b"0\r\n\r\n", 'Transfer-Encoding: "chunked"'), 400),
    "a vertical tab before the coding": (chunked(b"0\r\n\r\n", "Transfer-Encoding: \x0bchunked"), 400),
    "a blank before the coding's colon": (chunked(b"0\r\n\r\n", "Transfer-Encoding : chunked"), 400),
    "a coding on a folded line": (chunked(b"0\r\n\r\n", "Transfer-Encoding:\r\n chunked"), 400),
    "chunks in HTTP/1.0": (
        line(f"POST {PATH} HTTP/1.0", "Host: a", "Transfer-Encoding: chunked") + b"0\r\n\r\n",
        400,
    ),
    "a chunk of 0x10": (chunked(b"0x10\r\n" + b"a" * 16 + b"\r\n0\r\n\r\n"), 400),
    "a chunk of -1": (chunked(b"-1\r\nab\r\n0\r\n\r\n"), 400),
    "a chunk of more than 64 bits": (chunked(b"f" * 17 + b"\r\nab\r\n0\r\n\r\n"), 400),
    "a chunk without its end": (chunked(b"2\r\nabab\r\n0\r\n\r\n"), 400),
    "a chunk that ends in LF": (chunked(b"2\nab\r\n0\r\n\r\n"), 400),
    "a chunk with a blank before its size": (chunked(b" 2\r\nab\r\n0\r\n\r\n"), 400),
    "a chunk with no size": (chunked(b"\r\nab\r\n0\r\n\r\n"), 400),
    "a chunk's extension with an LF in it": (chunked(b"2;a\nb\r\nab\r\n0\r\n\r\n"), 400),
    "an extension without end": (chunked(b"2;" + b"a" * 200_000), 431),
    "trailers without end": (chunked(b"0\r\n" + b"x: y\r\n" * 40_000), 431),
    "a trailer without end": (chunked(b"0\r\nx: " + b"y" * 200_000), 431),
    "a trailer that is none": (chunked(b"0\r\nx y\r\n\r\n"), 400),
}

HEADS = {
    "a folded line": (get("/healthz", "X: a\r\n b"), 400),
    "a blank before a colon": (get("/healthz", "X : a"), 400),
    "a tab before a colon": (get("/healthz", "X\t: a"), 400),
    "a line without a colon": (get("/healthz", "X"), 400),
    "a header without a name": (get("/healthz", ": a"), 400),
    "bare CR": (b"GET /healthz HTTP/1.1\rHost: a\r\r", 400),
    "bare LF": (b"GET /healthz HTTP/1.1\nHost: a\n\n", 400),
    "bare LF after a header": (b"GET /healthz HTTP/1.1\r\nHost: a\nX: b\r\n\r\n", 400),
    "NUL in a value": (get("/healthz", "X: a\0b"), 400),
    "NUL in a name": (get("/healthz", "X\0: b"), 400),
    "a control character in a value": (get("/healthz", "X: a\x01b"), 400),
    "DEL in a value": (get("/healthz", "X: a\x7fb"), 400),
    "bare CR in a value": (get("/healthz", "X: a\rb"), 400),
    "no Host": (line("GET /healthz HTTP/1.1"), 400),
    "two Hosts": (get("/healthz", "Host: b"), 400),
    "two Hosts alike": (get("/healthz", "Host: a"), 400),
    "an empty Host": (line("GET /healthz HTTP/1.1", "Host:"), 400),
    "a Host with a path": (line("GET /healthz HTTP/1.1", "Host: a/v1/acme/main/openai"), 400),
    "a Host with a question mark": (line("GET /healthz HTTP/1.1", "Host: a?x"), 400),
    "a Host with a name and password": (line("GET /healthz HTTP/1.1", "Host: u:p@a"), 400),
    "a Host with blanks": (line("GET /healthz HTTP/1.1", "Host: a b"), 400),
    "a Host with a fragment": (line("GET /healthz HTTP/1.1", "Host: a#"), 400),
    "a whole URL on another host": (line("GET http://b/healthz HTTP/1.1", "Host: a"), 400),
    "a whole URL on a host that begins alike": (line("GET http://ab/healthz HTTP/1.1", "Host: a"), 400),
    "a whole URL on this host": (line("GET http://a/healthz HTTP/1.1", "Host: a", CLOSE), 200),
    "a URL of another scheme": (line("GET file:///etc/passwd HTTP/1.1", "Host: a"), 400),
    "CONNECT": (line("CONNECT b:443 HTTP/1.1", "Host: b:443"), 400),
    "CONNECT to a path": (line("CONNECT /healthz HTTP/1.1", "Host: a"), 400),
    "OPTIONS *": (line("OPTIONS * HTTP/1.1", "Host: a"), 400),
    "a target without a slash": (line("GET healthz HTTP/1.1", "Host: a"), 400),
    "a target with a fragment": (get("/healthz#x"), 400),
    "a target with a backslash": (get("\\healthz"), 400),
    "a target with a blank": (get("/health z"), 400),
    "a target with bytes over 127": (get("/health\xffz"), 400),
    "a target with NUL": (get("/health\0z"), 400),
    "a target of 20,000 bytes": (get("/" + "a" * 20_000), 414),
    "HTTP/0.9": (b"GET /healthz\r\n\r\n", 505),
    "HTTP/1.2": (line("GET /healthz HTTP/1.2", "Host: a"), 400),
    "HTTP/2.0": (line("GET /healthz HTTP/2.0", "Host: a"), 505),
    "HTTP/1.10": (line("GET /healthz HTTP/1.10", "Host: a"), 400),
    "lower-case http": (line("GET /healthz http/1.1", "Host: a"), 400),
    "HTTP/2's preface": (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 400),
    "TLS": (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\x42" * 32, 400),
    "an unknown method": (line("HACK /healthz HTTP/1.1", "Host: a"), 400),
    "a method in lower case": (line("get /healthz HTTP/1.1", "Host: a"), 400),
    "garbage": (b"\xff" * 100, 400),
    "an answer": (b"HTTP/1.1 200 OK\r\n\r\n", 400),
    "201 headers": (get("/healthz", *(f"X-{n}: y" for n in range(200))), 431),
    "a header of 65 KiB": (get("/healthz", "X: " + "y" * 66_560), 431),
    "a header's name of 65 KiB": (get("/healthz", "x" * 66_560 + ": y"), 431),
    "a target of 65 KiB": (get("/" + "a" * 66_560), 414),
    "lines of 65 KiB": (get("/healthz", *("X: " + "y" * 1024 for _ in range(65))), 431),
    "blank lines before a request": (b"\r\n\r\n" + get("/healthz", CLOSE), 200),
    "a value of bytes over 127": (get("/healthz", "X: \xff\xfe", CLOSE), 200),
    "TRACE": (line("TRACE /healthz HTTP/1.1", "Host: a", CLOSE), 405),
    "an expectation that is none": (post(b"{}", "Expect: miracles", CLOSE), 200),
    "an upgrade to WebSocket": (get("/healthz", "Connection: upgrade", "Upgrade: websocket"), 200),
}

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
