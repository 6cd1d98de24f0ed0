"""A rolling restart behind a real nginx: two gateways are drained and replaced in turn under load, and no call is lost.

nginx is told nothing beforehand. Its own means do it: it keeps idle connections for less than `drain.delay`, and a
connection that is refused goes to the other gateway, since then no byte of the call has been sent.
"""

import asyncio
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import uvloop

from tests import world
from tests.e2e import fastpeer
from tests.e2e.acts import PATH, until

STREAMS = 50
EVENTS = 10
"""Half a second apart: a stream outlasts the restart of the gateway that it is on."""
CALLERS = 8
BODY = b'{"model": "gpt-4o-mini", "messages": []}'
STREAM = b'{"model": "gpt-4o-mini", "stream": true, "messages": []}'
NGINX = """
daemon off;
worker_processes 1;
pid %(folder)s/nginx.pid;
error_log stderr warn;
events { worker_connections 1024; }
http {
    access_log off;
    keepalive_requests 1000000;
    client_body_temp_path %(folder)s/body;
    proxy_temp_path %(folder)s/proxy;
    fastcgi_temp_path %(folder)s/fastcgi;
    uwsgi_temp_path %(folder)s/uwsgi;
    scgi_temp_path %(folder)s/scgi;
    upstream gateways {
        server 127.0.0.1:%(first)d max_fails=1 fail_timeout=1s;
        server 127.0.0.1:%(second)d max_fails=1 fail_timeout=1s;
        keepalive 32;
        # Shorter than the gateway's drain.delay: then nginx lets go of idle connections before the gateway closes them,
        # and no call is sent on one that closes in this moment, which nginx may not repeat.
        keepalive_timeout 500ms;
    }
    server {
        listen 127.0.0.1:%(port)d backlog=1024;
        location / {
            proxy_pass http://gateways;
            proxy_http_version 1.1;
            proxy_set_header connection "";
            proxy_buffering off;
            proxy_read_timeout 60s;
        }
    }
}
"""

pytestmark = pytest.mark.skipif(shutil.which("nginx") is None, reason="nginx is not installed")


@pytest.fixture
def peer():
    command = [sys.executable, str(Path(fastpeer.__file__))]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        yield int(process.stdout.readline())
        process.stdin.close()
        process.wait(5)


class Gateway(world.Gateway):
    """A gateway on a port that was chosen before: the one of its predecessor."""

    def __init__(self, folder, yaml, port):
        self.chosen = port
        super().__init__(folder, yaml, args=("--port", str(port)))

    def wait_until_ready(self):
        self.port = self.chosen
        super().wait_until_ready()


class Fleet:
    """Two gateways on two ports; one that is replaced leaves its log behind."""

    def __init__(self, folder, peer):
        self.folder, self.number = folder, 0
        self.yaml = f"""
        server: {{drain: {{delay: 1s, timeout: 20s}}}}
        providers: {{openai: {{base_url: "http://127.0.0.1:{peer}/v1"}}}}
        accounts: {{acme: {{gateways: {{main: {{}}}}}}}}
        """
        self.all = []
        self.serving = [self.started(world.free_port()) for _ in range(2)]

    def started(self, port):
        self.number += 1
        folder = self.folder / f"gateway-{self.number}"
        folder.mkdir()
        one = Gateway(folder, self.yaml, port)
        self.all.append(one)
        return one

    def lines(self):
        return [line for one in self.all for line in one.lines()]

    def stop(self):
        for one in self.all:
            if not one.out.closed:
                one.stop()


@pytest.fixture
def fleet(tmp_path, peer):
    one = Fleet(tmp_path, peer)
    yield one
    one.stop()


@pytest.fixture
def front(tmp_path, fleet):
    """nginx before both; its port."""
    port = world.free_port()
    first, second = (one.port for one in fleet.serving)
    written = tmp_path / "nginx.conf"
    written.write_text(NGINX % {"folder": tmp_path, "port": port, "first": first, "second": second})
    log = tmp_path / "nginx.txt"
    with log.open("wb") as errors, subprocess.Popen(["nginx", "-p", tmp_path, "-c", written], stderr=errors) as process:
        until(lambda: answers(port))
        yield port
        process.send_signal(signal.SIGQUIT)
        process.wait(10)


