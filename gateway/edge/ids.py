"""Ids of calls: UUIDv7 (RFC 9562 section 5.7), so that they sort by time."""

import os
from collections.abc import Iterator

BATCH = 64


def _draws() -> Iterator[str]:
    """Random hex of 20 digits, drawn in batches: a system call for each is the larger part of an id's cost."""
    while True:
        text = os.urandom(10 * BATCH).hex()
        for at in range(0, 20 * BATCH, 20):
            yield text[at : at + 20]


_next = _draws().__next__


def uuid7(nanoseconds: int) -> str:
    """A fresh id for a call that began `nanoseconds` after 1970."""
    time = f"{nanoseconds // 1_000_000:012x}"
    noise = _next()
    return f"{time[:8]}-{time[8:]}-7{noise[:3]}-{'89ab'[int(noise[3], 16) & 3]}{noise[4:7]}-{noise[7:19]}"
