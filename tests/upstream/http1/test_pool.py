"""Who gets which connection, who waits, and how long one rests."""

import asyncio
import time

import httpx2
import pytest

from gateway.upstream.http1 import Limits
from tests.upstream.hostile import OK, Peer, answering, fetch, hostile, request, transport, whole

HELLO = OK + b"content-length: 5\r\n\r\nhello"
HELD = OK + b"content-length: 9\r\n\r\nhello"


async def hold(client, url):
    """A call whose answer is not complete, so that it keeps its connection."""
    return await client.handle_async_request(request(url, "POST", b"hold"))


async def holding(peer: Peer):
    """Answers a body of `hold` by half, and anything else at once."""
    while True:
        _, body = await peer.request()
        await peer.say(HELD if body == b"hold" else HELLO)


def test_the_connection_used_last_is_taken_first(run):
    async def main():
        async with hostile(answering(HELLO)) as server, transport() as client:
            await asyncio.gather(*[fetch(client, server.url) for _ in range(3)])
            (pool,) = client.pools.values()
            first, second, last = pool.idle
            await fetch(client, server.url)
            assert pool.idle == [first, second, last]
            response = await client.handle_async_request(request(server.url, "POST"))
            await whole(response)
            assert pool.idle[-1] is last

    run(main())


def test_waiters_are_served_in_the_order_they_came(run):
    async def main():
        order = []

        async def script(peer: Peer):
            while True:
                _, body = await peer.request()
                order.append(body)
                await asyncio.sleep(0.002)
                await peer.say(HELLO)

        async with hostile(script) as server, transport(Limits(connections=2)) as client:
            bodies = [b"%d" % i for i in range(12)]
            await asyncio.gather(*[fetch(client, server.url, "POST", body) for body in bodies])
            # The first two race one another to the server.
            assert sorted(order[:2]) + order[2:] == bodies
            assert (server.accepted, client.open_connections) == (2, 2)

    run(main())


def test_a_newcomer_does_not_pass_who_waits(run):
    async def main():
        async with hostile(holding) as server, transport(Limits(connections=1)) as client:
            held = await hold(client, server.url)
            done = []

            async def call(name):
                await fetch(client, server.url)
                done.append(name)

            first = asyncio.ensure_future(call("first"))
            await asyncio.sleep(0.01)
            await held.stream.aclose()
            await asyncio.gather(first, call("newcomer"))
            assert done == ["first", "newcomer"]

    run(main())


@pytest.mark.parametrize(
    ("timeout", "least"), [({"pool": 0.1}, 0.09), ({"connect": 0.1}, 0.09), ({"total": 0.1}, 0.09)]
)
def test_waiting_in_line_has_an_end(run, timeout, least):
    async def main():
        async with hostile(holding) as server, transport(Limits(connections=1)) as client:
            held = await hold(client, server.url)
            began = time.perf_counter()
            with pytest.raises(httpx2.PoolTimeout, match="No connection became free"):
                await fetch(client, server.url, timeout=timeout)
            assert least < time.perf_counter() - began < 0.5
            (pool,) = client.pools.values()
            assert not pool.line
            await held.stream.aclose()
            assert client.open_connections == 0

    run(main())


def test_who_leaves_the_line_is_passed_over(run):
    async def main():
        async with hostile(holding) as server, transport(Limits(connections=1)) as client:
            held = await hold(client, server.url)
            waiting = [asyncio.ensure_future(fetch(client, server.url)) for _ in range(3)]
            await asyncio.sleep(0.01)
            waiting[0].cancel()
            await held.stream.aclose()
            outcome = await asyncio.gather(*waiting, return_exceptions=True)
            assert isinstance(outcome[0], asyncio.CancelledError)
            assert outcome[1:] == [(200, b"hello")] * 2
            assert client.open_connections == client.idle_connections == 1

    run(main())


@pytest.mark.parametrize("given", ["a connection", "a place"])
def test_who_leaves_in_the_moment_of_their_turn_hands_it_on(run, given):
    async def main():
        async with hostile(holding) as server, transport(Limits(connections=1)) as client:
            held = await hold(client, server.url)
            waiting = [asyncio.ensure_future(fetch(client, server.url)) for _ in range(2)]
            await asyncio.sleep(0.01)
            (pool,) = client.pools.values()
            turn = pool.line[0]
            if given == "a place":
                await held.stream.aclose()
            else:
                connection = held.stream.connection
                held.stream.connection = None
                connection.chunks.clear()
                connection.finish()
                connection.leave()
            assert turn.done()
            waiting[0].cancel()
            outcome = await asyncio.gather(*waiting, return_exceptions=True)
            assert isinstance(outcome[0], asyncio.CancelledError)
            assert outcome[1] == (200, b"hello")
            assert client.open_connections == 1

    run(main())


