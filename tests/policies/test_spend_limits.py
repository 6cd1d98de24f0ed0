import asyncio
from decimal import Decimal

import pytest

from gateway.call import Refusal
from gateway.stores.memory import Memory
from tests.policies.limited import (
    LEFT,
    THOUSAND,
    Clock,
    answered,
    attempted,
    budgets,
    call,
    costing,
    header,
    left,
    running,
    statuses,
    whole,
)


def test_a_budget_that_is_spent_refuses_in_cloudflares_words():
    clock = Clock(1_800_000_000.0)
    policy = budgets("[{name: per-user, limit: 0.002, per: 1h, by: metadata.user}]", Memory(clock=clock))
    calls = [call(max_tokens=10, user="eva") for _ in range(2)]

    async def main():
        await whole(policy, calls[0], costing("0.002"))
        return await whole(policy, calls[1])

    refusal = asyncio.run(main())
    assert (refusal.status, refusal.number, refusal.code) == (429, 2045, "spend_limited")
    assert refusal.sentence == (
        "Spend limit exceeded: rule 'per-user' (cost limit 0.002 per 3600s, fixed) for openai gpt-4o-mini"
    )
    assert dict(refusal.headers) == {LEFT: b"0", b"retry-after": b"3600"}
    assert calls[1].record.decided == {"spend_limited_by": "per-user"}


def test_a_budget_by_the_calendar_says_so_and_begins_anew():
    clock = Clock(1_798_761_599.0)  # the last second of 2026
    policy = budgets("[{name: m, limit: 0.01, calendar: month}]", Memory(clock=clock))
    assert statuses(policy, [call(max_tokens=1)], costing("0.01")) == [200]
    refusal = asyncio.run(whole(policy, call(max_tokens=1)))
    assert "(cost limit 0.01 per month, calendar)" in refusal.sentence
    assert header(refusal, b"retry-after") == b"1"
    clock.now += 1
    assert statuses(policy, [call(max_tokens=1)]) == [200]


def test_money_is_reserved_before_the_call_and_settled_with_what_it_cost():
    policy = budgets(THOUSAND)
    one = call(body=b"x" * 4000, max_tokens=800)  # 1000 in and 800 out: 0.009

    async def main():
        async with running(policy, one, answered()) as reply:
            assert header(reply, LEFT) == b"0.001"
            assert (await whole(policy, call(max_tokens=101))).status == 429
            one.record.cost, one.record.attempts = Decimal("0.0042"), [attempted(cost="0.0042")]

    asyncio.run(main())
    assert left(policy) == b"0.0058"


def test_an_answer_whose_cost_is_known_says_what_is_left_after_it():
    reply = asyncio.run(whole(budgets(THOUSAND), call(max_tokens=800), costing("0.0005")))
    assert header(reply, LEFT) == b"0.0095"


def test_the_tightest_budget_is_told():
    policy = budgets("[{name: a, limit: 5, per: 1d}, {name: b, limit: 0.5, calendar: day, by: token}]")
    reply = asyncio.run(whole(policy, call(max_tokens=10, token="web"), costing("0.1")))
    assert header(reply, LEFT) == b"0.4"


@pytest.mark.parametrize(
    ("attempts", "rest"),
    [
        ([attempted(1, 1, "0.001"), attempted(1, 1, "0.002")], b"0.007"),  # each try costs
        ([attempted(1, 1, "0.001", error="cancelled")], b"0.009"),  # so does what was abandoned
        ([attempted(1, 1, "0.001", error="stream_broken")], b"0.009"),
        ([attempted(usage=False, status=500, error="500")], b"0.01"),  # a failure without cost is refunded
        ([attempted(usage=False, status=0, error="timeout")], b"0.01"),
        ([attempted(usage=False, error="stream_broken")], b"0.01"),
        ([], b"0.01"),  # nobody was asked
        ([attempted(usage=False, error="cancelled")], b"0.006"),  # hanging up makes no call free
        ([attempted(usage=False, status=0, error="cancelled")], b"0.006"),
        ([attempted(usage=False, status=429, error="429"), attempted(1, 1, "0.002")], b"0.008"),
        ([attempted(1, 1, "0.02")], b"0"),  # what cost more than was reserved counts in full
    ],
)  # fmt: skip
def test_what_a_call_cost_however_it_ended(attempts, rest):
    policy = budgets(THOUSAND)
    asyncio.run(whole(policy, call(max_tokens=400), answered(*attempts)))
    assert left(policy) == rest


def test_a_refusal_further_in_is_refunded():
    policy = budgets(THOUSAND)

    async def refuses(call):
        raise Refusal(400, 2111, "invalid_request", "No.")

    assert statuses(policy, [call(max_tokens=900)] * 3, refuses) == [400] * 3
    assert left(policy) == b"0.01"


def test_an_answer_from_the_cache_costs_nothing():
    policy = budgets(THOUSAND)

    async def cached(call):
        call.record.cached = True
        return await answered()(call)

    reply = asyncio.run(whole(policy, call(max_tokens=900), cached))
    assert header(reply, LEFT) == left(policy) == b"0.01"


def test_a_model_without_a_price_is_refused_unless_that_is_allowed():
    refusal = asyncio.run(whole(budgets(THOUSAND, price=lambda provider, model: None), call(model="my\nmodel")))
    assert (refusal.status, refusal.code) == (403, "unpriced_model")
    assert "rule 'all'" in refusal.sentence
    assert "openai my?model has none" in refusal.sentence
    policy = budgets("[{name: all, limit: 0.01, per: 1h, unpriced: allow}]", price=lambda provider, model: None)
    assert statuses(policy, [call()] * 5, answered(attempted(9, 9))) == [200] * 5
    assert left(policy) == b"0.01"


def test_a_budget_that_is_for_other_models_does_not_ask_for_a_price():
    policy = budgets("[{name: all, limit: 0.01, per: 1h, model: gpt*}]", price=lambda provider, model: None)
    assert statuses(policy, [call(model="mine"), call(model="gpt-4o")]) == [200, 403]


@pytest.mark.parametrize(
    "free",
    [{"method": "GET", "path": b"v1/models"}, {"path": b"v1/messages/count_tokens"}, {"path": b"models/x:countTokens"}],
)
def test_what_no_provider_bills_passes_a_budget_that_is_spent(free):
    policy = budgets(THOUSAND)
    statuses(policy, [call(max_tokens=1)], costing("0.01"))
    assert statuses(policy, [call(operation="", **free), call(max_tokens=1)]) == [200, 429]


def test_a_cost_that_another_policy_added_to_the_record_counts_too():
    policy = budgets(THOUSAND)

    async def main():
        one = call(max_tokens=100)
        async with running(policy, one):
            one.record.cost = Decimal("0.004")

    asyncio.run(main())
    assert left(policy) == b"0.006"
