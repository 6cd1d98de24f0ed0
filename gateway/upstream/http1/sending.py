"""Writing a request: small ones at once, large ones piece by piece while the answer is watched for.

A provider may answer before it has read everything (413, 401) and close. Its answer counts, not the write that fails
after it: so before each piece whatever has arrived is read first, sending stops where an answer stands, and where a
write fails all the same the socket is read out before it is let go.
"""

import asyncio
from typing import Final

import httpx2

from gateway.upstream.http1.connection import Connection
from gateway.upstream.http1.limits import Patience
from gateway.upstream.http1.outgoing import IDEMPOTENT, Outgoing

PIECE: Final = 65536
LOST: Final = frozenset((httpx2.ReadError, httpx2.WriteError, httpx2.RemoteProtocolError))


async def ask(connection: Connection, outgoing: Outgoing, patience: Patience) -> None:
    """Send a request and wait for the head of its answer. Whatever goes wrong here closes the connection."""
    connection.begin(outgoing.method, patience)
    try:
        if outgoing.pieces is None and not outgoing.body:
            connection.write_soon(outgoing.head)
        else:
            await send(connection, outgoing)
        if not connection.status:
            connection.deadline = connection.clock() + patience.first_byte
            connection.arm()
        while not connection.status:
            if connection.fault is not None:
                raise connection.failure()
            await connection.change()
    except BaseException:
        connection.abort()
        raise


def repeatable(connection: Connection, outgoing: Outgoing) -> bool:
    """Whether a call that failed on `connection` may be sent once more; the rule is in `transport`."""
    lost = connection.fault is not None and connection.fault[0] in LOST and not connection.head_size
    return lost and connection.reused and outgoing.repeatable and (connection.unsent or outgoing.method in IDEMPOTENT)


async def send(connection: Connection, outgoing: Outgoing) -> None:
    """Write head and body; done when the last of it is with the transport, or an answer or the end came first."""
    connection.sending = True
    connection.deadline = connection.clock() + connection.patience.write
    connection.arm()
    if outgoing.pieces is not None or len(outgoing.body) > PIECE:
        connection.listen()
    push(connection, outgoing.head)
    if outgoing.pieces is None:
        await send_body(connection, outgoing.body)
    elif outgoing.length >= 0:
        await send_counted(connection, outgoing)
    else:
        await send_chunks(connection, outgoing)


def push(connection: Connection, piece: bytes | memoryview) -> None:
    """Hand one piece to the transport, and remember how much it holds back."""
    # A transport whose last write failed closes before the connection hears of it; uvloop's then raises RuntimeError.
    if not connection.transport.is_closing():
        connection.transport.write(piece)
        connection.backlog = connection.transport.get_write_buffer_size()
        # Pieces follow one another as the kernel takes them: each is a sign that the provider goes on reading.
        connection.deadline = max(connection.deadline, connection.clock() + connection.patience.write)


async def wanted(connection: Connection) -> bool:
    """Whether the provider wants more, once the kernel can take more."""
    if connection.readable():
        await asyncio.sleep(0)
    while connection.full and not connection.status and not connection.closed:
        await connection.change()
    return not connection.status and not connection.closed


async def send_body(connection: Connection, body: bytes) -> None:
    """Write a body that is whole; to an answer that is no refusal (an echo, say) the rest still follows."""
    view = memoryview(body)
    for start in range(0, len(view), PIECE):
        if await wanted(connection):
            push(connection, view[start : start + PIECE])
        elif connection.keep and 0 < connection.status < 400:
            push(connection, view[start:])
            break
        else:
            return
    connection.sending = False


async def send_counted(connection: Connection, outgoing: Outgoing) -> None:
    """Write pieces that come one by one, exactly as many bytes as the head announced."""
    left = outgoing.length
    assert outgoing.pieces is not None
    async for piece in outgoing.pieces:
        left -= len(piece)
        if left < 0:
            raise httpx2.LocalProtocolError("The request's body is longer than its Content-Length.")
        if not await wanted(connection):
            return
        push(connection, piece)
    if left:
        raise httpx2.LocalProtocolError("The request's body is shorter than its Content-Length.")
    connection.sending = False


async def send_chunks(connection: Connection, outgoing: Outgoing) -> None:
    """Write pieces that come one by one as HTTP chunks."""
    assert outgoing.pieces is not None
    async for piece in outgoing.pieces:
        if not piece:
            continue
        if not await wanted(connection):
            return
        push(connection, b"%x\r\n" % len(piece))
        push(connection, piece)
        push(connection, b"\r\n")
    if await wanted(connection):
        push(connection, b"0\r\n\r\n")
        connection.sending = False
