"""gateways.yaml as a tree that knows its places: scalars, sequences, mappings, and the keys between them."""

import re
from collections import deque
from collections.abc import Iterator, Sequence
from math import isfinite
from typing import Any, Final, TypeAlias

import msgspec

from gateway.settings.problems import Problem, dotted

Plain: TypeAlias = Any
"""What JSON can hold."""
Path: TypeAlias = tuple[str | int, ...]

INTEGER: Final = re.compile(r"[-+]?(0|[1-9][0-9]{0,17})\Z")
FLOAT: Final = re.compile(
    r"[-+]?([0-9]{1,18}\.[0-9]{0,18}|\.[0-9]{1,18}|[0-9]{1,18}(?=e))(e[-+]?[0-9]{1,3})?\Z", re.IGNORECASE
)
WORDS: Final[dict[str, bool | None]] = {"": None, "~": None, "null": None, "true": True, "false": False}
YAML_1_1: Final = {"yes": True, "on": True, "no": False, "off": False}


class Key(msgspec.Struct, eq=False, gc=False):
    """A key of a mapping, where it stands."""

    text: str
    line: int
    column: int


class Scalar(msgspec.Struct, eq=False):
    """A single value: what it means, and what was written."""

    value: str | int | float | bool | None
    line: int
    column: int
    plain: bool = False
    """Written without quotes."""
    referenced: bool = False
    """Its value came, at least in part, from the environment or another file."""
    broken: bool = False
    """It refers to something that is not there, which has been said already."""
    size: int = 1
    height: int = 1


class Series(msgspec.Struct, eq=False):
    """A list."""

    items: list["Node"]
    line: int
    column: int
    size: int = 1
    """How many values it holds, aliases expanded, itself included."""
    height: int = 1
    """How many levels it has, itself included."""


class Mapping(msgspec.Struct, eq=False):
    """Keys and their values, in the order of the file."""

    pairs: dict[str, tuple[Key, "Node"]]
    line: int
    column: int
    size: int = 1
    height: int = 1

    def get(self, name: str) -> "Node | None":
        """The value of a key, if it is there."""
        pair = self.pairs.get(name)
        return pair and pair[1]


Node: TypeAlias = Scalar | Series | Mapping


class Finding(msgspec.Struct, frozen=True):
    """Something wrong at a key or a value of the tree."""

    spot: Key | Node
    sentence: str


def meaning(text: str) -> str | int | float | bool | None:
    """What an unquoted scalar means: YAML 1.2's JSON schema, and nothing that 1.1 made of dates, times or octals."""
    lowered = text.lower() if len(text) <= 5 else text
    if lowered in WORDS and text in (lowered, lowered.upper(), lowered.title()):
        return WORDS[lowered]
    if INTEGER.match(text):
        return int(text)
    if FLOAT.match(text) and isfinite(number := float(text)):
        return number
    return text


def other_meaning(scalar: Scalar) -> Plain:
    """What a text may mean where text is not wanted: a reference's number, or 1.1's yes and no; else the text."""
    if not isinstance(scalar.value, str):
        return scalar.value
    if scalar.plain and scalar.value.lower() in YAML_1_1:
        return YAML_1_1[scalar.value.lower()]
    return meaning(scalar.value) if scalar.referenced else scalar.value


def plain(node: Node) -> Plain:
    """The values alone, as JSON would hold them; what stands there twice by an alias is two values."""
    if isinstance(node, Mapping):
        return {name: plain(value) for name, (_, value) in node.pairs.items()}
    if isinstance(node, Series):
        return [plain(item) for item in node.items]
    return node.value


def children(node: Node) -> Iterator[tuple[str | int, Key | None, Node]]:
    """What stands directly in a mapping or a list: name or index, key, value."""
    if isinstance(node, Mapping):
        for name, (key, value) in node.pairs.items():
            yield name, key, value
    elif isinstance(node, Series):
        for index, item in enumerate(node.items):
            yield index, None, item


def scalars(node: Node) -> Iterator[Scalar]:
    """Every scalar below a node in the order of the file, one behind an alias as often as it counts."""
    waiting = [node]
    while waiting:
        some = waiting.pop()
        if isinstance(some, Scalar):
            yield some
        else:
            waiting.extend(reversed([child for _, _, child in children(some)]))


def at(root: Node, path: Sequence[str | int]) -> tuple[Key | None, Node]:
    """The value at a path, and the key that leads to it; as far as the path goes."""
    key: Key | None = None
    node = root
    for step in path:
        if isinstance(node, Mapping) and isinstance(step, str) and step in node.pairs:
            key, node = node.pairs[step]
        elif isinstance(node, Series) and isinstance(step, int):
            key, node = None, node.items[step]
    return key, node


def located(root: Node, findings: Sequence[Finding]) -> list[Problem]:
    """Findings as problems, with the path at which each stands in the file: what comes from `defaults` is there."""
    wanted = {place(finding.spot) for finding in findings}
    paths: dict[tuple[bool, int, int], Path] = {}
    # Level by level: what `defaults` puts under a gateway is met first where it stands, in `defaults`.
    waiting: deque[tuple[Path, Key | None, Node]] = deque([((), None, root)])
    while waiting:
        path, key, node = waiting.popleft()
        for spot in (key, node):
            if spot is not None and place(spot) in wanted:
                paths.setdefault(place(spot), path)
        waiting.extend(((*path, name), key, child) for name, key, child in children(node))
    return [
        Problem(finding.spot.line, finding.spot.column, dotted(paths.get(place(finding.spot), ())), finding.sentence)
        for finding in findings
    ]


def place(spot: Key | Node) -> tuple[bool, int, int]:
    """What tells two spots apart: a mapping begins where its first key does."""
    return isinstance(spot, Key), spot.line, spot.column
