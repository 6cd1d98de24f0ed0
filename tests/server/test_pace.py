"""How long a connection waits for a client: for its next request, and for it to take what it was sent."""

import socket
import time

import pytest

from tests.server import clients
from tests.server.clients import everything, get, until

LARGE = 6_000_000


@pytest.fixture(scope="module")
def server():
    with clients.server(keep_alive=1.0, header_timeout=2.0) as one:
        yield one


def closed_after(client):
    """Seconds until the server hangs up."""
    began = time.monotonic()
    assert everything(client) == b""
    return time.monotonic() - began


def test_an_idle_connection_is_closed_after_a_large_answer_too(server):
    # Writing pauses and resumes around the answer's end, which must not lose the deadline.
    with server.connect() as client:
        client.sendall(get(f"/big?bytes={LARGE}&piece={LARGE}"))
        time.sleep(0.2)
        head, got = until(client, b"\r\n\r\n", 1), 0
        assert head.startswith(b"HTTP/1.1 200 ")
        while got < LARGE:
            got += len(client.recv(1 << 20))
        assert 0.5 < closed_after(client) < 3


def test_a_call_that_ends_late_does_not_close_the_next(server):
    with server.connect() as client:
        client.sendall(get("/slow?for=0.01&after=0.3"))
        until(client, b"late")
        client.sendall(get("/slow?for=2"))
        assert until(client, b"late").startswith(b"HTTP/1.1 200 ")


def test_a_head_in_many_pieces_is_read(server):
    with server.connect() as client:
        for byte in get("/says?body=fine"):
            client.sendall(bytes([byte]))
        assert until(client, b"fine").startswith(b"HTTP/1.1 200 ")


@pytest.mark.parametrize("line", ["connection: close", "x-a: b"])
def test_a_slow_reader_gets_the_whole_answer(server, line):
    # Slow enough that the kernel's buffer hides the progress for longer than any lingering.
    with socket.socket() as client:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        client.settimeout(10)
        client.connect(("127.0.0.1", server.port))
        client.sendall(get(f"/big?bytes={LARGE}&piece={LARGE}", line))
        began, got = time.monotonic(), 0
        while got < LARGE and (part := client.recv(65536)):
            got += len(part)
            if time.monotonic() - began < 4:
                time.sleep(0.02)
    assert got >= LARGE
