"""Requests as bytes, and those that are not sent."""

import re

import httpx2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.upstream.http1 import outgoing as module
from gateway.upstream.http1.outgoing import outgoing

URL = "https://api.example.com/v1/base?x=1"


def made(method="POST", headers=(), body=b"", target=b"/x", url=URL):
    extensions = {"target": target, "body": body}
    return outgoing(
        httpx2.Request(method, url, headers=list(headers), stream=httpx2.ByteStream(b""), extensions=extensions)
    )


def test_a_request_is_one_piece_of_bytes():
    got = made(headers=[(b"Content-Type", b"application/json"), (b"x-a", b"1")], body=b"{}")
    assert got.head == (
        b"POST /x HTTP/1.1\r\nhost: api.example.com\r\ncontent-type: application/json\r\nx-a: 1\r\n"
        b"content-length: 2\r\n\r\n{}"
    )
    assert got.body == b""


def test_a_large_body_is_not_copied():
    body = b"z" * 70000
    got = made(body=body)
    assert got.body is body
    assert got.head.endswith(b"content-length: 70000\r\n\r\n")


def test_host_and_length_that_are_there_stay():
    got = made(headers=[(b"host", b"other:1"), (b"content-length", b"2")], body=b"{}")
    assert got.head == b"POST /x HTTP/1.1\r\nhost: other:1\r\ncontent-length: 2\r\n\r\n{}"


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH"])
def test_a_method_that_means_to_send_says_that_it_sends_nothing(method):
    assert b"\r\ncontent-length: 0\r\n" in made(method).head


@pytest.mark.parametrize("method", ["GET", "HEAD", "DELETE", "OPTIONS"])
def test_other_methods_say_nothing_of_a_body_they_have_not(method):
    assert b"content-length" not in made(method).head
    assert b"content-length: 1\r\n" in made(method, body=b"x").head


def test_a_coding_beside_a_whole_body_is_left_out():
    got = made(headers=[(b"transfer-encoding", b"chunked")], body=b"{}")
    assert b"transfer-encoding" not in got.head
    assert b"content-length: 2\r\n" in got.head


def test_the_url_s_own_path_is_the_target_where_no_other_is_given():
    assert made("GET", target=None).head.startswith(b"GET /v1/base?x=1 HTTP/1.1\r\n")


def test_the_host_has_its_port_where_it_is_not_the_scheme_s():
    assert b"\r\nhost: [::1]:8080\r\n" in made(url="http://[::1]:8080/").head
    assert b"\r\nhost: api.example.com\r\n" in made(url="https://api.example.com:443/").head


@pytest.mark.parametrize(
    "headers",
    [
        [(b"x", b"a\r\nevil: 1")],
        [(b"x", b"a\nevil: 1")],
        [(b"x", b"a\rb")],
        [(b"x", b"a\0b")],
        [(b"x", b"a\r\n")],
        [(b"x\r\ny", b"a")],
        [(b"x y", b"a")],
        [(b"x:", b"a")],
        [(b"x\0", b"a")],
        [(b"x\xe9", b"a")],
        [(b"", b"a")],
        [(b" x", b"a")],
        [(b"host", b"a"), (b"host", b"b")],
        [(b"Host", b"a"), (b"host", b"b")],
        [(b"content-length", b"3")],
        [(b"content-length", b"2"), (b"content-length", b"2")],
        [(b"content-length", b"02")],
        [(b"content-length", b"+2")],
        [(b"content-length", b"")],
    ],
)
def test_headers_that_would_be_read_as_something_else_are_refused(headers):
    with pytest.raises(httpx2.LocalProtocolError):
        made(headers=headers, body=b"{}")


@pytest.mark.parametrize("target", [b"/a b", b"/a\r\nx: y", b"/\0", b"x", b"/a\t", b"/\x7f", b"http://a/", b"\n/"])
def test_a_target_that_is_not_one_is_refused(target):
    with pytest.raises(httpx2.LocalProtocolError):
        made(target=target)


@pytest.mark.parametrize("method", ["GE T", "GET\r\n", "", "CONNECT", "connect", "G\xc9T", "GET/"])
def test_a_method_that_is_not_one_is_refused(method):
    with pytest.raises(httpx2.LocalProtocolError):
        made(method)


@pytest.mark.parametrize(
    "headers",
    [
        [(b"transfer-encoding", b"gzip, chunked")],
        [(b"transfer-encoding", b"chunked"), (b"transfer-encoding", b"chunked")],
        [(b"content-length", b"1"), (b"content-length", b"1")],
        [(b"content-length", b"-1")],
        [(b"content-length", b"9" * 30)],
    ],
)
def test_a_stream_whose_framing_is_not_clear_is_refused(headers):
    with pytest.raises(httpx2.LocalProtocolError):
        outgoing(httpx2.Request("POST", URL, headers=headers, stream=httpx2.ByteStream(b"")))


def test_a_stream_that_only_blocks_is_refused():
    class Blocking(httpx2.SyncByteStream):
        def __iter__(self):
            return iter(())

    with pytest.raises(httpx2.LocalProtocolError):
        outgoing(httpx2.Request("POST", URL, stream=Blocking()))


def test_names_that_clients_make_up_are_not_remembered_for_ever(monkeypatch):
    monkeypatch.setattr(module, "_known", set(module.FRAMING))
    for i in range(0, 6000, 50):
        made(headers=[(b"x-%d" % j, b"1") for j in range(i, i + 50)])
    assert len(module._known) <= 4096
    assert b"x-5999: 1\r\n" in made(headers=[(b"x-5999", b"1")]).head


TOKEN = re.compile(rb"[!#$%&'*+\-.^_`|~0-9a-z]+")


PAIRS = st.lists(st.tuples(st.binary(max_size=8), st.binary(max_size=12)), max_size=6)


@given(PAIRS, st.binary(max_size=20), st.binary(max_size=20))
@settings(deadline=None, max_examples=200)
def test_whatever_is_sent_is_one_request_with_the_headers_that_were_meant(headers, target, body):
    try:
        got = made(headers=headers, target=b"/" + target, body=body)
    except httpx2.LocalProtocolError:
        return
    start, *lines = got.head[: len(got.head) - len(body)].removesuffix(b"\r\n\r\n").split(b"\r\n")
    assert got.head.endswith(b"\r\n\r\n" + body)
    assert start == b"POST /" + target + b" HTTP/1.1"
    assert start.count(b" ") == 2
    names = [line.split(b": ", 1)[0] for line in lines]
    assert all(TOKEN.fullmatch(name) for name in names)
    assert names.count(b"host") == names.count(b"content-length") == 1
    assert b"transfer-encoding" not in names
