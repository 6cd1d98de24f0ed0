import pytest

from gateway.stores.memory import Memory
from tests.policies.limited import (
    call,
    rates,
    statuses,
)


@pytest.mark.parametrize(
    ("by", "one", "another"),
    [
        ("token", {"token": "web"}, {"token": "batch"}),
        ("provider", {"provider": "a"}, {"provider": "b"}),
        ("model", {"model": "a"}, {"model": "b"}),
        ("metadata.user", {"user": "eva"}, {"user": "adam"}),
        ("[token, model]", {"token": "web", "model": "a"}, {"token": "web", "model": "b"}),
        ("[model, metadata.user]", {"model": "ab", "user": "c"}, {"model": "a", "user": "bc"}),
    ],
)
def test_each_has_a_count_of_its_own(by, one, another):
    policy = rates(f"{{requests: 1, per: 1m, by: {by}}}")
    calls = [call(**one), call(**another), call(**one), call(**another)]
    assert statuses(policy, calls) == [200, 200, 429, 429]


def test_without_a_dimension_the_gateway_counts_as_a_whole():
    policy = rates("{requests: 1, per: 1m}")
    assert statuses(policy, [call("a", token="x", user="eva"), call("b", token="y")]) == [200, 429]


def test_calls_without_the_key_share_one_count():
    policy = rates("{requests: 1, per: 1m, by: metadata.user}")
    assert statuses(policy, [call(), call(team="x"), call(user="eva")]) == [200, 429, 200]


def test_a_number_and_its_text_and_another_spelling_of_a_model_are_the_same():
    policy = rates("{requests: 1, per: 1m, by: [model, metadata.user]}")
    calls = [call(model="GPT-4o", user=1), call(model="gpt-4o", user="1"), call(model="gpt-4o", user=True)]
    assert statuses(policy, calls) == [200, 429, 200]


@pytest.mark.parametrize(
    ("chosen", "counted", "passing"),
    [
        ("provider: openai", {"provider": "openai"}, {"provider": "groq"}),
        ("provider: [groq, open*]", {"provider": "openai"}, {"provider": "anthropic"}),
        ("model: 'GPT-4*'", {"model": "gpt-4o"}, {"model": "gpt-5"}),
        ("metadata: {plan: free}", {"plan": "free"}, {"plan": "paid"}),
        ("metadata: {plan: free}", {"plan": "free"}, {}),
        ("metadata: {level: [1, 2]}", {"level": 2}, {"level": 3}),
        ("metadata: {beta: true}", {"beta": True}, {"beta": False}),
        ("provider: openai, model: a", {"provider": "openai", "model": "a"}, {"provider": "openai", "model": "b"}),
    ],
)
def test_a_limit_is_for_the_calls_that_fit_its_filters(chosen, counted, passing):
    policy = rates(f"{{requests: 1, per: 1m, {chosen}}}")
    calls = [call(**counted), call(**counted), call(**passing), call(**passing)]
    assert statuses(policy, calls) == [200, 429, 200, 200]


def test_gateways_and_named_limits_count_apart():
    store = Memory()
    for gateway in ("acme/a", "acme/b"):
        for name in ("x", "y"):
            policy = rates(f"{{name: {name}, requests: 1, per: 1m}}", store, gateway)
            assert statuses(policy, [call(), call()]) == [200, 429]


def test_a_named_limit_keeps_its_count_when_the_file_changes():
    store = Memory()
    assert statuses(rates("{name: x, requests: 1, per: 1m}", store), [call()]) == [200]
    assert statuses(rates("[{requests: 9, per: 1h}, {name: x, requests: 2, per: 1m}]", store), [call(), call()]) == [
        200,
        429,
    ]
