import asyncio
import random
from decimal import Decimal

import pytest

from tests.policies.limited import (
    PRICE,
    answered,
    attempted,
    budgets,
    call,
    costing,
    rates,
    whole,
)


@pytest.mark.parametrize("limit", ["{requests: 100, per: 1h}", "{tokens: 1000, per: 1h}", "{concurrent: 100}"])
@pytest.mark.parametrize("technique", ["", ", technique: sliding"])
def test_of_a_thousand_calls_at_once_not_one_too_many_passes(limit, technique):
    if "concurrent" in limit:
        technique = ""
    policy = rates(limit[:-1] + technique + "}")
    running_now, most = 0, 0

    async def provider(call):
        nonlocal running_now, most
        running_now += 1
        most = max(most, running_now)
        await asyncio.sleep(0.01)
        reply = await answered(attempted(5, 5))(call)
        running_now -= 1
        return reply

    async def main():
        return await asyncio.gather(*[whole(policy, call(body=b"x" * 20, max_tokens=5), provider) for _ in range(1000)])

    answers = asyncio.run(main())
    assert sum(answer.status == 200 for answer in answers) == 100
    assert most == 100


@pytest.mark.parametrize("technique", ["per: 1h", "per: 1h, technique: sliding", "calendar: month"])
@pytest.mark.parametrize("exceeding", [False, True])
def test_five_hundred_calls_at_once_on_one_dollar_stay_within_the_bound(technique, exceeding):
    policy = budgets(f"[{{name: all, limit: 1.00, {technique}}}]")
    chance = random.Random(f"{technique} {exceeding}")
    reserved, bill = {}, []
    flying, excess, bound = set(), {}, Decimal(0)

    async def provider(call):
        nonlocal bound
        # Exactly the calls in flight when this one was let through; the last of these moments is the bound's.
        flying.add(call.record.id)
        cost = reserved[call.record.id] * Decimal(chance.randrange(0, 150 if exceeding else 101)) / 100
        excess[call.record.id] = max(Decimal(0), cost - reserved[call.record.id])
        bound = sum((excess[id] for id in flying), Decimal(0))
        await asyncio.sleep(chance.random() / 50)
        bill.append(cost)
        flying.discard(call.record.id)
        return await costing(str(cost))(call)

    async def main():
        calls = []
        for number in range(500):
            one = call(max_tokens=chance.randrange(1, 4000), body=b"x" * chance.randrange(4000))
            one.record.id = str(number)
            worth = (
                -(-len(one.body) // 4) * PRICE.input + one.asked.parameters["gen_ai.request.max_tokens"] * PRICE.output
            )
            reserved[one.record.id] = worth
            calls.append(one)

        async def later(one):
            await asyncio.sleep(chance.random() / 10)
            return await whole(policy, one, provider)

        return await asyncio.gather(*map(later, calls))

    answers = asyncio.run(main())
    assert {answer.status for answer in answers} == {200, 429}
    assert sum(bill) <= Decimal(1) + bound
    assert sum(bill) > Decimal("0.5")
