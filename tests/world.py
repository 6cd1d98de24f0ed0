"""The world a test lives in: a real gateway process, and a real provider on loopback that answers on script."""

import asyncio
import contextlib
import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]


@dataclass
class Asked:
    """A request as the provider received it, byte for byte."""

    method: str
    target: str
    headers: list[tuple[str, str]]
    body: bytes
    closed_after: float | None = None

    def header(self, name: str) -> str | None:
        return next((value for key, value in self.headers if key.lower() == name), None)


@dataclass
class Says:
    """What the provider answers: chunks are written one by one with `pause` seconds between them."""

    status: int = 200
    headers: dict[str, str] = field(default_factory=lambda: {"content-type": "application/json"})
    chunks: list[bytes] = field(default_factory=lambda: [b"{}"])
    framing: str = "length"  # length | chunked | close
    before: float = 0.0
    pause: float = 0.0
    hang: bool = False
    cut: bool = False


class Provider:
    """A provider on loopback; `says` maps a request to an answer, `asked` holds what came."""

    def __init__(self, says: Callable[[Asked], Says]) -> None:
        self.says, self.asked, self.open = says, [], 0
        self.gone: list[float] = []
        self.ready = threading.Event()
        self.thread = threading.Thread(target=lambda: asyncio.run(self.run()), daemon=True)
        self.thread.start()
        self.ready.wait(5)

    async def run(self) -> None:
        self.loop, self.stopping = asyncio.get_running_loop(), asyncio.Event()
        server = await asyncio.start_server(self.serve, "127.0.0.1", 0, limit=2**26, backlog=1024)
        self.port = server.sockets[0].getsockname()[1]
        self.ready.set()
        await self.stopping.wait()
        server.close()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.open += 1
        try:
            while asked := await self.read(reader):
                self.asked.append(asked)
                await self.answer(self.says(asked), asked, reader, writer)
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            self.open -= 1
            self.gone.append(time.monotonic())
            writer.close()

    async def read(self, reader: asyncio.StreamReader) -> Asked | None:
        try:
            head = await reader.readuntil(b"\r\n\r\n")
        except asyncio.IncompleteReadError:
            return None
        first, *lines = head.decode("latin-1").split("\r\n")[:-2]
        method, target, _ = first.split(" ")
        headers = [tuple(line.split(": ", 1)) for line in lines]
        length = next((int(v) for k, v in headers if k.lower() == "content-length"), 0)
        return Asked(method, target, headers, await reader.readexactly(length))

    async def answer(self, says: Says, asked: Asked, reader, writer) -> None:
        if says.hang or says.before:
            await self.pause(says.before or 3600, reader)
        bodiless = asked.method == "HEAD" or says.status in (204, 304)
        writer.write(self.head(says))
        for number, chunk in enumerate(() if bodiless else says.chunks):
            if number and says.pause:
                await self.pause(says.pause, reader)
            writer.write(b"%x\r\n%b\r\n" % (len(chunk), chunk) if says.framing == "chunked" else chunk)
            await writer.drain()
        if says.cut:
            writer.transport.abort()
            raise ConnectionResetError
        if says.framing == "chunked" and not bodiless:
            writer.write(b"0\r\n\r\n")
        await writer.drain()
        if says.framing == "close":
            writer.close()

    @staticmethod
    def head(says: Says) -> bytes:
        lines = [f"HTTP/1.1 {says.status} X", *(f"{name}: {value}" for name, value in says.headers.items())]
        if says.framing == "length" and says.status not in (204, 304):
            lines.append(f"content-length: {sum(map(len, says.chunks))}")
        elif says.framing == "chunked":
            lines.append("transfer-encoding: chunked")
        return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")

    async def pause(self, seconds: float, reader: asyncio.StreamReader) -> None:
        """Wait, but notice at once when the gateway hangs up."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                if not await reader.read(1):
                    raise ConnectionResetError

    def stop(self) -> None:
        self.loop.call_soon_threadsafe(self.stopping.set)
        self.thread.join(5)


class Gateway:
    """`gateway serve` as a process of its own, on a free port, with the YAML as a user writes it."""

    def __init__(self, folder: Path, yaml: str, env: dict[str, str] | None = None, args: tuple[str, ...] = ()) -> None:
        self.file = folder / "gateways.yaml"
        self.file.write_text(yaml, encoding="utf-8")
        self.out = (folder / "out.jsonl").open("w+b")
        self.err = (folder / "err.txt").open("w+b")
        self.port = free_port()
        environ = {k: v for k, v in os.environ.items() if not k.startswith("OTEL_")} | (env or {})
        command = [
            sys.executable,
            "-m",
            "gateway",
            "serve",
            "--config",
            str(self.file),
            "--port",
            str(self.port),
            *args,
        ]
        self.process = subprocess.Popen(command, stdout=self.out, stderr=self.err, env=environ, cwd=ROOT)
        try:
            self.wait_until_ready()
        except BaseException:
            # Left open, its files would fail whatever test comes when they are collected.
            self.stop()
            raise

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def wait_until_ready(self) -> None:
        for _ in range(400):
            if self.process.poll() is not None:
                raise AssertionError(f"the gateway ended: {self.errors()}")
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port), 1):
                return
            time.sleep(0.025)
        raise AssertionError(f"the gateway does not listen: {self.errors()}")

    def errors(self) -> str:
        self.err.seek(0)
        return self.err.read().decode()

    def lines(self) -> list[dict[str, Any]]:
        """The request log so far; lines are written within 20 ms of a call's end."""
        self.out.flush()
        text = Path(self.out.name).read_bytes()
        return [json.loads(line) for line in text.splitlines() if line.startswith(b"{")]

    def line(self, log_id: str, within: float = 3.0) -> dict[str, Any]:
        """The log line of one call."""
        until = time.monotonic() + within
        while time.monotonic() < until:
            for line in reversed(self.lines()):
                if line["id"] == log_id:
                    return line
            time.sleep(0.02)
        raise AssertionError(f"no log line for {log_id}")

    def call(self, path: str, body: bytes | None = b"{}", method: str = "POST", **headers: str) -> "Answer":
        """One request over a connection of its own, its headers exactly these."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        try:
            named = {name.replace("_", "-"): value for name, value in headers.items()}
            connection.request(method, path, body, {"content-type": "application/json"} | named)
            response = connection.getresponse()
            return Answer(response.status, {k.lower(): v for k, v in response.getheaders()}, response.read())
        finally:
            connection.close()

    def stop(self, sign: int = signal.SIGTERM, within: float = 20) -> int:
        if self.process.poll() is None:
            self.process.send_signal(sign)
        try:
            return self.process.wait(within)
        finally:
            if self.process.poll() is None:
                self.process.kill()
                self.process.wait()
            self.out.close()
            self.err.close()


@dataclass(frozen=True)
class Answer:
    """What the client got."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def log_id(self) -> str:
        return self.headers["cf-aig-log-id"]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextlib.contextmanager
def provider(says: Callable[[Asked], Says]) -> Iterator[Provider]:
    one = Provider(says)
    try:
        yield one
    finally:
        one.stop()


@contextlib.contextmanager
def gateway(
    folder: Path, yaml: str, env: dict[str, str] | None = None, args: tuple[str, ...] = ()
) -> Iterator[Gateway]:
    one = Gateway(folder, yaml, env, args)
    try:
        yield one
    finally:
        one.stop()
