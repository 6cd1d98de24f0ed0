"""The cache's block, and what its schema cannot say."""

from collections.abc import Iterator
from typing import Annotated, Final, Literal

from msgspec import Meta

from gateway.settings.block import Block, default
from gateway.settings.nodes import Finding, Mapping, Node, Scalar
from gateway.settings.units import Duration, Size

LONGEST: Final = 30 * 86400.0
"""Seconds: Cloudflare's month, which bounds the header cf-aig-cache-ttl too."""


class CacheBlock(Block, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Answers given again to calls that ask exactly the same."""

    ttl: Annotated[
        Duration,
        Meta(
            description="How long an answer is given again, up to 30d; 0 is off, but for calls that bring"
            " cf-aig-cache-key. The header cf-aig-cache-ttl (seconds) overrides it."
        ),
    ] = default(Duration, 0)
    scope: Annotated[
        Literal["token", "gateway"],
        Meta(
            description="Who shares answers: calls with the same gateway token and the same provider key of the"
            " client's, or all calls through this gateway, whoever makes them."
        ),
    ] = "token"
    max_bytes: Annotated[Size, Meta(description="The largest answer that is kept.")] = default(Size, "25MiB")
    on_store_loss: Annotated[
        Literal["allow"],
        Meta(description="What happens while the store is out of reach: calls pass by the cache."),
    ] = "allow"


def lasting(cache: Node | None) -> Iterator[Finding]:
    """A time to live that is longer than answers are kept."""
    ttl = cache.get("ttl") if isinstance(cache, Mapping) else None
    if not isinstance(ttl, Scalar) or ttl.broken:
        return
    try:
        long = Duration.read(ttl.value) > LONGEST
    except ValueError:  # the schema has already said so
        return
    if long:
        yield Finding(ttl, "an answer is kept for 30d at most")
