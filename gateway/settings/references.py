"""`${NAME}`, `${NAME:-default}`, `${file:PATH}` and `$$`: what a value refers to, put in its place."""

import re
from collections.abc import Mapping as Env
from itertools import islice
from pathlib import Path
from typing import Final

from gateway.settings.nodes import Finding, Mapping, Node, Scalar, children, scalars
from gateway.settings.problems import MOST_NAMES, Problem, Problems, quoted
from gateway.settings.source import Unreadable, fetch_regular

# No brace within braces: then a search never passes the next `${`, and `${${${…` takes no quadratic time.
REFERENCE: Final = re.compile(r"\$\$|\$\{([^{}\n]*)\}|\$\{")
VARIABLE: Final = re.compile(r"([A-Za-z_][A-Za-z0-9_]*)(?::-(.*))?\Z")
MOST_TEXT: Final = 16 * 2**20
"""Characters of all values together: references and aliases can multiply what the file's size bounds."""


class Missing(Exception):  # noqa: N818 - a sentence on its way to a Problem
    """A reference that leads nowhere, as a sentence that names it."""


class References:
    """Resolves the references of one file, each variable and each file read once."""

    def __init__(self, folder: Path, env: Env[str, str]) -> None:
        self.folder, self.env = folder, env
        self.findings: list[Finding] = []
        self.files: dict[Path, str | Unreadable] = {}
        self.values: dict[str, str] = {}
        """What each reference came to, by its text, in the order of the file."""

    def resolve(self, path: Path, root: Node) -> None:
        """Put values in their places, in the tree; raises Problems when they are too much text."""
        seen: set[int] = set()
        length = 0
        for scalar in scalars(root):
            if id(scalar) not in seen:
                seen.add(id(scalar))
                self.scalar(scalar)
            length += len(scalar.value) if isinstance(scalar.value, str) else 0
            if length > MOST_TEXT:
                sentence = f"with references and aliases, the values come to more than {MOST_TEXT // 2**20} MiB"
                raise Problems(path, [Problem(scalar.line, scalar.column, "", sentence)])

    def scalar(self, scalar: Scalar) -> None:
        """Resolve one value, or note what it lacks."""
        if not isinstance(scalar.value, str) or "$" not in scalar.value:
            return
        missing: dict[str, None] = {}
        scalar.referenced = REFERENCE.search(scalar.value.replace("$$", "")) is not None
        scalar.value = REFERENCE.sub(lambda match: self.replacement(match, missing), scalar.value)
        if missing:
            scalar.broken = True
            self.findings.append(Finding(scalar, "; ".join(islice(missing, MOST_NAMES))))

    def replacement(self, match: re.Match[str], missing: dict[str, None]) -> str:
        """What a reference comes to; nothing, and a sentence among what is missing, where it leads nowhere."""
        if match[0] == "$$":
            return "$"
        try:
            return self.value(match[1])
        except Missing as reason:
            missing[str(reason)] = None
            return ""

    def value(self, written: str | None) -> str:
        """What stands between the braces, resolved; raises Missing."""
        if written is None:
            raise Missing("`${` without `}`; write `$$` for a plain `$`")
        if written.startswith("file:"):
            found = self.file(written[5:])
        elif match := VARIABLE.match(written):
            found = self.variable(match[1], match[2])
        else:
            raise Missing("a reference is `${NAME}`, `${NAME:-default}` or `${file:PATH}`; write `$$` for a plain `$`")
        self.values[written] = found
        return found

    def variable(self, name: str, default: str | None) -> str:
        """An environment variable's value, or the default where it has none."""
        found = self.env.get(name) or default
        if found is not None:
            return sound(name, found)
        if name in self.env:
            raise Missing(f"the environment variable {quoted(name)} is set but empty")
        raise Missing(f"the environment variable {quoted(name)} is not set")

    def file(self, written: str) -> str:
        """A file's text without the line break at its end."""
        path = self.folder / written.strip()
        if path not in self.files:
            self.files[path] = content(path)
        found = self.files[path]
        if isinstance(found, Unreadable):
            raise Missing(f"the file {quoted(written)} {found}")
        return found


def sound(name: str, found: str) -> str:
    """A variable's value, unless it holds bytes that are no text; raises Missing."""
    try:
        found.encode()
    except UnicodeEncodeError:
        raise Missing(f"the environment variable {quoted(name)} is not UTF-8") from None
    return found


def content(path: Path) -> str | Unreadable:
    """A file's text, or why there is none."""
    try:
        text = fetch_regular(path).decode().rstrip("\r\n")
    except Unreadable as reason:
        return reason
    except UnicodeDecodeError:
        return Unreadable("is not UTF-8")
    return text or Unreadable("is empty")


def drop_absent(block: Node | None) -> None:
    """Take the keys that came to nothing out of a gateway block: an optional variable that is not set is no key."""
    keys = block.get("keys") if isinstance(block, Mapping) else None
    if isinstance(keys, Mapping):
        prune(keys)


def prune(keys: Mapping) -> None:
    """Drop what is empty because of its reference, and what is empty because of that."""
    for name, _, child in list(children(keys)):
        absent = nothing(child)
        if not absent and not isinstance(child, Scalar):
            absent = emptied(child)
        if absent:
            del keys.pairs[str(name)]


def emptied(node: Node) -> bool:
    """Whether a list or mapping has nothing left once its empty references are dropped."""
    before = sum(1 for _ in children(node))
    if isinstance(node, Mapping):
        prune(node)
    elif not isinstance(node, Scalar):
        node.items = [item for item in node.items if not nothing(item)]
    return before > 0 and not any(True for _ in children(node))


def nothing(node: Node) -> bool:
    """Whether a value is empty because what it refers to may be."""
    return isinstance(node, Scalar) and node.referenced and node.value == "" and not node.broken
