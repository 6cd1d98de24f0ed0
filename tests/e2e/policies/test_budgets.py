"""500 concurrent calls on a budget of one dollar: what is spent stays within the bound that `spend_limits` states."""

import json
from decimal import Decimal

import pytest

from tests import world
from tests.e2e.policies.crowd import crowd, post, statuses
from tests.e2e.policies.given import JSON, PRICES, Counting, ask, chat, path, wait
from tests.world import Says

CALLS = 500
TINY = "[{name: day, limit: 1.00, per: 30d}]"
NAMES = ("cheaper", "dearer", "failing", "refunded", "whole")
CAPPED = ask("x" * 335, max_tokens=90)
assert len(CAPPED) % 4 == 0
IN = len(CAPPED) // 4
RESERVED = Decimal(IN * 100 + 90 * 1000) / 1_000_000
"""A bit more than ten cents."""


def says(asked):
    do = json.loads(asked.header("x-do") or "{}")
    if do.get("status"):
        return Says(do["status"], JSON, [b'{"error": {"message": "no"}}'], before=0.01)
    return Says(headers=JSON, chunks=[chat("Hello.", do.get("in", IN), do.get("out", 90))], before=0.02)


@pytest.fixture(scope="module")
def provider():
    one = Counting(says)
    yield one
    one.stop()


@pytest.fixture(scope="module", params=["memory", "redis"])
def gateway(request, tmp_path_factory, provider, redis):
    redis.ask("FLUSHALL")
    state, args = ("memory", ()) if request.param == "memory" else (redis.url(), ("--workers", "2"))
    yaml = f"""
    server: {{state: "{state}"}}
    {PRICES}
    providers: {{openai: {{base_url: {provider.url}/v1}}}}
    accounts: {{acme: {{gateways: {{{", ".join(f"{name}: {{spend_limits: {TINY}}}" for name in NAMES)}}}}}}}
    """
    with world.gateway(tmp_path_factory.mktemp(request.param), yaml, args=args) as one:
        yield one


def rush(gateway, name, body=CAPPED, count=CALLS, **does):
    """The answers to many calls, and what their log lines say they cost."""
    got = crowd(gateway.port, [post(path(name), body, x_do=json.dumps(does))] * count)
    ids = {one.headers["cf-aig-log-id"] for one in got}
    wait(lambda: ids <= {line["id"] for line in gateway.lines()})
    costs = [Decimal(str(line["cost"])) for line in gateway.lines() if line["id"] in ids and line["cost"] is not None]
    return got, sum(costs, Decimal(0))


def test_calls_that_cost_what_was_reserved_never_spend_more_than_the_limit(gateway):
    got, spent = rush(gateway, "whole")
    fit = int(1 // RESERVED)
    assert statuses(got) == {200: fit, 429: CALLS - fit}
    assert spent == fit * RESERVED <= 1
    refused = next(one for one in got if one.status == 429)
    assert json.loads(refused.body)["internalCode"] == 2045
    assert json.loads(refused.body)["error"]["message"].startswith(
        "Spend limit exceeded: rule 'day' (cost limit 1 per 2592000s, fixed) for openai gpt-4o-mini"
    )


def test_calls_that_cost_less_give_back_the_rest_and_still_never_pass_the_limit(gateway):
    spent, served, waves = Decimal(0), 0, 0
    while True:
        got, cost = rush(gateway, "cheaper", out=30, count=100)
        spent, waves = spent + cost, waves + 1
        if statuses(got) == {429: 100}:
            break
        served += statuses(got)[200]
    assert waves > 2
    assert spent <= 1
    # What is left is less than a reservation, or one more would have fit.
    assert 1 - spent < RESERVED
    assert served > 1 / RESERVED


def test_calls_that_cost_more_pass_the_limit_by_no_more_than_their_excess(gateway):
    body = ask("x" * 335)
    sure = Decimal(-(-len(body) // 4) * 100) / 1_000_000
    reserved = sure + Decimal("0.1")  # nothing is said of max_tokens: the guess is a tenth of the limit at most
    got, spent = rush(gateway, "dearer", body, out=290, **{"in": 100})
    each = Decimal(100 * 100 + 290 * 1000) / 1_000_000
    served = statuses(got)[200]
    # All of them were in flight when the last one was let through.
    assert served == int(1 // reserved)
    assert spent == served * each
    assert 1 < spent <= 1 + served * (each - reserved)
    again, nothing = rush(gateway, "dearer", body, count=100, out=290)
    assert (statuses(again), nothing) == ({429: 100}, 0)
    assert {one.headers["cf-aig-budget-remaining"] for one in again} == {"0"}


def test_a_call_that_fails_costs_nothing(gateway):
    got, spent = rush(gateway, "failing", count=100, status=500)
    assert set(statuses(got)) <= {500, 429}
    assert spent == 0
    # The head went out before the end was settled.
    wait(lambda: world.Gateway.call(gateway, path("failing"), CAPPED, x_do="{}").status == 200)
    after = gateway.call(path("failing"), CAPPED, x_do="{}")
    assert Decimal(after.headers["cf-aig-budget-remaining"]) == 1 - 2 * RESERVED


def test_what_is_left_is_told_by_what_the_calls_cost(gateway):
    left = Decimal(1)
    for _ in range(3):
        answer = gateway.call(path("refunded"), CAPPED, x_do=json.dumps({"out": 10}))
        gateway.line(answer.log_id)  # it is written once the reservation is settled
        left -= Decimal(IN * 100 + 10 * 1000) / 1_000_000
        assert Decimal(answer.headers["cf-aig-budget-remaining"]) == left
        assert Decimal(answer.headers["cf-aig-cost"]) == Decimal(IN * 100 + 10 * 1000) / 1_000_000
