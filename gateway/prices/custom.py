"""The `cf-aig-custom-cost` header: a client that knows its own price (Cloudflare spec, section 10)."""

import json
from decimal import Decimal
from typing import Any, Final, NoReturn

from msgspec import Struct

from gateway.call import Usage
from gateway.prices.price import Price

LONGEST: Final = 512
"""Bytes of the header."""

HIGHEST: Final = {"total_cost": Decimal(1_000_000)}
"""US dollars that one call may be said to cost."""

TOKEN: Final = Decimal(1_000)
"""US dollars that one token may be said to cost."""

FINEST: Final = -24
"""The last decimal place that is kept."""

RATES: Final = ("per_token_in", "per_token_out", "per_cache_read_token", "per_cache_write_token")


class Custom(Struct, frozen=True):
    """What the client says its call costs: rates, or the whole."""

    price: Price | None = None
    total: Decimal | None = None

    def cost(self, usage: Usage | None) -> Decimal | None:
        """US dollars; None where rates were given but nothing was metered."""
        if self.total is not None:
            return self.total
        return None if usage is None or self.price is None else self.price.cost(usage)


def custom(text: bytes) -> Custom:
    """The header's value read strictly. Raises ValueError with a sentence for the client."""
    if len(text) > LONGEST:
        raise ValueError(f"cf-aig-custom-cost is longer than {LONGEST} bytes.")
    given = _object(text)
    unknown = given.keys() - {*RATES, "total_cost"}
    if unknown:
        raise ValueError(f"cf-aig-custom-cost has a key that does not exist; there are {', '.join(RATES)}, total_cost.")
    amounts = {name: _amount(name, value) for name, value in given.items()}
    if "total_cost" in amounts:
        if len(amounts) > 1:
            raise ValueError("cf-aig-custom-cost has total_cost and rates; give either.")
        return Custom(total=amounts["total_cost"])
    if "per_token_in" not in amounts or "per_token_out" not in amounts:
        raise ValueError("cf-aig-custom-cost needs per_token_in and per_token_out, or total_cost.")
    read, write = amounts.get("per_cache_read_token"), amounts.get("per_cache_write_token")
    return Custom(Price(amounts["per_token_in"], amounts["per_token_out"], read, write))


def _object(text: bytes) -> dict[str, Any]:
    """The header's JSON with every number a Decimal. Raises ValueError with a sentence for the client."""
    try:
        given = json.loads(
            text.decode(),
            parse_float=Decimal,
            parse_int=Decimal,
            parse_constant=_constant,
            object_pairs_hook=_once,
        )
    except (ValueError, ArithmeticError, RecursionError) as problem:
        raise ValueError("cf-aig-custom-cost is not a JSON object of finite numbers, each given once.") from problem
    if not isinstance(given, dict):
        raise ValueError(
            'cf-aig-custom-cost must be a JSON object, such as {"per_token_in": 0.000001, "per_token_out": 0.000002}.'
        )
    return given


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """The pairs as a dict. Raises ValueError for a repeated key, of which json would quietly take the last."""
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a key twice")
    return found


def _constant(name: str) -> NoReturn:
    """Refuse NaN and the infinities, which are no JSON but which Python reads. Raises ValueError."""
    raise ValueError(name)


def _amount(name: str, value: object) -> Decimal:
    """US dollars from nothing to HIGHEST or TOKEN, no finer than FINEST. Raises ValueError with a sentence."""
    if not isinstance(value, Decimal):
        raise ValueError(f"{name} of cf-aig-custom-cost must be a number.")
    if not value.is_finite() or value < 0:
        raise ValueError(f"{name} of cf-aig-custom-cost must not be negative.")
    if value > HIGHEST.get(name, TOKEN):
        raise ValueError(f"{name} of cf-aig-custom-cost is more than {HIGHEST.get(name, TOKEN)} US dollars.")
    exponent = value.as_tuple().exponent
    if isinstance(exponent, int) and exponent < FINEST:
        raise ValueError(f"{name} of cf-aig-custom-cost has more than {-FINEST} decimal places.")
    return value
