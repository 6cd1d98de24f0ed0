"""A snapshot in Prometheus' text format 0.0.4."""

from collections.abc import Iterable
from functools import cache
from itertools import accumulate
from math import isfinite
from typing import Final

from gateway.telemetry.families import FAMILIES, Distribution, Family, Snapshot

CONTENT_TYPE: Final = b"text/plain; version=0.0.4; charset=utf-8"
ESCAPES: Final = str.maketrans({"\\": r"\\", '"': r"\"", "\n": r"\n"})


def render(snapshot: Snapshot) -> bytes:
    """Every metric that has a value."""
    lines: list[str] = []
    for name, family in FAMILIES.items():
        samples = list(of(name, family, snapshot))
        if samples and not family.quiet:
            lines += (f"# HELP {name} {family.help}", f"# TYPE {name} {family.kind}", *samples)
    return ("\n".join(lines) + "\n").encode("utf-8", "replace")


def of(name: str, family: Family, snapshot: Snapshot) -> Iterable[str]:
    """The sample lines of one metric."""
    for point in snapshot.points.get(name, ()):
        yield f"{name}{labelled(family.labels, point.labels)} {number(point.value)}"
    for distribution in snapshot.distributions.get(name, ()):
        yield from buckets(name, family, distribution)


def buckets(name: str, family: Family, distribution: Distribution) -> Iterable[str]:
    """A histogram's lines: its buckets are cumulative."""
    inside = labelled(family.labels, distribution.labels)[1:-1]
    start = f"{name}_bucket{{{inside}{',' if inside else ''}"
    counts = accumulate(distribution.counts)
    lines = [f"{start}{bound}{count}" for bound, count in zip(bounds(family.bounds), counts, strict=True)]
    outside = f"{{{inside}}}" if inside else ""
    lines.append(f"{name}_sum{outside} {number(distribution.total)}")
    lines.append(f"{name}_count{outside} {sum(distribution.counts)}")
    return lines


@cache
def bounds(numbers: tuple[float, ...]) -> list[str]:
    """The last label of each bucket, and all that follows it but the count."""
    return [f'le="{bound}"}} ' for bound in (*map(number, numbers), "+Inf")]


def labelled(names: tuple[str, ...], values: tuple[str, ...]) -> str:
    """`{name="value",…}`, or nothing where there are no labels."""
    pairs = [f'{name}="{value.translate(ESCAPES)}"' for name, value in zip(names, values, strict=True)]
    return f"{{{','.join(pairs)}}}" if pairs else ""


def number(value: float) -> str:
    """A value as text: whole numbers without a point."""
    if not isfinite(value):
        return "NaN" if value != value else "+Inf" if value > 0 else "-Inf"
    return str(int(value)) if value == int(value) else repr(value)
