"""What a model's name asks the demo to do besides answering."""

import re
from typing import Final

import msgspec

LONGEST: Final = 3600.0
"""Seconds a demo call may wait; by then every timeout has run out."""

MODEL: Final = re.compile(r"demo(?:-error-[45]\d\d|(?:-error)?-timeout|-(?:slow|drip)-\d{1,7}ms|-break){0,4}")
TRAIT: Final = re.compile(
    r"-error-(?P<error>\d{3})|-(?P<timeout>timeout)|-slow-(?P<slow>\d+)ms|-drip-(?P<drip>\d+)ms|-(?P<break>break)"
)


class Behaviour(msgspec.Struct, frozen=True):
    """How to answer; times in seconds."""

    error: int = 0
    slow: float = 0.0
    drip: float = 0.0
    breaks: bool = False


def of_model(model: str) -> Behaviour | None:
    """The behaviour a model's name asks for, or None for a model there is not."""
    if not MODEL.fullmatch(model):
        return None
    found = {name: value for match in TRAIT.finditer(model) for name, value in match.groupdict().items() if value}
    slow = LONGEST if "timeout" in found else int(found.get("slow", 0)) / 1000
    return Behaviour(
        int(found.get("error", 0)), min(slow, LONGEST), min(int(found.get("drip", 0)) / 1000, LONGEST), "break" in found
    )
