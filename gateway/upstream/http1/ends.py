"""How the end of a connection is seen, and what it means for the answer that was on its way."""

import asyncio
import os
import select
import ssl
from collections.abc import Callable

import httpx2

from gateway.upstream.http1.reading import Reading


def probe(fd: int) -> Callable[[int], object]:
    """What tells of a socket, asked for 0 ms, whether bytes or an end have come that nobody has read: 0.3 us."""
    if not hasattr(select, "poll"):
        # Windows. Without the question a race with a closing provider is only seen once it is lost.
        return lambda _: ()
    poll = select.poll()
    # Where there is no POLLRDHUP, an end still shows as readable.
    poll.register(fd, select.POLLIN | getattr(select, "POLLRDHUP", 0))
    return poll.poll


def loss(answer: Reading, exc: Exception | None) -> tuple[type[httpx2.TransportError], str]:
    """Which error it is that the connection ended before the answer did."""
    if isinstance(exc, BrokenPipeError) and not answer.status:
        return httpx2.WriteError, "The provider closed the connection while the request was sent."
    if exc is not None:
        return httpx2.ReadError, f"The connection broke ({type(exc).__name__})."
    if answer.head_size:
        return httpx2.RemoteProtocolError, "The provider closed the connection before its answer ended."
    return httpx2.RemoteProtocolError, "The provider closed the connection without an answer."


def last_words(fd: int) -> bytes:
    """What a socket still holds that both loops would throw away with it when a write fails; closes `fd`.

    The kernel keeps what had come before a reset.
    """
    try:
        return os.read(fd, 65536)
    except OSError:
        return b""
    finally:
        os.close(fd)


def farewell(transport: asyncio.Transport) -> bool:
    """Whether the other side itself has ended the connection: over TLS that takes a close_notify.

    uvloop tells a protocol of no other end, asyncio of any.
    """
    tls = transport.get_extra_info("ssl_object")
    try:
        return tls is None or not tls.read(1)
    except ssl.SSLError:
        return False
