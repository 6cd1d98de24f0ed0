"""Several workers on one port: a parent that serves nothing, and children that inherit its listening socket.

The socket is one for all, so a connection that waits in its queue when one worker leaves is served by another. A worker
sees its parent's death as the end of a pipe, and drains. The parent restarts a worker that dies, not one that never ran.
"""

import logging
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from types import FrameType
from typing import Final

from gateway.server.limits import Options
from gateway.server.serving import listen

log = logging.getLogger("gateway.server")

SOCKET: Final = "GATEWAY_LISTEN_FD"
LIFELINE: Final = "GATEWAY_LIFELINE_FD"
INDEX: Final = "GATEWAY_WORKER"
FOLDER: Final = "GATEWAY_SIBLINGS"
SIGNALS: Final = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)
SETTLED: Final = 2.0
"""Seconds after which a worker counts as one that can run."""
TURN: Final = 0.1


class Parent:
    """Starts workers, passes signals on, and waits for them."""

    def __init__(self, options: Options, command: Sequence[str]) -> None:
        self.options, self.command = options, list(command)
        self.socket = listen(options)
        self.lifeline = os.pipe()
        self.children: dict[int, subprocess.Popen[bytes]] = {}
        self.began: dict[int, float] = {}
        self.stopping = False
        self.failed = False

    @property
    def port(self) -> int:
        """The port that was taken."""
        return int(self.socket.getsockname()[1])

    def run(self) -> int:
        """Serve until told to stop; 0, or 1 when workers cannot run."""
        for number in SIGNALS:
            signal.signal(number, self.pass_on)
        with tempfile.TemporaryDirectory(prefix="gateway-") as folder:
            for index in range(self.options.workers):
                self.start(index, folder)
            while self.children:
                time.sleep(TURN)
                self.look(folder)
        self.socket.close()
        return 1 if self.failed else 0

    def start(self, index: int, folder: str) -> None:
        """Start the worker of this number."""
        reader, writer = self.lifeline
        environ = os.environ | {
            SOCKET: str(self.socket.fileno()),
            LIFELINE: str(reader),
            INDEX: str(index),
            FOLDER: folder,
        }
        self.began[index] = time.monotonic()
        self.children[index] = subprocess.Popen(  # noqa: S603 - our own command line, run again
            self.command, env=environ, pass_fds=(self.socket.fileno(), reader), start_new_session=False
        )

    def look(self, folder: str) -> None:
        """Start anew what died; give up on what dies at once."""
        for index, child in list(self.children.items()):
            code = child.poll()
            if code is None:
                continue
            del self.children[index]
            if self.stopping:
                continue
            if time.monotonic() - self.began[index] < SETTLED:
                log.error("worker %d ended with %d as soon as it began: stopping", index, code)
                self.failed = True
                self.pass_on(signal.SIGTERM, None)
                return
            log.error("worker %d ended with %d: starting another", index, code)
            self.start(index, folder)

    def pass_on(self, number: int, frame: FrameType | None) -> None:
        """Hand a signal to every worker; all but SIGHUP end the parent too."""
        self.stopping = self.stopping or number != signal.SIGHUP
        for child in self.children.values():
            if child.poll() is None:
                child.send_signal(number)


def command(arguments: Sequence[str]) -> list[str]:
    """The command line that runs a worker."""
    return [sys.executable, "-m", "gateway", *arguments]


def siblings(environ: dict[str, str]) -> tuple[Path, int] | None:
    """The folder in which workers find one another, and this one's number; None when there is only one."""
    folder = environ.get(FOLDER)
    return (Path(folder), int(environ[INDEX])) if folder else None
