"""The public price table: genai-prices, which ships its data and fetches nothing; imported on first use.

Its own calculation takes 66 us per call and keeps every name it ever saw, so a model is looked up here and reduced to a
Price, which then holds until the table's next change of day or hour.
"""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta
from decimal import Decimal
from functools import lru_cache
from typing import Final

from genai_prices.data import providers
from genai_prices.data_snapshot import find_provider_by_id
from genai_prices.types import ModelInfo, ModelPrice, Provider, TieredPrices, TimeOfDateConstraint

from gateway.prices.price import MILLION, NOTHING, Entry, Price, Tier

LONGEST: Final = 256
"""Characters a model's name may have; matching tries hundreds of patterns on it."""

# Where a name of ours is one of the table's with something around it.
PATH: Final = re.compile(r"^.*/(?:models|inference-profile|foundation-model|deployments)/")
DATED: Final = re.compile(r"@(?:default|latest|(?=\d))")

THOUSAND: Final = Decimal(1000)


def find(what: tuple[str, str, str], when: float) -> Entry:
    """The price of (provider, model, service tier) at `when`, seconds since 1970."""
    provider_id, name, tier = what
    moment = datetime.fromtimestamp(when, UTC)
    begin = datetime.combine(moment.date(), time(), UTC)
    provider = _provider(provider_id)
    model = _model(provider, name) if provider is not None and len(name) <= LONGEST else None
    if model is None:
        return Entry(None, begin.timestamp(), (begin + timedelta(days=1)).timestamp())
    found = model.get_prices(moment, {"service_tier": tier} if tier else None)
    bounds = [begin + timedelta(days=days) for days in (0, 1)]
    bounds += [datetime.combine(moment.date(), bound, UTC) for bound in _hours(model)]
    begins = max(bound for bound in bounds if bound <= moment)
    ends = min(bound for bound in bounds if bound > moment)
    return Entry(reduce(found), begins.timestamp(), ends.timestamp())


@lru_cache(256)
def _provider(name: str) -> Provider | None:
    """genai-prices' entry with this id; None where the id is empty or the table lacks it."""
    return find_provider_by_id(providers, name) if name else None


def _model(provider: Provider, name: str) -> ModelInfo | None:
    """The entry for the first spelling that the provider has, or has from another; None where there is none."""
    for candidate in _spellings(name):
        if (model := provider.find_model(candidate, all_providers=providers)) is not None:
            return model
    return None


def _spellings(name: str) -> Iterator[str]:
    """The name as it is, then without what a URL or an ARN puts before it and Vertex AI's way of dating it."""
    yield name
    short = DATED.sub("-", PATH.sub("", name)).rstrip("-")
    if short != name:
        yield short
    if short.startswith("models/"):
        yield short.removeprefix("models/")


def _hours(model: ModelInfo) -> Iterator[time]:
    """The times of day (UTC) at which the model's price changes."""
    constraints = [price.constraint for price in model.prices] if isinstance(model.prices, list) else []
    constraints += [variant.constraint for variant in model.price_variants or ()]
    for constraint in constraints:
        if isinstance(constraint, TimeOfDateConstraint):
            for bound in (constraint.start_time, constraint.end_time):
                # A time with an offset moves with it, as genai-prices compares them.
                aware = bound if bound.tzinfo is not None else bound.replace(tzinfo=UTC)
                yield datetime.combine(datetime(1970, 1, 2, tzinfo=UTC), aware).astimezone(UTC).time()


def reduce(found: ModelPrice) -> Price | None:
    """The classes that we meter; None where the table has no price for tokens (it counts hours, pages, characters)."""
    if found.input_mtok is None:
        return None
    tiered = [price for price in found.__dict__.values() if isinstance(price, TieredPrices)]
    starts = sorted({tier.start for price in tiered for tier in price.tiers})
    tiers = tuple(Tier(start, _flat(found, start + 1, ())) for start in starts)
    return _flat(found, 0, tiers)


def _flat(found: ModelPrice, tokens: int, tiers: tuple[Tier, ...]) -> Price:
    """US dollars per token as they are for a call with `tokens` tokens in; `tiers` are passed through."""

    def each(name: str, per: Decimal = MILLION) -> Decimal | None:
        """The price called `name`, which is for `per` tokens or requests, for one; None where there is none."""
        price = getattr(found, name)
        if isinstance(price, TieredPrices):
            price = next((tier.price for tier in reversed(price.tiers) if tokens > tier.start), price.base)
        return None if price is None else price / per

    return Price(
        each("input_mtok") or NOTHING,
        each("output_mtok") or NOTHING,
        cache_read=each("cache_read_mtok"),
        cache_write=each("cache_write_mtok"),
        cache_write_1h=each("cache_write_1h_mtok"),
        reasoning=each("output_reasoning_mtok"),
        input_audio=each("input_audio_mtok"),
        output_audio=each("output_audio_mtok"),
        request=each("requests_kcount", THOUSAND) or NOTHING,
        tiers=tiers,
    )
