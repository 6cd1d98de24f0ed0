"""What an attempt cost: read from its meter, priced, and added to the call's account."""

from decimal import Decimal
from typing import Protocol

from gateway.call import Answer, Attempt, Call, Refusal, Usage
from gateway.dialects import DIALECTS
from gateway.prices import Custom, Prices, custom

HEADER = b"cf-aig-custom-cost"


class Finishes(Protocol):
    """The part of a meter that a bill needs."""

    def finish(self) -> Answer:
        """What was read."""


class Bill:
    """Writes money into records; it knows the price tables, and nothing of HTTP."""

    def __init__(self, prices: Prices) -> None:
        self.prices = prices

    def check(self, call: Call) -> None:
        """Refuse a custom cost that cannot be read, before anything is sent; raises Refusal 400."""
        if HEADER in call.control:
            agreed(call.control[HEADER])

    def settle(self, call: Call, meter: Finishes | None, attempt: Attempt) -> None:
        """An attempt is over, however it ended: read its usage, add its cost."""
        if meter is not None:
            self.book(call, meter.finish(), attempt)

    def book(self, call: Call, answer: Answer, attempt: Attempt) -> None:
        """What an attempt's answer said, and its cost."""
        attempt.answer = answer
        if answer.error and not attempt.error:
            attempt.error = answer.error
        record = call.record
        if text := call.control.get(HEADER):
            record.custom_cost = True
            # A refused key, say, cost nothing: what the client said its call costs counts once.
            attempt.cost = agreed(text).cost(answer.usage) if attempt.status < 400 else None
        elif answer.usage is not None:
            attempt.cost = self.priced(call, attempt, answer, answer.usage)
            record.unpriced = record.unpriced or attempt.cost is None
        if record.unpriced:
            record.cost = None
        elif attempt.cost is not None:
            record.cost = attempt.cost if record.cost is None else attempt.cost + record.cost

    def priced(self, call: Call, attempt: Attempt, answer: Answer, usage: Usage) -> Decimal | None:
        """The cost by the table, looked up under the answer's model first; None without a price."""
        asked = attempt.asked
        models = DIALECTS[asked.dialect].models(asked.model, answer.model)
        return self.prices.cost(attempt.provider, models, usage, call.record.created / 1e9, answer.service_tier)


def agreed(text: bytes) -> Custom:
    """The price that the client sets for this call; raises Refusal 400 with what is wrong with it."""
    try:
        return custom(text)
    except ValueError as wrong:
        raise Refusal(400, 2100, "invalid_header", f"{HEADER.decode()}: {wrong}") from None
