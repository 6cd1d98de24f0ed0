import asyncio

import pytest

from tests.policies.limited import (
    THOUSAND,
    Lost,
    answered,
    attempted,
    budgets,
    call,
    costing,
    header,
    left,
    over,
    rates,
    running,
    statuses,
    whole,
)


def test_a_store_that_is_lost_lets_calls_through_and_says_so():
    store = Lost()
    policy = rates("[{name: a, requests: 1, per: 1m}, {concurrent: 1}]", store)
    store.away = True

    async def main():
        one = call()
        return one, [await whole(policy, one), await whole(policy, call())]

    one, replies = asyncio.run(main())
    assert [header(reply, b"cf-aig-degraded") for reply in replies] == [b"a, rate-2"] * 2
    assert one.record.decided == {"degraded": "a, rate-2"}
    store.away = False
    assert statuses(policy, [call(), call()]) == [200, 429]


def test_a_limit_that_must_hold_refuses_while_the_store_is_lost():
    store = Lost()
    store.away = True
    policy = rates("[{name: a, requests: 1, per: 1m}, {name: b, requests: 1, per: 1m, on_store_loss: deny}]", store)
    refusal = asyncio.run(whole(policy, call()))
    assert (refusal.status, refusal.number, refusal.code) == (503, 2113, "limit_unavailable")
    assert header(refusal, b"retry-after") == b"1"
    assert "passes b;" in refusal.sentence


def test_a_store_that_is_lost_before_the_settling_fails_no_call():
    store = Lost()
    policy = rates("{tokens: 100, per: 1m}", store)

    async def main():
        async with running(policy, call(), answered(attempted(1, 1))) as reply:
            store.away = True
            return reply.status

    assert asyncio.run(main()) == 200


def test_a_client_that_leaves_while_the_store_decides_leaves_nothing_reserved():
    store = Lost()
    policy = rates("{concurrent: 1}", store)

    async def main():
        one = call()
        task = asyncio.ensure_future(policy(one, answered()))
        await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        await over(one)
        return (await whole(policy, call())).status

    assert asyncio.run(main()) == 200


def test_a_lost_store_refuses_what_costs_money_unless_told_otherwise():
    store = Lost()
    store.away = True
    refusal = asyncio.run(whole(budgets(THOUSAND, store), call()))
    assert (refusal.status, refusal.number, refusal.code) == (503, 2113, "limit_unavailable")
    assert header(refusal, b"retry-after") == b"1"
    policy = budgets("[{name: all, limit: 0.01, per: 1h, on_store_loss: allow}]", store)
    one = call()
    reply = asyncio.run(whole(policy, one, costing("0.01")))
    assert header(reply, b"cf-aig-degraded") == b"all"
    assert one.record.decided == {"degraded": "all"}
    store.away = False
    assert left(policy) == b"0.01"


def test_a_budget_whose_store_is_lost_before_the_settling_keeps_the_reservation():
    store = Lost()
    policy = budgets(THOUSAND, store)

    async def main():
        async with running(policy, call(max_tokens=500), costing("0.001")):
            store.away = True

    asyncio.run(main())
    store.away = False
    assert left(policy) == b"0.005"


def test_a_client_that_leaves_while_the_store_decides_is_refunded():
    policy = budgets(THOUSAND, Lost())

    async def main():
        one = call(max_tokens=900)
        task = asyncio.ensure_future(policy(one, answered()))
        await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        await over(one)

    asyncio.run(main())
    assert left(policy) == b"0.01"
