"""What the blocks of all limits share: how calls are told apart, and slips that a schema cannot see."""

from collections.abc import Callable, Iterator, Sequence
from typing import Annotated, ClassVar, Final, Literal, TypeAlias

from msgspec import Meta

from gateway.settings.nodes import Finding, Key, Mapping, Node, Scalar, Series
from gateway.settings.units import END, Schema, matched

Found: TypeAlias = Iterator[Finding]
Check: TypeAlias = Callable[[str, Key | Node], Found]
"""Whether a provider of this name exists, as `checks.Names.check` says it."""

LARGEST: Final = 2**53 - 1
"""What a number in Lua, and so a shared store, still counts exactly."""

LimitName: TypeAlias = Annotated[
    str, Meta(pattern="^[A-Za-z0-9][A-Za-z0-9._-]{0,63}" + END, title="name of a limit", examples=["per-user"])
]
Wanted: TypeAlias = Annotated[str, Meta(min_length=1, max_length=256, title="name, `*` as wildcard")]
Tag: TypeAlias = str | int | float | bool
Count: TypeAlias = Annotated[int, Meta(ge=1, le=LARGEST)]

Providers: TypeAlias = Annotated[Wanted | list[Wanted] | None, Meta(description="Only calls to these providers count.")]
Models: TypeAlias = Annotated[Wanted | list[Wanted] | None, Meta(description="Only calls for these models count.")]
Tags: TypeAlias = Annotated[
    dict[str, Tag | list[Tag]], Meta(description="Only calls with this metadata count: by key a value or several.")
]
Window: TypeAlias = Annotated[
    Literal["fixed", "sliding"] | None,
    Meta(description="`fixed` windows aligned to the clock, or the `sliding` last `per`; fixed where absent."),
]


class Dimensions(tuple[str, ...]):
    """What calls are told apart by: written as one dimension or as a list of them.

    A type of its own, since msgspec 0.22 frees the pattern of a text once too often where a text and a list of such
    texts are both allowed, and the process dies at its end.
    """

    __slots__ = ()

    PATTERN: ClassVar[str] = r"^(token|provider|model|metadata\.[^\x00-\x1f]{1,128})" + END
    _ONE: ClassVar[Schema] = {
        "type": "string",
        "title": "token, provider, model or metadata.KEY",
        "examples": ["metadata.user"],
        "pattern": PATTERN,
    }
    SCHEMA: ClassVar[Schema] = {"anyOf": [_ONE, {"type": "array", "items": _ONE}]}

    @classmethod
    def read(cls, written: object) -> "Dimensions":
        """One or several as a tuple."""
        some = written if isinstance(written, list) else [written]
        return cls(matched(cls.PATTERN, one) for one in some)


def listed(node: Node | None) -> Sequence[Node]:
    """What is in a list, or the one thing that stands in place of a list."""
    if node is None:
        return ()
    return node.items if isinstance(node, Series) else (node,)


def given(block: Node, *names: str) -> list[str]:
    """Those of the keys that a block has."""
    return [name for name in names if isinstance(block, Mapping) and name in block.pairs]


def value(block: Node, name: str) -> Node | None:
    """What stands under a key of a block, if it is one and has it."""
    return block.get(name) if isinstance(block, Mapping) else None


def text(node: Node | None) -> str:
    """The text of a scalar, or nothing for anything else and for a reference that leads nowhere."""
    return node.value if isinstance(node, Scalar) and isinstance(node.value, str) and not node.broken else ""


def one_of(block: Node, *names: str) -> Found:
    """Keys of which a block has exactly one."""
    found = given(block, *names)
    if isinstance(block, Mapping) and len(found) != 1:
        wanted = ", ".join(f"`{name}`" for name in names[:-1]) + f" and `{names[-1]}`"
        yield Finding(block, f"a limit has exactly one of {wanted}")


def twins(limits: Sequence[Node]) -> Found:
    """Limits with one name, which would count together."""
    seen: dict[str, int] = {}
    for limit in limits:
        name = value(limit, "name")
        if name is not None and (said := text(name)):
            if said in seen:
                yield Finding(name, f"another limit has this name, on line {seen[said]}")
            seen.setdefault(said, name.line)


def selections(limit: Node, exists: Check | None) -> Found:
    """Providers that a limit is for, and that are none."""
    for node in listed(value(limit, "provider")):
        if exists is not None and text(node) and "*" not in text(node):
            yield from exists(text(node), node)


def repeated(limit: Node) -> Found:
    """A dimension that is named twice, which is a slip: it changes nothing."""
    seen: set[str] = set()
    for node in listed(value(limit, "by")):
        if (said := text(node)) and said in seen:
            yield Finding(node, "this stands here twice")
        seen.add(said)
