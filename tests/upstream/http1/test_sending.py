"""How requests go out, large ones above all, and what happens when the answer comes first."""

import asyncio
import hashlib
import time

import httpx2
import pytest

from tests.upstream.hostile import OK, PATIENT, Peer, fetch, hostile, request, transport, whole

DONE = OK + b"content-length: 2\r\n\r\nhi"
TOO_LARGE = b"HTTP/1.1 413 Content Too Large\r\ncontent-length: 9\r\n\r\ntoo large"


class Pieces(httpx2.AsyncByteStream):
    """A body that comes in pieces."""

    def __init__(self, *pieces):
        self.pieces = pieces

    async def __aiter__(self):
        for piece in self.pieces:
            await asyncio.sleep(0)
            yield piece


def streaming(url, *pieces, headers=(), method="POST"):
    return httpx2.Request(method, url, headers=list(headers), stream=Pieces(*pieces), extensions={"timeout": PATIENT})


def recording(seen, answer=DONE):
    async def script(peer: Peer):
        while True:
            seen.append(await peer.request())
            await peer.say(answer)

    return script


@pytest.mark.parametrize("size", [0, 1, 65535, 65536, 65537, 300_000, 20_000_000])
def test_a_body_of_any_size_arrives_whole(run, size):
    async def main():
        seen = []
        body = (b"0123456789abcdef" * (size // 16 + 1))[:size]
        async with hostile(recording(seen)) as server, transport() as client:
            for _ in range(2):
                assert await fetch(client, server.url, "POST", body) == (200, b"hi")
            assert [hashlib.sha256(got).digest() for _, got in seen] == [hashlib.sha256(body).digest()] * 2
            assert b"content-length: %d\r\n" % size in seen[0][0]
            assert server.accepted == 1

    run(main())


def test_a_stream_with_its_length_is_sent_as_it_is(run):
    async def main():
        seen = []
        async with hostile(recording(seen)) as server, transport() as client:
            sent = streaming(server.url, b"ab", b"", b"cde", headers=[(b"Content-Length", b"5")])
            assert await whole(await client.handle_async_request(sent)) == b"hi"
            head, body = seen[0]
            assert body == b"abcde"
            assert b"transfer-encoding" not in head
            assert client.idle_connections == 1

    run(main())


CODED = (b"Transfer-Encoding", b"chunked")


@pytest.mark.parametrize("headers", [[], [CODED], [CODED, (b"content-length", b"9")]])
def test_a_stream_without_its_length_is_sent_in_chunks(run, headers):
    async def main():
        seen = []
        async with hostile(recording(seen)) as server, transport() as client:
            sent = streaming(server.url, b"ab", b"", b"c" * 100_000, headers=headers)
            assert await whole(await client.handle_async_request(sent)) == b"hi"
            head, body = seen[0]
            assert body == b"ab" + b"c" * 100_000
            assert b"content-length" not in head
            assert head.count(b"transfer-encoding: chunked\r\n") == 1
            assert client.idle_connections == 1

    run(main())


@pytest.mark.parametrize("length", [b"4", b"6"])
def test_a_stream_that_breaks_its_own_length_is_refused_and_the_connection_closed(run, length):
    async def main():
        async with hostile(recording([])) as server, transport() as client:
            sent = streaming(server.url, b"ab", b"cde", headers=[(b"content-length", length)])
            with pytest.raises(httpx2.LocalProtocolError, match="Content-Length"):
                await client.handle_async_request(sent)
            assert client.open_connections == 0

    run(main())


def test_a_stream_that_fails_closes_the_connection(run):
    class Fails(httpx2.AsyncByteStream):
        async def __aiter__(self):
            yield b"ab"
            raise RuntimeError("the client's own")

    async def main():
        async with hostile(recording([])) as server, transport() as client:
            sent = httpx2.Request("POST", server.url, stream=Fails(), extensions={"timeout": PATIENT})
            with pytest.raises(RuntimeError, match="own"):
                await client.handle_async_request(sent)
            assert client.open_connections == 0
            await server.all_gone()

    run(main())


def test_an_ordinary_httpx_request_is_sent(run):
    async def main():
        seen = []
        async with hostile(recording(seen)) as server, transport() as client:
            for sent in (
                httpx2.Request("POST", server.url, json={"a": 1}),
                httpx2.Request("GET", server.url, params={"q": "a b"}),
            ):
                assert await whole(await client.handle_async_request(sent)) == b"hi"
            assert seen[0][1] in (b'{"a": 1}', b'{"a":1}')
            assert seen[1][0].startswith(b"GET /?q=a+b HTTP/1.1\r\n")
            assert seen[0][0].count(b"host: ") == 1

    run(main())


async def answers_at_once_and_closes(peer: Peer):
    await peer.reader.readuntil(b"\r\n\r\n")
    await peer.say(TOO_LARGE)


async def answers_at_once_and_reads_on(peer: Peer):
    await peer.reader.readuntil(b"\r\n\r\n")
    await peer.say(TOO_LARGE)
    await peer.gone()


async def answers_at_once_and_reads_nothing(peer: Peer):
    await peer.reader.readuntil(b"\r\n\r\n")
    peer.writer.transport.pause_reading()
    await peer.say(TOO_LARGE)
    await asyncio.sleep(0.05)


EARLY = [answers_at_once_and_closes, answers_at_once_and_reads_on, answers_at_once_and_reads_nothing]


@pytest.mark.parametrize("script", EARLY)
@pytest.mark.parametrize("shape", ["whole", "pieces"])
def test_an_answer_that_comes_before_the_body_is_sent_is_delivered(run, script, shape):
    async def main():
        async with hostile(script) as server, transport() as client:
            for _ in range(3):
                if shape == "whole":
                    sent = request(server.url, "POST", b"z" * 20_000_000)
                else:
                    sent = streaming(server.url, *[b"z" * 100_000] * 100, headers=[(b"content-length", b"10000000")])
                response = await client.handle_async_request(sent)
                assert (response.status_code, await whole(response)) == (413, b"too large")
                assert client.open_connections == 0
            await server.all_gone()

    run(main())


def test_a_provider_that_answers_while_it_reads_gets_the_whole_body(run):
    """An echo: its answer begins with the first bytes of a body that does not fit into the sockets' buffers."""

    async def main():
        async def script(peer: Peer):
            await peer.reader.readuntil(b"\r\n\r\n")
            await peer.say(OK + b"content-length: 20000000\r\n\r\n")
            left = 20_000_000
            while left:
                piece = await peer.reader.read(65536)
                left -= len(piece)
                peer.writer.write(piece)
                await peer.writer.drain()
            await peer.gone()

        async with hostile(script) as server, transport() as client:
            body = b"0123456789" * 2_000_000
            assert await fetch(client, server.url, "POST", body) == (200, body)

    run(main())


def test_a_provider_that_takes_nothing_of_the_body_is_a_write_timeout(run):
    async def main():
        async def script(peer: Peer):
            peer.writer.transport.pause_reading()
            await asyncio.sleep(0.4)

        async with hostile(script) as server, transport() as client:
            with pytest.raises(httpx2.WriteTimeout, match=r"took no more of the request for 0\.1 s"):
                await fetch(client, server.url, "POST", b"z" * 30_000_000, timeout={"first_byte": 0.1})
            assert client.open_connections == 0

    run(main())


def test_a_provider_that_takes_the_body_slowly_is_not_timed_out(run):
    async def main():
        async def script(peer: Peer):
            await peer.reader.readuntil(b"\r\n\r\n")
            left = 32_000_000
            while left:
                left -= len(await peer.reader.read(min(left, 1_000_000)))
                await asyncio.sleep(0.005)
            await peer.say(DONE)
            await peer.gone()

        async with hostile(script) as server, transport() as client:
            body, began = b"z" * 32_000_000, time.monotonic()
            assert await fetch(client, server.url, "POST", body, timeout={"first_byte": 0.5}) == (200, b"hi")
            assert time.monotonic() - began > 0.5

    run(main())


def test_a_provider_that_closes_amid_the_body_without_an_answer_is_an_error(run):
    async def main():
        async def script(peer: Peer):
            await peer.reader.readuntil(b"\r\n\r\n")

        async with hostile(script) as server, transport() as client:
            with pytest.raises((httpx2.WriteError, httpx2.ReadError, httpx2.RemoteProtocolError)):
                await fetch(client, server.url, "POST", b"z" * 20_000_000)
            assert client.open_connections == 0

    run(main())


def test_a_large_idempotent_request_is_sent_again_when_its_kept_connection_dies(run):
    async def main():
        requests = 0

        async def script(peer: Peer):
            nonlocal requests
            while True:
                await peer.reader.readuntil(b"\r\n\r\n")
                requests += 1
                if requests == 2:
                    return
                await peer.reader.readexactly(3_000_000)
                await peer.say(DONE)

        async with hostile(script) as server, transport() as client:
            for _ in range(2):
                assert await fetch(client, server.url, "PUT", b"z" * 3_000_000) == (200, b"hi")
            assert (requests, server.accepted) == (3, 2)

    run(main())
