"""An answer's body as its reader sees it."""

import asyncio

import httpx2
import pytest

from tests.upstream.hostile import OK, Peer, answering, fetch, hostile, request, transport, whole

CHUNKED = OK + b"transfer-encoding: chunked\r\n\r\n"


def stepwise(*pieces: bytes):
    """A script whose pieces each wait until the test has set off the next, and the thing to set it off with."""
    steps = asyncio.Queue()

    async def script(peer: Peer):
        await peer.request()
        for piece in pieces:
            await steps.get()
            await peer.say(piece)
        await peer.gone()

    return script, lambda: steps.put_nowait(None)


def test_each_piece_is_there_as_soon_as_it_was_sent(run):
    async def main():
        script, step = stepwise(CHUNKED, b"2\r\nab\r\n", b"1\r\nc\r\n2\r\nde\r\n", b"1\r\nf\r\n0\r\n\r\n")
        async with hostile(script) as server, transport() as client:
            step()
            response = await client.handle_async_request(request(server.url))
            body = aiter(response.stream)
            seen = []
            for _ in range(3):
                assert not response.stream.ended
                step()
                seen.append(await anext(body))
            assert seen == [b"ab", b"cde", b"f"]
            assert response.stream.ended
            assert client.idle_connections == 1
            with pytest.raises(StopAsyncIteration):
                await anext(body)

    run(main())


def test_a_body_that_came_with_its_head_needs_no_suspension(run):
    async def main():
        async with hostile(answering(OK + b"content-length: 5\r\n\r\nhello")) as server, transport() as client:
            response = await client.handle_async_request(request(server.url))
            stream = response.stream
            assert client.idle_connections == 1
            assert not stream.ended
            step = anext(stream)
            with pytest.raises(StopIteration) as stopped:
                step.send(None)
            assert stopped.value.value == b"hello"
            assert stream.ended

    run(main())


def test_an_empty_body_has_ended_from_the_start(run):
    async def main():
        async with hostile(answering(OK + b"content-length: 0\r\n\r\n")) as server, transport() as client:
            response = await client.handle_async_request(request(server.url))
            assert response.stream.ended
            assert await whole(response) == b""

    run(main())


def test_the_end_that_comes_apart_from_the_last_chunk_gives_the_connection_back(run):
    async def main():
        script, step = stepwise(CHUNKED + b"2\r\nab\r\n", b"0\r\n\r\n")
        async with hostile(script) as server, transport() as client:
            step()
            response = await client.handle_async_request(request(server.url))
            assert await anext(response.stream) == b"ab"
            assert not response.stream.ended
            step()
            with pytest.raises(StopAsyncIteration):
                await anext(response.stream)
            assert response.stream.ended
            assert client.idle_connections == 1

    run(main())


@pytest.mark.parametrize("steps", [0, 1])
def test_closing_an_unfinished_body_closes_the_socket_at_once(run, steps):
    async def main():
        async def script(peer: Peer):
            await peer.request()
            await peer.say(CHUNKED + b"2\r\nab\r\n")
            await peer.gone()

        async with hostile(script) as server, transport() as client:
            response = await client.handle_async_request(request(server.url))
            for _ in range(steps):
                await anext(response.stream)
            await response.stream.aclose()
            assert client.open_connections == 0
            await server.all_gone(0.2)
            await response.stream.aclose()
            with pytest.raises(StopAsyncIteration):
                await anext(response.stream)

    run(main())


def test_closing_a_complete_body_that_nobody_read_keeps_the_connection(run):
    async def main():
        script, step = stepwise(CHUNKED, b"2\r\nab\r\n0\r\n\r\n")
        async with hostile(script) as server, transport() as client:
            step()
            response = await client.handle_async_request(request(server.url))
            step()
            await asyncio.sleep(0.02)
            await response.stream.aclose()
            await response.stream.aclose()
            assert client.idle_connections == 1
            assert [chunk async for chunk in response.stream] == []

    run(main())


def test_a_connection_that_dies_after_a_complete_body_does_not_harm_it(run):
    async def main():
        pieces = CHUNKED, b"2\r\nab\r\n0\r\n\r\n"
        async with hostile(answering(*pieces, then="close")) as server, transport() as client:
            response = await client.handle_async_request(request(server.url))
            await asyncio.sleep(0.02)
            assert await whole(response) == b"ab"
            assert client.open_connections == 0

    run(main())


def test_a_body_that_failed_has_ended_for_whoever_asks_again(run):
    async def main():
        async with hostile(answering(CHUNKED + b"2\r\nab\r\nx", then="close")) as server, transport() as client:
            response = await client.handle_async_request(request(server.url))
            with pytest.raises(httpx2.RemoteProtocolError):
                await whole(response)
            assert [chunk async for chunk in response.stream] == []
            await response.stream.aclose()

    run(main())


def test_httpx_itself_can_read_the_answer(run):
    async def main():
        async with hostile(answering(CHUNKED + b"2\r\nab\r\n", b"0\r\n\r\n")) as server, transport() as client:
            async with httpx2.AsyncClient(transport=client) as caller:
                answer = await caller.get(server.url)
                assert (answer.status_code, answer.content) == (200, b"ab")
            client.closed = False

    run(main())


def test_many_streams_at_once_are_not_mixed_up(run):
    async def main():
        async def script(peer: Peer):
            while True:
                _, body = await peer.request()
                await peer.say(CHUNKED, *[b"%x\r\n%b\r\n" % (len(body), body)] * 20, b"0\r\n\r\n")

        async with hostile(script) as server, transport() as client:
            bodies = [b"%d," % i for i in range(40)]
            for _ in range(2):
                answers = await asyncio.gather(*[fetch(client, server.url, "POST", body) for body in bodies])
                assert answers == [(200, body * 20) for body in bodies]
            assert server.accepted == 40

    run(main())
