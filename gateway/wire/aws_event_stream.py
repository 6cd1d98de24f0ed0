"""AWS's binary event stream (`application/vnd.amazon.eventstream`), as the Smithy specification lays it out.

A frame is: total length (4 bytes), length of the headers (4), CRC-32 of those eight (4), the headers, the payload,
CRC-32 of everything before (4); all numbers big-endian.
"""

import struct
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Final, TypeAlias
from zlib import crc32

import msgspec

LIMIT: Final = 24 * 2**20
"""Bytes one frame may have; AWS's own SDKs stop at 16 MiB of payload and 128 KiB of headers."""

SMALLEST: Final = 16
PRELUDE: Final = struct.Struct(">III")
CHECK: Final = struct.Struct(">I")
EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)

Value: TypeAlias = bool | int | bytes | str | datetime | uuid.UUID

TRUE, FALSE, TEXT, BLOB, TIME, ID = 0, 1, 7, 6, 8, 9
NUMBERS: Final = {2: struct.Struct(">b"), 3: struct.Struct(">h"), 4: struct.Struct(">i"), 5: struct.Struct(">q")}


class Corrupt(ValueError):  # noqa: N818 - it says what is wrong with the bytes
    """The bytes are no event stream: a length is impossible or a checksum does not match."""


class Frame(msgspec.Struct, frozen=True):
    """One message; its headers stay bytes until somebody asks."""

    raw_headers: bytes
    payload: bytes

    def headers(self) -> dict[str, Value]:
        """The headers by name. Raises Corrupt."""
        try:
            return _headers(self.raw_headers)
        except (struct.error, IndexError, ValueError, OverflowError) as problem:
            raise Corrupt("the headers of a frame cannot be read") from problem


def _headers(raw: bytes) -> dict[str, Value]:
    """Values by name. Raises Corrupt, or what struct, indexing and decoding raise, where a length is wrong."""
    found: dict[str, Value] = {}
    at = 0
    while at < len(raw):
        end = at + 1 + raw[at]
        name, kind, at = raw[at + 1 : end].decode(), raw[end], end + 1
        found[name], at = _value(raw, kind, at)
    if at != len(raw):
        raise Corrupt("a header is cut off")
    return found


def _value(raw: bytes, kind: int, at: int) -> tuple[Value, int]:
    """The value of type `kind` at `at`, and where the next header begins."""
    if kind in (TRUE, FALSE):
        return kind == TRUE, at
    if kind in NUMBERS:
        form = NUMBERS[kind]
        return form.unpack_from(raw, at)[0], at + form.size
    if kind == TIME:
        return EPOCH + timedelta(milliseconds=NUMBERS[5].unpack_from(raw, at)[0]), at + 8
    if kind == ID:
        return uuid.UUID(bytes=raw[at : at + 16]), at + 16
    if kind not in (TEXT, BLOB):
        raise Corrupt(f"a header has the unknown type {kind}")
    end = at + 2 + int.from_bytes(raw[at : at + 2], "big")
    part = raw[at + 2 : end]
    return (part.decode() if kind == TEXT else part), end


class Decoder:
    """Frames out of chunks that may be cut anywhere; each frame's two checksums are verified."""

    __slots__ = ("_parts", "_wait", "_want", "limit")

    def __init__(self, limit: int = LIMIT) -> None:
        self.limit = limit
        self._parts: list[bytes] = []
        self._wait = 0
        self._want = PRELUDE.size

    @property
    def pending(self) -> int:
        """Bytes that wait for the rest of their frame."""
        return self._wait

    def feed(self, chunk: bytes) -> Iterator[Frame]:
        """The frames that `chunk` completes, to be taken to the last.

        Raises Corrupt, behind the frames that are sound; after that nothing more can be read.
        """
        self._parts.append(chunk)
        self._wait += len(chunk)
        if self._wait < self._want:
            return
        text = b"".join(self._parts)
        at = 0
        while len(text) - at >= PRELUDE.size:
            total, size = self._prelude(text, at)
            if len(text) - at < total:
                self._want = total
                break
            yield _frame(text, at, total, size)
            at += total
        else:
            self._want = PRELUDE.size
        self._parts, self._wait = [text[at:]], len(text) - at

    def _prelude(self, text: bytes, at: int) -> tuple[int, int]:
        """Bytes of the frame at `at` and of its headers. Raises Corrupt where checksum or lengths are impossible."""
        total, size, check = PRELUDE.unpack_from(text, at)
        if crc32(text[at : at + 8]) != check:
            raise Corrupt("the checksum of a frame's prelude does not match")
        if total < SMALLEST + size or total > self.limit:
            raise Corrupt(f"a frame of {total} bytes with {size} bytes of headers is impossible")
        return total, size


def _frame(text: bytes, at: int, total: int, size: int) -> Frame:
    """The frame of `total` bytes at `at`, `size` of them headers. Raises Corrupt where its checksum is wrong."""
    end = at + total - 4
    if crc32(text[at:end]) != CHECK.unpack_from(text, end)[0]:
        raise Corrupt("the checksum of a frame does not match")
    begin = at + PRELUDE.size
    return Frame(text[begin : begin + size], text[begin + size : end])


def encode(headers: dict[str, str], payload: bytes) -> bytes:
    """A frame with text headers, which is all that AWS's services send in a stream of events."""
    head = b"".join(map(_header, headers.items()))
    lengths = struct.pack(">II", SMALLEST + len(head) + len(payload), len(head))
    text = lengths + CHECK.pack(crc32(lengths)) + head + payload
    return text + CHECK.pack(crc32(text))


def _header(item: tuple[str, str]) -> bytes:
    """A name of up to 255 bytes and a text of up to 65535, each behind its length; struct.error beyond that."""
    name, value = item[0].encode(), item[1].encode()
    return struct.pack(">B", len(name)) + name + struct.pack(">BH", TEXT, len(value)) + value
