"""Which models a provider has, with prices and context windows: the public table's, and those named in gateways.yaml.

Names are the table's, which may stand for several of the provider's: `claude-3-5-sonnet` for all its days of release.
"""

import re
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from importlib import import_module
from typing import Any, Final

from msgspec import Struct

from gateway.prices import matches
from gateway.prices.price import MILLION, Price

EMBEDS: Final = re.compile(r"embed|/bge-(?!reranker)|^voyage-", re.IGNORECASE)
"""Names of models that make vectors; the table does not say what a model makes."""

TUNED: Final = re.compile(r"^ft:|\.ft-$")
"""Names of models that somebody has tuned, of which the table knows only families."""

CLASSES: Final = ("input_mtok", "output_mtok", "cache_read_mtok", "cache_write_mtok")
"""The table's names for the prices of a Model, in the same order."""

STEP: Final = 900
"""Seconds that a reading of the table holds: its prices change on a quarter of an hour, if within a day at all."""


class Model(Struct, frozen=True):
    """A model, at US dollars per million tokens; None where the class has no price of its own.

    The public table's values are its own objects, so that a model of it costs no more than these pointers.
    """

    id: str
    name: str = ""
    context_window: int | None = None
    embeds: bool = False
    deprecated: bool = False
    input: Decimal | None = None
    output: Decimal | None = None
    cache_read: Decimal | None = None
    cache_write: Decimal | None = None

    @property
    def prices(self) -> dict[str, Decimal] | None:
        """By class; None where the model has no price for tokens."""
        if self.input is None:
            return None
        classes = {
            "input": self.input,
            "output": self.output,
            "cache_read": self.cache_read,
            "cache_write": self.cache_write,
        }
        return {name: price for name, price in classes.items() if price is not None}


class Catalogue:
    """The models of each provider.

    `overrides` are prices by `provider/model` and win as they do in `gateway.prices.Prices`; what they name without a
    `*` is a model. `tables` says which provider of the public table a provider of ours is.
    """

    def __init__(self, overrides: Mapping[str, Price] | None = None, tables: Mapping[str, str] | None = None) -> None:
        self._tables = dict(tables or {})
        given = overrides or {}
        self._named = {key: price for key, price in given.items() if "*" not in key}
        self._exact = {key.lower(): price for key, price in self._named.items()}
        patterns = sorted(given.keys() - self._named.keys(), key=lambda key: (-len(key.replace("*", "")), key))
        self._patterns = [(key.lower().split("*"), given[key]) for key in patterns]
        self._read: dict[str, tuple[int, tuple[Model, ...]]] = {}

    def models(self, provider: str, when: float | None = None) -> list[Model]:
        """The models of a provider, by name, at the prices that hold at `when` (seconds since 1970, now where absent).

        The price of a model whose price rises with the length of the input is that of a short one.
        """
        found = {model.id.lower(): model for model in self._listed(provider, time.time() if when is None else when)}
        for key in self._named:
            owner, _, name = key.partition("/")
            if owner.lower() == provider.lower():
                found.setdefault(name.lower(), Model(name, embeds=embeds(name)))
        if self._exact or self._patterns:
            return sorted((self._priced(provider, model) for model in found.values()), key=lambda model: model.id)
        return sorted(found.values(), key=lambda model: model.id)

    def _listed(self, provider: str, when: float) -> tuple[Model, ...]:
        """The public table's models, read anew when STEP is over."""
        table = self._tables.get(provider)
        if not table:
            return ()
        step = int(when // STEP)
        known = self._read.get(table)
        if known is None or known[0] != step:
            known = self._read[table] = (step, read(table, when))
        return known[1]

    def _priced(self, provider: str, model: Model) -> Model:
        """The model at the price of gateways.yaml, where that has one."""
        name = f"{provider}/{model.id}".lower()
        price = self._exact.get(name)
        if price is None:
            price = next((price for parts, price in self._patterns if matches(parts, name)), None)
        if price is None:
            return model
        return Model(
            model.id,
            model.name,
            model.context_window,
            model.embeds,
            model.deprecated,
            price.input * MILLION,
            price.output * MILLION,
            None if price.cache_read is None else price.cache_read * MILLION,
            None if price.cache_write is None else price.cache_write * MILLION,
        )


def read(table: str, when: float) -> tuple[Model, ...]:
    """The models of a provider of the public table; none where it does not know the provider."""
    # 1.5 MB of Python, which stay out of the process until somebody asks.
    known = import_module("genai_prices.data").providers
    provider = import_module("genai_prices.data_snapshot").find_provider_by_id(known, table)
    if provider is None:
        return ()
    moment = datetime.fromtimestamp(when, UTC)
    names = ((_name(model), model) for model in provider.models)
    return tuple(_model(name, model, moment) for name, model in names if name)


def _name(model: Any) -> str:  # noqa: ANN401 - genai_prices.types.ModelInfo, imported when first needed
    """What to ask for to get a model of the public table, and its price; empty where the table names only families.

    Most ids are that name. AWS's begin with `regional` where a name begins with a region, and Fireworks' have no path.
    """
    clauses = getattr(model.match, "or_", (model.match,))
    exact = [clause.equals for clause in clauses if hasattr(clause, "equals")]
    own = re.sub(r"^regional\.", "us.", model.id)
    return next((name for name in (own, *exact) if model.is_match(name) and not TUNED.search(name)), "")


def _model(name: str, model: Any, when: datetime) -> Model:  # noqa: ANN401 - as _name
    """A model of the public table, without the prices where it has none for tokens in."""
    found = model.get_prices(when)
    prices = [getattr(found, each) for each in CLASSES] if found.input_mtok is not None else []
    # A price in steps has a base, for inputs below the first step.
    prices = [getattr(price, "base", price) for price in prices]
    return Model(name, model.name or "", model.context_window, embeds(name), bool(model.deprecated), *prices)


def embeds(model: str) -> bool:
    """Whether a model is called as those are that make vectors."""
    return EMBEDS.search(model) is not None
