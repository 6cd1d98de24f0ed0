"""When a call is sent a second time, and when it must not be: the rule is in `transport`."""

import asyncio
import socket
import struct
import threading
import time

import httpx2
import pytest

from gateway.upstream.http1 import Limits
from gateway.upstream.http1.connection import Connection
from tests.upstream.hostile import OK, Peer, fetch, hostile, transport

HELLO = OK + b"content-length: 5\r\n\r\nhello"


class Dies:
    """A server in a thread: each connection answers one request and closes when told, whatever the loop does."""

    def __init__(self, then):
        self.then, self.served = then, []
        self.may_close, self.closed = threading.Event(), threading.Event()
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.url = httpx2.URL(f"http://127.0.0.1:{self.listener.getsockname()[1]}/")
        self.thread = threading.Thread(target=self.serve)

    def serve(self):
        for _ in range(2):
            try:
                sock, _ = self.listener.accept()
            except OSError:
                return
            self.served.append(sock.recv(65536))
            sock.sendall(HELLO)
            self.may_close.wait(2)
            if self.then == "reset":
                sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            sock.close()
            self.closed.set()

    def close(self):
        """Close the connection that is open, and return when the client's kernel knows."""
        self.may_close.set()
        self.closed.wait(2)
        time.sleep(0.01)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        self.thread.join()


@pytest.mark.parametrize("then", ["close", "reset"])
def test_an_end_the_loop_has_not_read_yet_is_seen_before_a_post_is_written(run, then):
    async def main():
        with Dies(then) as server:
            async with transport() as client:
                assert await fetch(client, server.url, "POST", b"1") == (200, b"hello")
                assert client.idle_connections == 1
                server.close()
                assert await fetch(client, server.url, "POST", b"2") == (200, b"hello")
            assert len(server.served) == 2

    run(main())


@pytest.mark.parametrize("size", [1, 1_000_000])
def test_a_post_whose_first_write_the_kernel_refused_is_sent_again_if_small(run, monkeypatch, size):
    """The end comes between the last look and the write; with a large body the rule does not look so closely."""
    monkeypatch.setattr(Connection, "stale", lambda connection: connection.closed)

    async def main():
        with Dies("reset") as server:
            async with transport() as client:
                assert await fetch(client, server.url, "POST", b"1") == (200, b"hello")
                server.close()
                if size == 1:
                    assert await fetch(client, server.url, "POST", b"2") == (200, b"hello")
                    assert len(server.served) == 2
                else:
                    with pytest.raises(httpx2.TransportError):
                        await fetch(client, server.url, "POST", b"2" * size)
                    assert len(server.served) == 1

    run(main())


def test_a_post_the_kernel_took_is_not_sent_again(run, monkeypatch):
    monkeypatch.setattr(Connection, "stale", lambda connection: connection.closed)
    soon = Connection.write_soon

    def at_once(connection, data):
        soon(connection, data)
        connection.flush()

    monkeypatch.setattr(Connection, "write_soon", at_once)

    async def main():
        with Dies("close") as server:
            async with transport() as client:
                assert await fetch(client, server.url, "POST", b"1") == (200, b"hello")
                server.close()
                with pytest.raises((httpx2.ReadError, httpx2.RemoteProtocolError)):
                    await fetch(client, server.url, "POST", b"2")
            assert len(server.served) == 1

    run(main())


def test_a_post_that_had_not_left_yet_when_its_provider_hung_up_goes_over_another_connection(run, monkeypatch):
    soon, written = Connection.write_soon, []

    def too_late(connection, data):
        soon(connection, data)
        written.append(data)
        if len(written) == 2:
            connection.eof_received()

    monkeypatch.setattr(Connection, "write_soon", too_late)
    with Dies("close") as server:

        async def main():
            async with transport() as client:
                assert await fetch(client, server.url, "POST", b"1") == (200, b"hello")
                assert await fetch(client, server.url, "POST", b"2") == (200, b"hello")
            server.close()

        run(main())
    assert len(server.served) == 2


def dying(peer_dies):
    """A script whose second request on a connection meets `peer_dies`; counts the requests it saw."""
    seen = []

    async def script(peer: Peer):
        seen.append((await peer.request())[0].split(b" ")[0])
        await peer.say(HELLO)
        seen.append((await peer.request())[0].split(b" ")[0])
        await peer_dies(peer)

    return script, seen


async def closes(peer: Peer):
    return


async def resets(peer: Peer):
    peer.reset()


async def half_answers(peer: Peer):
    await peer.say(b"HTTP/1.1 2")


async def talks_nonsense(peer: Peer):
    await peer.say(b"x")


@pytest.mark.parametrize("dies", [closes, resets])
@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "DELETE", "OPTIONS"])
def test_an_idempotent_call_is_sent_again_when_its_kept_connection_dies(run, dies, method):
    async def main():
        script, seen = dying(dies)
        async with hostile(script) as server, transport() as client:
            await fetch(client, server.url)
            status, _ = await fetch(client, server.url, method, b"x" if method == "PUT" else b"")
            assert status == 200
            assert seen == [b"GET", method.encode(), method.encode()]
            assert server.accepted == 2

    run(main())


@pytest.mark.parametrize(("dies", "error"), [(closes, httpx2.RemoteProtocolError), (resets, httpx2.ReadError)])
def test_a_post_is_not_sent_again_when_it_may_have_been_received(run, dies, error):
    async def main():
        script, seen = dying(dies)
        async with hostile(script) as server, transport() as client:
            await fetch(client, server.url)
            with pytest.raises(error):
                await fetch(client, server.url, "POST", b"paid")
            assert seen == [b"GET", b"POST"]
            assert client.open_connections == 0

    run(main())


@pytest.mark.parametrize("dies", [half_answers, talks_nonsense])
def test_a_call_is_not_sent_again_once_a_byte_of_its_answer_came(run, dies):
    async def main():
        script, seen = dying(dies)
        async with hostile(script) as server, transport() as client:
            await fetch(client, server.url)
            with pytest.raises(httpx2.RemoteProtocolError):
                await fetch(client, server.url)
            assert seen == [b"GET", b"GET"]

    run(main())


def test_a_call_is_sent_again_only_once(run):
    async def main():
        requests = []

        async def script(peer: Peer):
            requests.append(await peer.request())
            if len(requests) == 1:
                await peer.say(HELLO)
                requests.append(await peer.request())

        async with hostile(script) as server, transport() as client:
            await fetch(client, server.url)
            with pytest.raises(httpx2.RemoteProtocolError, match="without an answer"):
                await fetch(client, server.url)
            assert len(requests) == 3
            assert client.open_connections == 0

    run(main())


def test_a_fresh_connection_that_dies_is_reported_and_not_repeated(run):
    async def main():
        async def script(peer: Peer):
            await peer.request()

        async with hostile(script) as server, transport() as client:
            with pytest.raises(httpx2.RemoteProtocolError, match=rf"127\.0\.0\.1:{server.port}: .* without an answer"):
                await fetch(client, server.url)
            assert server.accepted == 1

    run(main())


def test_a_repeat_finds_room_when_all_places_are_taken_by_dead_connections(run):
    async def main():
        script, _ = dying(closes)
        async with hostile(script) as server, transport(Limits(connections=2)) as client:
            await asyncio.gather(fetch(client, server.url), fetch(client, server.url))
            assert client.idle_connections == 2
            assert await fetch(client, server.url) == (200, b"hello")

    run(main())
