"""What a call may cost, in billionths of a US dollar, by the price of its model or by its client's own."""

from collections.abc import Callable
from typing import Final, NamedTuple, TypeAlias

from gateway.call import Call, Usage
from gateway.policies.estimates import billionths, estimate
from gateway.prices import Custom, Price, custom
from gateway.prices.price import NOTHING
from gateway.wire.wishes import bad

HEADER: Final = "cf-aig-custom-cost"
OWN: Final = HEADER.encode()

PriceOf: TypeAlias = Callable[[str, str], Price | None]
"""The price of a provider's model, as far as it is known before the answer names one."""


class Worth(NamedTuple):
    """What is sure to be paid, and what comes on top: asked for, or no more than guessed."""

    sure: int
    more: int
    guessed: bool

    def within(self, limit: int) -> int:
        """What to reserve of a limit: a guess takes no more than a tenth of it."""
        return self.sure + (min(self.more, limit // 10) if self.guessed else self.more)


def worth(call: Call, price_of: PriceOf) -> Worth | None:
    """What to reserve for a call; None where its model has no price. Raises Refusal for a custom cost that is none."""
    text = call.control.get(OWN)
    price = price_of(call.provider, call.asked.model) if text is None else agreed(text)
    if price is None:
        return None
    if isinstance(price, Custom) and price.total is not None:
        return Worth(billionths(price.total), 0, guessed=False)
    guess = estimate(call)
    whole = price.cost(Usage(input_tokens=guess.input, output_tokens=guess.output))
    if not guess.guessed:
        return Worth(billionths(whole or NOTHING), 0, guessed=False)
    sure = billionths(price.cost(Usage(input_tokens=guess.input)) or NOTHING)
    return Worth(sure, max(0, billionths(whole or NOTHING) - sure), guessed=True)


def agreed(text: bytes) -> Custom:
    """The cost that a client sets for its call; raises Refusal 400."""
    try:
        return custom(text)
    except ValueError as wrong:
        raise bad(HEADER, str(wrong)) from None
