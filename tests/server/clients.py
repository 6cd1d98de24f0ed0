"""Server processes under test, and what a client on a raw socket needs."""

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
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


class Server:
    """A server process under test."""

    def __init__(self, process: subprocess.Popen) -> None:
        self.process = process
        self.said: list[str] = []
        self.port = int(process.stdout.readline())
        self.listening = threading.Thread(target=self.listen, daemon=True)
        self.listening.start()

    def listen(self) -> None:
        for line in self.process.stdout:
            self.said.append(line.strip())

    def connect(self) -> socket.socket:
        return socket.create_connection(("127.0.0.1", self.port), timeout=10)

    def ask(self, raw: bytes) -> bytes:
        """Everything that comes back on a new connection until it is closed."""
        with self.connect() as client:
            client.sendall(raw)
            return everything(client)

    def get(self, target: str) -> tuple[int, bytes]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        with contextlib.closing(connection):
            connection.request("GET", target)
            response = connection.getresponse()
            return response.status, response.read()

    def seen(self, what: str) -> list[dict]:
        return [one for one in json.loads(self.get("/seen")[1]) if one["what"] == what]

    def signal(self, number: int) -> None:
        self.process.send_signal(number)

    def end(self, seconds: float = 10) -> tuple[int, str]:
        """Wait until it is gone: its exit code and what it wrote to stderr."""
        code = self.process.wait(seconds)
        self.listening.join(2)
        return code, self.process.stderr.read()


def everything(client: socket.socket) -> bytes:
    """What comes until the other side closes; a reset counts as closing."""
    parts = []
    with contextlib.suppress(ConnectionResetError):
        while part := client.recv(65536):
            parts.append(part)
    return b"".join(parts)


def until(client: socket.socket, end: bytes, piece: int = 65536) -> bytes:
    """What comes up to and with `end`, read in pieces of that size: 1 reads nothing that follows."""
    got = b""
    while not got.endswith(end):
        part = client.recv(piece)
        assert part, got
        got += part
    return got


def get(path: str, *lines: str) -> bytes:
    """A GET request's bytes."""
    return "\r\n".join([f"GET {path} HTTP/1.1", "host: x", *lines, "", ""]).encode("latin-1")


def waited(condition, seconds: float = 5) -> bool:
    """Whether `condition` came true in time."""
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            return False
        time.sleep(0.01)
    return True


@contextlib.contextmanager
def server(environ: dict[str, str] | None = None, /, **options) -> Iterator[Server]:
    """A server process with these Options on a free port; ended at once afterwards."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.server.stage", json.dumps({"port": 0, **options})],
        cwd=ROOT,
        env=os.environ | (environ or {}),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    try:
        yield Server(process)
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGKILL if options.get("workers", 1) == 1 else signal.SIGTERM)
            process.wait(10)
        process.stdout.close()
        process.stderr.close()
