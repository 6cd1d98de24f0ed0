"""Workers ask one another for their numbers, so that any of them can answer /metrics for all."""

import asyncio
import contextlib
import struct
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Final

WITHIN: Final = 0.5
"""Seconds for all answers; a worker that hangs is left out."""
LENGTH: Final = struct.Struct(">Q")
"""Stands before a snapshot, so that one whose worker died half way through is not taken for whole."""
LARGEST: Final = 64 * 2**20


def place(folder: Path, index: int) -> Path:
    """The socket of the worker with this number."""
    return folder / f"{index}.sock"


@contextlib.asynccontextmanager
async def published(path: Path, snapshot: Callable[[], bytes]) -> AsyncIterator[None]:
    """Meanwhile, whoever connects to `path` gets a snapshot."""

    async def tell(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Say the snapshot's length and the snapshot."""
        text = snapshot()
        with contextlib.suppress(ConnectionError):
            writer.write(LENGTH.pack(len(text)) + text)
            await writer.drain()
        writer.close()

    unlink(path)
    server = await asyncio.start_unix_server(tell, path)
    try:
        yield
    finally:
        server.close()
        unlink(path)


def unlink(path: Path) -> None:
    """Remove a socket; it lies in memory or on a local disk."""
    path.unlink(missing_ok=True)


def others(folder: Path, own: int) -> list[Path]:
    """The sockets of all workers but this one."""
    return [path for path in sorted(folder.glob("*.sock")) if path != place(folder, own)]


async def collect(folder: Path, own: int) -> list[bytes]:
    """The snapshots of all other workers that answer in time."""
    answers = await asyncio.gather(*(asked(path) for path in others(folder, own)))
    return [answer for answer in answers if answer]


async def asked(path: Path) -> bytes:
    """One worker's snapshot; nothing where it does not answer, or not to the end."""
    try:
        async with asyncio.timeout(WITHIN):
            reader, writer = await asyncio.open_unix_connection(path)
            try:
                (length,) = LENGTH.unpack(await reader.readexactly(LENGTH.size))
                return await reader.readexactly(length) if length <= LARGEST else b""
            finally:
                writer.close()
    except (OSError, TimeoutError, asyncio.IncompleteReadError):
        return b""
