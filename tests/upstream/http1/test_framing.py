"""Bodies and heads that break off, never end, or say where they end in a way that cannot be trusted."""

import httpx2
import pytest

from gateway.upstream.http1 import Limits
from tests.upstream.hostile import OK, Peer, answering, fetch, hostile, request, transport, whole

CHUNKED = OK + b"transfer-encoding: chunked\r\n\r\n"
EMPTY = b"content-length: 0\r\n\r\n"

BROKEN_BODY = {
    "length not reached": (OK + b"content-length: 10\r\n\r\nhi", b"hi"),
    "chunk not ended": (CHUNKED + b"5\r\nhi", b"hi"),
    "last chunk missing": (CHUNKED + b"2\r\nhi\r\n", b"hi"),
    "last CRLF missing": (CHUNKED + b"2\r\nhi\r\n0\r\n", b"hi"),
    "no CRLF after a chunk": (CHUNKED + b"2\r\nhixx0\r\n\r\n", b"hi"),
    "bare LF after a chunk": (CHUNKED + b"2\r\nhi\n0\r\n\r\n", b"hi"),
    "bare LF after a size": (CHUNKED + b"2\nhi\r\n0\r\n\r\n", b""),
    "no size": (CHUNKED + b"\r\nhi\r\n0\r\n\r\n", b""),
    "negative size": (CHUNKED + b"-2\r\nhi\r\n0\r\n\r\n", b""),
    "signed size": (CHUNKED + b"+2\r\nhi\r\n0\r\n\r\n", b""),
    "size with 0x": (CHUNKED + b"0x2\r\nhi\r\n0\r\n\r\n", b""),
    "size with a blank before": (CHUNKED + b" 2\r\nhi\r\n0\r\n\r\n", b""),
    "size with a blank after": (CHUNKED + b"2 \r\nhi\r\n0\r\n\r\n", b""),
    "size too large for 64 bits": (CHUNKED + b"fffffffffffffffff\r\nhi\r\n0\r\n\r\n", b""),
    "largest size there is": (CHUNKED + b"ffffffffffffffff\r\nhi", b"hi"),
    "size not hexadecimal": (CHUNKED + b"xyz\r\nhi\r\n0\r\n\r\n", b""),
    "control character in an extension": (CHUNKED + b"2;a=\x01\r\nhi\r\n0\r\n\r\n", b""),
    "bare LF in an extension": (CHUNKED + b"2;a\nhi\r\n0\r\n\r\n", b""),
    "length in a trailer": (CHUNKED + b"2\r\nhi\r\n0\r\ncontent-length: 5\r\n\r\n", b"hi"),
    "folded trailer": (CHUNKED + b"2\r\nhi\r\n0\r\nx: 1\r\n 2\r\n\r\n", b"hi"),
    "blank in a trailer's name": (CHUNKED + b"2\r\nhi\r\n0\r\nx y: 1\r\n\r\n", b"hi"),
    "too many trailers": (CHUNKED + b"2\r\nhi\r\n0\r\n" + b"x: y\r\n" * 300 + b"\r\n", b"hi"),
}


@pytest.mark.parametrize("name", BROKEN_BODY)
def test_a_body_that_breaks_off_or_is_framed_wrongly_raises_after_what_was_sound(run, name):
    answer, sound = BROKEN_BODY[name]

    async def main():
        async with hostile(answering(answer, then="close")) as server, transport() as client:
            response = await client.handle_async_request(request(server.url))
            got = b""
            with pytest.raises(httpx2.RemoteProtocolError):
                async for chunk in response.stream:
                    got += chunk
            assert got == sound
            assert not response.stream.ended
            assert client.open_connections == 0

    run(main())


def test_trailers_are_there_when_the_body_has_ended(run):
    async def main():
        pieces = CHUNKED + b"2\r\nhi\r\n", b"0\r\nX-Sum: 1\r\nx-sum:2 \r\n\r\n"
        async with hostile(answering(*pieces)) as server, transport() as client:
            response = await client.handle_async_request(request(server.url))
            assert await whole(response) == b"hi"
            assert response.extensions["trailers"] == [(b"x-sum", b"1"), (b"x-sum", b"2")]
            assert b"x-sum" not in dict(response.headers.raw)
            assert client.idle_connections == 1

    run(main())


FLOODS = {
    "header lines": OK + b"".join(b"x%d: y\r\n" % i for i in range(1000)),
    "one header": b"y" * 4096,
    "empty lines": b"\r\n" * 1000,
    "interim answers": b"HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n",
    "reason": b"O" * 4096,
}


@pytest.mark.parametrize("name", FLOODS)
def test_a_head_without_end_is_refused(run, name):
    async def main():
        async def script(peer: Peer):
            await peer.request()
            await peer.say({"one header": OK + b"x: ", "reason": b"HTTP/1.1 200 "}.get(name, b""))
            await peer.flood(FLOODS[name])

        async with hostile(script) as server, transport() as client:
            with pytest.raises(httpx2.RemoteProtocolError):
                await fetch(client, server.url)
            await server.all_gone()

    run(main())


def test_the_largest_head_allowed_is_a_limit_of_the_transport(run):
    async def main():
        answer = OK + b"x: " + b"y" * 4000 + b"\r\n" + EMPTY
        async with hostile(answering(answer, b"")) as server, transport(Limits(head=4200)) as client:
            assert await fetch(client, server.url) == (200, b"")
            async with transport(Limits(head=3900)) as client:
                with pytest.raises(httpx2.RemoteProtocolError, match="3900"):
                    await fetch(client, server.url)

    run(main())


def test_a_long_body_that_comes_with_the_head_is_not_taken_for_a_long_head(run):
    async def main():
        answer = OK + b"content-length: 100000\r\n\r\n" + b"z" * 100000
        async with hostile(answering(answer)) as server, transport(Limits(head=1000)) as client:
            assert await fetch(client, server.url) == (200, b"z" * 100000)

    run(main())


@pytest.mark.parametrize("piece", [b"2;" + b"a" * 5000, b"0\r\nx: " + b"a" * 5000], ids=["extension", "trailer"])
def test_framing_without_end_is_refused(run, piece):
    async def main():
        async def script(peer: Peer):
            await peer.request()
            await peer.say(CHUNKED + piece)
            await peer.flood(b"a" * 5000)

        async with hostile(script) as server, transport() as client:
            with pytest.raises(httpx2.RemoteProtocolError, match="without a body"):
                await fetch(client, server.url)
            await server.all_gone()

    run(main())
