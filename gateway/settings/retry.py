"""The settings of retries: how often a provider is asked again, after what, and when."""

from collections.abc import Iterator
from typing import Annotated, Literal, TypeAlias

from msgspec import Meta

from gateway.settings.block import Block, default
from gateway.settings.nodes import Finding, Mapping, Node, Scalar
from gateway.settings.units import Duration

Backoff: TypeAlias = Literal["constant", "linear", "exponential"]
Trouble: TypeAlias = (
    Literal["connect", "timeout", "5xx"] | Annotated[int, Meta(ge=400, le=599, title="status", examples=[503])]
)


class Retry(Block, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """How often a provider is asked when it fails; cf-aig-max-attempts, -retry-delay and -backoff override it."""

    attempts: Annotated[int, Meta(ge=1, le=10, description="The most times one call is sent, the first included.")] = 3
    delay: Annotated[Duration, Meta(description="The wait before the second attempt.")] = default(Duration, "500ms")
    backoff: Annotated[
        Backoff,
        Meta(description="How the wait grows: not at all, by the delay each time, or to the double each time."),
    ] = "exponential"
    max_delay: Annotated[
        Duration,
        Meta(
            description="The longest wait before one attempt. A provider that asks for more, as by Retry-After, is not"
            " waited for: its answer goes to the client."
        ),
    ] = default(Duration, "60s")
    jitter: Annotated[
        float,
        Meta(
            ge=0,
            le=1,
            description="The part of a wait by which it is lengthened at random, so that calls do not return at once.",
        ),
    ] = 0.25
    on: Annotated[
        tuple[Trouble, ...],
        Meta(
            description="The failures after which a call is sent again: `connect` (unreachable, or broken off before"
            " its answer began), `timeout`, `5xx` (529 included), or a status."
        ),
    ] = ("connect", "timeout", 408, 409, 429, "5xx")


def doubts(block: Node | None) -> Iterator[Finding]:
    """Waits of a gateway's `retry` that contradict one another."""
    found = block.get("retry") if isinstance(block, Mapping) else None
    if not isinstance(found, Mapping):
        return
    delay, longest = span(found.get("delay")), span(found.get("max_delay"))
    spot = found.get("delay")
    if spot is not None and delay is not None and longest is not None and delay > longest:
        yield Finding(spot, "`delay` is longer than `max_delay`: no wait would ever be as long")


def span(node: Node | None) -> float | None:
    """The seconds written in a node; None where it is absent, or is no duration, which the schema says."""
    if not isinstance(node, Scalar) or node.broken:
        return None
    try:
        return float(Duration.read(node.value))
    except ValueError:
        return None
