"""A client that leaves is told to the application at once, in whatever it was doing; and its body comes whole."""

import socket
import struct
import time

import pytest

from tests.server import clients
from tests.server.clients import get, until, waited

SOON = 0.25
"""Seconds within which a client's leaving is told; it takes about one turn of the loop; a busy machine takes more."""


@pytest.fixture(scope="module")
def server():
    with clients.server() as one:
        yield one


def leave(client, how):
    """Close, with or without a reset."""
    if how == "reset":
        client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    # Before the close, since the server may hear of it before we get on.
    left = time.monotonic()
    client.close()
    return left


def told(server, left):
    """Seconds from `left` to the callback that followed it; the clock is one for all processes of a machine."""

    def found():
        return [one["at"] for one in server.seen("gone") if one["at"] >= left]

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


def test_a_body_comes_in_order_and_whole(server):
    body = bytes(range(256)) * 8192
    head = b"POST /echo HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-length: %d\r\n\r\n" % len(body)
    assert server.ask(head + body).endswith(b"\r\n\r\n" + body)


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


def test_receive_ends_when_the_answer_is_complete(server):
    before = len(server.seen("http.disconnect"))
    with server.connect() as client:
        client.sendall(get("/twice"))
        until(client, b"done")
        # Still connected: it is the answer that is over.
        assert waited(lambda: len(server.seen("http.disconnect")) > before, 2)


def test_a_client_that_only_stops_sending_and_reads_nothing_is_told_at_once(server):
    with server.connect() as client:
        client.sendall(get("/big?bytes=50000000"))
        time.sleep(0.3)
        left = time.monotonic()
        client.shutdown(socket.SHUT_WR)
        assert told(server, left) < SOON


def test_a_body_that_ends_with_the_connection_is_reset_when_it_is_not_whole(server):
    with server.connect() as client:
        client.sendall(b"GET /raises?late=1 HTTP/1.0\r\n\r\n")
        with pytest.raises(ConnectionResetError):
            while client.recv(65536):
                pass


def test_a_status_that_no_rfc_knows_goes_out(server):
    assert server.ask(get("/says?status=799", "connection: close")).startswith(b"HTTP/1.1 799 ")
