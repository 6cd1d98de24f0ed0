import asyncio
from decimal import Decimal

from gateway.call import Attempt
from gateway.policies.tab import Tab
from tests.policies.cached import ANSWER, CHAT, COST, EVENTS, SSE, STREAM, Upstream, ask, cache, client


def stream():
    return ask(asked=STREAM)


def test_what_an_earlier_step_cost_stays_on_the_record():
    async def story():
        policy, call = cache(), stream()
        await Upstream(ANSWER)(call)
        call.record.cost = Decimal(1)
        miss = await client(policy, Upstream(*EVENTS, headers=SSE), call)
        again = stream()
        again.record.cost = Decimal(1)
        return miss, await client(policy, Upstream(*EVENTS, headers=SSE), again)

    miss, hit = asyncio.run(story())
    assert (miss.record.cost, len(miss.record.attempts)) == (COST + 1, 2)
    assert (hit.cache, hit.record.cost) == ("HIT", Decimal(1))


def test_a_bill_can_be_put_on_twice_and_taken_off():
    record, flown = ask().record, ask().record
    flown.attempts = [Attempt("p", CHAT, 0.0)]
    tab = Tab(record)
    for cost in (None, COST, COST):
        flown.cost = cost
        tab.charge(flown)
        assert (record.cost, record.attempts) == (cost, flown.attempts)
    tab.clear()
    assert (record.cost, record.attempts, len(flown.attempts)) == (Decimal(0), [], 1)


def test_a_price_that_is_not_known_stays_unknown():
    record, flown = ask().record, ask().record
    record.cost = COST
    flown.unpriced, flown.custom_cost = True, True
    tab = Tab(record)
    tab.charge(flown)
    assert (record.cost, record.unpriced, record.custom_cost) == (None, True, True)
    tab.clear()
    assert (record.cost, record.unpriced, record.custom_cost) == (COST, False, False)
    record.unpriced, record.cost = True, None
    Tab(record).clear()
    assert record.cost is None
