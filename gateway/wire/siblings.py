"""Workers ask one another for their numbers, so that any of them can answer /metrics for all."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Final

WITHIN: Final = 0.5
"""Seconds for all answers; a worker that hangs is left out."""
LARGEST: Final = 64 * 2**20


def place(folder: Path, index: int) -> Path:
    """The socket of the worker with this number."""
    return folder / f"{index}.sock"


@contextlib.asynccontextmanager
async def published(path: Path, snapshot: Callable[[], bytes]) -> AsyncIterator[None]:
    """Meanwhile, whoever connects to `path` gets a snapshot."""

    async def tell(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError):
            writer.write(snapshot())
            await writer.drain()
        writer.close()

    path.unlink(missing_ok=True)
    server = await asyncio.start_unix_server(tell, path)
    try:
        yield
    finally:
        server.close()
        path.unlink(missing_ok=True)


async def collect(folder: Path, own: int) -> list[bytes]:
    """The snapshots of all other workers that answer in time."""
    paths = [path for path in sorted(folder.glob("*.sock")) if path != place(folder, own)]
    answers = await asyncio.gather(*(asked(path) for path in paths))
    return [answer for answer in answers if answer]


async def asked(path: Path) -> bytes:
    """One worker's snapshot; nothing where it does not answer."""
    try:
        async with asyncio.timeout(WITHIN):
            reader, writer = await asyncio.open_unix_connection(path, limit=LARGEST)
            try:
                return await reader.read(-1)
            finally:
                writer.close()
    except (OSError, TimeoutError):
        return b""
