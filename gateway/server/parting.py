"""The ends of a connection: politely, at once, or by a reset where a plain close would mean something else."""

import socket
import struct
from typing import Final

from gateway.server.limits import LINGER
from gateway.server.pace import Pace

RESET: Final = struct.pack("ii", 1, 0)
"""SO_LINGER's value for it."""


class Parting(Pace):
    """A connection that can be ended; `deaf` once nothing more is read from it."""

    deaf = paused = False

    def go_on(self) -> None:
        """Read again what comes of a body."""
        if self.paused and not self.transport.is_closing():
            self.paused = False
            self.transport.resume_reading()

    def linger(self) -> None:
        """Close without the reset that bytes still under way would cause: it can swallow the answer."""
        self.deaf = True
        self.flush()
        if self.transport.is_closing():
            return
        self.go_on()
        self.transport.write_eof()
        self.expect(LINGER)

    def hang_up(self) -> None:
        """Cut the connection; what was written before still goes out."""
        self.deaf = True
        self.flush()
        if not self.transport.is_closing():
            self.transport.close()
            self.expect(LINGER)

    def reset(self) -> None:
        """Cut the connection by a reset: where a body ends with the connection, a plain close would seem its end."""
        self.deaf = True
        sock = self.transport.get_extra_info("socket")
        if sock is not None:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
        self.transport.abort()
