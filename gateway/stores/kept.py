"""Bytes in this process that expire, and of which those go first that were not asked for the longest."""

from collections import OrderedDict
from typing import Final

LARGEST: Final = 32 * 2**20
"""Bytes of one value: an answer of 25 MB with its headers, and room."""
ENTRY: Final = 200
"""About what Python itself needs for one entry."""


class Kept:
    """A mapping whose keys and values together stay below a size."""

    def __init__(self, size: int) -> None:
        self.size = size
        self.bytes = 0
        self._values: OrderedDict[str, tuple[float, bytes]] = OrderedDict()

    def get(self, key: str, now: float) -> bytes | None:
        """The value, which becomes the last to go."""
        found = self._values.get(key)
        if found is None:
            return None
        ends, value = found
        if ends <= now:
            self.remove(key)
            return None
        self._values.move_to_end(key)
        return value

    def put(self, key: str, value: bytes, ends: float) -> None:
        """In place of what was there; a value too large for its place is not kept."""
        self.remove(key)
        need = weight(key, value)
        if len(value) > LARGEST or need > self.size:
            return
        while self.bytes + need > self.size:
            self.remove(next(iter(self._values)))
        self._values[key] = (ends, value)
        self.bytes += need

    def remove(self, key: str) -> None:
        """Forget one."""
        found = self._values.pop(key, None)
        if found is not None:
            self.bytes -= weight(key, found[1])

    def keys(self) -> list[str]:
        """All of them, expired ones too."""
        return list(self._values)


def weight(key: str, value: bytes) -> int:
    """What an entry takes of the size: four bytes for a character of its key, as Python may need."""
    return len(value) + 4 * len(key) + ENTRY
