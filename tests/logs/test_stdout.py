import asyncio
import contextlib
import fcntl
import os
import threading
import time

import pytest

from gateway.logs.stdout import Writer
from tests.telemetry.records import until


@pytest.fixture
def pipe():
    ends = os.pipe()
    yield ends
    for end in ends:
        with contextlib.suppress(OSError):
            os.close(end)


def drained(fd: int) -> bytes:
    got = []
    while chunk := os.read(fd, 2**16):
        got.append(chunk)
    return b"".join(got)


def test_lines_arrive_in_order(pipe):
    reader, out = pipe
    writer = Writer(out)
    lines = [b"%d\n" % number for number in range(1000)]
    for line in lines:
        writer.write(line)
    writer.close()
    os.close(out)
    assert drained(reader) == b"".join(lines)
    assert writer.lost == 0


def test_a_line_is_out_soon_without_another(pipe):
    reader, out = pipe
    writer = Writer(out)
    for word in (b"one\n", b"two\n"):
        began = time.monotonic()
        writer.write(word)
        assert os.read(reader, 100) == word
        assert time.monotonic() - began < 1
    writer.close()


def test_a_full_pipe_blocks_neither_the_writer_nor_its_end(pipe):
    reader, out = pipe
    writer = Writer(out, queue=2**20)
    line = b"x" * 1023 + b"\n"
    slowest = 0.0
    for _ in range(3000):
        began = time.perf_counter()
        writer.write(line)
        slowest = max(slowest, time.perf_counter() - began)
    assert slowest < 0.5
    assert writer.lost >= 1900
    began = time.monotonic()
    writer.close(within=0.3)
    assert time.monotonic() - began < 1
    assert writer.lost > 2900
    os.close(reader)


def test_lines_go_on_once_a_full_pipe_is_read(pipe):
    reader, out = pipe
    writer = Writer(out)
    lines = [b"%06d" % number + b"x" * 1000 + b"\n" for number in range(500)]
    for line in lines:
        writer.write(line)
    time.sleep(0.05)
    got: list[bytes] = []
    thread = threading.Thread(target=lambda: got.append(drained(reader)))
    thread.start()
    writer.close()
    os.close(out)
    thread.join(5)
    assert got == [b"".join(lines)]
    assert writer.lost == 0


def test_a_non_blocking_descriptor_is_written_to_its_end(pipe):
    reader, out = pipe
    os.set_blocking(out, False)
    writer = Writer(out)
    lines = [b"y" * 4095 + b"\n"] * 100
    for line in lines:
        writer.write(line)
    time.sleep(0.05)
    got: list[bytes] = []
    thread = threading.Thread(target=lambda: got.append(drained(reader)))
    thread.start()
    writer.close()
    os.close(out)
    thread.join(5)
    assert got == [b"".join(lines)]


def test_a_reader_that_left_is_counted_and_forgotten(pipe):
    reader, out = pipe
    os.close(reader)
    writer = Writer(out)
    writer.write(b"one\n")
    assert until(lambda: writer.lost == 1)
    writer.write(b"two\n")
    assert writer.lost == 2
    writer.close()
    assert writer.lost == 2


def test_a_writer_that_never_wrote_closes_at_once(pipe):
    Writer(pipe[1]).close()


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="needs /dev/full")
def test_a_full_disk_costs_only_its_lines():
    out = os.open("/dev/full", os.O_WRONLY)
    writer = Writer(out)
    writer.write(b"one\n")
    assert until(lambda: writer.lost == 1)
    writer.write(b"two\n")
    assert until(lambda: writer.lost == 2)
    writer.close()
    os.close(out)


@pytest.mark.parametrize("sizes", [(10, 700, 1500, 3000), (10, 3000, 5000, 100_000)], ids=["short", "long"])
def test_lines_of_two_writers_on_one_pipe_do_not_tear_one_another(tmp_path, sizes):
    reader, writer = os.pipe()
    lines = [[b"%d" % who * size + b"\n" for size in sizes * 60] for who in (1, 2)]
    writers = [Writer(writer), Writer(writer)]
    for one in writers:
        one.share(tmp_path)
    got = bytearray()

    def drain():
        while piece := os.read(reader, 65536):
            got.extend(piece)

    async def main():
        for pair in zip(*lines, strict=True):
            for one, line in zip(writers, pair, strict=True):
                one.write(line)
            await asyncio.sleep(0)
        await asyncio.sleep(0.2)

    thread = threading.Thread(target=drain, daemon=True)
    thread.start()
    asyncio.run(main())
    for one in writers:
        one.close()
    os.close(writer)
    thread.join(10)
    os.close(reader)
    assert sorted(bytes(got).splitlines(keepends=True)) == sorted(lines[0] + lines[1])


def test_a_writer_whose_turn_another_holds_waits_in_its_thread_and_not_in_the_loop(pipe, tmp_path):
    reader, out = pipe
    writer = Writer(out)
    writer.share(tmp_path)
    other = os.open(tmp_path, os.O_RDONLY)
    fcntl.flock(other, fcntl.LOCK_EX)

    async def main():
        writer.write(b"one\n")
        slowest = 0.0
        for _ in range(20):
            began = time.perf_counter()
            await asyncio.sleep(0.005)
            slowest = max(slowest, time.perf_counter() - began)
        return slowest

    assert asyncio.run(main()) < 1
    os.set_blocking(reader, False)
    with pytest.raises(BlockingIOError):
        os.read(reader, 10)
    os.close(other)
    assert until(lambda: not writer._lines)
    writer.close()
    assert os.read(reader, 10) == b"one\n"
