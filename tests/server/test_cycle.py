"""What an application sees of a client: its body, its leaving; and what a client sees of an application's mistakes."""

import socket
import struct
import time

import pytest

from tests.server import clients
from tests.server.clients import get, until, waited

SOON = 0.05
"""Seconds within which a client's leaving is told; it takes about one turn of the loop."""


@pytest.fixture(scope="module")
def server():
    with clients.server() as one:
        yield one


def leave(client, how):
    """Close, with or without a reset."""
    if how == "reset":
        client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    client.close()
    return time.monotonic()


def told(server, left):
    """Seconds from `left` to the callback that followed it; the clock is one for all processes of a machine."""

    def found():
        return [one["at"] for one in server.seen("gone") if one["at"] >= left - 0.001]

    assert waited(found)
    return found()[0] - left


def waiting(server):
    return len(server.seen("waiting"))


@pytest.mark.parametrize("how", ["close", "reset"])
@pytest.mark.parametrize("sent", [b"", get("/echo")], ids=["", "while another request waits"])
def test_a_client_that_leaves_while_it_waits_is_told_at_once(server, how, sent):
    before, client = waiting(server), server.connect()
    client.sendall(get("/slow") + sent)
    assert waited(lambda: waiting(server) > before)
    assert told(server, leave(client, how)) < SOON


@pytest.mark.parametrize("how", ["close", "reset"])
def test_a_client_that_leaves_while_its_body_comes_is_told_at_once(server, how):
    client = server.connect()
    client.sendall(b"POST /slow HTTP/1.1\r\nhost: x\r\ncontent-length: 1000000\r\n\r\n" + b"x" * 100_000)
    time.sleep(0.1)
    assert told(server, leave(client, how)) < SOON


@pytest.mark.parametrize("how", ["close", "reset"])
def test_a_client_that_leaves_without_reading_is_told_at_once(server, how):
    client = server.connect()
    client.sendall(get("/big?bytes=50000000"))
    time.sleep(0.3)
    assert told(server, leave(client, how)) < SOON


def test_a_client_that_only_stops_sending_has_left(server):
    # Nobody who wants an answer does that, and a client that is gone looks just so.
    with server.connect() as client:
        before = waiting(server)
        client.sendall(get("/slow"))
        assert waited(lambda: waiting(server) > before)
        left = time.monotonic()
        client.shutdown(socket.SHUT_WR)
        assert told(server, left) < SOON


def test_a_finished_answer_is_no_leaving(server):
    before = len(server.seen("gone"))
    with server.connect() as client:
        client.sendall(get("/slow?for=0.05"))
        until(client, b"late")
    time.sleep(0.1)
    assert len(server.seen("gone")) == before


def test_receive_ends_when_the_answer_is_complete(server):
    before = len(server.seen("http.disconnect"))
    with server.connect() as client:
        client.sendall(get("/twice"))
        until(client, b"done")
        # Still connected: it is the answer that is over.
        assert waited(lambda: len(server.seen("http.disconnect")) > before, 2)


def test_a_body_comes_in_order_and_whole(server):
    body = bytes(range(256)) * 8192
    head = b"POST /echo HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-length: %d\r\n\r\n" % len(body)
    assert server.ask(head + body).endswith(b"\r\n\r\n" + body)


def test_an_answer_without_a_length_is_chunked(server):
    with server.connect() as client:
        client.sendall(get("/stream?n=2&pause=0.01"))
        got = until(client, b"0\r\n\r\n")
    assert b"\r\ntransfer-encoding: chunked\r\n" in got
    assert got.endswith(b"\r\n\r\n9\r\ndata: 0\n\n\r\n9\r\ndata: 1\n\n\r\n0\r\n\r\n")


def test_an_answer_without_a_length_ends_with_the_connection_in_http_1_0(server):
    got = server.ask(b"GET /stream?n=2&pause=0.01 HTTP/1.0\r\n\r\n")
    assert b"transfer-encoding" not in got
    assert got.endswith(b"\r\n\r\ndata: 0\n\ndata: 1\n\n")


def test_the_first_event_does_not_wait_for_the_second(server):
    with server.connect() as client:
        client.sendall(get("/stream?n=2&pause=5"))
        began = time.monotonic()
        until(client, b"data: 0\n\n\r\n")
        assert time.monotonic() - began < 1


def test_an_application_that_fails_answers_500(server):
    got = server.ask(get("/raises"))
    assert got.startswith(b"HTTP/1.1 500 ")
    assert b"on purpose" not in got


def test_an_application_that_fails_half_way_leaves_the_body_unended(server):
    got = server.ask(get("/raises?late=1"))
    assert b"4\r\nhalf\r\n" in got
    assert not got.endswith(b"0\r\n\r\n")


@pytest.mark.parametrize("value", ["a%0d%0ab: c", "a%0ab", "a%0db", "a%00b"])
def test_an_application_cannot_split_its_answer(server, value):
    got = server.ask(get(f"/says?name=x-a&value={value}"))
    assert got.startswith(b"HTTP/1.1 500 ")
    assert b"b: c" not in got


@pytest.mark.parametrize("status", [200, 204, 304, 404, 418, 451, 529, 599])
def test_any_status_goes_out(server, status):
    assert server.ask(get(f"/says?status={status}", "connection: close")).startswith(b"HTTP/1.1 %d " % status)


@pytest.mark.parametrize("status", [204, 304])
def test_a_status_without_a_body_has_none(server, status):
    assert server.ask(get(f"/says?status={status}&body=no", "connection: close")).endswith(b"\r\n\r\n")
