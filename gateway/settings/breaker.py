"""The settings of circuit breaking: when a provider that keeps failing is left out, and for how long."""

from typing import Annotated, Literal, TypeAlias

from msgspec import Meta

from gateway.settings.block import Block, default
from gateway.settings.units import Deadline

Count: TypeAlias = Literal["error", "timeout"] | Annotated[int, Meta(ge=429, le=429, title="status", examples=[429])]


class CircuitBreaker(Block, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """When a model, or a provider's host, is left out for a while; each process counts for itself."""

    failures: Annotated[int, Meta(ge=1, le=1000, description="So many failures within `per` leave it out.")] = 5
    per: Annotated[Deadline, Meta(description="The time within which failures are counted.")] = default(Deadline, "30s")
    ratio: Annotated[
        float,
        Meta(
            ge=0,
            le=1,
            description="Failures leave it out only where they are at least this part of the calls that ended.",
        ),
    ] = 0.5
    open: Annotated[
        Deadline,
        Meta(description="How long it is left out (calls are answered 503); then one call at a time tries it."),
    ] = default(Deadline, "30s")
    on: Annotated[
        tuple[Count, ...],
        Meta(
            min_length=1,
            description="What counts as a failure: `error` (unreachable, broken off, 5xx), `timeout`, or 429.",
        ),
    ] = ("error", "timeout")