def answers(port):
    try:
        return uvloop.run(asked(port)) == 200
    except OSError:
        return False


async def asked(port):
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        return await called(reader, writer)
    finally:
        writer.close()


def message(body):
    head = f"POST {PATH} HTTP/1.1\r\nhost: x\r\nx-events: {EVENTS}\r\ncontent-length: {len(body)}\r\n\r\n"
    return head.encode() + body


async def called(reader, writer):
    """A call's status, its body read."""
    writer.write(message(BODY))
    head = await reader.readuntil(b"\r\n\r\n")
    await reader.readexactly(int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0]))
    return int(head[9:12])


class Load:
    """Calls, and fifty streams at any time, until told to stop; everything that went wrong."""

    def __init__(self, port):
        self.port, self.stopping = port, False
        self.calls, self.streams, self.wrong = 0, 0, []

    async def caller(self):
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        while not self.stopping:
            status = await called(reader, writer)
            self.calls += 1
            if status != 200:
                self.wrong.append((status, time.strftime("%H:%M:%S")))
            await asyncio.sleep(0.01)
        writer.close()

    async def streamer(self, wait):
        await asyncio.sleep(wait)
        while not self.stopping:
            reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
            writer.write(message(STREAM))
            try:
                got = await reader.readuntil(b"\r\n0\r\n\r\n")
            except asyncio.IncompleteReadError as error:
                got = error.partial
            self.streams += 1
            if got.count(fastpeer.EVENT[:-2]) != EVENTS or b" 200 " not in got[:20]:
                self.wrong.append(got)
            writer.close()


async def replaced(fleet, place):
    """Drain a gateway, wait for its last stream, and start another in its place, as a Deployment does."""
    old = fleet.serving[place]
    assert ready(old) == 200
    old.process.send_signal(signal.SIGTERM)
    await asyncio.sleep(0.1)
    assert ready(old) == 503, "who asks is told at once, while calls are still taken"
    code = await asyncio.to_thread(old.process.wait, 30)
    fleet.serving[place] = await asyncio.to_thread(fleet.started, old.port)
    return code


async def at_work(gateway):
    """Wait until calls come to a gateway."""
    async with asyncio.timeout(10):
        while len(gateway.lines()) < 50:
            await asyncio.sleep(0.1)


def ready(gateway):
    return gateway.call("/readyz", None, "GET").status


async def rolling(fleet, port):
    load = Load(port)
    async with asyncio.TaskGroup() as running:
        for _ in range(CALLERS):
            running.create_task(load.caller())
        for number in range(STREAMS):
            running.create_task(load.streamer(number / STREAMS))
        await asyncio.sleep(1.5)
        codes = [await replaced(fleet, 0)]
        # nginx finds the new one only when it tries again; a Deployment has `minReadySeconds` for this.
        await at_work(fleet.serving[0])
        codes.append(await replaced(fleet, 1))
        await at_work(fleet.serving[1])
        load.stopping = True
    return load, codes


@pytest.mark.slow
def test_a_rolling_restart_under_load_loses_no_call(tmp_path, fleet, front):
    began = time.monotonic()
    load, codes = uvloop.run(rolling(fleet, front))
    print(f"\n{load.calls} calls and {load.streams} streams over two restarts in {time.monotonic() - began:.1f} s")
    assert not load.wrong, (tmp_path / "nginx.txt").read_text()
    assert codes == [0, 0]
    assert load.calls > 500
    assert load.streams >= 2 * STREAMS
    until(lambda: len(fleet.lines()) > load.calls + load.streams)
    lines = fleet.lines()
    assert len(lines) == load.calls + load.streams + 1, "each call was served once"
    assert {line["outcome"] for line in lines} == {"served"}
