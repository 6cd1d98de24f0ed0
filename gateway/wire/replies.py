"""Replies that are looked into before it is known whether they are passed on: what was read is put back."""

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Final

from gateway.call import Broken, Reply, Whole

SHORT: Final = 65536
"""Bytes of a failure that are read though perhaps nobody wants them."""
WITHIN: Final = 1.0
"""Seconds that the rest of a reply may take which is not passed on."""
COMMENTS: Final = 64
"""Chunks without an event that are waited through for the first one that has one."""


class Resumed:
    """A body with what was read of it in front again; it keeps the faster way of passing chunks on (`relay`)."""

    __slots__ = ("front", "rest")

    def __init__(self, front: list[bytes], rest: AsyncIterator[bytes]) -> None:
        self.front, self.rest = front, rest

    def __aiter__(self) -> AsyncIterator[bytes]:
        return self

    @property
    def ended(self) -> bool:
        """Whether the last chunk was handed out, where the rest can tell."""
        return not self.front and getattr(self.rest, "ended", False)

    async def __anext__(self) -> bytes:
        if self.front:
            return self.front.pop(0)
        return await self.rest.__anext__()

    async def relay(self, taker: Callable[[bytes, bool], bool]) -> bool:
        """Give each chunk to `taker` as it comes; False where the rest cannot do that."""
        relay = getattr(self.rest, "relay", None)
        if relay is None:
            return False
        while self.front:
            chunk = self.front.pop(0)
            if taker(chunk, self.ended) or self.ended:
                return True
        passed: bool = await relay(taker)
        return passed


class Fallen:
    """What is left of a body that broke."""

    __slots__ = ("fault",)

    def __init__(self, fault: Broken) -> None:
        self.fault = fault

    def __aiter__(self) -> AsyncIterator[bytes]:
        return self

    async def __anext__(self) -> bytes:
        raise self.fault


def front(reply: Reply) -> Resumed:
    """The reply's body as one to which chunks can be put back."""
    body = reply.body
    if type(body) is not Resumed:
        body = reply.body = Resumed([], body)
    return body


def silent(chunk: bytes) -> bool:
    """Whether a chunk of an event stream holds nothing but comments and blanks, as keep an idle connection open."""
    return (chunk[:1] in b": \r\n\t") and all(line[:1] in (b"", b":") for line in chunk.split(b"\n") if line.strip())


def seen(reply: Reply) -> bytes:
    """As much of the body as is in hand."""
    body = reply.body
    if type(body) is Whole:
        return body.left
    return b"".join(body.front) if type(body) is Resumed else b""


async def opening(reply: Reply, most: int = 1) -> None:
    """Read the body up to its first chunk that is no comment, or up to `most` chunks; raises Broken."""
    if type(reply.body) is Whole:
        return
    body = front(reply)
    chunks = body.front
    while not chunks or (silent(chunks[-1]) and len(chunks) < most):
        try:
            chunks.append(await body.rest.__anext__())
        except StopAsyncIteration:
            return


async def short(reply: Reply, most: int = SHORT) -> bytes | None:
    """The whole body, put back; None where it is longer or breaks off, and then its beginning is put back."""
    if type(reply.body) is Whole:
        return reply.body.left
    body = front(reply)
    chunks, size = body.front, sum(map(len, body.front))
    try:
        while size <= most:
            chunks.append(await body.rest.__anext__())
            size += len(chunks[-1])
    except StopAsyncIteration:
        return b"".join(chunks)
    except Broken as fault:
        body.rest = Fallen(fault)
    return None


async def drop(reply: Reply) -> bytes | None:
    """Close a reply that is not passed on; a short one is read first, for its error and to keep its connection.

    A body that was read whole, and is returned, can still be sent; of any other, None, nothing can.
    """
    try:
        async with asyncio.timeout(WITHIN):
            return await short(reply)
    except TimeoutError:
        return None
    finally:
        await reply.close()
