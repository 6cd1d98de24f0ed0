"""Closing a listener without a reset for anybody: first nobody new comes in, then those who wait are taken in.

A kernel resets whoever waits in the queue of a listener that is closed, and between the last look at the queue and the
close somebody may come. On Linux a filter on the socket (SO_ATTACH_FILTER, socket(7)) drops every packet that would
bring one: the client asks again, and finds another replica, or a closed port.
"""

import contextlib
import ctypes
import os
import socket
import struct
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

ATTACH_FILTER: Final = 26
"""SO_ATTACH_FILTER, which Python's socket module does not name."""
DROP: Final = struct.pack("HBBI", 0x06, 0, 0, 0)
"""One instruction of classic BPF: return 0, that is, keep no byte of the packet."""


def deafen(listener: socket.socket) -> None:
    """Let no further connection into the listener's queue, where the system can do that."""
    if not sys.platform.startswith("linux"):
        return
    program = ctypes.create_string_buffer(DROP, len(DROP))
    # struct sock_fprog: a length, and a pointer aligned as the platform wants it.
    request = struct.pack("HP", 1, ctypes.addressof(program))
    with contextlib.suppress(OSError):
        listener.setsockopt(socket.SOL_SOCKET, ATTACH_FILTER, request)


def goes_on(listener: socket.socket) -> bool:
    """Whether our parent still holds this very listener: then other workers serve from it, and it must keep its ears.

    A parent that stops closes its own before it tells anybody.
    """
    own = os.fstat(listener.fileno()).st_ino
    with contextlib.suppress(OSError):
        return any(inode(one) == own for one in Path(f"/proc/{os.getppid()}/fd").iterdir())
    return False


def inode(file: Path) -> int:
    """The number of what a descriptor in /proc leads to; 0 for one that is closed meanwhile."""
    try:
        return file.stat().st_ino
    except OSError:
        return 0


def queued(listener: socket.socket) -> Iterator[socket.socket]:
    """The clients that wait to be taken in."""
    while True:
        try:
            client, _ = listener.accept()
        except OSError:
            return
        yield client
