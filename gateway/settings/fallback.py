"""The settings of fallbacks: where a call goes that its provider fails."""

from collections.abc import Callable, Iterator
from typing import Annotated, Literal, TypeAlias

from msgspec import Meta, field

from gateway.settings.block import Block
from gateway.settings.nodes import Finding, Mapping, Node, Scalar, Series
from gateway.settings.units import END, Deadline

Status: TypeAlias = Annotated[int, Meta(ge=429, le=429, title="status", examples=[429])]
Cause: TypeAlias = Literal["error", "timeout", "context_length", "content_filter"] | Status
Place: TypeAlias = Annotated[
    str,
    Meta(
        pattern=r"^[a-z0-9][a-z0-9-]{0,70}(/[^\s\x00-\x20\x7f]{1,256})?" + END,
        title="provider, or provider/model,",
        examples=["anthropic/claude-haiku-4-5"],
    ),
]
Pattern: TypeAlias = Annotated[
    str,
    Meta(
        pattern=r"^[a-z0-9*][a-z0-9*-]{0,70}(/[^\s\x00-\x20\x7f]{1,256})?" + END,
        title="pattern",
        examples=["openai/gpt-*"],
    ),
]


class FallbackStep(Block, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One provider to ask instead; the steps are tried in the order in which they stand."""

    to: Annotated[
        Place, Meta(description="Who is asked instead; without a model, for the one that the client asked for.")
    ]
    on: Annotated[
        tuple[Cause, ...],
        Meta(
            min_length=1,
            description="The failures after which this step is tried: `error` (unreachable, 5xx, or 401, 402, 403, 404,"
            " 409 and 424), `timeout`, 429, `context_length` (the conversation is too long for the model) and"
            " `content_filter` (prompt or answer was blocked).",
        ),
    ] = ("error", "timeout", 429)
    first_byte: Annotated[
        Deadline | None,
        Meta(description="How long the one before may take to the first byte of its answer; then this step is tried."),
    ] = None
    only_for: Annotated[
        Pattern | None,
        Meta(description="The calls it is for, as provider/model with `*` as wildcard; all where absent."),
    ] = field(default=None, name="for")


def problems(block: Node | None, check: Callable[[str, Scalar], Iterator[Finding]]) -> Iterator[Finding]:
    """Steps of a gateway's `fallback` that lead to providers which do not exist.

    `check` says so of a provider's name: `Names.check` of `gateway.settings.checks`.
    """
    steps = block.get("fallback") if isinstance(block, Mapping) else None
    for step in steps.items if isinstance(steps, Series) else ():
        for key in ("to", "for"):
            place = step.get(key) if isinstance(step, Mapping) else None
            if not isinstance(place, Scalar) or not isinstance(place.value, str) or place.broken:
                continue
            provider = place.value.partition("/")[0]
            if provider and "*" not in provider:
                yield from check(provider, place)
