"""What `gateway explain` says of limits, budgets, the cache and the steps of a universal call."""

import json
import re

import pytest

from gateway.cli.known import providers
from gateway.settings.load import load
from tests.test_explain import facts

LIMITED = """
prices: {openai/*: {input: 100, output: 1000}}
accounts:
  acme:
    gateways:
      all:
        cache: {ttl: 1h}
        rate_limit: [{name: calls, requests: 5, per: 1m}, {name: words, tokens: 5000, per: 30d}]
        spend_limits: [{name: money, limit: 5, calendar: day}]
      open: {}
"""


@pytest.fixture
def limited(tmp_path):
    path = tmp_path / "gateways.yaml"
    path.write_text(LIMITED, encoding="utf-8")
    return load(path, {}, providers())


SHORT = b'{"model": "m", "messages": [], "max_tokens": 100}'


def test_limits_budgets_and_the_cache_key_of_a_call_are_told(limited):
    told = facts(limited, "/v1/acme/all/openai/chat/completions", SHORT)
    assert told["limits"] == "calls: 1 of 5 requests, words: 113 of 5000 tokens"
    assert told["budgets"] == "money: reserves 0.1013 of 5 US dollars"
    assert re.fullmatch("cache/acme/all/[0-9a-f]{64}, kept 3600 s", told["cache key"])
    spaced = facts(limited, "/v1/acme/all/openai/chat/completions", SHORT.replace(b" ", b"  "))
    assert spaced["cache key"] == told["cache key"]
    other = facts(limited, "/v1/acme/all/openai/chat/completions", SHORT.replace(b'"m"', b'"n"'))
    assert other["cache key"] != told["cache key"]
    assert list(told).index("credential") < list(told).index("cache key") < list(told).index("price")


def test_a_cache_that_is_passed_by_or_off_is_told_as_that(limited):
    told = facts(limited, "/v1/acme/all/openai/chat/completions", SHORT, cf_aig_skip_cache="true")
    assert told["cache key"] == "none: the cache is passed by"
    assert "cache key" not in facts(limited, "/v1/acme/open/openai/chat/completions", SHORT)
    kept = facts(limited, "/v1/acme/open/openai/chat/completions", SHORT, cf_aig_cache_key="k", cf_aig_cache_ttl="9")
    assert kept["cache key"].endswith(", kept 9 s")


def test_a_unified_call_has_the_key_that_it_has_before_it_is_translated(limited):
    body = SHORT.replace(b'"m"', b'"openai/m"')
    told = facts(limited, "/v1/acme/all/compat/chat/completions", body)
    assert told["unified"] == "openai_chat to openai_chat of openai"
    assert told["cache key"].startswith("cache/acme/all/")
    assert told["budgets"] == "money: reserves 0.1014 of 5 US dollars"


def test_a_call_without_a_price_is_refused_where_a_budget_wants_one(limited):
    told = facts(limited, "/v1/acme/all/groq/chat/completions", SHORT.replace(b'"m"', b'"nobodys"'))
    assert told["refused"].startswith("403 unpriced_model (2114)")


def test_the_steps_of_a_universal_call_are_named(limited):
    step = {"endpoint": "chat/completions", "query": {"model": "m"}}
    body = json.dumps([step | {"provider": "openai"}, step | {"provider": "none"}]).encode()
    told = facts(limited, "/v1/acme/all", body)
    assert told["step 0"] == "explain /v1/acme/all/openai/chat/completions"
    assert told["step 1"] == "no provider none here"
    assert facts(limited, "/v1/acme/all", b"[]")["refused"].startswith("400 invalid_request")
    assert facts(limited, "/v1/acme/all", b"", method="GET")["refused"].startswith("405 not_found")
