"""What many calls leave behind in the process: nothing. And what a slow stream costs while it runs: little.

GATEWAY_SOAK_CALLS=100000 makes it a soak worth the name; figures are printed (`pytest -s`).
"""

import asyncio
import os
import re
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path

import pytest
import uvloop

from tests import world
from tests.e2e import fastpeer
from tests.e2e.acts import PATH, until

CALLS = int(os.environ.get("GATEWAY_SOAK_CALLS", "20000"))
WARM_UP = 5000
ABORTED = CALLS // 10
AT_ONCE = 16
GROWTH = 5 * 2**20
STREAMS = 500
TRACED = b"-00f067aa0ba902b7-01\r\ncontent-length"


@pytest.fixture(scope="module")
def peer():
    command = [sys.executable, str(Path(fastpeer.__file__))]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        yield int(process.stdout.readline())
        process.stdin.close()
        process.wait(5)


@contextmanager
def serving(folder, port, env=None):
    yaml = f"""
    providers: {{openai: {{base_url: "http://127.0.0.1:{port}/v1"}}}}
    accounts: {{acme: {{gateways: {{main: {{}}}}}}}}
    """
    with world.gateway(folder, yaml, env) as one:
        until(lambda: one.call("/readyz", None, "GET").status == 200)
        yield one


def resident(gateway):
    """Bytes of memory, pages of files not counted."""
    status = Path(f"/proc/{gateway.process.pid}/status").read_text()
    return int(re.search(r"RssAnon:\s+(\d+) kB", status)[1]) * 1024


def sockets(gateway):
    return len([one for one in Path(f"/proc/{gateway.process.pid}/fd").iterdir() if "socket" in linked(one)])


def linked(path):
    try:
        return os.readlink(path)
    except OSError:
        return ""


def message(number, stream=False, events=1000):
    """No two alike: another model, key, user agent and tag each time, so that whatever is remembered for ever shows."""
    body = b'{"model": "model-%d", %b"messages": []}' % (number, b'"stream": true, ' if stream else b"")
    made = (
        b"POST %b HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\nauthorization: Bearer sk-%d\r\n"
        b'user-agent: soak/%d\r\ncf-aig-metadata: {"user": "u-%d"}\r\ncf-aig-event-id: e-%d\r\nx-events: %d\r\n'
        b"x-trace: %032x\r\ncontent-length: %d\r\n\r\n%b"
    ) % (PATH.encode(), number, number, number, number, events, number + 1, len(body), body)
    # Headers that come with a trace context are read afresh each time, others are remembered: both take their turn.
    return (
        made.replace(b"x-trace: ", b"traceparent: 00-").replace(b"\r\ncontent-length", TRACED) if number % 2 else made
    )


async def caller(port, numbers):
    """Calls over one connection, until the numbers run out."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    for number in numbers:
        writer.write(message(number))
        head = await reader.readuntil(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 200"), head
        length = int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0])
        await reader.readexactly(length)
    writer.close()


async def leaver(port, numbers):
    """Streams, each left after its first event: by a farewell or by hanging up hard."""
    for number in numbers:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(message(number, stream=True))
        await reader.readuntil(b"data:")
        writer.transport.abort() if number % 2 else writer.close()


async def crowd(port, some, whom):
    """Sixteen of them at a time."""
    numbers = iter(some)
    await asyncio.gather(*(whom(port, numbers) for _ in range(AT_ONCE)))


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.parametrize("traced", [False, True], ids=["plain", "traced to nobody"])
def test_memory_stays_where_it_was(tmp_path, peer, traced):
    calls = CALLS // 4 if traced else CALLS
    env = {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:9", "OTEL_BSP_MAX_QUEUE_SIZE": "512"} if traced else {}
    with serving(tmp_path, peer, env) as gateway:
        uvloop.run(crowd(gateway.port, range(WARM_UP), caller))
        uvloop.run(crowd(gateway.port, range(500), leaver))
        before, began = resident(gateway), time.monotonic()
        uvloop.run(crowd(gateway.port, range(10**6, 10**6 + calls), caller))
        took = time.monotonic() - began
        middle = resident(gateway)
        uvloop.run(crowd(gateway.port, range(10**7, 10**7 + calls // 10), leaver))
        until(lambda: sockets(gateway) < 100)
        after = resident(gateway)
        lines = WARM_UP + 500 + calls + calls // 10
        until(lambda: Path(gateway.out.name).read_bytes().count(b"\n") >= lines, 20)
        print(
            f"\n{calls} calls in {took:.1f} s and {calls // 10} aborted streams{', traced' if traced else ''}:"
            f" {before / 2**20:.1f} -> {middle / 2**20:.1f} -> {after / 2**20:.1f} MiB, {sockets(gateway)} sockets"
        )
        assert Path(gateway.out.name).read_bytes().count(b"\n") == lines
        assert "Traceback" not in gateway.errors()
        assert after - before < GROWTH


async def streams(port, gateway):
    """All streams at once; memory before and while they run, and what each of them got."""
    connections = [await asyncio.open_connection("127.0.0.1", port) for _ in range(STREAMS)]
    await asyncio.sleep(0.2)
    before = resident(gateway)
    for number, (_, writer) in enumerate(connections):
        writer.write(message(number % 50, stream=True, events=6))
    firsts = await asyncio.gather(*(reader.readuntil(b"data:") for reader, _ in connections))
    during = resident(gateway)
    rests = await asyncio.gather(*(reader.readuntil(b"\r\n0\r\n\r\n") for reader, _ in connections))
    for _, writer in connections:
        writer.close()
    return before, during, [first + rest for first, rest in zip(firsts, rests, strict=True)]


@pytest.mark.slow
def test_five_hundred_slow_streams_run_at_once_on_one_worker(tmp_path, peer):
    with serving(tmp_path, peer) as gateway:
        uvloop.run(crowd(gateway.port, range(1000), caller))
        began = time.monotonic()
        before, during, got = uvloop.run(streams(gateway.port, gateway))
        took = time.monotonic() - began
        each = (during - before) / STREAMS / 1024
        print(f"\n{STREAMS} streams of 2.5 s in {took:.1f} s: {each:.1f} KiB each")
        assert {one.count(fastpeer.EVENT[:-2]) for one in got} == {6}
        assert took < 4.5
        assert each < 100
        until(lambda: sum(line["stream"] for line in gateway.lines()) == STREAMS)
        streamed = [line for line in gateway.lines() if line["stream"]]
        assert {line["outcome"] for line in streamed} == {"served"}
        assert max(line["ttft_ms"] for line in streamed) < 1500
