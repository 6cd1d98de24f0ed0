"""`rate_limit`: how many calls or tokens per time, and how many calls at once."""

from typing import Annotated, Literal

from msgspec import Meta

from gateway.settings.block import Block
from gateway.settings.limits import (
    Check,
    Count,
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
    twins,
    value,
)
from gateway.settings.nodes import Finding, Node
from gateway.settings.units import Deadline


class RateLimit(Block, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One limit: give exactly one of `requests`, `tokens` and `concurrent`."""

    name: Annotated[
        LimitName | None,
        Meta(description="What sentences and headers call it, and what its count is kept under; else by its place."),
    ] = None
    requests: Annotated[Count | None, Meta(description="The most calls per `per`; answers from the cache count.")] = (
        None
    )
    tokens: Annotated[
        Count | None,
        Meta(
            description="The most tokens per `per`, in and out: a call counts as a quarter of its body's bytes and the"
            " max_tokens it asks for, and then as what the provider metered."
        ),
    ] = None
    concurrent: Annotated[Count | None, Meta(description="The most calls at one time, from in to fully out.")] = None
    per: Annotated[
        Deadline | None,
        Meta(
            description="The window. With `concurrent`, how long a call counts whose process died; 1h where absent,"
            " and to be longer than any call."
        ),
    ] = None
    technique: Window = None
    by: Annotated[
        Dimensions | None,
        Meta(
            description="What each has a count of its own: token, provider, model, metadata.KEY, or several of them"
            " together; the gateway as a whole where absent. Calls without the key share one count."
        ),
    ] = None
    provider: Providers = None
    model: Models = None
    metadata: Tags = {}
    on_store_loss: Annotated[
        Literal["allow", "deny"],
        Meta(description="What happens to a call while the store of counts is out of reach."),
    ] = "allow"


def problems(written: Node | None, exists: Check | None = None) -> Found:
    """What is wrong with a `rate_limit` beyond its schema."""
    limits = listed(written)
    for limit in limits:
        yield from one_of(limit, "requests", "tokens", "concurrent")
        if given(limit, "requests", "tokens") and not given(limit, "per"):
            yield Finding(limit, "`per` is missing: so many in how long?")
        technique = value(limit, "technique")
        if technique is not None and given(limit, "concurrent"):
            yield Finding(technique, "calls at one time have no window, and so no technique")
        yield from selections(limit, exists)
        yield from repeated(limit)
    yield from twins(limits)
