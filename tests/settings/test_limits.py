"""The blocks of limits: what they read, and what is wrong with them beyond their schema."""

from pathlib import Path

import msgspec
import pytest

from gateway.settings import rate_limit, spend_limits
from gateway.settings.load import read_unit
from gateway.settings.nodes import Finding, plain
from gateway.settings.parse import parse
from gateway.settings.rate_limit import RateLimit
from gateway.settings.spend_limits import Percent, SpendLimit


def node(text):
    return parse(Path("gateways.yaml"), text)[0]


def read(text, type):
    return msgspec.convert(plain(node(text)), type, dec_hook=read_unit)


def exists(name, spot):
    if name not in ("openai", "groq"):
        yield Finding(spot, f"unknown provider `{name}`")


def wrong(block, text):
    return [finding.sentence for finding in block.problems(node(text), exists)]


def test_what_the_contract_shows_is_read():
    one = read("{requests: 600, per: 1m, technique: sliding}", RateLimit | list[RateLimit])
    assert (one.requests, one.per, one.technique, one.on_store_loss) == (600, 60.0, "sliding", "allow")
    (budget,) = read("[{name: per-user, limit: 5.00, per: 1d, by: metadata.user}]", list[SpendLimit])
    assert (str(budget.limit), budget.per, budget.by, budget.at) == ("5.0", 86400.0, ("metadata.user",), 80)
    assert (budget.unpriced, budget.on_store_loss) == ("deny", "deny")


@pytest.mark.parametrize(
    "text",
    [
        "{requests: 0, per: 1m}",
        "{requests: 1.5, per: 1m}",
        "{requests: 9007199254740992, per: 1m}",
        "{requests: 1, per: 0}",
        "{requests: 1, per: 1m, by: user}",
        "{requests: 1, per: 1m, by: metadata.}",
        "{requests: 1, per: 1m, technique: rolling}",
        "{requests: 1, per: 1m, on_store_loss: maybe}",
        "{requests: 1, per: 1m, metadata: {user: [[a]]}}",
        "{name: 'a b', requests: 1, per: 1m}",
        "{request: 1, per: 1m}",
    ],
)
def test_a_rate_limit_that_cannot_be(text):
    with pytest.raises(msgspec.ValidationError):
        read(text, RateLimit)


@pytest.mark.parametrize(
    "text",
    [
        "{limit: 1, per: 1d}",
        "{name: a, limit: -1, per: 1d}",
        "{name: a, limit: 1, calendar: year}",
        "{name: a, limit: 1, per: 1d, downgrade_to: small}",
        "{name: a, limit: 1, per: 1d, at: 80}",
        "{name: a, limit: 1, per: 1d, at: 0%}",
        "{name: a, limit: 1, per: 1d, at: 101%}",
    ],
)
def test_a_budget_that_cannot_be(text):
    with pytest.raises(msgspec.ValidationError):
        read(text, SpendLimit)


@pytest.mark.parametrize(
    ("text", "sentences"),
    [
        ("{per: 1m}", ["a limit has exactly one of `requests`, `tokens` and `concurrent`"]),
        ("{requests: 1, tokens: 1, per: 1m}", ["a limit has exactly one of `requests`, `tokens` and `concurrent`"]),
        ("{tokens: 1}", ["`per` is missing: so many in how long?"]),
        ("{concurrent: 1, technique: fixed}", ["calls at one time have no window, and so no technique"]),
        ("[{name: a, concurrent: 1},\n{name: a, concurrent: 1}]", ["another limit has this name, on line 1"]),
        ("{concurrent: 1, provider: [openai, grok, '*']}", ["unknown provider `grok`"]),
        ("{concurrent: 1, by: [token, model, token]}", ["this stands here twice"]),
        ("{requests: 1, per: 1m, provider: openai, by: token}", []),
        ("[{requests: 1, per: 1m}, {concurrent: 4}]", []),
        ("nonsense", []),
    ],
)
def test_what_no_schema_can_say_of_a_rate_limit(text, sentences):
    assert wrong(rate_limit, text) == sentences


@pytest.mark.parametrize(
    ("text", "sentences"),
    [
        ("{limit: 1}", ["a limit has exactly one of `per` and `calendar`"]),
        ("{limit: 1, per: 1d, calendar: day}", ["a limit has exactly one of `per` and `calendar`"]),
        ("{limit: 0, per: 1d}", ["a limit is above 0 and at most 9000000 US dollars"]),
        ("{limit: '0.00', per: 1d}", ["a limit is above 0 and at most 9000000 US dollars"]),
        ("{limit: 9000001, per: 1d}", ["a limit is above 0 and at most 9000000 US dollars"]),
        ("{limit: many, per: 1d}", []),  # the schema's to say
        ("{limit: 1, calendar: day, technique: fixed}", ["a window by the calendar has no technique"]),
        ("{limit: 1, per: 1d, at: 50%}", ["`at` needs `downgrade_to`"]),
        ("{limit: 1, per: 1d, downgrade_to: grok/x}", ["unknown provider `grok`"]),
        ("{limit: 1, per: 1d, model: gpt*, downgrade_to: groq/x, at: 50%}", []),
        ("{limit: 1, per: 1d, provider: grok}", ["unknown provider `grok`"]),
        ("[{name: a, limit: 1, per: 1d}, {name: a, limit: 2, per: 1h}]", ["another limit has this name, on line 1"]),
    ],
)
def test_what_no_schema_can_say_of_a_budget(text, sentences):
    assert wrong(spend_limits, text) == sentences


def test_a_cheaper_model_must_be_within_reach():
    (finding,) = spend_limits.problems(node("{limit: 1, per: 1d, downgrade_to: groq/x}"), exists, ["openai"])
    assert "does not reach that provider" in finding.sentence


def test_problems_of_what_is_not_there():
    assert [*rate_limit.problems(None), *spend_limits.problems(None)] == []


def test_a_percentage_is_a_whole_number():
    assert Percent.read("80%") == 80
