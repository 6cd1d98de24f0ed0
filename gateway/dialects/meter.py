"""Reads usage out of a copy of what a provider sends, at next to no cost per chunk and in bounded memory."""

from typing import Final

from gateway.call import Answer, Usage
from gateway.dialects.dialect import Tally
from gateway.dialects.readers import Reader
from gateway.wire.compression import Inflater

NEVER: Final = 2**63
PACKED: Final = 32 * 2**10


class Meter:
    """Fed with every chunk of one answer, asked once at its end.

    A fault in reading ends the reading and nothing else: what had been seen until then counts.
    """

    __slots__ = ("_due", "_inflater", "_parts", "_reader", "_size", "_spare", "_tally")

    def __init__(self, reader: Reader, tally: Tally, inflater: Inflater | None = None) -> None:
        self._reader: Reader | None = reader
        self._tally = tally
        self._inflater = inflater
        self._parts: list[bytes] = []
        self._size = 0
        self._due = PACKED if inflater is not None else reader.batch
        self._spare: Usage | None = None

    def offer(self, usage: Usage | None, error: str) -> None:
        """Counts and an error code from the answer's headers, for where its body has none."""
        self._spare = usage
        if error:
            self._tally.failed(error)

    def feed(self, chunk: bytes) -> None:
        """Take a chunk of the body, as it came off the wire."""
        self._parts.append(chunk)
        self._size += len(chunk)
        if self._size >= self._due:
            self._work()

    def finish(self) -> Answer:
        """What the answer said; to be asked once, also when the answer broke off. Never raises."""
        self._work()
        reader, self._reader = self._reader, None
        try:
            if reader is not None:
                reader.end()
            answer = self._tally.answer()
        except Exception:  # noqa: BLE001 - this reads a copy: no fault in it may end the call it watches
            return Answer()
        if answer.usage is None:
            answer.usage = self._spare
        return answer

    def _work(self) -> None:
        """Hand the collected chunks to the reader, unpacked first; a fault there ends the reading and is not raised."""
        parts = self._parts
        piece = parts[0] if len(parts) == 1 else b"".join(parts)
        parts.clear()
        self._size = 0
        reader = self._reader
        if reader is None or not piece:
            return
        try:
            if self._inflater is None:
                reader.take(piece)
                self._due = reader.batch
            else:
                for part in self._inflater.feed(piece):
                    reader.take(part)
        except Exception:  # noqa: BLE001 - as in finish
            self._stop()

    def _stop(self) -> None:
        """Read no further, and let go of what was kept."""
        self._reader = None
        self._due = PACKED
