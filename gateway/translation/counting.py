"""A provider's usage object, decoded already, as its dialect's meter counts it."""

from typing import Any

import msgspec

from gateway.call import Usage
from gateway.dialects.dialect import Counts
from gateway.dialects.reading import Shape


def usage_of(shape: Shape[Any], given: object) -> Usage | None:
    """Tokens by class, of an object of `shape`, which is a Counts; what is no count is as if it were absent."""
    if not isinstance(given, dict):
        return None
    try:
        counts: Counts | None = msgspec.convert(given, shape.kind)
    except msgspec.ValidationError:
        counts = shape.read(msgspec.json.encode(given))
    return counts.usage() if counts is not None else None
