"""An answer that stands in the socket when a write to it fails."""

import asyncio
import os
import socket
import threading
import time

import httpx2
import pytest

from gateway.upstream.http1.connection import Connection
from tests.upstream.hostile import PATIENT, fetch, hostile, transport, whole
from tests.upstream.http1.test_sending import TOO_LARGE, recording


def test_an_answer_that_comes_just_before_a_write_that_fails_counts(run, monkeypatch):
    """The peer answers and closes with bytes unread, which is a reset, between our look at the socket and our write."""
    monkeypatch.setattr(Connection, "readable", lambda self: False)

    class Stalled(httpx2.AsyncByteStream):
        async def __aiter__(self):
            yield b"a" * 60_000
            await asyncio.sleep(0.05)
            time.sleep(0.15)  # the answer and the reset come meanwhile
            yield b"b" * 60_000
            yield b"c" * 60_000

    def peer(listener):
        one, _ = listener.accept()
        with one:
            one.recv(100)
            time.sleep(0.1)
            one.sendall(TOO_LARGE)

    async def main():
        with socket.create_server(("127.0.0.1", 0)) as listener:
            serving = threading.Thread(target=peer, args=(listener,))
            serving.start()
            url = f"http://127.0.0.1:{listener.getsockname()[1]}/"
            async with transport() as client:
                sent = httpx2.Request("POST", url, stream=Stalled(), extensions={"timeout": PATIENT})
                response = await client.handle_async_request(sent)
                assert (response.status_code, await whole(response)) == (413, b"too large")
            serving.join()

    run(main())


def ways_to(fd):
    """How many of this process's descriptors lead where `fd` does."""
    names = {name: os.readlink(f"/proc/self/fd/{name}") for name in os.listdir("/proc/self/fd") if exists(name)}
    return list(names.values()).count(names[str(fd)])


def exists(name):
    return os.path.lexists(f"/proc/self/fd/{name}")


@pytest.mark.skipif(not os.path.isdir("/proc/self/fd"), reason="counts this process's descriptors")
def test_the_second_way_to_a_socket_lasts_for_one_exchange(run):
    async def main():
        async with hostile(recording([])) as server, transport() as client:
            await fetch(client, server.url, "POST", b"small")
            (connection,) = client.pools.live
            socket_of_it = connection.transport.get_extra_info("socket").fileno()
            assert ways_to(socket_of_it) == 1
            await fetch(client, server.url, "POST", b"l" * 200_000)
            assert ways_to(socket_of_it) == 2
            await fetch(client, server.url, "POST", b"small")
            assert ways_to(socket_of_it) == 1
            assert server.accepted == 1

    run(main())
