"""A kept body on its way out again, in the chunks in which it came."""

import asyncio
from typing import Final

BREATH: Final = 32
"""Chunks that are handed out in a row before others on the event loop have their turn."""


class Replayed:
    """Chunks that are all there, as an async iterator."""

    __slots__ = ("at", "chunks")

    def __init__(self, chunks: list[bytes]) -> None:
        self.chunks, self.at = chunks, 0

    def __aiter__(self) -> "Replayed":
        return self

    @property
    def ended(self) -> bool:
        """Whether the last chunk was handed out."""
        return self.at == len(self.chunks)

    async def __anext__(self) -> bytes:
        if self.at == len(self.chunks):
            raise StopAsyncIteration
        if self.at % BREATH == BREATH - 1:
            await asyncio.sleep(0)
        self.at += 1
        return self.chunks[self.at - 1]
