"""A short JSON answer is read whole before its head goes out, so that its cost can stand in a header."""

from typing import Final

from gateway.call import Asked, Reply, Whole
from gateway.wire.replies import Resumed

LARGEST: Final = 256 * 1024
"""Bytes; what is longer goes on its way as it comes."""


def worth_it(asked: Asked, status: int, content_type: bytes) -> bool:
    """Whether an answer is metered JSON that was not asked for as a stream: no SDK can use it before its last byte."""
    return bool(asked.operation) and not asked.stream and status == 200 and content_type.startswith(b"application/json")


async def gather(reply: Reply) -> Reply:
    """`reply` with its whole body in hand, or as far as it was read when it is long or padded.

    Blanks before the JSON (OpenRouter sends them) keep idle proxies from giving up: they are passed on at once.
    """
    chunks: list[bytes] = []
    size = 0
    body = reply.body
    async for chunk in body:
        chunks.append(chunk)
        size += len(chunk)
        if size > LARGEST or chunk.isspace():
            reply.body = Resumed(chunks, body)
            return reply
    whole = chunks[0] if len(chunks) == 1 else b"".join(chunks)
    if reply.length is None:
        reply.length = size
        reply.headers = [*reply.headers, (b"content-length", b"%d" % size)]
    reply.body = Whole(whole)
    return reply
