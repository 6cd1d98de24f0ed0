"""Random W3C trace and span ids in lower-case hex, drawn from the system many at a time."""

import os
from typing import Final

PIECE: Final = 8
"""Bytes of a span id; a trace id is two pieces."""

DRAW: Final = 256
ZERO: Final = "0" * 16

_pieces: list[str] = []

# A child would hand out the same ids as its parent.
os.register_at_fork(after_in_child=_pieces.clear)


def span_id() -> str:
    """Sixteen hex digits, never all zero."""
    try:
        return _pieces.pop()
    except IndexError:
        drawn = os.urandom(PIECE * DRAW).hex()
        _pieces.extend(piece for at in range(0, len(drawn), 2 * PIECE) if (piece := drawn[at : at + 2 * PIECE]) != ZERO)
        return span_id()


def trace_id() -> str:
    """Thirty-two hex digits, never all zero."""
    return span_id() + span_id()
