"""Splits one long JSON array into its elements while it arrives, without parsing them."""

import re
from typing import Final

LIMIT: Final = 16 * 2**20
"""Bytes one element may have."""

OUTSIDE: Final = re.compile(rb'["{}\[\]]')
INSIDE: Final = re.compile(rb'["\\]')


class TooLong(ValueError):  # noqa: N818 - it says what is wrong with the bytes
    """An element is longer than the splitter may hold."""


class Splitter:
    """Objects and arrays that are elements of the outermost array; scalars between them are passed over."""

    __slots__ = ("_at", "_begin", "_depth", "_quoted", "_text", "limit")

    def __init__(self, limit: int = LIMIT) -> None:
        self.limit = limit
        self._text = b""
        self._at = 0
        self._begin = 0
        self._depth = 0
        self._quoted = False

    @property
    def pending(self) -> int:
        """Bytes that wait for the rest of their element."""
        return len(self._text)

    def feed(self, chunk: bytes) -> list[bytes]:
        """The elements that `chunk` completes. Raises TooLong."""
        self._text += chunk
        found: list[bytes] = []
        while match := (INSIDE if self._quoted else OUTSIDE).search(self._text, self._at):
            self._at = match.end()
            if not self._step(match.group(), found):
                break
        else:
            self._at = max(self._at, len(self._text))
        self._drop()
        return found

    def _step(self, mark: bytes, found: list[bytes]) -> bool:
        """Go past one mark; False where a backslash is the last byte there is."""
        if mark == b"\\":
            if self._at == len(self._text):
                self._at -= 1
                return False
            self._at += 1
        elif mark == b'"':
            self._quoted = not self._quoted
        elif mark in b"{[":
            self._open()
        else:
            self._close(found)
        return True

    def _open(self) -> None:
        """Go a level deeper; directly inside the outermost array, that bracket is where an element begins."""
        if self._depth == 1:
            self._begin = self._at - 1
        self._depth += 1

    def _close(self, found: list[bytes]) -> None:
        """Go back up a level; in the outermost array again, the element is whole and goes to `found`."""
        self._depth -= 1
        if self._depth == 1:
            found.append(self._text[self._begin : self._at])
            self._begin = self._at

    def _drop(self) -> None:
        """Forget all that is before the unfinished element. Raises TooLong where that is beyond `limit` bytes."""
        keep = self._begin if self._depth > 1 else self._at
        self._text, self._at, self._begin = self._text[keep:], self._at - keep, 0
        if len(self._text) > self.limit:
            raise TooLong(f"an element has more than {self.limit} bytes")
