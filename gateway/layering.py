"""A gateway's policies, made of its settings, in the order in which a call meets them.

universal       an array of steps, each of which goes through all that follows
unify           `compat/…`: which provider the call is for
rate_limit      calls, tokens, calls at once
spend_limits    US dollars
cache           the same answer again, one upstream call for many
fallback        who is asked instead
retry           asking again
circuit_breaker leaving out who keeps failing
translate       the client's dialect to the provider's and back
ask             the provider
"""

from collections.abc import Callable, Mapping
from typing import Any, Final

import msgspec

from gateway.call import Call, Handler, Headers, Policy
from gateway.compat.models import Models
from gateway.compat.translate import Translate
from gateway.compat.unified import NAME as UNIFIED
from gateway.compat.unified import Unified
from gateway.compat.unify import Unify
from gateway.edge import wishes
from gateway.edge.site import Logging, Reads
from gateway.policies.access import Access
from gateway.policies.array import Array, Steps
from gateway.policies.breaker import Breaker
from gateway.policies.cache import Cache
from gateway.policies.cache_key import Source
from gateway.policies.fallback import Fallback
from gateway.policies.onion import onion
from gateway.policies.rate_limit import RateLimits
from gateway.policies.retry import Retry
from gateway.policies.spend_limits import SpendLimits
from gateway.policies.universal import Surroundings, Universal
from gateway.prices import Price
from gateway.providers.provider import Provider
from gateway.providers.rows import ALIASES
from gateway.settings.blocks import GatewayBlock, ProviderBlock
from gateway.settings.cache import CacheBlock
from gateway.stores.store import Store
from gateway.upstream.ask import Ask

OFF: Final = CacheBlock()
"""A cache that is used by calls that ask for it."""


class Ground(msgspec.Struct, frozen=True):
    """What a gateway's policies stand on."""

    name: str
    """As `account/gateway`."""
    block: GatewayBlock
    reach: Mapping[str, Provider]
    slugs: Mapping[bytes, Provider]
    edits: Mapping[str, ProviderBlock | None]
    """What gateways.yaml says of each provider."""
    models: Models
    store: Store
    price: Callable[[str, str], Price | None]
    everyone: frozenset[bytes]
    """The digests of all gateways' tokens."""
    logging: Logging
    ask: Ask


class Onion(msgspec.Struct, frozen=True):
    """The policies, and what a URL may name besides a provider."""

    layers: tuple[Any, ...]
    handler: Handler
    doors: Mapping[bytes, Reads]


def layered(ground: Ground) -> Onion:
    """Everything around one gateway's way out."""
    unified = Unified(ground.reach, ground.slugs)
    doors: dict[bytes, Reads] = {UNIFIED.encode(): unified, b"": Steps()}
    inner: tuple[Policy, ...] = (*counting(ground), *repeating(ground), Translate(ground.reach))
    within = onion(inner, ground.ask)
    everything = Surroundings(
        providers={**ground.slugs, UNIFIED.encode(): unified},
        run=within,
        resolve=lambda call: unified.resolved(call) if call.provider == UNIFIED else call,
        strip=stripping(ground.everyone),
        note=noting(ground.logging),
        total=float(ground.block.timeout.total),
    )
    outer: tuple[Policy, ...] = (Array(Universal(everything)), Unify(unified, ground.models))
    layers = (*outer, *inner, ground.ask)
    return Onion(layers, onion(outer, within), doors)


def counting(ground: Ground) -> list[Policy]:
    """What limits calls, and what saves them."""
    block, store, name = ground.block, ground.store, ground.name
    found: list[Policy] = []
    if block.rate_limit is not None and block.rate_limit != []:
        found.append(RateLimits(block.rate_limit, store, name))
    if block.spend_limits:
        found.append(SpendLimits(block.spend_limits, store, name, ground.price))
    sources = {slug: Source(provider.key_slots, edition(ground.edits[slug])) for slug, provider in ground.reach.items()}
    return [*found, Cache(block.cache or OFF, store, name, sources)]


def edition(edit: ProviderBlock | None) -> str:
    """Changes when a provider is another one under the same name."""
    return "" if edit is None else f"{edit.base_url} {edit.dialect}"


def repeating(ground: Ground) -> list[Policy]:
    """What asks more than once, or somebody else."""
    block, reach = ground.block, ground.reach
    total = float(block.timeout.total)
    found: list[Policy] = []
    if block.fallback:
        found.append(Fallback(block.fallback, total, ALIASES, {name: one.dropped for name, one in reach.items()}))
    found.append(Retry(block.retry, total, {name: one.key_slots for name, one in reach.items()}))
    if block.circuit_breaker is not None:
        found.append(Breaker(block.circuit_breaker))
    return found


def stripping(everyone: frozenset[bytes]) -> Callable[[Headers, bytes], tuple[Headers, bytes]]:
    """Takes gateway tokens out of the headers and the query of a step."""
    access = Access(None, everyone)

    def strip(headers: Headers, query: bytes) -> tuple[Headers, bytes]:
        """What may travel on."""
        admitted = access.admit(headers, {}, query)
        return admitted.headers, admitted.query

    return strip


def noting(logging: Logging) -> Callable[[Call], None]:
    """Writes down what a step's own headers ask of the log."""

    def note(call: Call) -> None:
        """The step's wishes, under the metadata of the token that the call came with."""
        record = call.record
        before = record.metadata
        wishes.note(record, call.control, logging)
        record.metadata = {**record.metadata, **before}

    return note
