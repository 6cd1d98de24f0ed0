import asyncio
from decimal import Decimal

from gateway.prices import Price
from tests.policies.limited import (
    THOUSAND,
    budgets,
    call,
    costing,
    header,
    statuses,
    whole,
)


def test_without_max_tokens_an_output_is_guessed_that_takes_no_more_than_a_tenth():
    dollar = budgets("[{name: a, limit: 1, per: 1h}]")
    assert dollar.forecast(call(body=b"x" * 40)) == ["a: reserves 0.04097 of 1 US dollars"]
    assert budgets(THOUSAND).forecast(call(body=b"x" * 40)) == ["all: reserves 0.00101 of 0.01 US dollars"]
    vectors = call(body=b"x" * 40, operation="embeddings")
    assert budgets(THOUSAND).forecast(vectors) == ["all: reserves 0.00001 of 0.01 US dollars"]
    assert budgets(THOUSAND).forecast(call(max_tokens=7, n=3)) == ["all: reserves 0.00021 of 0.01 US dollars"]


def test_a_budget_smaller_than_any_guess_still_serves_until_it_is_spent():
    policy = budgets("[{name: small, limit: 0.0001, per: 1h}]")
    assert statuses(policy, [call() for _ in range(9)], costing("0.00001")) == [200] * 9


def test_a_call_that_is_dearer_than_the_whole_budget_is_told_so():
    refusal = asyncio.run(whole(budgets(THOUSAND), call(max_tokens=1001)))
    assert refusal.status == 429
    assert refusal.sentence.endswith(
        "for openai gpt-4o-mini: this call alone may cost 0.01001, more than the whole limit."
        " Send less, or a smaller max_tokens."
    )
    assert header(refusal, b"retry-after") is None


def test_fractions_of_the_smallest_unit_are_rounded_up():
    policy = budgets(THOUSAND, price=lambda provider, model: Price(Decimal("1e-15"), Decimal("1e-15")))
    assert policy.forecast(call(body=b"x", max_tokens=1)) == ["all: reserves 0.000000001 of 0.01 US dollars"]


def test_the_clients_own_cost_counts():
    policy = budgets(THOUSAND, price=lambda provider, model: None)
    total = {b"cf-aig-custom-cost": b'{"total_cost": 0.004}'}
    rates = {b"cf-aig-custom-cost": b'{"per_token_in": 0, "per_token_out": 0.00001}'}
    assert policy.forecast(call(control=total)) == ["all: reserves 0.004 of 0.01 US dollars"]
    assert policy.forecast(call(control=rates, max_tokens=100)) == ["all: reserves 0.001 of 0.01 US dollars"]
    assert statuses(policy, [call(control=total)] * 3, costing("0.004")) == [200, 200, 429]


def test_a_custom_cost_that_cannot_be_read_is_refused():
    refusal = asyncio.run(whole(budgets(THOUSAND), call(control={b"cf-aig-custom-cost": b"free"})))
    assert (refusal.status, refusal.code) == (400, "invalid_header")
