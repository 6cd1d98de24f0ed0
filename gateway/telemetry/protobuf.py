"""OTLP's protobuf, written by hand: attributes and spans straight into bytes.

Field numbers are those of opentelemetry-proto 1.x (trace.proto, common.proto). The SDK's encoder costs 4 times as much
(measured: 108 us a span of 20 attributes). A key is encoded once; so is a value where few different ones occur.
"""

import struct
from collections.abc import Iterable, Mapping
from typing import Final

TEXT_CAP: Final = 4096
"""Characters kept of a text, unless its key says otherwise."""

MEMO: Final = 512
"""Values remembered per key; a client may invent any number of them."""

ITEMS: Final = 64
"""Elements kept of an array, and entries of a mapping."""

DEPTH: Final = 2
INT64: Final = range(-(2**63), 2**63)
_double = struct.Struct("<d").pack
_flags = struct.Struct("<I").pack
_times = struct.Struct("<BQBQ").pack


def varint(number: int) -> bytes:
    """Seven bits a byte, the lowest first; negative numbers as their 64-bit two's complement."""
    number &= 0xFFFFFFFFFFFFFFFF
    out = bytearray()
    while number > 0x7F:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    out.append(number)
    return bytes(out)


SMALL: Final = tuple(map(varint, range(2048)))


def size(number: int) -> bytes:
    """The varint of a length, looked up where it is small."""
    return SMALL[number] if number < 2048 else varint(number)


def utf8(value: str) -> bytes:
    """UTF-8, as protobuf demands it: lone surrogates become question marks."""
    return value.encode("utf-8", "replace")


def field(tag: bytes, content: bytes) -> bytes:
    """A length-delimited field."""
    return tag + size(len(content)) + content


def keyed(head: bytes, value: bytes) -> bytes:
    """A KeyValue as element of an `attributes` field of a span: tag 9."""
    content = head + size(len(value)) + value
    return b"\x4a" + size(len(content)) + content


def key_head(key: str) -> bytes:
    """The key of a KeyValue, and the tag of the value that follows."""
    return field(b"\x0a", utf8(key)) + b"\x12"


def text_value(value: str, cap: int = TEXT_CAP) -> bytes:
    """An AnyValue that holds a string."""
    return field(b"\x0a", utf8(value[:cap]))


def any_value(value: object, depth: int = DEPTH) -> bytes:
    """An AnyValue of whatever type; what has no type there is shown as text, what is nested too deep as empty."""
    match value:
        case str():
            return text_value(value)
        case bool():
            return b"\x10\x01" if value else b"\x10\x00"
        case int():
            return b"\x18" + varint(value) if value in INT64 else text_value(large(value))
        case float():
            return b"\x21" + _double(value)
        case bytes():
            return field(b"\x3a", value[:TEXT_CAP])
        case list() | tuple():
            return field(b"\x2a", b"".join(elements(value, depth)))
        case dict():
            return field(b"\x32", b"".join(entries(value, depth)))
    return b"" if value is None else text_value(str(value))


def elements(values: list[object] | tuple[object, ...], depth: int) -> Iterable[bytes]:
    """An ArrayValue's values."""
    return (field(b"\x0a", any_value(value, depth - 1)) for value in values[:ITEMS] if depth)


def entries(values: dict[object, object], depth: int) -> Iterable[bytes]:
    """A KeyValueList's values."""
    return (
        field(b"\x0a", key_head(str(key)[:TEXT_CAP]) + field(b"", any_value(value, depth - 1)))
        for key, value in list(values.items())[:ITEMS]
        if depth
    )


def large(number: int) -> str:
    """An integer beyond 64 bits in hex: decimal text is quadratic in its length."""
    return hex(number) if number.bit_length() <= 1024 else f"{'-' if number < 0 else ''}2**{number.bit_length() - 1}"


class Text:
    """A key whose values are text of which few different ones occur."""

    __slots__ = ("_cap", "_head", "_memo")

    def __init__(self, key: str, cap: int = 256) -> None:
        self._head, self._cap = key_head(key), cap
        self._memo: dict[str, bytes] = {}

    def __call__(self, value: str) -> bytes:
        """The attribute, from memory where it was made before."""
        return self._memo.get(value) or self._make(value)

    def _make(self, value: str) -> bytes:
        """Encode it, and remember it while there is room."""
        made = keyed(self._head, text_value(value, self._cap))
        if len(value) <= self._cap and len(self._memo) < MEMO:
            self._memo[value] = made
        return made


class Fresh:
    """A key whose text is a different one each time."""

    __slots__ = ("_cap", "_head")

    def __init__(self, key: str, cap: int = TEXT_CAP) -> None:
        self._head, self._cap = key_head(key), cap

    def __call__(self, value: str) -> bytes:
        """The attribute."""
        raw = utf8(value[: self._cap])
        value_length = len(raw)
        if value_length > 1900:
            return keyed(self._head, field(b"\x0a", raw))
        inner = b"\x0a" + SMALL[value_length] + raw
        content = self._head + SMALL[len(inner)] + inner
        return b"\x4a" + SMALL[len(content)] + content


class Count:
    """A key whose values are whole numbers from 0 on."""

    __slots__ = ("_head", "_memo")

    def __init__(self, key: str) -> None:
        self._head = key_head(key)
        self._memo: dict[int, bytes] = {}

    def __call__(self, value: int) -> bytes:
        """The attribute, from memory where it was made before."""
        made = self._memo.get(value)
        if made is None:
            made = keyed(self._head, any_value(int(value)))
            if len(self._memo) < MEMO:
                self._memo[value] = made
        return made


class Real:
    """A key whose values are floating-point numbers."""

    __slots__ = ("_start",)

    def __init__(self, key: str) -> None:
        head = key_head(key) + b"\x09\x21"
        self._start = b"\x4a" + size(len(head) + 8) + head

    def __call__(self, value: float) -> bytes:
        """The attribute: a fixed start and eight bytes."""
        return self._start + _double(value)


def attribute(key: str, value: object) -> bytes:
    """An attribute that no key object was made for."""
    return keyed(key_head(key[:TEXT_CAP]), any_value(value))


def attributes(values: Mapping[str, object]) -> bytes:
    """Several of them."""
    return b"".join([attribute(key, value) for key, value in values.items()])


UNSET: Final = b""
ERROR: Final = b"\x7a\x02\x18\x02"
"""The `status` field (tag 15) with code 2."""

SERVER: Final = b"\x30\x02"
CLIENT: Final = b"\x30\x03"

ROOT: Final = b"\x85\x01" + _flags(0x101)
"""`flags` (tag 16): sampled, and it is known whether the parent is remote."""
REMOTE: Final = b"\x85\x01" + _flags(0x301)


def identity(trace_id: str, span_id: str, parent_id: str) -> bytes:
    """The fields trace_id, span_id and parent_span_id, from hex; where any is not, ValueError."""
    start = b"\x0a\x10" + bytes.fromhex(trace_id) + b"\x12\x08" + bytes.fromhex(span_id)
    return start + b"\x22\x08" + bytes.fromhex(parent_id) if parent_id else start


def moments(start: int, end: int) -> bytes:
    """The fields start_time_unix_nano and end_time_unix_nano."""
    return _times(0x39, start, 0x41, end)


def span(parts: list[bytes]) -> bytes:
    """A span as element of the `spans` field of ScopeSpans, from the fields it is made of."""
    content = b"".join(parts)
    return b"\x12" + size(len(content)) + content
