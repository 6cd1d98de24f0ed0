"""Money: tokens by class times the price of a model, in exact US dollars.

A price comes from gateways.yaml (`prices`), else from the table of public models in `gateway.prices.table`, which is
loaded on first use and asked once per model. A model without a price is unpriced, never free.
"""

import importlib
import time
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, Final

from gateway.call import Usage
from gateway.prices.custom import Custom, custom
from gateway.prices.price import Entry, Price

__all__ = ["Custom", "Price", "Prices", "custom"]

REMEMBERED: Final = 4096
"""Models whose price is kept; names come from clients, so there is no end to them."""

FOREVER: Final = Entry(None, float("-inf"), float("inf"))


class Prices:
    """What calls cost.

    `overrides` are prices by `provider/model`, `*` standing for anything: the exact key wins, then the one with the
    most other characters, and any of them wins over the table. `tables` says which provider's models of the public
    table a provider of ours serves, where its name is not the same.
    """

    def __init__(self, overrides: Mapping[str, Price] | None = None, tables: Mapping[str, str] | None = None) -> None:
        self._tables = dict(tables or {})
        given = {key.lower(): price for key, price in (overrides or {}).items()}
        self._exact = {key: price for key, price in given.items() if "*" not in key}
        patterns = sorted(given.keys() - self._exact.keys(), key=lambda key: (-len(key.replace("*", "")), key))
        self._patterns = [(key.split("*"), given[key]) for key in patterns]
        self._known: dict[tuple[str, str, str], Entry] = {}

    def warm(self) -> None:
        """Load the table now, which takes a second, and not while the first call is settled."""
        _table()

    def cost(
        self,
        provider: str,
        model: str | Sequence[str],
        usage: Usage | None,
        when: float | None = None,
        tier: str = "",
    ) -> Decimal | None:
        """What `usage` costs in US dollars; None where nothing was metered or the model has no price.

        Several models are looked up in turn: what the answer calls it, then what was asked for. `when` is in seconds
        since 1970, for prices that change by day or hour; `tier` is the service tier that the answer names.
        """
        if usage is None:
            return None
        price = self.priced(provider, model, when, tier)
        return None if price is None else price.cost(usage)

    def priced(
        self, provider: str, model: str | Sequence[str], when: float | None = None, tier: str = ""
    ) -> Price | None:
        """The price that holds at `when` (now where absent); None where there is none."""
        moment = time.time() if when is None else when
        names = (model,) if isinstance(model, str) else model
        if self._exact or self._patterns:
            for name in names:
                if name and (price := self._override(provider, name)) is not None:
                    return price
        for name in names:
            if name and (price := self._listed((provider, name, tier), moment)) is not None:
                return price
        return None

    def _listed(self, key: tuple[str, str, str], when: float) -> Price | None:
        """The public table's price of (provider, model, tier), looked up anew outside its span of time."""
        entry = self._known.get(key)
        if entry is None or not entry.begins <= when < entry.ends:
            provider, model, tier = key
            entry = _table().find((self._tables.get(provider, provider), model, tier), when)
            self._keep(key, entry)
        return entry.price

    def _override(self, provider: str, model: str) -> Price | None:
        """The most specific price of gateways.yaml, remembered as any other."""
        key = (provider, model, "\0")
        entry = self._known.get(key)
        if entry is None:
            name = f"{provider}/{model}".lower()
            price = self._exact.get(name)
            if price is None:
                price = next((price for parts, price in self._patterns if matches(parts, name)), None)
            entry = FOREVER if price is None else Entry(price, FOREVER.begins, FOREVER.ends)
            self._keep(key, entry)
        return entry.price

    def _keep(self, key: tuple[str, str, str], entry: Entry) -> None:
        """Remember an entry, also one without a price; the one that came first makes room beyond REMEMBERED."""
        if len(self._known) >= REMEMBERED:
            del self._known[next(iter(self._known))]
        self._known[key] = entry


def _table() -> Any:  # noqa: ANN401 - a module
    """The public table, which is 1.5 MB of Python and stays out of the process until a price is asked for."""
    return importlib.import_module("gateway.prices.table")


def matches(parts: list[str], name: str) -> bool:
    """Whether `name` is `parts` with anything between them; no backtracking, so never slow."""
    first, last = parts[0], parts[-1]
    if not name.startswith(first) or len(name) < len(first) + len(last) or not name.endswith(last):
        return False
    at, end = len(first), len(name) - len(last)
    for part in parts[1:-1]:
        at = name.find(part, at, end)
        if at < 0:
            return False
        at += len(part)
    return True
