"""`model_list`: LiteLLM's names for models, the deployments behind each, and what they bring with them."""

from collections.abc import Iterable
from decimal import Decimal
from typing import Any, Final

import msgspec

from gateway.importing import clouds
from gateway.importing.ledger import Spot
from gateway.importing.upstreams import Params, Upstreams, provider_of
from gateway.importing.words import literal, per_million, slug, unlike
from gateway.providers.litellm import Theirs
from gateway.providers.speech import speeches

COSTS: Final = {
    "input": "input_cost_per_token",
    "output": "output_cost_per_token",
    "cache_read": "cache_read_input_token_cost",
    "cache_write": "cache_creation_input_token_cost",
}
COUNTS: Final = {"rpm": "requests", "tpm": "tokens", "max_parallel_requests": "concurrent"}
LONGEST: Final = 190
"""Characters of a model's name, before what a cloud puts in front of it."""


class Deployment(msgspec.Struct, frozen=True):
    """One place behind a name."""

    provider: str
    model: str
    order: Decimal
    line: int

    @property
    def written(self) -> str:
        """As a client of ours names it."""
        return f"{self.provider}/{self.model}"

    @property
    def target(self) -> str:
        """As a step of a fallback names it; of any model, the provider alone."""
        return self.provider if self.model == "*" else self.written


class Pools:
    """Everything that the deployments come to."""

    def __init__(self, upstreams: Upstreams, credentials: dict[str, Spot]) -> None:
        self.upstreams, self.credentials = upstreams, credentials
        self.groups: dict[str, list[Deployment]] = {}
        self.lines: dict[str, int] = {}
        self.keys: dict[str, dict[str, dict[str, None]]] = {}
        """By provider and model, in order."""
        self.prices: dict[str, dict[str, Any]] = {}
        self.limits: dict[tuple[str, str, str], int] = {}

    def read(self, models: Iterable[Spot]) -> None:
        """All entries of the list."""
        for entry in models:
            name = entry.get("model_name").carry()
            found = self.deployment(entry)
            shown = str(name.value()) if name else ""
            self.lines.setdefault(shown, entry.line)
            group = self.groups.setdefault(shown, [])
            if found is not None:
                group.append(found)
        for group in self.groups.values():
            group.sort(key=lambda one: one.order)

    def deployment(self, entry: Spot) -> Deployment | None:
        """One entry; None, and a note, where it leads nowhere that we know."""
        own = entry.get("litellm_params")
        named = own.get("litellm_credential_name").carry()
        params = Params(own, self.credentials.get(named.text(), Spot(entry.ledger, None)))
        model = params.get("model")
        word, theirs, rest = provider_of(model, params)
        if not word or not rest or len(rest) > LONGEST or not rest.isprintable() or " " in rest:
            model.carry()
            (model or own or entry).tell("it does not say which provider it is of: the model is not carried over")
            return None
        region = ""
        if theirs.form == "azure":
            rest = clouds.azure(rest, params)
        elif theirs.form == "bedrock":
            rest, region = clouds.bedrock(rest)
        provider = self.upstreams.provider(word, theirs, params)
        if not provider or not rest:
            model.carry()
            return None
        found = Deployment(provider, rest, params.get("order").carry().number() or Decimal(0), entry.line)
        model.carry()
        self.speaks(model, theirs, provider)
        self.add_key(found, self.key(provider, theirs, params, region))
        self.upstreams.add_headers(provider, params)
        # The provider's own name of a deployment has no resource before it.
        priced = f"{provider}/{rest.partition('/')[2]}" if theirs.form == "azure" else found.written
        self.add_price(priced, entry, params)
        self.add_limits(found, params)
        return found

    def speaks(self, model: Spot, theirs: Theirs, provider: str) -> None:
        """Say so where a provider is reached by its own API only."""
        if theirs.to == provider and not speeches(self.upstreams.row(theirs)):
            model.say(f"it is reached by its own API only, at /{provider}/: not at compat/")

    def key(self, provider: str, theirs: Theirs, params: Params, region: str) -> str:
        """The key of a deployment."""
        if theirs.form == "bedrock":
            return clouds.bedrock_key(self.upstreams, theirs, params, region)
        if theirs.form == "vertex":
            return clouds.vertex_key(theirs, params)
        return self.upstreams.key(provider, theirs, params)

    def add_key(self, found: Deployment, key: str) -> None:
        """Keep a key under its provider and model."""
        if key:
            self.keys.setdefault(found.provider, {}).setdefault(found.model, {})[key] = None

    def add_price(self, name: str, entry: Spot, params: Params) -> None:
        """Prices per token as ours per million."""
        price: dict[str, Any] = {}
        for ours, theirs in COSTS.items():
            spot = params.get(theirs) or entry.get("model_info").get(theirs)
            if not spot:
                continue
            amount = per_million(spot.number())
            if amount is None:
                spot.say("this price cannot be read")
            else:
                price[ours] = amount
                spot.carry()
        if not price:
            return
        price = {"input": Decimal(0), **price}
        if self.prices.setdefault(name, price) != price:
            params.own.tell(f"{name} has another price above, which holds")

    def add_limits(self, found: Deployment, params: Params) -> None:
        """Limits of a deployment; those of deployments of one model add up."""
        for theirs, ours in COUNTS.items():
            spot = params.get(theirs)
            if not spot:
                continue
            count = spot.whole()
            if count is None:
                spot.say("write the number under `rate_limit`")
                continue
            place = (found.provider, found.model, ours)
            self.limits[place] = min(self.limits.get(place, 0) + count, 2**53 - 1)
            spot.say("under `rate_limit`: calls beyond it are answered 429 here, by whichever name the model is called")

    def rate_limits(self) -> list[dict[str, Any]]:
        """`rate_limit`."""
        made: list[dict[str, Any]] = []
        names: set[str] = set()
        for (provider, model, kind), count in self.limits.items():
            name = unlike(f"{slug(model.rpartition('/')[2]) or 'any'}-{kind}", names)
            names.add(name)
            per = {} if kind == "concurrent" else {"per": "1m"}
            made.append({"name": name, kind: count, **per, "provider": provider, "model": literal(model)})
        return made

    def rings(self) -> tuple[dict[str, Any], dict[str, str]]:
        """`keys`, and the alias that a model's calls must ask for where its keys are others than the first's."""
        made: dict[str, Any] = {}
        aliases: dict[str, str] = {}
        for provider, models in self.keys.items():
            rings: dict[tuple[str, ...], str] = {}
            for model, keys in models.items():
                ring = tuple(keys)
                if ring not in rings:
                    taken = {"default", *rings.values()}
                    rings[ring] = unlike(slug(model.rpartition("/")[2]) or "other", taken) if rings else "default"
                if rings[ring] != "default":
                    aliases[f"{provider}/{model}"] = rings[ring]
            written = {alias: ring[0] if len(ring) == 1 else list(ring) for ring, alias in rings.items()}
            made[provider] = written["default"] if len(written) == 1 else written
        return made, aliases
