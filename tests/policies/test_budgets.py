import asyncio
from decimal import Decimal

import pytest

from gateway.policies.spend_limits import describe
from gateway.prices import Price
from gateway.settings.spend_limits import SpendLimit
from tests.policies.limited import (
    LEFT,
    PRICE,
    answered,
    budgets,
    call,
    costing,
    header,
    read,
    statuses,
    whole,
)

DOWN = "[{name: all, limit: 0.01, per: 1h, downgrade_to: groq/small, at: 50%}]"


def prices(provider, model):
    return Price(Decimal(0), Decimal("0.000001")) if (provider, model) == ("groq", "small") else PRICE


def test_past_a_part_of_the_limit_a_cheaper_model_serves():
    policy = budgets(DOWN, price=prices)
    seen = []

    async def provider(call):
        seen.append((call.provider, call.asked.model, call.form))
        cheap = call.provider == "groq"
        return await costing("0.0002" if cheap else "0.002")(call)

    calls = [call(max_tokens=200) for _ in range(20)]
    answers = statuses(policy, calls, provider)
    # Two at 0.002 stay below half of the limit, a third would not; the rest is for 30 at 0.0002.
    assert answers == [200] * 20
    assert seen == [("openai", "gpt-4o-mini", "")] * 2 + [("groq", "small", "openai_chat")] * 18
    assert calls[1].record.decided == {}
    assert calls[2].record.decided == {"downgraded": "all: openai/gpt-4o-mini to groq/small"}
    assert statuses(policy, [call(max_tokens=200) for _ in range(20)], provider) == [200] * 12 + [429] * 8


def test_a_call_in_a_unified_form_keeps_it_when_it_is_downgraded():
    policy = budgets("[{name: all, limit: 0.01, per: 1h, downgrade_to: groq/small, at: 1%}]", price=prices)
    seen = []

    async def provider(call):
        seen.append((call.form, call.body))
        return await answered()(call)

    one = call(form="anthropic_messages", dialect="anthropic_messages", body=b"{}", max_tokens=100)
    asyncio.run(whole(policy, one, provider))
    assert seen == [("anthropic_messages", b"{}")]


@pytest.mark.parametrize(
    "other",
    [
        {"operation": "embeddings", "dialect": "openai_embeddings", "body": b"x" * 28000},
        {"provider": "groq", "model": "small", "max_tokens": 700},
    ],
)
def test_what_cannot_become_the_cheaper_model_has_the_whole_limit(other):
    policy = budgets(DOWN, price=lambda provider, model: PRICE)
    one, another = call(**other), call(**other)
    assert statuses(policy, [one, another], costing("0.007")) == [200, 429]
    assert one.record.decided == {}


def test_two_budgets_may_downgrade_one_after_the_other():
    policy = budgets(
        "[{name: a, limit: 0.01, per: 1h, downgrade_to: groq/mid, at: 10%},"
        " {name: b, limit: 0.01, per: 1h, downgrade_to: groq/small, at: 10%, model: mid}]",
        price=prices,
    )
    one = call(max_tokens=200)
    seen = []

    async def provider(call):
        seen.append(call.asked.model)
        return await answered()(call)

    assert statuses(policy, [one], provider) == [200]
    assert seen == ["small"]

    policy = budgets(
        "[{name: a, limit: 0.01, per: 1h, downgrade_to: groq/mid, at: 10%},"
        " {name: b, limit: 0.01, per: 1h, downgrade_to: openai/gpt-4o-mini, at: 1%}]",
        price=prices,
    )
    assert statuses(policy, [call(max_tokens=200)]) == [200]


def test_explain_shows_each_budget_in_a_line():
    written = read(
        "[{name: a, limit: 5.00, per: 1d, by: metadata.user}, {name: b, limit: 0.5, calendar: week, provider: openai,"
        " downgrade_to: groq/small}]",
        list[SpendLimit],
    )
    assert describe(written) == [
        "a: 5 US dollars per 86400s, fixed, by metadata.user; unpriced deny, without the store deny",
        "b: 0.5 US dollars per week, calendar, for provider openai; past 80% to groq/small;"
        " unpriced deny, without the store deny",
    ]


def test_what_is_left_is_left_of_the_whole_limit_also_before_the_downgrade():
    reply = asyncio.run(whole(budgets(DOWN, price=prices), call(max_tokens=200), answered()))
    assert header(reply, LEFT) == b"0.008"
