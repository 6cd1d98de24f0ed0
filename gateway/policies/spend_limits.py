"""`spend_limits`: US dollars per time, reserved before a call and settled with what it cost.

The bound. A call is let through only if what is settled, what is reserved and its own reservation fit into the limit.
So whatever runs at once, a window's spending ends at no more than the limit plus what the calls that were in flight
when the last one was let through cost above their reservations: nothing, where no call costs more than was reserved for
it. A reservation is the price of a quarter of the body's bytes in and of the max_tokens asked for out. Where the client
sets no max_tokens, 4096 are guessed, though never more than a tenth of the limit, so that a small budget stays usable.
A call whose own reservation is above the whole limit is refused, and told so.
"""

from collections.abc import Awaitable, Sequence
from decimal import Decimal
from typing import Final

from gateway.call import Call, Handler, Record, Reply
from gateway.policies import budgets
from gateway.policies.budgets import REMAINING, Budget
from gateway.policies.estimates import billionths, bills, cost, dollars, used
from gateway.policies.reserving import near, passed_over, reserve, settle, without
from gateway.policies.worth import PriceOf, Worth, worth
from gateway.settings.limits import LARGEST
from gateway.settings.spend_limits import SpendLimit
from gateway.stores.store import Claim, Store, StoreLost, Verdict

OURS: Final = frozenset((REMAINING,))


class Grant:
    """What the store let a call have of which budgets."""

    __slots__ = ("budgets", "claims", "cost", "spent", "store", "verdict")

    def __init__(self, store: Store, budgets: list[Budget], claims: list[Claim], verdict: Verdict) -> None:
        self.store, self.budgets, self.claims, self.verdict = store, budgets, claims, verdict
        self.cost: Decimal | None = None
        self.spent = 0

    def known(self, record: Record) -> int:
        """What the call is known to have cost; worked out anew where that has changed."""
        if record.cost is None or record.cached:
            return 0
        if record.cost is not self.cost:
            self.cost, self.spent = record.cost, billionths(record.cost)
        return self.spent

    def left(self, record: Record) -> int:
        """What is left of the tightest budget, by what the call cost where that is known already."""
        settled = record.cached or record.cost is not None
        spent = self.known(record)
        tightest = LARGEST
        for budget, claim, left in zip(self.budgets, self.claims, self.verdict.left, strict=True):
            after = left + budget.limit - claim.limit + (claim.amount - spent if settled else 0)
            if after < tightest:
                tightest = after
        return max(0, tightest)

    async def over(self, record: Record) -> None:
        """An ending: settle each budget with the same cost, or with its own reservation for what went unseen."""
        known = self.known(record)
        if alone(record):
            amounts = [known] * len(self.claims)
        else:
            amounts = [max(known, used(record, claim.amount, cost)) for claim in self.claims]
        if (here := near(self.store)) is not None:
            here.correct(self.verdict.receipt, amounts)
        else:
            await settle(self.store, self.claims, self.verdict.receipt, amounts)


class SpendLimits:
    """The policy: a gateway's budgets over one store."""

    def __init__(self, written: Sequence[SpendLimit], store: Store, gateway: str, price: PriceOf) -> None:
        self.store, self.near, self.price = store, near(store), price
        self.budgets = [Budget(one, gateway) for one in written]
        self.for_all = not any(budget.scope.wanted for budget in self.budgets)

    def __call__(self, call: Call, next: Handler) -> Awaitable[Reply]:
        """Let the call through, perhaps as a cheaper one, if every budget that is for it has room; raises Refusal."""
        return self.limited(call, next) if bills(call) else next(call)

    async def limited(self, call: Call, next: Handler) -> Reply:
        """The same for a call that costs something."""
        lowered: list[Budget] = []
        while mine := self.covering(call):
            value = self.value(call, mine)
            claims = []
            for budget in mine:
                claims.append(budget.claim(call, value, whole=budget in lowered))  # noqa: PERF401 - as in `without`
            try:
                verdict = self.near.count(claims) if self.near else await reserve(self.store, claims, call)
            except StoreLost:
                return await passed_over(call, next, mine)
            if verdict.granted:
                return await paid(call, next, Grant(self.store, mine, claims, verdict))
            over, at = mine[verdict.over], verdict.over
            if over in lowered or not over.lowers(call):
                call.record.decided = {**call.record.decided, "spend_limited_by": over.name}
                raise over.exceeded(call, claims[at], verdict.left[at], verdict.reset[at])
            # Each budget does this once, so this comes to an end.
            lowered.append(over)
            call = over.lowered(call)
        return await next(call)

    def covering(self, call: Call) -> list[Budget]:
        """The budgets that are for a call."""
        return self.budgets if self.for_all else [budget for budget in self.budgets if budget.scope.covers(call)]

    def value(self, call: Call, mine: list[Budget]) -> Worth | None:
        """What the call may cost; None where nobody knows, and every budget lets that pass. Raises Refusal."""
        value = worth(call, self.price)
        if value is None:
            for budget in mine:
                if not budget.unpriced:
                    raise budget.priceless(call)
        return value

    def forecast(self, call: Call) -> list[str]:
        """For `gateway explain`: what this call would reserve, budget by budget; raises Refusal."""
        mine = self.covering(call) if bills(call) else []
        value = self.value(call, mine) if mine else None
        claims = [budget.claim(call, value, whole=True) for budget in mine]
        return [
            f"{budget.name}: reserves {dollars(claim.amount)} of {dollars(budget.limit)} US dollars"
            for budget, claim in zip(mine, claims, strict=True)
        ]


async def paid(call: Call, next: Handler, grant: Grant) -> Reply:
    """The answer to a call that has its money; once it is over, what it cost takes the reservation's place."""
    call.at_end(grant.over)
    reply = await next(call)
    reply.headers = without(reply.headers, OURS)
    reply.headers.append((REMAINING, dollars(grant.left(call.record)).encode("ascii")))
    return reply


def alone(record: Record) -> bool:
    """Whether a call is one metered attempt, whose cost is the call's, as most are."""
    attempts = record.attempts
    if len(attempts) != 1 or record.cost is None or record.cached:
        return False
    return attempts[0].cost is record.cost or attempts[0].cost == record.cost


def describe(written: Sequence[SpendLimit]) -> list[str]:
    """For `gateway explain`: a line for each budget."""
    return [budgets.describe(one) for one in written]
