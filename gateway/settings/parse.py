"""YAML text to a tree of nodes, one parser event at a time, so that no bound is passed before it is noticed.

Of YAML this reads what a settings file needs: mappings with text as keys, lists, scalars, and aliases of finished
values. Tags, merge keys, further documents and aliases that multiply without end are refused.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

import yaml

from gateway.settings.nodes import Finding, Key, Mapping, Node, Scalar, Series, meaning
from gateway.settings.problems import MOST, Problem, Problems, quoted

DEEPEST: Final = 50
MOST_VALUES: Final = 200_000
LOADER: Final = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

SMALLEST: Final = "accounts: {local: {gateways: {default: {}}}}"
EXPLAINED: Final = {
    "found character that cannot start any token": "this character cannot begin a value; put the value in quotes",
    "mapping values are not allowed in this context": "a `:` is not expected here: the line may be indented wrongly,"
    " or hold a value with `: ` in it that needs quotes",
    "could not find expected ':'": "a key without `:` after it, or a line that is indented wrongly",
    "did not find expected key": "a key is expected here: the line may be indented wrongly",
    "did not find expected '-' indicator": "a `-` is expected here: the line may be indented wrongly",
    "did not find expected ',' or '}'": "a `,` or `}` is missing",
    "did not find expected ',' or ']'": "a `,` or `]` is missing",
    "found unexpected end of stream": "the file ends within quotes",
    "found undefined tag handle": "tags are not read here; write the plain value",
    "did not find expected node content": "a value is expected here",
}


class Refused(Exception):  # noqa: N818 - a sentence on its way to a Problem
    """What makes the rest of the file not worth reading."""

    def __init__(self, event: yaml.Event | None, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.line, self.column = begin(event) if event else (1, 1)


def begin(event: yaml.Event) -> tuple[int, int]:
    """Line and column where an event begins, from 1."""
    mark = event.start_mark
    return (mark.line + 1, mark.column + 1) if mark else (1, 1)


def parse(path: Path, text: str) -> tuple[Node, list[Finding]]:
    """The tree, and what is wrong with it that does not end the reading; raises Problems for what does."""
    try:
        return Builder(text).document()
    except Refused as refused:
        problem = Problem(refused.line, refused.column, "", refused.sentence)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line, column = (mark.line, mark.column) if mark else (0, 0)
        problem = Problem(line + 1, column + 1, "", explained(error.problem or "", text, line, column))
    except yaml.YAMLError:
        problem = Problem(1, 1, "", "the file is not YAML")
    raise Problems(path, [problem])


def explained(problem: str, text: str, line: int, column: int) -> str:
    """What libyaml says, in words of ours; its problems never hold more of the file than one character."""
    lines = text.splitlines()
    here = lines[line] if line < len(lines) else ""
    if here[column : column + 1] == "\t":
        return "a tab cannot indent in YAML; use spaces"
    if column and here[column - 1 : column + 1] == "${":
        return 'within `{ }` and `[ ]` a reference needs quotes: "${NAME}"'
    for theirs, ours in EXPLAINED.items():
        if problem.startswith(theirs):
            return ours
    return f"this is not YAML: {problem}"


def measure(values: list[Node]) -> tuple[int, int]:
    """Size and height of what holds these values."""
    return 1 + sum(value.size for value in values), 1 + max((value.height for value in values), default=0)


class Builder:
    """Makes nodes from events, and counts while it does."""

    def __init__(self, text: str) -> None:
        self.events: Iterator[yaml.Event] = yaml.parse(text, Loader=LOADER)
        self.findings: list[Finding] = []
        self.anchors: dict[str, Node | None] = {}
        """None while the anchored value is still being read."""
        self.count = 0

    def document(self) -> tuple[Node, list[Finding]]:
        """The only document of the text."""
        root: Node | None = None
        for event in self.events:
            if isinstance(event, yaml.DocumentStartEvent):
                if root is not None:
                    raise Refused(event, "a second document begins here; keep one, without `---`")
                root = self.node(next(self.events), 1)
        if root is None or (isinstance(root, Scalar) and root.value is None):
            raise Refused(None, f"the file is empty; the smallest that works is `{SMALLEST}`")
        return root, self.findings

    def node(self, event: yaml.Event, depth: int) -> Node:
        """The value that begins with `event`."""
        if isinstance(event, yaml.AliasEvent):
            return self.alias(event, depth)
        if depth > DEEPEST:
            raise Refused(event, f"more than {DEEPEST} levels deep")
        self.grow(event, 1)
        anchor = event.anchor if isinstance(event, yaml.NodeEvent) else None
        if anchor is not None:
            self.anchors[anchor] = None
        node = self.fresh(event, depth)
        if getattr(event, "tag", None):
            self.wrong(node, "tags are not read here; write the plain value")
        if anchor is not None:
            self.anchors[anchor] = node
        return node

    def fresh(self, event: yaml.Event, depth: int) -> Node:
        """A value that is no alias."""
        line, column = begin(event)
        if isinstance(event, yaml.ScalarEvent):
            unquoted = not event.style  # libyaml says '' where the Python parser says None
            value = meaning(event.value) if unquoted else event.value
            return Scalar(value, line, column, plain=unquoted)
        if isinstance(event, yaml.SequenceStartEvent):
            items = list(self.items(depth))
            return Series(items, line, column, *measure(items))
        pairs = dict(self.pairs(depth))
        return Mapping(pairs, line, column, *measure([value for _, value in pairs.values()]))

    def items(self, depth: int) -> Iterator[Node]:
        """The items of a list, up to its end."""
        while not isinstance(event := next(self.events), yaml.SequenceEndEvent):
            yield self.node(event, depth + 1)

    def pairs(self, depth: int) -> Iterator[tuple[str, tuple[Key, Node]]]:
        """The pairs of a mapping, up to its end, without those whose key is none."""
        lines: dict[str, int] = {}
        while not isinstance(event := next(self.events), yaml.MappingEndEvent):
            written = self.node(event, depth + 1)
            value = self.node(next(self.events), depth + 1)
            key = self.key(written)
            if key is None:
                continue
            if key.text in lines:
                self.wrong(key, f"duplicate key {quoted(key.text)}, already on line {lines[key.text]}")
                continue
            lines[key.text] = key.line
            yield key.text, (key, value)

    def key(self, node: Node) -> Key | None:
        """A key, if it is text."""
        if not isinstance(node, Scalar):
            self.wrong(node, "a key must be text, not a list or a mapping")
        elif not isinstance(node.value, str):
            self.wrong(node, "a key must be text: put it in quotes")
        elif node.value == "<<" and node.plain:
            self.wrong(node, "merge keys (`<<`) are not read here; use `defaults` or a plain alias")
        else:
            return Key(node.value, node.line, node.column)
        return None

    def alias(self, event: yaml.AliasEvent, depth: int) -> Node:
        """The value an alias stands for, counted once more."""
        name = event.anchor or ""
        if name not in self.anchors:
            raise Refused(event, f"nothing above is called {quoted('&' + name)}")
        node = self.anchors[name]
        if node is None:
            raise Refused(event, f"{quoted('*' + name)} stands within itself")
        if depth + node.height - 1 > DEEPEST:
            raise Refused(event, f"more than {DEEPEST} levels deep")
        self.grow(event, node.size)
        return node

    def grow(self, event: yaml.Event, size: int) -> None:
        """Count values; raises Refused when they are too many."""
        self.count += size
        if self.count > MOST_VALUES:
            raise Refused(event, f"more than {MOST_VALUES} values, aliases expanded")

    def wrong(self, spot: Key | Node, sentence: str) -> None:
        """Note a problem and go on."""
        if len(self.findings) <= MOST:
            self.findings.append(Finding(spot, sentence))
