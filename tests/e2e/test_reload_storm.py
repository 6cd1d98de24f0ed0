"""A thousand edits of a mounted ConfigMap under load: no call fails, each runs under one version, memory stays."""

import asyncio
import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import uvloop

from gateway.settings.load import load
from tests import world
from tests.e2e import fastpeer
from tests.e2e.acts import until

EDITS = int(os.environ.get("GATEWAY_STORM_EDITS", "1000"))
WARM_UP = 200
CALLERS = 8
GROWTH = 8 * 2**20
PATH = "/v1/acme/{}/openai/chat/completions"
BODY = b'{"model": "gpt-4o-mini", "messages": []}'
STREAM = b'{"model": "gpt-4o-mini", "stream": true, "messages": []}'


@pytest.fixture
def peer():
    command = [sys.executable, str(Path(fastpeer.__file__))]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        yield int(process.stdout.readline())
        process.stdin.close()
        process.wait(5)


class ConfigMap:
    """A folder as the kubelet mounts it: `..data` leads to one version's folder, and is exchanged for the next."""

    def __init__(self, folder, port):
        self.folder, self.port, self.number = folder, port, -1
        self.versions: dict[str, int] = {}
        folder.mkdir()
        self.put()
        (folder / "gateways.yaml").symlink_to("..data/gateways.yaml")
        self.known()

    def text(self):
        """`main` is in all versions; the gateway that is added in this one and the next."""
        names = ["main", *(added(number) for number in (self.number - 1, self.number) if number >= 0)]
        blocks = ", ".join(f"{name}: {{timeout: {{total: {100 + self.number}s}}}}" for name in names)
        return (
            f'providers: {{openai: {{base_url: "http://127.0.0.1:{self.port}/v1"}}}}\n'
            f"accounts: {{acme: {{gateways: {{{blocks}}}}}}}\n"
        )

    def put(self):
        self.number += 1
        version = self.folder / f"..2026_{self.number}"
        version.mkdir()
        (version / "gateways.yaml").write_text(self.text())
        (self.folder / "..data_tmp").symlink_to(version.name)
        os.replace(self.folder / "..data_tmp", self.folder / "..data")
        if self.number:
            self.known()
            gone = self.folder / f"..2026_{self.number - 1}"
            (gone / "gateways.yaml").unlink()
            gone.rmdir()

    def known(self):
        """Write down the version that the gateway will call this one by."""
        self.versions[load(self.folder / "gateways.yaml", {}, None).version] = self.number


def added(number):
    """Twenty names in turn: a gateway's counters stay for ever, so that names without end would look like a leak."""
    return f"added-{number % 20}"


class Load:
    """Callers of `main`, over connections that are kept, until told to stop."""

    def __init__(self, port):
        self.port, self.stopping = port, False
        self.calls = self.streams = 0

    async def caller(self):
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        while not self.stopping:
            assert await asked(reader, writer, "main", BODY) == 200
            self.calls += 1
            await asyncio.sleep(0.02)
        writer.close()

    async def streamer(self):
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        while not self.stopping:
            writer.write(message("main", STREAM))
            got = await reader.readuntil(b"\r\n0\r\n\r\n")
            assert got.startswith(b"HTTP/1.1 200")
            assert got.count(fastpeer.EVENT[:-2]) == 3
            self.streams += 1
        writer.close()


def message(gateway, body):
    head = f"POST {PATH.format(gateway)} HTTP/1.1\r\nhost: x\r\nx-events: 3\r\ncontent-length: {len(body)}\r\n\r\n"
    return head.encode() + body


async def asked(reader, writer, gateway, body):
    """A call's status, its body read."""
    writer.write(message(gateway, body))
    head = await reader.readuntil(b"\r\n\r\n")
    await reader.readexactly(int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0]))
    return int(head[9:12])


async def version(reader, writer):
    writer.write(b"GET /readyz HTTP/1.1\r\nhost: x\r\n\r\n")
    head = await reader.readuntil(b"\r\n\r\n")
    length = int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0])
    return json.loads(await reader.readexactly(length))["config_version"]


async def edited(gateway, mounted, edits):
    """So many swaps, each in force before the next; every gateway that is added is called as soon as it is there."""
    reader, writer = await asyncio.open_connection("127.0.0.1", gateway.port)
    for _ in range(edits):
        mounted.put()
        gateway.process.send_signal(signal.SIGHUP)
        end = time.monotonic() + 5
        while mounted.versions[await version(reader, writer)] != mounted.number:
            assert time.monotonic() < end, f"edit {mounted.number} is not in force"
            await asyncio.sleep(0.002)
        assert await asked(reader, writer, added(mounted.number), BODY) == 200
        assert await asked(reader, writer, added(mounted.number - 2), BODY) == 400 or mounted.number < 2
    writer.close()


async def storm(gateway, mounted):
    """The edits with everything around them: memory after the first ones, and after all."""
    load = Load(gateway.port)
    async with asyncio.TaskGroup() as running:
        for _ in range(CALLERS):
            running.create_task(load.caller())
            running.create_task(load.streamer())
        await edited(gateway, mounted, WARM_UP)
        before, began = resident(gateway), time.monotonic()
        await edited(gateway, mounted, EDITS - WARM_UP)
        took, after = time.monotonic() - began, resident(gateway)
        load.stopping = True
    return load, before, after, took


def resident(gateway):
    """Bytes of memory, pages of files not counted."""
    status = Path(f"/proc/{gateway.process.pid}/status").read_text()
    return int(re.search(r"RssAnon:\s+(\d+) kB", status)[1]) * 1024


def applied(gateway):
    text = gateway.call("/metrics", None, "GET").body.decode()
    return int(float(re.search(r'gateway_config_reloads_total\{result="applied"\} (\S+)', text)[1]))


@pytest.mark.slow
@pytest.mark.timeout(240)
def test_a_thousand_swaps_of_a_configmap_drop_no_call_and_mix_no_versions(tmp_path, peer):
    mounted = ConfigMap(tmp_path / "etc", peer)
    with world.gateway(tmp_path, "", args=("--config", str(mounted.folder / "gateways.yaml"))) as gateway:
        load, before, after, took = uvloop.run(storm(gateway, mounted))
        assert EDITS <= applied(gateway) <= EDITS + EDITS // 10, "SIGHUP also applies what the watcher saw first"
        calls = load.calls + load.streams
        print(
            f"\n{EDITS} edits, the last {EDITS - WARM_UP} in {took:.1f} s, under {load.calls} calls and"
            f" {load.streams} streams: {before / 2**20:.1f} -> {after / 2**20:.1f} MiB; {applied(gateway)} applied"
        )
        until(lambda: Path(gateway.out.name).read_bytes().count(b'"gateway":"main"') >= calls)
        lines = gateway.lines()
        ours = [line for line in lines if line["gateway"] == "main"]
        others = [line for line in lines if line["gateway"] != "main" and line["outcome"] == "served"]
        assert len(ours) == calls
        assert {line["outcome"] for line in ours} == {"served"}
        assert {line["config_version"] for line in lines} <= mounted.versions.keys()
        assert len({line["config_version"] for line in ours}) > EDITS // 4, "calls ran under many of them"
        assert len(others) == EDITS
        assert all(line["gateway"] == added(mounted.versions[line["config_version"]]) for line in others)
        assert after - before < GROWTH
        assert "Traceback" not in gateway.errors()
        assert "not reloaded" not in gateway.errors()