def test_everybody_in_line_can_leave(run):
    async def main():
        async with hostile(holding) as server, transport(Limits(connections=1)) as client:
            held = await hold(client, server.url)
            waiting = [asyncio.ensure_future(fetch(client, server.url)) for _ in range(5)]
            await asyncio.sleep(0.01)
            for each in waiting:
                each.cancel()
            await held.stream.aclose()
            await asyncio.gather(*waiting, return_exceptions=True)
            assert client.open_connections == 0
            assert not client.pools

    run(main())


def test_a_connection_handed_over_that_has_died_meanwhile_is_replaced(run):
    async def main():
        async def script(peer: Peer):
            await peer.request()
            await peer.say(HELLO)

        async with hostile(script) as server, transport(Limits(connections=1)) as client:
            answers = await asyncio.gather(*[fetch(client, server.url, "POST", b"x") for _ in range(6)])
            assert answers == [(200, b"hello")] * 6
            assert server.accepted == 6

    run(main())


def test_a_place_is_free_again_when_no_connection_can_be_opened(run):
    async def main():
        async with hostile(holding) as server, transport(Limits(connections=1)) as client:
            url = server.url
        async with transport(Limits(connections=1)) as client:
            outcome = await asyncio.gather(*[fetch(client, url) for _ in range(3)], return_exceptions=True)
            assert [type(each) for each in outcome] == [httpx2.ConnectError] * 3
            assert client.open_connections == 0

    run(main())


def test_a_connection_rests_only_so_long(run):
    async def main():
        async with hostile(answering(HELLO)) as server, transport(Limits(idle=0.1)) as client:
            await asyncio.gather(*[fetch(client, server.url) for _ in range(3)])
            for _ in range(5):
                await asyncio.sleep(0.03)
                await fetch(client, server.url)
            # One was in use again and again; the two below it have rested too long.
            assert client.open_connections == 1
            await asyncio.sleep(0.15)
            assert client.open_connections == 0
            assert not client.pools
            await server.all_gone()
            assert server.accepted == 3

    run(main())


@pytest.mark.parametrize("sign", [b"", b"HTTP/1.1 408 Request Timeout\r\n\r\n"])
def test_a_resting_connection_that_ends_or_speaks_is_closed(run, sign):
    async def main():
        async def script(peer: Peer):
            await peer.request()
            await peer.say(HELLO)
            await asyncio.sleep(0.02)
            if sign:
                await peer.say(sign)
                await peer.gone()

        async with hostile(script) as server, transport() as client:
            assert await fetch(client, server.url) == (200, b"hello")
            assert client.idle_connections == 1
            await server.all_gone()
            await asyncio.sleep(0.01)
            assert client.open_connections == 0

    run(main())


def test_a_connection_that_ends_beside_others_at_rest_is_taken_out_alone(run):
    async def main():
        peers = []

        async def script(peer: Peer):
            peers.append(peer)
            await answering(HELLO)(peer)

        async with hostile(script) as server, transport() as client:
            await asyncio.gather(*[fetch(client, server.url) for _ in range(3)])
            peers[1].writer.close()
            await asyncio.sleep(0.02)
            assert client.open_connections == client.idle_connections == 2

    run(main())


def test_origins_do_not_share_connections(run):
    async def main():
        async with hostile(answering(HELLO)) as one, hostile(answering(HELLO)) as two, transport() as client:
            for server in (one, two, one, two):
                await fetch(client, server.url)
            assert one.accepted == two.accepted == 1
            assert client.idle_connections == 2

    run(main())


def test_a_storm_of_calls_and_cancellations_leaves_nothing(run):
    async def main():
        async def script(peer: Peer):
            served = 0
            while True:
                await peer.request()
                served += 1
                if served % 7 == 3:
                    return
                await peer.say(HELLO[:30])
                await asyncio.sleep(0.001 * (served % 3))
                await peer.say(HELLO[30:])

        async with hostile(script) as server, transport(Limits(connections=5)) as client:
            calls = []
            for i in range(300):
                calls.append(asyncio.ensure_future(fetch(client, server.url, "GET" if i % 2 else "POST")))
                if i % 5 == 0:
                    await asyncio.sleep(0.001)
                if i % 3 == 0:
                    calls[i // 2].cancel()
            outcome = await asyncio.gather(*calls, return_exceptions=True)
            odd = [each for each in outcome if each != (200, b"hello")]
            assert all(isinstance(each, asyncio.CancelledError | httpx2.TransportError) for each in odd)
            assert len(odd) < 250
            assert client.open_connections == client.idle_connections <= 5

    run(main())
