"""Reading somebody else's file so that nothing of it is lost: what is not carried over is said, with its place."""

from collections.abc import Iterator
from decimal import Decimal, InvalidOperation
from typing import Final, TypeAlias

import msgspec

from gateway.settings.nodes import Mapping, Node, Scalar, Series, children
from gateway.settings.problems import dotted

Path: TypeAlias = tuple[str | int, ...]
LARGEST: Final = Decimal(10**12)


class Note(msgspec.Struct, frozen=True, order=True):
    """Something that a reader should look at."""

    line: int
    path: str
    sentence: str


class Ledger:
    """Which places of a file have been dealt with, and what there is to say."""

    def __init__(self) -> None:
        self.done: set[Path] = set()
        self.way: set[Path] = {()}
        """What leads to a place that has been dealt with."""
        self.notes: list[Note] = []

    def mark(self, path: Path) -> None:
        """What stands here has been dealt with."""
        self.done.add(path)
        self.way.update(path[:end] for end in range(len(path)))

    def rest(self, path: Path, node: Node) -> Iterator[tuple[Path, Node]]:
        """What nobody has looked at, as high up as it can be said."""
        waiting: list[tuple[Path, Node]] = [(path, node)]
        while waiting:
            path, node = waiting.pop()
            if path in self.done:
                continue
            if not isinstance(node, Scalar) and (path in self.way or wide(path)):
                waiting.extend(reversed([((*path, name), child) for name, _, child in children(node)]))
            else:
                yield path, node


def wide(path: Path) -> bool:
    """Whether what is below a place is told of piece by piece, even if nothing of it was read."""
    return len(path) < (3 if path[:1] == ("model_list",) else 2) or path[-1] == "litellm_params"


class Spot:
    """A place of the file; one that is not there reads as nothing."""

    __slots__ = ("ledger", "node", "path")

    def __init__(self, ledger: Ledger, node: Node | None, path: Path = ()) -> None:
        self.ledger, self.node, self.path = ledger, node, path

    def __bool__(self) -> bool:
        return self.node is not None

    @property
    def line(self) -> int:
        """Where it stands."""
        return self.node.line if self.node is not None else 0

    def get(self, name: str) -> "Spot":
        """What stands under a key."""
        found = self.node.get(name) if isinstance(self.node, Mapping) else None
        return Spot(self.ledger, found, (*self.path, name))

    def pairs(self) -> list[tuple[str, "Spot"]]:
        """Keys with what stands under them."""
        return [(name, self.get(name)) for name in self.node.pairs] if isinstance(self.node, Mapping) else []

    def items(self) -> list["Spot"]:
        """What a list holds."""
        if not isinstance(self.node, Series):
            return []
        return [Spot(self.ledger, item, (*self.path, index)) for index, item in enumerate(self.node.items)]

    def value(self) -> str | int | float | bool | None:
        """What a scalar means."""
        return self.node.value if isinstance(self.node, Scalar) else None

    def text(self) -> str:
        """The text of a scalar; nothing for anything else."""
        value = self.value()
        return value if isinstance(value, str) else ""

    def number(self) -> Decimal | None:
        """A number above 0 or 0, however it is written; None for anything else."""
        value = self.value()
        if isinstance(value, bool) or not isinstance(value, str | int | float):
            return None
        try:
            number = Decimal(value if isinstance(value, str) and len(value) < 40 else repr(value))
        except InvalidOperation:
            return None
        return number if number.is_finite() and 0 <= number <= LARGEST else None

    def whole(self) -> int | None:
        """A whole number above 0; None for anything else."""
        number = self.number()
        return int(number) if number and number == number.to_integral_value() else None

    def carry(self) -> "Spot":
        """Count it as carried over."""
        if self.node is not None:
            self.ledger.mark(self.path)
        return self

    def say(self, sentence: str) -> None:
        """Count it as dealt with, all that is below it too, and have a reader look at it."""
        self.carry().tell(sentence)

    def tell(self, sentence: str) -> None:
        """Have a reader look at it; what is below it is still to be dealt with."""
        if self.node is not None:
            self.ledger.notes.append(Note(self.line, dotted(self.path), sentence))
