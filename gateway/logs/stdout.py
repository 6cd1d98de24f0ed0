"""Lines to a file descriptor, without ever waiting for it: a reader that stalls never stalls the event loop.

The loop itself writes, every 20 ms, as long as the kernel takes it at once; what it does not take goes to a thread. A
thread for everything would fight the loop for the interpreter 50 times a second.
"""

import asyncio
import errno
import fcntl
import os
import select
import stat
import threading
import time
from collections import deque
from pathlib import Path
from typing import Final

DELAY: Final = 0.02
"""Seconds lines wait for company: fewer system calls."""

QUEUE: Final = 64 * 2**20
"""Bytes that may wait; what comes on top is lost."""

BATCH: Final = 2**20
"""Bytes joined for one write."""

NEWLINE: Final = ord("\n")

GONE: Final = frozenset({errno.EPIPE, errno.EBADF, errno.ENXIO, errno.ECONNRESET})
"""Nobody will read there again."""


class Writer:
    """A bounded queue in front of `fd`. One thread writes to it (the event loop's), it or another empties it.

    Each counter has one writer, so that no lock is needed on the way in.
    """

    def __init__(self, fd: int, queue: int = QUEUE) -> None:
        self._fd, self._bound = fd, queue
        self._lines: deque[bytes] = deque()
        self._put = self._taken = 0
        self._refused = self._unwritten = self._flying = 0
        self._torn = False
        self._wake = threading.Event()
        self._closing = threading.Event()
        self._gone = False
        self._thread: threading.Thread | None = None
        self._busy = self._scheduled = False
        self._piece = BATCH if regular(fd) else select.PIPE_BUF
        self._turn = -1

    def share(self, folder: Path) -> None:
        """Others write to the same pipe: whoever writes holds a lock on `folder`, which they share too.

        The kernel keeps PIPE_BUF bytes together by itself, but a longer line goes out in pieces.
        """
        if self._piece != BATCH:
            self._turn = os.open(folder, os.O_RDONLY | os.O_CLOEXEC)

    @property
    def lost(self) -> int:
        """Lines that never were, nor will be, written."""
        return self._refused + self._unwritten + (self._flying if self._gone else 0)

    def write(self, line: bytes) -> None:
        """Queue `line` (newline included); it is lost when the queue is full or its reader gone."""
        size = len(line)
        if self._gone or self._put - self._taken + size > self._bound:
            self._refused += 1
            return
        self._put += size
        self._lines.append(line)
        if not self._scheduled:
            self._schedule()

    def close(self, within: float = 2.0) -> None:
        """Write what waits, for at most `within` seconds; what then remains counts as lost."""
        self._closing.set()
        self._wake.set()
        if self._lines and self._thread is None:
            self._hand_over()
        if self._thread is not None:
            self._thread.join(within)
        self._gone = True
        self._refused += len(self._lines)

    def _schedule(self) -> None:
        """Have the loop write soon; without a loop, the thread."""
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:
            self._hand_over()
            return
        self._scheduled = True
        loop.call_later(DELAY, self._tick)

    def _tick(self) -> None:
        """Write what the kernel takes at once; leave the rest to the thread, and come back while it is at it."""
        self._scheduled = False
        if self._closing.is_set():
            return
        if self._lines and not self._busy and not self._at_once():
            self._hand_over()
        if self._lines:
            self._schedule()

    def _at_once(self) -> bool:
        """Whether everything could be written without waiting, for the kernel or for another worker."""
        if not self._enter(waiting=False):
            return False
        try:
            return self._poured()
        finally:
            self._leave()

    def _enter(self, *, waiting: bool) -> bool:
        """Whether it is our turn to write, where others write too; a folder that knows no locks has no turns."""
        if self._turn < 0:
            return True
        try:
            fcntl.flock(self._turn, fcntl.LOCK_EX if waiting else fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        except OSError:
            self._turn = -1
        return True

    def _leave(self) -> None:
        """Give the turn to write back."""
        if self._turn >= 0:
            fcntl.flock(self._turn, fcntl.LOCK_UN)

    def _poured(self) -> bool:
        """Whether the kernel has taken all lines; a long one of several workers', which is not to be left half, not."""
        while self._lines:
            batch, size = self._batch()
            left = memoryview(b"".join(batch))
            while left:
                piece = self._cut(left)
                if not self._takes() or (self._turn >= 0 and piece[-1] != NEWLINE):
                    break
                try:
                    left = left[os.write(self._fd, piece) :]
                except OSError:
                    break
            self._taken += size - len(left)
            if left:
                self._lines.appendleft(bytes(left))
                return False
        return True

    def _cut(self, left: memoryview) -> memoryview:
        """As much as is written whole, up to the end of a line where one is within reach.

        Workers share a pipe: what one writes at once stays together, so that their lines do not tear one another.
        """
        if len(left) <= self._piece:
            return left
        piece = left[: self._piece]
        return piece[: bytes(piece).rfind(b"\n") + 1 or self._piece]

    def _takes(self) -> bool:
        """Whether a pipe has room for PIPE_BUF bytes, which POSIX then writes whole; a file always has."""
        return self._piece == BATCH or bool(select.select([], [self._fd], [], 0)[1])

    def _hand_over(self) -> None:
        """Let the thread write, which may wait; it is made when it is first needed, and after any fork."""
        self._busy = True
        self._wake.set()
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="log-writer", daemon=True)
            self._thread.start()

    def _run(self) -> None:
        """The thread: wait for a line, then for company, then write."""
        while not self._closing.is_set():
            self._wake.wait()
            if not self._closing.is_set():
                time.sleep(DELAY)
            self._wake.clear()
            self._empty()
            self._busy = False
        self._empty()

    def _empty(self) -> None:
        """Write until nothing waits."""
        while self._lines:
            batch, size = self._batch()
            self._enter(waiting=True)
            try:
                self._unwritten += self._send(batch).count(b"\n")
            finally:
                self._leave()
            self._flying = 0
            self._taken += size
            if self._gone:
                self._unwritten += len(self._lines)
                self._lines.clear()

    def _batch(self) -> tuple[list[bytes], int]:
        """About a mebibyte of lines, and their exact size."""
        batch, size = [], 0
        while self._lines and size < BATCH:
            line = self._lines.popleft()
            batch.append(line)
            size += len(line)
        return batch, size

    def _send(self, batch: list[bytes]) -> bytes:
        """Write all of it; what could not be written comes back."""
        whole = b"".join(batch)
        left = memoryview(b"\n" + whole if self._torn else whole)
        self._flying, self._torn = len(batch), False
        while left and not self._gone:
            try:
                left = left[os.write(self._fd, self._cut(left)) :]
            except BlockingIOError:
                # Standard output may be non-blocking: other processes share its open file description.
                select.select([], [self._fd], [], 0.1)
            except OSError as error:
                self._gone = error.errno in GONE
                # A full disk, say, may have taken half a line: the next one must not be glued to it.
                self._torn = len(left) not in (0, len(whole)) and whole[-len(left) - 1 : -len(left)] != b"\n"
                break
        return bytes(left)


def regular(fd: int) -> bool:
    """Whether `fd` is a file on a disk, which takes everything at once."""
    try:
        return stat.S_ISREG(os.fstat(fd).st_mode)
    except OSError:
        return False
