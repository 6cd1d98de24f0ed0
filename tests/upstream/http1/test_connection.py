"""Waiting, giving up and going slow on one connection."""

import asyncio
import socket
import time

import httpx2
import pytest

from tests.upstream.hostile import OK, Peer, answering, fetch, hostile, request, transport, whole

CHUNKED = OK + b"transfer-encoding: chunked\r\n\r\n"


async def silent(peer: Peer):
    await peer.request()
    await peer.gone()


async def drips_a_head(peer: Peer):
    await peer.request()
    for byte in OK + b"x: " + b"y" * 10000:
        await peer.say(bytes([byte]))
        await asyncio.sleep(0.01)


async def drips_interim_answers(peer: Peer):
    await peer.request()
    while True:
        await peer.say(b"HTTP/1.1 102 Processing\r\n\r\n")
        await asyncio.sleep(0.05)


async def stops_amid_its_body(peer: Peer):
    await peer.request()
    await peer.say(CHUNKED + b"2\r\nhi\r\n")
    await peer.gone()


async def drips_a_body(peer: Peer):
    await peer.request()
    await peer.say(CHUNKED)
    while True:
        await peer.say(b"1\r\nx\r\n")
        await asyncio.sleep(0.02)


LATE = {
    "no answer": (silent, {"first_byte": 0.1}, "did not answer within 0.1 s"),
    "a head that drips": (drips_a_head, {"first_byte": 0.1}, "did not answer within 0.1 s"),
    "interim answers that drip": (drips_interim_answers, {"first_byte": 0.15}, "did not answer"),
    "silence in the body": (stops_amid_its_body, {"idle": 0.1}, "silent for 0.1 s"),
    "a body that drips past the total": (drips_a_body, {"idle": 5.0, "total": 0.2}, "total time"),
    "no answer within the total": (silent, {"first_byte": 5.0, "total": 0.1}, "total time"),
}


@pytest.mark.parametrize("name", LATE)
def test_what_takes_too_long_is_a_read_timeout_and_closes_the_connection(run, name):
    script, timeout, sentence = LATE[name]

    async def main():
        async with hostile(script) as server, transport() as client:
            began = time.perf_counter()
            with pytest.raises(httpx2.ReadTimeout, match=sentence):
                await fetch(client, server.url, timeout=timeout)
            assert 0.09 < time.perf_counter() - began < 0.6
            assert client.open_connections == 0
            await server.all_gone(0.3)

    run(main())


def test_httpx_names_of_timeouts_are_understood(run):
    async def main():
        async with hostile(silent) as server, transport() as client:
            sent = httpx2.Request("GET", server.url, extensions={"timeout": {"connect": 1, "read": 0.1, "pool": 1}})
            with pytest.raises(httpx2.ReadTimeout, match=r"within 0\.1 s"):
                await client.handle_async_request(sent)

    run(main())


def test_every_chunk_moves_the_idle_deadline(run):
    async def main():
        async def script(peer: Peer):
            await peer.request()
            await peer.say(CHUNKED)
            for _ in range(6):
                await asyncio.sleep(0.06)
                await peer.say(b"1\r\nx\r\n")
            await peer.say(b"0\r\n\r\n")
            await peer.gone()

        async with hostile(script) as server, transport() as client:
            assert await fetch(client, server.url, timeout={"first_byte": 0.2, "idle": 0.2}) == (200, b"x" * 6)
            assert client.idle_connections == 1

    run(main())


def test_an_earlier_call_s_deadlines_do_not_reach_a_later_one(run):
    async def main():
        async def script(peer: Peer):
            await peer.request()
            await peer.say(OK + b"content-length: 2\r\n\r\nhi")
            await peer.request()
            await asyncio.sleep(0.25)
            await peer.say(OK + b"content-length: 2\r\n\r\nyo")
            await peer.gone()

        async with hostile(script) as server, transport() as client:
            tight = {"first_byte": 0.1, "idle": 0.1, "total": 0.15}
            assert await fetch(client, server.url, timeout=tight) == (200, b"hi")
            assert await fetch(client, server.url) == (200, b"yo")
            assert server.accepted == 1

    run(main())


def test_a_shorter_deadline_after_a_longer_one_is_kept(run):
    async def main():
        async def script(peer: Peer):
            await peer.request()
            await peer.say(OK + b"content-length: 2\r\n\r\nhi")
            await silent(peer)

        async with hostile(script) as server, transport() as client:
            await fetch(client, server.url)
            began = time.perf_counter()
            with pytest.raises(httpx2.ReadTimeout):
                await fetch(client, server.url, timeout={"first_byte": 0.1})
            assert time.perf_counter() - began < 0.5

    run(main())


