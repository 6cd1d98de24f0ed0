"""Undoes content encodings piece by piece, with every step's output bounded (RFC 9110 section 8.4, RFC 9659)."""

import zlib
from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import Final, Protocol, TypeAlias

import brotli
import zstandard

STEP: Final = 2**20
"""Bytes one step may put out where the library lets us say so."""

FLOOR: Final = 16 * 2**20
RATIO: Final = 100
"""Text compresses 3 to 20 times; a stream beyond FLOOR that unpacks to more than RATIO times its size is a bomb."""

LAYERS: Final = 4
"""Stacked encodings that are undone; nobody sends more than two."""


class Unreadable(ValueError):  # noqa: N818 - it says what is wrong with the bytes
    """The bytes are not of the encoding they claim, or unpack to far more than any answer."""


class Layer(Protocol):
    """One encoding being undone."""

    def feed(self, piece: bytes) -> Iterator[bytes]:
        """What `piece` unpacks to, in parts. Raises Unreadable."""


class Zlib:
    """gzip, also of several members, or deflate, whether wrapped (RFC 1950) or raw (RFC 1951)."""

    __slots__ = ("_engine", "_wbits")

    def __init__(self, wbits: int) -> None:
        self._wbits = wbits
        self._engine: zlib._Decompress | None = None

    def feed(self, piece: bytes) -> Iterator[bytes]:
        """What `piece` unpacks to, in parts of at most STEP. Raises Unreadable."""
        while piece:
            engine = self._engine or self._start(piece)
            try:
                out = engine.decompress(piece, STEP)
            except zlib.error as problem:
                raise Unreadable("not gzip or deflate") from problem
            yield out
            piece = engine.unconsumed_tail
            if engine.eof:
                # What follows a member is another one, or padding (RFC 1952 section 2.2).
                piece, self._engine = engine.unused_data.lstrip(b"\0"), None

    def _start(self, piece: bytes) -> "zlib._Decompress":
        """The engine for a member that begins with `piece`, kept until that member ends."""
        # Some servers send raw deflate: CM must be 8 in the wrapped form (RFC 1950 section 2.2).
        raw = self._wbits == zlib.MAX_WBITS and piece[0] & 0x0F != 8
        self._engine = zlib.decompressobj(-zlib.MAX_WBITS if raw else self._wbits)
        return self._engine


class Brotli:
    """br (RFC 7932)."""

    __slots__ = ("_engine",)

    def __init__(self) -> None:
        self._engine = brotli.Decompressor()

    def feed(self, piece: bytes) -> Iterator[bytes]:
        """What `piece` unpacks to, in parts of about STEP. Raises Unreadable."""
        try:
            yield self._engine.process(piece, output_buffer_limit=STEP)
            while not self._engine.can_accept_more_data():
                yield self._engine.process(b"", output_buffer_limit=STEP)
        except brotli.error as problem:
            raise Unreadable("not br") from problem


class Zstandard:
    """zstd (RFC 8878), several frames too."""

    __slots__ = ("_engine",)

    SLICE: Final = 256
    """The library cannot bound its output, and one byte of RLE block can become 32 KiB: so small bites."""

    def __init__(self) -> None:
        self._engine: zstandard.ZstdDecompressionObj | None = None

    def feed(self, piece: bytes) -> Iterator[bytes]:
        """What `piece` unpacks to, in parts. Raises Unreadable."""
        for at in range(0, len(piece), self.SLICE):
            yield from self._bite(piece[at : at + self.SLICE])

    def _bite(self, rest: bytes) -> Iterator[bytes]:
        """What a slice unpacks to; it may end one frame and begin another. Raises Unreadable."""
        while rest:
            if self._engine is None:
                # RFC 9659: a window above 8 MiB is not allowed as a content encoding.
                self._engine = zstandard.ZstdDecompressor(max_window_size=2**23).decompressobj()
            try:
                yield self._engine.decompress(rest)
            except zstandard.ZstdError as problem:
                raise Unreadable("not zstd") from problem
            if not self._engine.eof:
                return
            rest, self._engine = self._engine.unused_data, None


Make: TypeAlias = Callable[[], Layer]

ENCODINGS: Final[dict[str, Make]] = {
    "gzip": lambda: Zlib(zlib.MAX_WBITS | 16),
    "x-gzip": lambda: Zlib(zlib.MAX_WBITS | 16),
    "deflate": lambda: Zlib(zlib.MAX_WBITS),
    "br": Brotli,
    "zstd": Zstandard,
}


@lru_cache(64)
def plan(encoding: bytes) -> tuple[Make, ...] | None:
    """How to undo a content-encoding header, outermost layer first; None where one of them is unknown."""
    names = [name.strip().lower() for name in encoding.decode("latin-1").split(",")]
    names = [name for name in names if name not in ("", "identity")]
    if len(names) > LAYERS or any(name not in ENCODINGS for name in names):
        return None
    return tuple(ENCODINGS[name] for name in reversed(names))


class Inflater:
    """All layers of one body undone together."""

    __slots__ = ("_layers", "_read", "_written")

    def __init__(self, makes: tuple[Make, ...]) -> None:
        self._layers = [make() for make in makes]
        self._read = 0
        self._written = 0

    def feed(self, piece: bytes) -> Iterator[bytes]:
        """What `piece` unpacks to, in parts. Raises Unreadable, for bombs too."""
        self._read += len(piece)
        for out in self._undo(0, piece):
            if out:
                yield out

    def _undo(self, depth: int, piece: bytes) -> Iterator[bytes]:
        """`piece` through the layers from `depth` inwards. Raises Unreadable beyond FLOOR and RATIO."""
        if depth == len(self._layers):
            yield piece
            return
        for out in self._layers[depth].feed(piece):
            self._written += len(out)
            if self._written > FLOOR + RATIO * self._read:
                raise Unreadable("it unpacks to far more than any answer")
            yield from self._undo(depth + 1, out)
