"""What is wrong with a gateways.yaml: found all at once, each with its place and a sentence that says what to do.

No sentence ever holds a value of the file: it might be a secret in the wrong place. Keys are named, values are not.
"""

import re
from collections.abc import Iterable, Sequence
from difflib import get_close_matches
from itertools import islice
from pathlib import Path
from typing import Final

import msgspec

MOST: Final = 100
"""Problems that are shown; a file with more is not a gateways.yaml."""
LONGEST_NAME: Final = 64
MOST_NAMES: Final = 12
LONGEST_TO_MATCH: Final = 64
"""Characters; comparing longer words for likeness would take time and find nothing."""
MOST_TO_MATCH: Final = 500
"""Names that one is compared with."""


class Problem(msgspec.Struct, frozen=True, order=True):
    """One thing that is wrong, where it stands (lines and columns begin at 1) and where that is in the document."""

    line: int
    column: int
    path: str
    sentence: str


class Problems(Exception):  # noqa: N818 - what it holds, not that it is an error, is what matters
    """Everything that is wrong with one file, in the order of its lines.

    `files` are the files it depends on as far as they are known, so that a watcher knows when to look again.
    """

    def __init__(self, file: Path, problems: Iterable[Problem], files: Sequence[Path] = ()) -> None:
        self.file, self.files = file, tuple(files) or (file,)
        self.problems = sorted(set(problems))
        super().__init__(f"{file}: {len(self.problems)} problems")

    def lines(self) -> list[str]:
        """`FILE:LINE:COL: path: sentence`, at most MOST of them."""
        shown = [render(self.file, problem) for problem in self.problems[:MOST]]
        hidden = len(self.problems) > MOST
        return [*shown, f"{self.file}: there is more; these are the first {MOST}"] if hidden else shown

    def __str__(self) -> str:
        return "\n".join(self.lines())


def render(file: Path, problem: Problem) -> str:
    """The line that an editor or a terminal can jump to."""
    path = f"{problem.path}: " if problem.path else ""
    return f"{file}:{problem.line}:{problem.column}: {path}{problem.sentence}"


def dotted(path: Sequence[str | int]) -> str:
    """A path as it is written in documentation: `accounts.acme.gateways["x y"].traces[0]`."""
    return "".join(map(step, path)).removeprefix(".")


def step(part: str | int) -> str:
    """One step of a path: an index, a plain name, or a name that needs quotes."""
    if isinstance(part, int):
        return f"[{part}]"
    if re.fullmatch(r"[\w*/-]{1,64}", part, re.ASCII):
        return f".{part}"
    return "[" + quoted(part, '"') + "]"


def quoted(name: str, mark: str = "`") -> str:
    """A name from the file, safe to print: bounded, and nothing in it that a terminal would obey."""
    shown = name if len(name) <= LONGEST_NAME else f"{name[:LONGEST_NAME]}…"
    return mark + "".join(char if char.isprintable() else "?" for char in shown) + mark


def nearest(name: str, names: Iterable[str]) -> str:
    """`; did you mean ...?`, or nothing when no name is like it."""
    if len(name) > LONGEST_TO_MATCH:
        return ""
    found = get_close_matches(name.lower(), list(islice(names, MOST_TO_MATCH)), n=1, cutoff=0.6)
    return f"; did you mean {quoted(found[0])}?" if found else ""


def listed(names: Sequence[str], last: str = "or") -> str:
    """`a`, `b` or `c`; a long list ends in a count."""
    marked = [quoted(name) for name in names[:MOST_NAMES]]
    if len(names) > MOST_NAMES:
        marked.append(f"{len(names) - MOST_NAMES} others")
    return f"{', '.join(marked[:-1])} {last} {marked[-1]}" if len(marked) > 1 else "".join(marked)
