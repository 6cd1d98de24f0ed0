"""`spend_limits`: US dollars per time."""

from collections.abc import Container
from typing import Annotated, ClassVar, Final, Literal, TypeAlias

from msgspec import Meta

from gateway.settings.block import Block, default
from gateway.settings.limits import (
    Check,
    Dimensions,
    Found,
    LimitName,
    Models,
    Providers,
    Tags,
    Window,
    given,
    listed,
    one_of,
    repeated,
    selections,
    text,
    twins,
    value,
)
from gateway.settings.nodes import Finding, Node, Scalar
from gateway.settings.units import END, Deadline, Money, Schema, matched

MOST: Final = 9_000_000
"""US dollars: in billionths, that is about what a shared store counts exactly."""

PERCENT: Final = "^([1-9][0-9]?|100)%" + END
Model: TypeAlias = Annotated[
    str,
    Meta(pattern=r"^[a-z0-9][a-z0-9-]{0,63}/[^\s\x00-\x1f]{1,256}" + END, title="provider/model"),
]


class Percent(int):
    """A part of a limit in whole percents, written `80%`."""

    SCHEMA: ClassVar[Schema] = {"type": "string", "title": "percentage", "pattern": PERCENT, "examples": ["80%"]}

    @classmethod
    def read(cls, written: object) -> "Percent":
        """The number before the sign."""
        return cls(matched(PERCENT, written)[:-1])


class SpendLimit(Block, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One budget: give exactly one of `per` and `calendar`."""

    name: Annotated[
        LimitName, Meta(description="What sentences and headers call it, and what its count is kept under.")
    ]
    limit: Annotated[Money, Meta(description="US dollars per window.")]
    per: Annotated[Deadline | None, Meta(description="A window of this length.")] = None
    calendar: Annotated[
        Literal["hour", "day", "week", "month"] | None,
        Meta(description="A window by the calendar, in UTC; weeks begin on Monday."),
    ] = None
    technique: Window = None
    by: Annotated[
        Dimensions | None,
        Meta(
            description="What each has a budget of its own: token, provider, model, metadata.KEY, or several of them"
            " together; the gateway as a whole where absent. Calls without the key share one budget."
        ),
    ] = None
    provider: Providers = None
    model: Models = None
    metadata: Tags = {}
    unpriced: Annotated[
        Literal["deny", "allow"],
        Meta(description="What happens to a call whose model has no price: refused, or let through uncounted."),
    ] = "deny"
    on_store_loss: Annotated[
        Literal["deny", "allow"],
        Meta(description="What happens to a call while the store of counts is out of reach."),
    ] = "deny"
    downgrade_to: Annotated[
        Model | None,
        Meta(description="provider/model that chats go to instead, once a call would take the budget past `at`."),
    ] = None
    at: Annotated[Percent, Meta(description="The part of the limit past which `downgrade_to` serves.")] = default(
        Percent, "80%"
    )


def problems(written: Node | None, exists: Check | None = None, reach: Container[str] | None = None) -> Found:
    """What is wrong with `spend_limits` beyond their schema; `reach` are the only providers the gateway may ask."""
    limits = listed(written)
    for limit in limits:
        yield from one_of(limit, "per", "calendar")
        yield from amount(value(limit, "limit"))
        technique = value(limit, "technique")
        if technique is not None and given(limit, "calendar"):
            yield Finding(technique, "a window by the calendar has no technique")
        at = value(limit, "at")
        if at is not None and not given(limit, "downgrade_to"):
            yield Finding(at, "`at` needs `downgrade_to`")
        yield from cheaper(value(limit, "downgrade_to"), exists, reach)
        yield from selections(limit, exists)
        yield from repeated(limit)
    yield from twins(limits)


def amount(limit: Node | None) -> Found:
    """A limit that lets something through, and that can be counted."""
    try:
        dollars = Money.read(limit.value) if isinstance(limit, Scalar) else None
    except ValueError:
        return
    if limit is not None and dollars is not None and not 0 < dollars <= MOST:
        yield Finding(limit, f"a limit is above 0 and at most {MOST} US dollars")


def cheaper(target: Node | None, exists: Check | None, reach: Container[str] | None) -> Found:
    """A model to go down to whose provider there is, and which this gateway may ask."""
    provider, slash, _ = text(target).partition("/")
    if target is None or not slash:
        return
    if reach is not None and provider not in reach:
        yield Finding(target, "this gateway does not reach that provider: it is not among its `providers`")
    elif exists is not None:
        yield from exists(provider, target)
