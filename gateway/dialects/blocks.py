"""Events that are blocks of text, read while they pass: server-sent events and JSON lines.

Events without one of the dialect's needles are never decoded: in a stream of a hundred chunks four or five are.
"""

from collections.abc import Iterable
from typing import Any, Final

from gateway.dialects.dialect import Dialect, Tally
from gateway.dialects.reading import Shape

EVENT: Final = 8 * 2**20
"""Bytes one event may have; a larger one is passed over."""

BATCH: Final = 32 * 2**10
"""Bytes to collect before they are read: searching many events at once is what makes it cheap."""

OPENING: Final = 2
"""Events at the start that are always decoded: they name model and id (Azure's first one is a filter report)."""

PATIENCE: Final = 256
"""Comments and empty events to wait through for the first real one; after that it is not waited for."""

TAIL: Final = 2048
"""Bytes at the end that are looked at twice."""

BLANK: Final = b" \t\r\n\xef\xbb\xbf"


def tell(shape: Shape[Any], text: bytes, tally: Tally) -> bool:
    """Read one document into the tally; False where it is none."""
    said = shape.read(text)
    if said is None:
        return False
    said.tell(tally)
    return True


class Blocks:
    """Events that end with a blank line, or documents that each fill a line."""

    __slots__ = (
        "_carry",
        "_find",
        "_opening",
        "_over",
        "_patience",
        "_separator",
        "_tail",
        "batch",
        "dialect",
        "shape",
        "tally",
    )

    def __init__(self, dialect: Dialect, tally: Tally, separator: bytes) -> None:
        self.dialect, self.shape, self.tally, self._separator = dialect, dialect.said, tally, separator
        self.batch = BATCH
        self._find = dialect.needles
        self._carry = b""
        self._tail = b""
        self._over = False
        self._opening = OPENING
        self._patience = PATIENCE

    def take(self, piece: bytes) -> None:
        """Read every event that is complete; the rest waits, at most EVENT bytes of it."""
        text = self._carry + piece if self._carry else piece
        held = b""
        if b"\r" in text:
            # JSON never has a bare CR, so line ends can be made alike; a last CR may be half of a CRLF.
            if text.endswith(b"\r"):
                text, held = text[:-1], b"\r"
            text = text.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
        width = len(self._separator)
        cut = text.rfind(self._separator) + width
        if cut < width:
            self._wait(text + held)
            return
        begin = 0
        if self._over:
            begin = text.find(self._separator) + width
            self._over = False
        self._read(text[begin:cut])
        self._wait(text[cut:] + held)

    def end(self) -> None:
        """Read the last event though nothing closed it, for what was seen counts; and the end of all once more.

        Errors are searched for here only: a stream does not go on after one. And whoever stands before the provider may
        have written the last events in another style than the first (Anthropic's pings are spaced, nothing else is).
        """
        rest, self._carry = self._carry, b""
        if rest and not self._over:
            self._read(rest.replace(b"\r", b"\n") + self._separator)
        tail = self._tail
        if self.tally.counts is None or b'": ' in tail or b'"error"' in tail:
            self._scan(tail)

    def _wait(self, rest: bytes) -> None:
        """Keep an unfinished event; one beyond EVENT bytes is let go but for its last byte, and skipped to its end."""
        if len(rest) > EVENT:
            rest, self._over = rest[-1:], True
        self._carry = rest
        # As much again before the next look, so that one long event is not searched over and over.
        self.batch = max(BATCH, len(rest))

    def _read(self, text: bytes) -> None:
        """Tally finished events, the first of them decoded in any case, and remember the last TAIL bytes."""
        self._tail = text[-TAIL:] if len(text) >= TAIL else (self._tail + text)[-TAIL:]
        if self._opening:
            text = self._open(text)
        if self._find:
            self._tell(text, self._find)
        else:
            self._scan(text)

    def _open(self, text: bytes) -> bytes:
        """Decode the first events, learn from them how the stream is written, and give back the text after them."""
        at = 0
        while self._opening and self._patience and at < len(text):
            self._patience -= 1
            end = text.find(self._separator, at)
            block = unwrapped(text[at:end])
            at = end + len(self._separator)
            if block.strip(BLANK):
                if self._opening == OPENING:
                    self._learn(block)
                self._opening -= 1
                tell(self.shape, block, self.tally)
        if not self._patience and self._opening == OPENING:
            self._find = ()
        self._opening = self._opening if self._patience else 0
        return text[at:]

    def _learn(self, block: bytes) -> None:
        """Choose needles that only match a value: JSON is written `"a":1` or `"a": 1`, and each stream keeps to one.

        Where it keeps to none there are none, and `_scan` looks closer.
        """
        if b'" :' in block:
            self._find = ()
        elif b'": ' in block:
            spaced = block.count(b'": ') == block.count(b'":')
            self._find = tuple(key.replace(b":", b": ") for key in self.dialect.needles) if spaced else ()

    def _scan(self, text: bytes) -> None:
        """Read every event with a needle's key in it, unless null is all that it holds."""
        keys = [needle.partition(b":")[0] for needle in self.dialect.needles] + [b'"error"']
        for key in keys:
            for null in (key + b":null", key + b": null"):
                text = text.replace(null, b'"":0')
        self._tell(text, keys)

    def _tell(self, text: bytes, keys: Iterable[bytes]) -> None:
        """Decode the events in which any of `keys` occurs, each once and in the order of arrival."""
        separator, width, found = self._separator, len(self._separator), {}
        for key in keys:
            at = text.find(key)
            while at >= 0:
                begin = text.rfind(separator, 0, at)
                end = text.find(separator, at)
                found[begin + width if begin >= 0 else 0] = end
                at = text.find(key, end)
        for begin in sorted(found):
            tell(self.shape, unwrapped(text[begin : found[begin]]), self.tally)


def unwrapped(block: bytes) -> bytes:
    """The JSON text of an event, or of a line; nothing where there is none."""
    if block.startswith(b"data:") and b"\n" not in block:
        return block[5:]
    texts = []
    for line in block.split(b"\n"):
        if line.startswith(b"data:"):
            texts.append(line[5:])
        elif line.startswith((b"{", b" ", b"}")) and not texts:
            return block.strip()
    return b"\n".join(texts)
