"""Workers that ask one another for their numbers, over real sockets."""

import asyncio
import time

from gateway.wire import siblings


def run(test):
    return asyncio.run(asyncio.wait_for(test, 10))


def test_everybody_elses_snapshot_is_collected(tmp_path):
    async def test():
        async with (
            siblings.published(siblings.place(tmp_path, 0), lambda: b"zero"),
            siblings.published(siblings.place(tmp_path, 1), lambda: b"one" * 500_000),
            siblings.published(siblings.place(tmp_path, 2), lambda: b"two"),
        ):
            return await siblings.collect(tmp_path, 0)

    assert run(test()) == [b"one" * 500_000, b"two"]


def test_a_socket_is_removed_at_the_end_and_replaced_at_the_start(tmp_path):
    place = siblings.place(tmp_path, 1)
    place.write_text("left by one that died")

    async def test():
        async with siblings.published(place, lambda: b"new"):
            return await siblings.collect(tmp_path, 0)

    assert run(test()) == [b"new"]
    assert not place.exists()


def test_a_worker_that_died_is_left_out(tmp_path):
    async def test():
        server = await asyncio.start_unix_server(lambda reader, writer: None, siblings.place(tmp_path, 1))
        server.close()
        siblings.place(tmp_path, 2).touch()
        return await siblings.collect(tmp_path, 0)

    assert run(test()) == []


def test_a_worker_that_hangs_costs_half_a_second_once(tmp_path):
    async def test():
        writers = []

        async def hang(reader, writer):
            writers.append(writer)

        servers = [await asyncio.start_unix_server(hang, siblings.place(tmp_path, n)) for n in (1, 2)]
        async with siblings.published(siblings.place(tmp_path, 3), lambda: b"three"):
            begun = time.monotonic()
            found = await siblings.collect(tmp_path, 0)
            took = time.monotonic() - begun
        for writer in writers:
            writer.close()
        for server in servers:
            server.close()
        return found, took

    found, took = run(test())
    assert found == [b"three"]
    assert 0.4 < took < 1.5


def test_half_a_snapshot_or_one_too_long_is_left_out(tmp_path):
    async def test(sent):
        async def tell(reader, writer):
            writer.write(sent)
            writer.close()

        server = await asyncio.start_unix_server(tell, siblings.place(tmp_path, 1))
        try:
            return await siblings.collect(tmp_path, 0)
        finally:
            server.close()

    assert run(test(siblings.LENGTH.pack(10) + b"half")) == []
    assert run(test(siblings.LENGTH.pack(siblings.LARGEST + 1) + b"x" * 100)) == []
    assert run(test(b"")) == []


def test_alone_there_is_nobody_to_ask(tmp_path):
    assert run(siblings.collect(tmp_path, 0)) == []
    assert run(siblings.collect(tmp_path / "missing", 0)) == []
