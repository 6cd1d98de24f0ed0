"""A gateways.yaml as text, out of what was found: YAML for the gateway, comments for whoever reads it."""

import re
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any, Final

from gateway.settings.nodes import YAML_1_1, meaning

PLAIN: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._/-]{0,120}\Z", re.ASCII)
EXACT: Final = 15
"""Digits that a number without quotes keeps."""
WIDTH: Final = 118
LONGEST: Final = 300
FLAT: Final = frozenset(("tokens", "rate_limit", "spend_limits", "fallback"))
"""Lists whose entries stand in one line each."""


def lines(value: Mapping[str, Any], indent: int = 0) -> Iterator[str]:
    """A mapping, a key to a line as far as there is more below it."""
    space = "  " * indent
    for name, inner in value.items():
        key = f"{space}{scalar(name)}:"
        if isinstance(inner, Mapping) and inner and not short(inner):
            yield key
            yield from lines(inner, indent + 1)
        elif isinstance(inner, list) and name in FLAT:
            yield key
            yield from (f"{space}  - {flow(one)}" for one in inner)
        else:
            yield f"{key} {flow(inner)}"


def short(value: Mapping[str, Any]) -> bool:
    """Whether a mapping reads well in one line."""
    return not any(isinstance(inner, Mapping | list) for inner in value.values()) and len(flow(value)) < WIDTH // 2


def flow(value: Any) -> str:  # noqa: ANN401 - whatever a file may hold
    """A value in one line."""
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{scalar(name)}: {flow(inner)}" for name, inner in value.items()) + "}"
    if isinstance(value, str):
        return scalar(value)
    if isinstance(value, Sequence):
        return "[" + ", ".join(map(flow, value)) + "]"
    return number(value) if isinstance(value, Decimal) else str(value).lower()


def number(value: Decimal) -> str:
    """A decimal, in quotes where a reader would round it."""
    text = format(value.normalize(), "f")
    return text if len(text) <= EXACT else scalar(text)


def scalar(text: str) -> str:
    """A text, in quotes unless it cannot be taken for anything else."""
    if PLAIN.match(text) and isinstance(meaning(text), str) and (text == "on" or text.lower() not in YAML_1_1):
        return text
    return '"' + "".join(map(escaped, text)) + '"'


def escaped(char: str) -> str:
    """A character within double quotes."""
    if char in '"\\':
        return "\\" + char
    if " " <= char <= "~":
        return char
    code = ord(char)
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def comment(text: str = "") -> str:
    """A line that only a reader sees; nothing in it ends it or is obeyed by a terminal."""
    shown = "".join(char if char.isprintable() else "?" for char in text[:LONGEST])
    return f"# {shown}{'…' if len(text) > LONGEST else ''}".rstrip()


def wrapped(head: str, text: str) -> Iterator[str]:
    """A comment in several lines, those after the first indented."""
    words = [*([head] if head else []), *text.split()]
    line, after = words[0], "     " if head else ""
    for word in words[1:]:
        if len(line) + len(word) + 1 > WIDTH:
            yield comment(line)
            line = after + word
        else:
            line = f"{line} {word}"
    yield comment(line)
