"""Bytes to a socket, and what comes back."""

import re
import socket
import time

PATH = "/v1/acme/main/openai/chat/completions"


def post(body: bytes = b"{}", *lines: str, path: str = PATH, first: str = "") -> bytes:
    """A POST as bytes; `lines` are header lines."""
    head = "\r\n".join([first or f"POST {path} HTTP/1.1", "Host: a", f"Content-Length: {len(body)}", *lines])
    return head.encode("latin-1") + b"\r\n\r\n" + body


def get(path: str = "/healthz", *lines: str) -> bytes:
    """A GET as bytes."""
    return "\r\n".join([f"GET {path} HTTP/1.1", "Host: a", *lines, "", ""]).encode("latin-1")


def connect(port: int, within: float = 10.0) -> socket.socket:
    return socket.create_connection(("127.0.0.1", port), within)


def talk(port: int, *pieces: bytes, pause: float = 0.02, within: float = 10.0) -> bytes:
    """Send the pieces, and read until the gateway closes."""
    with connect(port, within) as client:
        try:
            for piece in pieces:
                client.sendall(piece)
                if len(pieces) > 1:
                    time.sleep(pause)
        except OSError:
            pass  # it has hung up already: what it said is still to be read
        return until_closed(client)


def until_closed(client: socket.socket) -> bytes:
    got = b""
    while True:
        try:
            more = client.recv(65536)
        except ConnectionResetError:
            return got
        if not more:
            return got
        got += more


def answer(client: socket.socket) -> tuple[int, dict[str, str], bytes]:
    """One answer of a connection that stays open: status, headers and body."""
    got = b""
    while b"\r\n\r\n" not in got:
        more = client.recv(65536)
        if not more:
            raise EOFError(got)
        got += more
    head, _, body = got.partition(b"\r\n\r\n")
    first, *lines = head.decode("latin-1").split("\r\n")
    headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines)}
    if headers.get("transfer-encoding") == "chunked":
        while not body.endswith(b"0\r\n\r\n"):
            body += client.recv(65536)
        return int(first[9:12]), headers, unchunked(body)
    while len(body) < int(headers.get("content-length", 0)):
        body += client.recv(65536)
    return int(first[9:12]), headers, body


def unchunked(body: bytes) -> bytes:
    """A chunked body without its framing; raises ValueError when it does not end properly."""
    whole = b""
    while True:
        size, _, rest = body.partition(b"\r\n")
        length = int(size, 16)
        if not length:
            if rest != b"\r\n":
                raise ValueError(rest)
            return whole
        whole, body = whole + rest[:length], rest[length + 2 :]


def statuses(got: bytes) -> list[int]:
    """The status of each answer in what came back."""
    return [int(status) for status in re.findall(rb"HTTP/1\.1 (\d{3}) [A-Z]", got)]
