"""What is kept in this process until it expires; what was not asked for the longest goes first."""

from collections import OrderedDict
from typing import Any, Final

import msgspec

LARGEST: Final = 32 * 2**20
"""Bytes of one value: an answer of 25 MB with its headers, and room."""
ENTRY: Final = 200
"""About what Python itself needs for one entry, besides four bytes for a character of its key."""


class Entry(msgspec.Struct, frozen=True, gc=False):
    """One value; no work for the garbage collector, as there are many and none holds what holds it."""

    ends: float
    value: Any
    need: int
    """Bytes it takes of the size."""


class Kept:
    """A mapping whose keys and values together stay below a size."""

    def __init__(self, size: int) -> None:
        self.size = size
        self.bytes = 0
        self._values: OrderedDict[str, Entry] = OrderedDict()

    def get(self, key: str, now: float) -> Any:  # noqa: ANN401 - whatever was put there
        """The value, which becomes the last to go."""
        found = self._values.get(key)
        if found is None:
            return None
        if found.ends <= now:
            self.remove(key)
            return None
        self._values.move_to_end(key)
        return found.value

    def put(self, key: str, value: object, ends: float, size: int) -> None:
        """In place of what was there; a value too large for its place is not kept. `size` is the value's, in bytes."""
        if key in self._values:
            self.remove(key)
        need = size + 4 * len(key) + ENTRY
        if size > LARGEST or need > self.size:
            return
        while self.bytes + need > self.size:
            self.remove(next(iter(self._values)))
        self._values[key] = Entry(ends, value, need)
        self.bytes += need

    def remove(self, key: str) -> None:
        """Forget one."""
        found = self._values.pop(key, None)
        if found is not None:
            self.bytes -= found.need

    def keys(self) -> list[str]:
        """All of them, expired ones too."""
        return list(self._values)
