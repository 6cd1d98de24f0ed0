"""What is written at the end of a turn of the event loop, for all sockets in a row.

A write wakes the peer on the other side of the socket where it sleeps, which costs more than the write. In a row most
writes find it awake, and between them nothing else has run over the processor's caches: with 16 connections, a tenth
of a call's CPU, and a quarter where policies work between one write and the next (docs/performance.md).
"""

import asyncio
import logging
from typing import Final, Protocol

log = logging.getLogger("gateway.wire")

SHORT: Final = 65536
"""Bytes that are worth waiting with; what is longer is written at once."""


class Flushes(Protocol):
    """Something that has bytes to write."""

    def flush(self) -> None:
        """Write them now."""


class Outbox:
    """Those who have something to write in this turn, on one event loop."""

    __slots__ = ("waiting",)

    def __init__(self) -> None:
        self.waiting: list[Flushes] = []

    def soon(self, one: Flushes) -> None:
        """Have `one` flushed in this turn of the loop: one callback for all of a turn."""
        if not self.waiting:
            asyncio.get_running_loop().call_soon(self.flush)
        self.waiting.append(one)

    def flush(self) -> None:
        """Write, one after the other; one that fails takes nothing away from the others."""
        waiting, self.waiting = self.waiting, []
        for one in waiting:
            try:
                one.flush()
            except Exception:
                log.exception("a write failed")
