"""Trouble with telemetry, told to the operator once per kind and minute."""

import logging
import time
from typing import Final

LOGGER: Final = logging.getLogger("gateway.telemetry")
AGAIN: Final = 60.0
KINDS: Final = 256

_last: dict[str, float] = {}


def complain(kind: str, sentence: str) -> None:
    """Log `sentence` unless one of its kind was logged within the last minute."""
    now = time.monotonic()
    if now - _last.get(kind, -AGAIN) < AGAIN:
        return
    if len(_last) >= KINDS:
        _last.clear()
    _last[kind] = now
    LOGGER.warning(sentence)
