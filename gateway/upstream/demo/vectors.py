"""Embeddings without a model: the same text always gets the same unit vector."""

import base64
import math
import struct
from hashlib import shake_256
from typing import Any, Final

import msgspec

from gateway.upstream.demo.chat import words

DIMENSIONS: Final = 256
NUMBERS: Final = 2**18
"""Numbers one answer may hold: making them occupies the event loop."""


class Asked(msgspec.Struct):
    """A body of embeddings; input is a text, a list of texts, tokens, or a list of lists of tokens."""

    model: str = ""
    input: str | list[Any] | None = None
    dimensions: int | None = None
    encoding_format: str | None = None


def inputs(asked: Asked) -> list[bytes]:
    """What each vector is made of; empty when there is nothing, or nothing of the right kind."""
    given = asked.input
    if isinstance(given, list) and given and isinstance(given[0], int):
        given = [given]
    listed = given if isinstance(given, list) else [given]
    made = [msgspec.json.encode(one) if isinstance(one, list) else str(one or "").encode() for one in listed]
    return made if all(made) else []


def vector(text: bytes, dimensions: int) -> list[float]:
    """A direction taken from the text's hash, of length one."""
    drawn = struct.unpack(f"<{dimensions}i", shake_256(text).digest(4 * dimensions))
    length = math.sqrt(sum(number * number for number in drawn)) or 1.0
    return [number / length for number in drawn]


def answer(asked: Asked, texts: list[bytes]) -> bytes:
    """The vectors as OpenAI lists them: numbers, or base64 of little-endian 32-bit floats."""
    dimensions = asked.dimensions or DIMENSIONS
    listed: list[dict[str, Any]] = []
    for at, text in enumerate(texts):
        numbers: list[float] | str = vector(text, dimensions)
        if asked.encoding_format == "base64":
            numbers = base64.b64encode(struct.pack(f"<{dimensions}f", *numbers)).decode()
        listed.append({"object": "embedding", "index": at, "embedding": numbers})
    read = sum(words(text.decode("utf-8", "replace")) for text in texts)
    usage = {"prompt_tokens": read, "total_tokens": read}
    return msgspec.json.encode({"object": "list", "data": listed, "model": asked.model, "usage": usage})
