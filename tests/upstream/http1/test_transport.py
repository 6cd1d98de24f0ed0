"""The transport as a whole: calls, reuse, repeats and closing."""

import asyncio
import gc
import weakref

import httpx2
import pytest

from gateway.upstream.http1 import Limits, Transport
from tests.upstream.hostile import OK, Peer, answering, fetch, hostile, request, transport, whole

HELLO = OK + b"content-length: 5\r\n\r\nhello"


def test_a_call_is_answered_with_status_headers_and_body(run):
    async def main():
        seen = []

        async def script(peer: Peer):
            seen.append(await peer.request())
            await peer.say(b"HTTP/1.1 201 Made\r\nX-One: 1\r\nX-Two:\t2 \r\nx-one: 3\r\nContent-Length: 5\r\n\r\nhello")
            await peer.gone()

        async with hostile(script) as server, transport() as client:
            response = await client.handle_async_request(
                request(server.url, "POST", b"ask", headers=[(b"x-a", b"b")], target=b"/v1/a%2Fb?c=d")
            )
            assert response.status_code == 201
            assert response.headers.raw == [
                (b"x-one", b"1"), (b"x-two", b"2"), (b"x-one", b"3"), (b"content-length", b"5"),
            ]  # fmt: skip
            assert response.extensions["http_version"] == b"HTTP/1.1"
            assert await whole(response) == b"hello"
            head, body = seen[0]
            assert body == b"ask"
            assert head == (
                b"POST /v1/a%%2Fb?c=d HTTP/1.1\r\n"
                b"host: 127.0.0.1:%d\r\nx-a: b\r\ncontent-length: 3\r\n\r\n" % server.port
            )

    run(main())


def test_one_connection_serves_calls_one_after_the_other(run):
    async def main():
        async with hostile(answering(HELLO)) as server, transport() as client:
            for _ in range(5):
                assert await fetch(client, server.url, "POST", b"x") == (200, b"hello")
            assert (server.accepted, client.open_connections, client.idle_connections) == (1, 1, 1)

    run(main())


def test_calls_at_one_time_get_a_connection_each(run):
    async def main():
        async with hostile(answering(HELLO)) as server, transport() as client:
            answers = await asyncio.gather(*[fetch(client, server.url) for _ in range(20)])
            assert answers == [(200, b"hello")] * 20
            assert server.accepted == client.idle_connections == 20

    run(main())


@pytest.mark.parametrize("method", ["POST", "PATCH", "GET"])
def test_a_connection_closed_while_at_rest_is_passed_by_for_every_method(run, method):
    async def main():
        async with hostile(answering(HELLO, then="close")) as server, transport() as client:
            for calls in range(1, 4):
                assert await fetch(client, server.url, method) == (200, b"hello")
                await server.all_gone()
                await asyncio.sleep(0.01)
                assert (client.idle_connections, server.accepted) == (0, calls)

    run(main())


def test_only_http_and_https_are_called(run):
    async def main():
        async with transport() as client:
            for url in ("ftp://127.0.0.1/", "ws://127.0.0.1/"):
                with pytest.raises(httpx2.UnsupportedProtocol):
                    await fetch(client, url)

    run(main())


def test_nobody_listening_is_a_connect_error(run, unused_port):
    async def main():
        async with transport() as client:
            with pytest.raises(httpx2.ConnectError, match=f"127.0.0.1:{unused_port}"):
                await fetch(client, f"http://127.0.0.1:{unused_port}/")
            assert client.open_connections == 0

    run(main())


def test_a_name_nobody_knows_is_a_connect_error(run):
    async def main():
        async with transport() as client:
            for host in ("nobody.invalid", "a" * 70 + ".invalid"):
                with pytest.raises(httpx2.ConnectError):
                    await fetch(client, f"http://{host}/")

    run(main())


def test_closing_ends_calls_under_way_and_refuses_new_ones(run):
    async def main():
        async def script(peer: Peer):
            await peer.request()
            await peer.gone()

        async with hostile(script) as server:
            client = Transport(Limits(connections=1))
            waiting = [asyncio.ensure_future(fetch(client, server.url)) for _ in range(2)]
            await asyncio.sleep(0.02)
            await client.aclose()
            outcome = await asyncio.gather(*waiting, return_exceptions=True)
            assert [type(each) for each in outcome] == [httpx2.ReadError, httpx2.ConnectError]
            with pytest.raises(httpx2.ConnectError, match="closed"):
                await fetch(client, server.url)
            assert client.open_connections == 0
            await server.all_gone()

    run(main())


def test_a_connection_that_opens_after_the_transport_was_closed_is_closed(run):
    async def main():
        async with hostile(answering(HELLO)) as server:
            client = Transport()
            waiting = asyncio.ensure_future(fetch(client, server.url))
            while not client.open_connections:
                await asyncio.sleep(0)
            await client.aclose()
            with pytest.raises(httpx2.ConnectError, match="as soon as it was open"):
                await waiting
            assert client.open_connections == 0
            await asyncio.sleep(0.01)
            await server.all_gone()

    run(main())


def test_an_origin_without_connections_is_forgotten(run):
    async def main():
        close = OK + b"connection: close\r\ncontent-length: 0\r\n\r\n"
        async with hostile(answering(close)) as server, transport() as client:
            await fetch(client, server.url)
            assert not client.pools

    run(main())


def test_what_a_call_used_is_freed_without_the_garbage_collector(run):
    async def main():
        async with hostile(answering(HELLO)) as server, transport() as client:
            await fetch(client, server.url)
            gc.collect()
            gc.disable()
            try:
                sent = request(server.url, "POST", b"x")
                response = await client.handle_async_request(sent)
                refs = [weakref.ref(each) for each in (sent, response, response.stream)]
                await whole(response)
                del sent, response
                assert [ref() for ref in refs] == [None, None, None]
            finally:
                gc.enable()

    run(main())


def test_a_closed_connection_is_freed_without_the_garbage_collector(run):
    async def main():
        close = OK + b"connection: close\r\ncontent-length: 5\r\n\r\nhello"
        async with hostile(answering(close)) as server, transport() as client:
            gc.collect()
            gc.disable()
            try:
                response = await client.handle_async_request(request(server.url))
                (ref,) = [Ref(each) for each in client.pools.live]
                await whole(response)
                del response
                await asyncio.sleep(0.01)
                assert ref.gone()
            finally:
                gc.enable()

    run(main())


class Ref:
    """Whether an object that takes no weak reference still exists."""

    def __init__(self, target):
        self.address = id(target)

    def gone(self):
        return not any(id(each) == self.address and type(each).__name__ == "Connection" for each in gc.get_objects())


@pytest.fixture
def unused_port():
    import socket

    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return sock.getsockname()[1]
