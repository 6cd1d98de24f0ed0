"""Reading an answer while it passes: whole JSON, AWS frames, one long JSON array, or whatever its first byte says.

A reader takes pieces of any size and must stay linear and bounded.
"""

from typing import Any, Final, Protocol

from msgspec import DecodeError, Struct, field
from msgspec.json import Decoder

from gateway.dialects.blocks import BATCH, BLANK, EVENT, Blocks, tell
from gateway.dialects.dialect import Dialect, Tally
from gateway.dialects.reading import Shape
from gateway.wire import aws_event_stream, json_array

WHOLE: Final = 32 * 2**20
"""Bytes of a JSON answer kept for metering; a larger one goes unmetered."""

JOIN: Final = 2**20
"""Bytes after which the chunks of a JSON answer are joined: small ones weigh many times what they hold."""


class Reader(Protocol):
    """What turns the pieces of an answer into a tally."""

    batch: int
    """Bytes to collect before the next `take`."""

    def take(self, piece: bytes) -> None:
        """Read some more; raises ValueError where nothing further can be read."""

    def end(self) -> None:
        """Read what is left: nothing more will come."""


class Whole:
    """One JSON document."""

    __slots__ = ("batch", "dialect", "parts", "shape", "size", "tally")

    def __init__(self, dialect: Dialect, shape: Shape[Any], tally: Tally) -> None:
        self.dialect, self.shape, self.tally = dialect, shape, tally
        self.batch = JOIN
        self.parts: list[bytes] = []
        self.size = 0

    def take(self, piece: bytes) -> None:
        """Keep it. Raises ValueError beyond WHOLE."""
        self.size += len(piece)
        if self.size > WHOLE:
            self.parts.clear()
            raise ValueError("the answer is too large to be metered")
        self.parts.append(piece)

    def end(self) -> None:
        """Decode it; a document of several is one that a provider streams as JSON lines."""
        text = self.parts[0] if len(self.parts) == 1 else b"".join(self.parts)
        self.parts.clear()
        if tell(self.shape, text, self.tally):
            return
        head = text.lstrip(BLANK)
        if head.startswith(b"["):
            self._list(head)
        elif b"\n" in text and self.dialect.needles:
            lines = Blocks(self.dialect, self.tally, b"\n")
            lines.take(text)
            lines.end()

    def _list(self, text: bytes) -> None:
        """Tally each element of an array. Raises ValueError where one has more than EVENT bytes."""
        elements = Elements(self.shape, self.tally)
        elements.take(text)


class Envelope(Struct):
    """What Bedrock puts around each event of a model's own stream; msgspec undoes the base64."""

    event: bytes | None = field(default=None, name="bytes")


class Frames:
    """AWS's binary event stream."""

    __slots__ = ("_decoder", "_keys", "batch", "dialect", "tally")

    ENVELOPE: Final = Decoder(Envelope)

    def __init__(self, dialect: Dialect, tally: Tally) -> None:
        self.dialect, self.tally = dialect, tally
        self.batch = BATCH
        self._decoder = aws_event_stream.Decoder()
        self._keys = [needle.partition(b":")[0] for needle in dialect.needles]

    def take(self, piece: bytes) -> None:
        """Read every complete frame. Raises ValueError where one is corrupt."""
        for frame in self._decoder.feed(piece):
            if b":exception-type" in frame.raw_headers:
                self.tally.failed(str(frame.headers().get(":exception-type", "error")))
            else:
                self._event(self._payload(frame))
        self.batch = max(BATCH, self._decoder.pending)

    def end(self) -> None:
        """Nothing: a frame that is cut off has no checksum to trust it by."""

    def _payload(self, frame: aws_event_stream.Frame) -> bytes:
        """The model's own JSON, taken out of its base64 envelope where the dialect has one and it can be read."""
        if not self.dialect.wrapped:
            return frame.payload
        try:
            return self.ENVELOPE.decode(frame.payload).event or b""
        except (DecodeError, RecursionError):
            return frame.payload

    def _event(self, text: bytes) -> None:
        """Decode `text` into the tally if one of the dialect's keys occurs in it, which is so for few."""
        for key in self._keys:
            if key in text:
                tell(self.dialect.said, text, self.tally)
                return


class Elements:
    """A JSON array whose elements are the events."""

    __slots__ = ("_splitter", "batch", "shape", "tally")

    def __init__(self, shape: Shape[Any], tally: Tally) -> None:
        self.shape, self.tally = shape, tally
        self.batch = BATCH
        self._splitter = json_array.Splitter(EVENT)

    def take(self, piece: bytes) -> None:
        """Read every complete element. Raises ValueError where one is too long."""
        for element in self._splitter.feed(piece):
            tell(self.shape, element, self.tally)
        self.batch = max(BATCH, self._splitter.pending)

    def end(self) -> None:
        """Nothing: half an element cannot be read."""


class Sniffed:
    """An answer whose content type does not settle what it is: its first byte does."""

    __slots__ = ("_blank", "_inner", "batch", "dialect", "shape", "tally")

    def __init__(self, dialect: Dialect, shape: Shape[Any], tally: Tally) -> None:
        self.dialect, self.shape, self.tally = dialect, shape, tally
        self.batch = BATCH
        self._inner: Reader | None = None

    def take(self, piece: bytes) -> None:
        """Settle it once there is a byte that is not blank, then read on."""
        if self._inner is None:
            head = piece.lstrip(BLANK)[:1]
            if not head:
                return
            self._inner = self._choose(head)
            piece = piece.lstrip(BLANK)
        self._inner.take(piece)
        self.batch = self._inner.batch

    def end(self) -> None:
        """As the settled reader does."""
        if self._inner is not None:
            self._inner.end()

    def _choose(self, head: bytes) -> Reader:
        """`[` begins an array, `{` a document, a zero byte AWS's frames, and anything else server-sent events."""
        if head == b"[":
            return Elements(self.shape, self.tally)
        if head == b"\0":
            # A frame shorter than 16 MiB begins with a zero byte, and no text does.
            return Frames(self.dialect, self.tally)
        if head == b"{":
            return Whole(self.dialect, self.shape, self.tally)
        return Blocks(self.dialect, self.tally, b"\n\n")
