"""Vectors in their two forms, lists of numbers and packed 32-bit numbers, and the proof that an answer's are sound."""

import binascii
import sys
from array import array
from collections.abc import Sequence
from math import isfinite
from typing import Final, TypeAlias

import msgspec

from gateway.call import Usage
from gateway.conversation.answer import Fault
from gateway.translation.embeddings.wanted import Wanted

Vector: TypeAlias = list[float] | bytes
"""Numbers, or the same as 32-bit floats, the lowest byte first."""

SWAPPED: Final = sys.byteorder == "big"


class Vectors(msgspec.Struct):
    """One vector for each input, in the inputs' order."""

    vectors: Sequence[Vector]
    model: str = ""
    usage: Usage | None = None
    """None where the answer does not say; Bedrock's stands in headers (`gateway.dialects.bedrock.from_headers`)."""
    id: str = ""


def pack(vector: Vector) -> bytes:
    """The packed form; a number beyond 32 bits becomes an infinity, as in C."""
    if isinstance(vector, bytes):
        return vector
    numbers = array("f", vector)
    if SWAPPED:
        numbers.byteswap()
    return numbers.tobytes()


def unpack(vector: Vector) -> list[float]:
    """The numbers; packed ones must be whole, four bytes each."""
    if not isinstance(vector, bytes):
        return vector
    numbers = array("f")
    numbers.frombytes(vector)
    if SWAPPED:
        numbers.byteswap()
    return numbers.tolist()


def floats(text: str) -> bytes | None:
    """The packed vector inside base64; None where it is not one."""
    packed = _bytes(text)
    return None if packed is None or len(packed) % 4 else packed


def signed(text: str) -> list[float] | None:
    """The numbers inside base64 of signed bytes; None where it is no base64."""
    packed = _bytes(text)
    return None if packed is None else [float(number) for number in array("b", packed)]


def _bytes(text: str) -> bytes | None:
    """Strict base64 (RFC 4648, section 4) decoded; None where it is none."""
    try:
        return binascii.a2b_base64(text, strict_mode=True)
    except ValueError:
        return None


def in_order(found: Sequence[tuple[int | None, Vector | None]]) -> list[Vector | None] | Fault:
    """Vectors by their index; as they stand where none has one, and a Fault 502 where the indexes are no sequence."""
    if all(index is None for index, _ in found):
        return [vector for _, vector in found]
    by_index = dict(found)
    if len(by_index) != len(found) or not all(index in by_index for index in range(len(found))):
        return broken("numbers its vectors oddly")
    return [by_index[index] for index in range(len(found))]


def settled(found: Sequence[Vector | None] | Fault, wanted: Wanted, said: Vectors) -> Vectors | Fault:
    """`said` with the vectors that were found, in the form wanted; a Fault 502 unless each input has a sound one."""
    if isinstance(found, Fault):
        return found
    if len(found) != len(wanted.inputs):
        return broken(f"has {len(found)} vectors for {len(wanted.inputs)} inputs")
    known = [vector for vector in found if vector]
    lengths = {len(vector) // 4 if isinstance(vector, bytes) else len(vector) for vector in known}
    if len(known) != len(found) or len(lengths) > 1:
        return broken("has a vector that cannot be read")
    if wanted.encoding_format == "float":
        for index, vector in enumerate(known):
            if isinstance(vector, bytes):
                numbers = unpack(vector)
                # A sum of finite 32-bit numbers is finite, and nothing else sums up to one.
                if not isfinite(sum(numbers)):
                    return broken("has a vector with numbers that are none")
                known[index] = numbers
    said.vectors = known
    return said


def broken(how: str) -> Fault:
    """The Fault for an answer that is not of its dialect's form."""
    return Fault(502, f"The provider's answer {how}.", "api_error")
