"""Several workers on one port: a parent that serves nothing, and children that inherit its listening socket.

The socket is one for all, so a connection that waits in its queue when one worker leaves is served by another. A worker
sees its parent's death as the end of a pipe, and drains. The parent restarts a worker that dies; when one dies and none
has ever served, it gives up.
"""

import contextlib
import logging
import os
import select
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import FrameType
from typing import Final

from gateway.server.limits import Options
from gateway.server.serving import SIGNALS, listen
from gateway.wire.siblings import place

log = logging.getLogger("gateway.server")

SOCKET: Final = "GATEWAY_LISTEN_FD"
LIFELINE: Final = "GATEWAY_LIFELINE_FD"
INDEX: Final = "GATEWAY_WORKER"
FOLDER: Final = "GATEWAY_SIBLINGS"
APART: Final = 2.0
"""The shortest time between two starts of a worker, in seconds."""
TURN: Final = 0.2
"""Seconds between two looks at the workers, when no signal comes."""
LONGEST: Final = 80
"""Characters of a folder in which sockets can have their names: the kernel allows 108 in all."""


class Parent:
    """Starts workers, passes signals on, and waits for them."""

    def __init__(self, options: Options, command: Sequence[str]) -> None:
        self.options, self.command = options, list(command)
        self.socket = listen(options)
        self.lifeline = os.pipe()
        self.children: dict[int, subprocess.Popen[bytes] | None] = {}
        self.began: dict[int, float] = {}
        self.stopping = self.served = self.failed = False

    @property
    def port(self) -> int:
        """The port that was taken."""
        return int(self.socket.getsockname()[1])

    def run(self) -> int:
        """Serve until told to stop; 0, or 1 when workers cannot run."""
        roomy = len(tempfile.gettempdir()) < LONGEST
        with signals() as wake, tempfile.TemporaryDirectory(prefix="gateway-", dir=None if roomy else "/tmp") as folder:  # noqa: S108 - 0700, and only where $TMPDIR is too long
            for index in range(self.options.workers):
                self.start(index, folder)
            while any(self.children.values()) or not self.stopping:
                if select.select([wake], [], [], TURN)[0]:
                    for number in os.read(wake, 64):
                        self.pass_on(number)
                self.look(folder)
        return 1 if self.failed else 0

    def start(self, index: int, folder: str) -> None:
        """Start the worker of this number."""
        lifeline = self.lifeline[0]
        environ = os.environ | {
            SOCKET: str(self.socket.fileno()),
            LIFELINE: str(lifeline),
            INDEX: str(index),
            FOLDER: folder,
        }
        self.began[index] = time.monotonic()
        # Signals that come before the child can take them wait for it; on its way up, SIGHUP would kill it.
        before = signal.pthread_sigmask(signal.SIG_BLOCK, SIGNALS)
        try:
            self.children[index] = subprocess.Popen(  # noqa: S603 - our own command line, run again
                self.command,
                env=environ,
                pass_fds=(self.socket.fileno(), lifeline),
                # Ctrl-C is the parent's to pass on: heard twice, it would mean `at once`.
                process_group=0,
            )
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)

    def look(self, folder: str) -> None:
        """Start anew what died; give up when nothing ever served."""
        now = time.monotonic()
        # A worker's socket is there once it is about to serve, and stays when the worker is killed.
        self.served = self.served or any(place(Path(folder), index).exists() for index in self.children)
        for index, child in self.children.items():
            age = now - self.began[index]
            if child is not None and child.poll() is None:
                continue
            if child is not None:
                self.children[index] = None
                self.mourn(index, child.returncode)
            if not self.stopping and age > APART:
                self.start(index, folder)

    def mourn(self, index: int, code: int) -> None:
        """Say that a worker died, unless it was meant to."""
        if self.stopping:
            return
        if self.served:
            log.error("worker %d ended with %d: starting another", index, code)
            return
        log.error("worker %d ended with %d before any served: stopping", index, code)
        self.failed = True
        self.pass_on(signal.SIGTERM)

    def pass_on(self, number: int) -> None:
        """Hand a signal to every worker; all but SIGHUP end the parent too."""
        if number not in SIGNALS:
            return
        if number != signal.SIGHUP:
            self.stopping = True
            # Clients that nobody takes in any more must not wait in its queue for the last worker's end.
            self.socket.close()
        for child in self.children.values():
            if child is not None and child.poll() is None:
                child.send_signal(number)


@contextlib.contextmanager
def signals() -> Iterator[int]:
    """Meanwhile, signals are read from a pipe, by number: a handler of Python's may run in the middle of anything."""

    def noticed(number: int, frame: FrameType | None) -> None:
        """Do nothing: the number is in the pipe."""

    reader, writer = os.pipe()
    os.set_blocking(writer, False)
    signal.set_wakeup_fd(writer)
    for number in (*SIGNALS, signal.SIGCHLD):
        signal.signal(number, noticed)
    # Blocked until here (see `cli.serve`), so that one which comes before there is a handler is not a death.
    signal.pthread_sigmask(signal.SIG_UNBLOCK, SIGNALS)
    try:
        yield reader
    finally:
        signal.set_wakeup_fd(-1)
        os.close(reader)
        os.close(writer)


def command(arguments: Sequence[str]) -> list[str]:
    """The command line that runs a worker."""
    return [sys.executable, "-m", "gateway", *arguments]


def siblings(environ: dict[str, str]) -> tuple[Path, int] | None:
    """The folder in which workers find one another, and this one's number; None when there is only one."""
    folder = environ.get(FOLDER)
    return (Path(folder), int(environ[INDEX])) if folder else None
