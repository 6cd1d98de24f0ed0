"""A crowd of clients: every request on a connection of its own, all of them sent in one moment."""

import asyncio
import time
from dataclasses import dataclass

from tests.e2e.acts import ASK
from tests.e2e.policies.given import PATH


@dataclass(frozen=True)
class Got:
    """What one client got, and when."""

    status: int
    headers: dict[str, str]
    body: bytes
    began: float
    ended: float

    @property
    def seconds(self) -> float:
        return self.ended - self.began


def post(path: str = PATH, body: bytes = ASK, **headers: str) -> bytes:
    """A request as bytes."""
    lines = [f"{name.replace('_', '-')}: {value}\r\n" for name, value in headers.items()]
    head = f"POST {path} HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n{''.join(lines)}"
    return f"{head}content-length: {len(body)}\r\n\r\n".encode() + body


async def answer(reader: asyncio.StreamReader, began: float) -> Got:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    first, *lines = head.split("\r\n")[:-2]
    headers = {name.lower(): value for name, value in (line.split(": ", 1) for line in lines)}
    if "chunked" in headers.get("transfer-encoding", ""):
        body = b""
        while size := int(await reader.readline(), 16):
            body += await reader.readexactly(size)
            await reader.readline()
        await reader.readline()
    else:
        body = await reader.readexactly(int(headers.get("content-length", 0)))
    return Got(int(first.split()[1]), headers, body, began, time.monotonic())


async def crowded(ports: list[int], requests: list[bytes]) -> list[Got]:
    """The answers, in the order of the requests; they go to the ports in turn."""
    lines = []
    for at in range(len(requests)):
        lines.append(await asyncio.open_connection("127.0.0.1", ports[at % len(ports)]))

    async def one(line, request):
        reader, writer = line
        began = time.monotonic()
        writer.write(request)
        try:
            return await answer(reader, began)
        finally:
            writer.close()

    try:
        return await asyncio.gather(*map(one, lines, requests))
    finally:
        for _, writer in lines:
            writer.close()


def crowd(ports: int | list[int], requests: list[bytes]) -> list[Got]:
    return asyncio.run(crowded([ports] if isinstance(ports, int) else ports, requests))


def statuses(got: list[Got]) -> dict[int, int]:
    """How many of each."""
    found: dict[int, int] = {}
    for one in got:
        found[one.status] = found.get(one.status, 0) + 1
    return found


async def steady(port: int, request: bytes, seen: list[Got | Exception], stop: asyncio.Event) -> None:
    """Calls one after the other over one connection, which is opened anew after a fault, until told to stop."""
    line = None
    while not stop.is_set():
        try:
            line = line or await asyncio.open_connection("127.0.0.1", port)
            began = time.monotonic()
            line[1].write(request)
            seen.append(await answer(line[0], began))
        except (OSError, EOFError) as fault:
            seen.append(fault)
            line = None
        await asyncio.sleep(0.004)
    if line is not None:
        line[1].close()