def test_a_slow_reader_makes_the_provider_wait_and_is_not_timed_out(run):
    async def main():
        sent = 0

        async def script(peer: Peer):
            nonlocal sent
            await peer.request()
            peer.writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 65536)
            peer.writer.write(OK + b"content-length: 20000000\r\n\r\n")
            while sent < 20_000_000:
                peer.writer.write(b"z" * 50_000)
                sent += 50_000
                await peer.writer.drain()
            await peer.gone()

        async with hostile(script) as server, transport() as client:
            response = await client.handle_async_request(request(server.url, timeout={"idle": 0.1}))
            await asyncio.sleep(0.35)
            stalled = sent
            assert stalled < 15_000_000
            (connection,) = client.pools.live
            assert connection.paused
            assert sum(map(len, connection.chunks)) < 1_000_000
            got = 0
            async for chunk in response.stream:
                got += len(chunk)
            assert got == 20_000_000
            assert client.idle_connections == 1

    run(main())


async def cancel_when(task, ready):
    """Cancel `task` once `ready()`; how long it took to end, in seconds."""
    async with asyncio.timeout(2):
        while not ready():
            await asyncio.sleep(0.002)
    began = time.perf_counter()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    return time.perf_counter() - began


PHASES = {
    "waiting for the head": (silent, b"", lambda server: server.accepted == 1),
    "within the head": (drips_a_head, b"", lambda server: server.accepted == 1),
    "within the body": (stops_amid_its_body, b"", lambda server: server.accepted == 1),
}


@pytest.mark.parametrize("phase", PHASES)
def test_a_cancelled_call_closes_its_connection_at_once(run, phase):
    script, body, ready = PHASES[phase]

    async def main():
        seen = asyncio.Event()

        async def watched(peer: Peer):
            await asyncio.gather(script(peer), mark())

        async def mark():
            await asyncio.sleep(0.02)
            seen.set()

        async with hostile(watched) as server, transport() as client:
            task = asyncio.ensure_future(fetch(client, server.url, "POST", body))
            assert await cancel_when(task, lambda: ready(server) and seen.is_set()) < 0.05
            assert client.open_connections == 0
            began = time.perf_counter()
            await server.all_gone()
            assert time.perf_counter() - began < 0.2

    run(main())


def test_a_call_cancelled_while_writing_closes_its_connection_at_once(run):
    async def main():
        async def script(peer: Peer):
            peer.writer.transport.pause_reading()
            await asyncio.sleep(0.15)
            peer.writer.transport.resume_reading()
            await peer.gone()

        async with hostile(script) as server, transport() as client:
            task = asyncio.ensure_future(fetch(client, server.url, "POST", b"z" * 30_000_000))
            await cancel_when(task, lambda: any(each.full for each in client.pools.live))
            assert client.open_connections == 0
            await server.all_gone()

    run(main())


def test_a_call_cancelled_while_connecting_leaves_nothing(run):
    async def main():
        with socket.socket() as listener:
            listener.bind(("127.0.0.1", 0))
            listener.listen(0)
            port = listener.getsockname()[1]
            # With its queue full the kernel leaves further connections without an answer.
            fillers = [socket.socket() for _ in range(3)]
            for filler in fillers:
                filler.setblocking(False)
                filler.connect_ex(("127.0.0.1", port))
            async with transport() as client:
                task = asyncio.ensure_future(fetch(client, f"http://127.0.0.1:{port}/"))
                await cancel_when(task, lambda: client.open_connections == 1)
                assert client.open_connections == 0
                with pytest.raises(httpx2.ConnectTimeout, match=r"within 0\.1 s"):
                    await fetch(client, f"http://127.0.0.1:{port}/", timeout={"connect": 0.1})
                with pytest.raises(httpx2.ConnectTimeout, match=r"within 0\.1 s"):
                    await fetch(client, f"http://127.0.0.1:{port}/", timeout={"total": 0.1})
                assert client.open_connections == 0
            for filler in fillers:
                filler.close()

    run(main())


def test_a_timer_does_not_keep_a_closed_connection_alive(run):
    async def main():
        async with hostile(answering(OK + b"content-length: 2\r\n\r\nhi")) as server, transport() as client:
            await fetch(client, server.url)
            (connection,) = client.pools.live
            assert connection.timer is not None
            connection.abort()
            await asyncio.sleep(0.01)
            assert connection.timer is None
            assert connection.parser is None
            assert not client.pools.live

    run(main())


def test_an_answer_that_was_whole_is_delivered_though_the_connection_was_reset_after_it(run):
    async def main():
        async with (
            hostile(answering(OK + b"content-length: 2\r\n\r\nhi", then="reset")) as server,
            transport() as client,
        ):
            response = await client.handle_async_request(request(server.url))
            await asyncio.sleep(0.05)
            assert await whole(response) == b"hi"
            assert client.open_connections == 0

    run(main())
