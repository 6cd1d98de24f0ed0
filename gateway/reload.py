"""Watches gateways.yaml and the files it refers to, and puts a sound change in force; a bad one changes nothing.

It polls, since that alone works on every file system and for Kubernetes, which swaps a symlink and touches no file.
"""

import asyncio
import logging
import os
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Final, TypeAlias

from gateway.settings.load import Loaded
from gateway.settings.problems import Problems

log = logging.getLogger("gateway.reload")

Stamp: TypeAlias = tuple[str, int, int, int]
"""What tells one state of a file from the next: its real path, inode, size and time of change."""

SETTLED: Final = 0.1
"""Seconds without a change after which a file counts as written to its end."""
PATIENCE: Final = 10
"""Polls after which a missing file is worth a line in the log: editors remove a file before they write it anew."""


def stamp(path: Path) -> Stamp | None:
    """The state of a file, or None while there is none."""
    try:
        status = path.stat()
        return os.path.realpath(path), status.st_ino, status.st_size, status.st_mtime_ns
    except (OSError, ValueError):
        return None


def stamps(files: Sequence[Path]) -> tuple[Stamp | None, ...]:
    """The states of several files; looked at in a thread, since a network's file system can hang."""
    return tuple(stamp(file) for file in files)


class Watcher:
    """Awaits `apply` in the event loop with each sound configuration that differs from the one before."""

    interval = 0.5

    def __init__(
        self, path: Path, apply: Callable[[Loaded], Awaitable[None]], read: Callable[[], Loaded], current: Loaded
    ) -> None:
        self.path, self.apply, self.read, self.current = path, apply, read, current
        self.last_error = ""
        """Every problem of the last edit, as it was reported; empty while the file is what is in force."""
        self.files = current.files
        # Nothing is known yet, so the first poll reads the file: what changed since `current` was read is not lost.
        self.seen: tuple[Stamp | None, ...] = ()
        self.missed = 0
        self.turn = asyncio.Lock()

    @property
    def healthy(self) -> bool:
        """Whether what stands in the file is what is in force."""
        return not self.last_error

    async def run(self) -> None:
        """Look every `interval` seconds, until cancelled."""
        while True:
            async with self.turn:
                await self.look()
            await asyncio.sleep(self.interval)

    async def reload_now(self) -> bool:
        """Read the file whether it changed or not, as SIGHUP asks; True when it is in force."""
        async with self.turn:
            return await self.reload(known="")

    async def look(self) -> None:
        """Compare what is there with what was last read, and read it when it has settled."""
        now = await asyncio.to_thread(stamps, self.files)
        if now == self.seen:
            return
        if now[0] is None:
            self.gone()
            return
        self.missed = 0
        await asyncio.sleep(SETTLED)
        # Still being written: the next look finds it different from `seen` again.
        if now == await asyncio.to_thread(stamps, self.files):
            await self.reload(known=self.current.version)

    def gone(self) -> None:
        """The file is missing: perhaps for a moment, so nothing is said at once."""
        self.missed += 1
        if self.missed == PATIENCE:
            self.refused([f"{self.path}: the file is gone"])

    async def reload(self, known: str) -> bool:
        """Read, and apply what is sound and not of the version that is `known`; True when it is in force."""
        before = await asyncio.to_thread(stamps, self.files)
        try:
            loaded = await asyncio.to_thread(self.read)
        except Problems as problems:
            files, lines = problems.files, problems.lines()
        else:
            files, lines = loaded.files, await self.settle(loaded, known)
        # Stamps from before the reading: what changed during it differs at the next look. Files that are new to us
        # have no such stamp, so then the next look reads once more.
        self.seen = before if files == self.files else ()
        self.files = files
        if lines:
            self.refused(lines)
        return not lines

    async def settle(self, loaded: Loaded, known: str) -> list[str]:
        """Put a sound configuration in force, unless it is; the lines say why it could not be."""
        if loaded.version == known:
            self.last_error = ""
            return []
        try:
            await self.apply(loaded)
        except Problems as problems:
            return problems.lines()
        except Exception as error:
            # Whatever a new one breaks, the last good one keeps serving. Another library's message may hold a secret
            # of the file, such as a proxy's password, so it is for those who debug.
            log.debug("version %s", loaded.version, exc_info=True)
            return [f"{self.path}: version {loaded.version} cannot be put in force: {type(error).__name__}"]
        log.info("%s: version %s is in force, after %s", self.path, loaded.version, self.current.version)
        self.current, self.last_error = loaded, ""
        return []

    def refused(self, lines: list[str]) -> None:
        """Report what is wrong, once for the same problems."""
        report = "\n".join(lines)
        if report == self.last_error:
            return
        self.last_error = report
        for line in lines:
            log.error("%s", line)
        log.error("%s: not reloaded; version %s keeps serving", self.path, self.current.version)
