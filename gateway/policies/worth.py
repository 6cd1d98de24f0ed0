"""What a call may cost, in billionths of a US dollar, by the price of its model or by its client's own."""

from collections.abc import Callable
from decimal import Decimal
from typing import Final, TypeAlias

import msgspec

from gateway.call import Call
from gateway.policies.estimates import billionths, estimate
from gateway.prices import Price, custom
from gateway.settings.limits import LARGEST
from gateway.wire.wishes import bad

HEADER: Final = "cf-aig-custom-cost"
OWN: Final = HEADER.encode()

PriceOf: TypeAlias = Callable[[str, str], Price | None]
"""The price of a provider's model, as far as it is known before the answer names one."""


class Worth(msgspec.Struct, frozen=True, gc=False):
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
    if not isinstance(price, Price):
        return Worth(billionths(price), 0, False)
    guess = estimate(call)
    whole = min(price.plain(guess.input, guess.output), LARGEST)
    if not guess.guessed:
        return Worth(whole, 0, False)
    sure = min(price.plain(guess.input, 0), LARGEST)
    return Worth(sure, max(0, whole - sure), True)


def agreed(text: bytes) -> Price | Decimal | None:
    """The price that a client sets for its call, or the cost; raises Refusal 400."""
    try:
        said = custom(text)
    except ValueError as wrong:
        raise bad(HEADER, str(wrong)) from None
    return said.price if said.total is None else said.total
