"""Processes of the demo's own: started, watched until they answer, and ended."""

import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

LOOPBACK = "127.0.0.1"


class NotReady(Exception):  # noqa: N818 - what is said to whoever runs the demo
    """A process ended, or did not answer in time; the text says what it wrote last."""


class Child:
    """A process in a session of its own, so that a Ctrl-C in the terminal reaches it through us alone."""

    def __init__(self, name: str, command: Sequence[str], environ: Mapping[str, str], written: Path) -> None:
        self.name, self.written = name, written
        with written.open("wb") as out:
            self.process = subprocess.Popen(  # noqa: S603 - the demo's own commands
                command, env=dict(environ), stdin=subprocess.DEVNULL, stdout=out, stderr=out, start_new_session=True
            )

    def wait_until(self, ready: Callable[[], bool], seconds: float) -> None:
        """Come back once `ready` says so; raises NotReady."""
        end = time.monotonic() + seconds
        while not ready():
            if self.process.poll() is not None:
                raise NotReady(f"{self.name} ended by itself:\n{self.last()}")
            if time.monotonic() > end:
                raise NotReady(f"{self.name} did not answer within {seconds:.0f} s:\n{self.last()}")
            time.sleep(0.1)

    def last(self) -> str:
        """The last lines it wrote."""
        return "\n".join(self.written.read_text(encoding="utf-8", errors="replace").splitlines()[-15:])

    def stop(self) -> None:
        """End it, by force after 10 seconds, and with it whatever it started."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(10)
            except subprocess.TimeoutExpired:
                os.killpg(self.process.pid, signal.SIGKILL)
                self.process.wait()


def surroundings(more: Mapping[str, str]) -> dict[str, str]:
    """Our environment without the OTEL_ and PHOENIX_ variables of whoever runs us, and with `more`."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("OTEL_", "PHOENIX_"))}
    return kept | dict(more)


def port(wanted: int = 0) -> int:
    """A free port of the loopback, the one wanted where it is free."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, wanted))
        except OSError:
            probe.bind((LOOPBACK, 0))
        return int(probe.getsockname()[1])
