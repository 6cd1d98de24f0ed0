"""A Redis that is not what it should be: other people's keys at our names, and answers no Redis would give."""

import asyncio
import logging
import re
import time

import pytest

from gateway.stores import opened
from gateway.stores.store import Claim, StoreLost

PLACE = "acme/production:limit"
ALL = [
    Claim(PLACE, 9, 1, 60.0, technique)
    for technique in ("fixed", "sliding", "concurrent", "hour", "day", "week", "month")
]


def names(server):
    """The counters in Redis, as the store calls them."""
    return re.findall(rb"gateway:n:[^\r\n]+", server.ask("KEYS", "gateway:n:*"))


@pytest.mark.parametrize("spoil", [("SET", "x"), ("LPUSH", "x"), ("SADD", "x"), ("SET", b"\x00" * 300)])
def test_a_key_of_a_wrong_type_is_a_loss_counts_nothing_elsewhere_and_does_not_open_the_breaker(server, spoil):
    async def play():
        store = opened(server.url())
        good = Claim("acme/production:good", 9, 1, 60.0)
        for claim in ALL:
            server.ask("FLUSHALL")
            receipt = (await store.reserve([claim])).receipt
            (name,) = names(server)
            server.ask("DEL", name)
            server.ask(spoil[0], name, *spoil[1:])
            for _ in range(5):
                with pytest.raises(StoreLost):
                    await store.reserve([good, claim])
            with pytest.raises(StoreLost):
                await store.settle([claim], receipt, (0,))
            assert (await store.reserve([good])).left == (8,)
        await store.aclose()

    asyncio.run(play())


def test_fields_that_are_not_ours_do_not_count(server):
    async def play():
        store = opened(server.url())
        for claim in ALL:
            server.ask("FLUSHALL")
            await store.reserve([claim])
            (name,) = names(server)
            if claim.technique == "concurrent":
                server.ask("ZADD", name, "1", "nonsense", "99999999999999999", "more:of:it")
            else:
                server.ask("HSET", name, "nonsense", "1", "newest2", "x", "5", "7", "nan", "nan")
            assert (await store.reserve([claim])).left == (7,)
        await store.aclose()

    asyncio.run(play())


def test_every_key_expires(server):
    async def play():
        store = opened(server.url("/0?timeout=2000&prefix=ours:"))
        held = await store.reserve(ALL)
        await store.settle(ALL, held.receipt, [3] * len(ALL))
        await store.reserve(ALL)
        await store.put("cache:a", b"x", 60)
        await store.aclose()

    asyncio.run(play())
    found = re.findall(rb"ours:[^\r\n]+", server.ask("KEYS", "*"))
    assert len(found) == len(ALL) + 6 + 1
    assert b"ours:" in server.ask("KEYS", "ours:*")
    assert not [name for name in found if int(server.ask("PTTL", name)[1:]) <= 0]


WRONG = [
    b"+OK\r\n",
    b":1\r\n",
    b"$-1\r\n",
    b"*-1\r\n",
    b"*0\r\n",
    b"*4\r\n$2\r\n-1\r\n$1\r\n8\r\n$1\r\n1\r\n$5\r\nwrong\r\n",
    b"*4\r\n$1\r\n9\r\n$1\r\n8\r\n$1\r\n1\r\n$0\r\n\r\n",
    b"*4\r\n$2\r\n-1\r\n$3\r\n1e9\r\n$1\r\n1\r\n$0\r\n\r\n",
    b"*4\r\n:-1\r\n:8\r\n:1\r\n+\r\n",
    b"*4\r\n$2\r\n-1\r\n*1\r\n:1\r\n$1\r\n1\r\n$0\r\n\r\n",
    b"HTTP/1.1 400 Bad Request\r\n\r\n",
    b"\x00" * 4096,
    b"$99999999999\r\nxx",
    b"$x\r\n",
    b"*99999999\r\n",
    b":" + b"9" * 5000 + b"\r\n",
    b"*1\r\n" * 5000,
    b"-" + b"A" * 70_000,
    b"-MOVED 1 1.2.3.4:5\r\n",
    b"-LOADING Redis is loading the dataset in memory\r\n",
    b"-NOAUTH hunter2\r\n",
    b"-NOSCRIPT no\r\n",
    b"",
]


@pytest.mark.parametrize("answer", WRONG, ids=range(len(WRONG)))
def test_whatever_redis_answers_is_a_verdict_or_a_loss_and_soon(answer, caplog):
    async def play():
        async def serve(reader, writer):
            try:
                while await reader.read(65536):
                    writer.write(answer)
                    await writer.drain()
                    if not answer:
                        break
            except ConnectionError:
                pass
            finally:
                writer.close()

        server = await asyncio.start_server(serve, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        store = opened(f"redis://user:hunter2@127.0.0.1:{port}/3")
        for work in (
            lambda: store.reserve([Claim(PLACE, 9, 1, 60.0)]),
            lambda: store.settle([Claim(PLACE, 9, 1, 60.0)], ["1.1"], [0]),
            lambda: store.get("cache:a"),
            lambda: store.drop("cache:"),
        ):
            began = time.perf_counter()
            with pytest.raises(StoreLost) as raised:
                await work()
            assert time.perf_counter() - began < 0.5
            assert "hunter2" not in str(raised.value)
        await store.aclose()
        server.close()
        await server.wait_closed()

    with caplog.at_level(logging.DEBUG):
        asyncio.run(play())
    assert "hunter2" not in caplog.text


@pytest.mark.parametrize("answer", WRONG[:10], ids=range(10))
def test_the_answer_to_a_reserve_alone_may_be_wrong(answer):
    async def play():
        async def serve(reader, writer):
            while asked := await reader.read(65536):
                writer.write(answer if b"EVAL" in asked else b"+OK\r\n" * asked.count(b"*"))
            writer.close()

        server = await asyncio.start_server(serve, "127.0.0.1", 0)
        store = opened(f"redis://127.0.0.1:{server.sockets[0].getsockname()[1]}")
        with pytest.raises(StoreLost):
            await store.reserve([Claim(PLACE, 9, 1, 60.0)])
        if answer != b"*0\r\n":
            with pytest.raises(StoreLost):
                await store.get("cache:a")
        await store.aclose()
        server.close()
        await server.wait_closed()

    asyncio.run(play())


def test_receipts_that_are_not_receipts_settle_nothing(server):
    async def play():
        store = opened(server.url())
        claim = [Claim(PLACE, 9, 3, 60.0, "sliding")]
        await store.reserve(claim)
        for wrong in ("", "x", "1", "1.", "1.99999999999", "-1.1", "total", "1.1\n", "\u0661.1", "9" * 40 + ".1"):
            await store.settle(claim, [wrong], [0])
        await store.settle(claim, [], [0])
        await store.settle(claim, ["5.1"], [0])
        assert (await store.reserve([Claim(PLACE, 9, 0, 60.0, "sliding")])).left == (6,)
        await store.aclose()

    asyncio.run(play())
