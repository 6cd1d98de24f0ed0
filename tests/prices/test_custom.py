"""The price a client gives for its call."""

import contextlib
import json
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.call import Usage
from gateway.prices import custom


def test_rates_give_cloudflares_formula():
    found = custom(
        b'{"per_token_in": 0.000001, "per_token_out": 2e-6,'
        b' "per_cache_read_token": 1e-7, "per_cache_write_token": 3e-6}'
    )
    usage = Usage(1000, 100, 1100, 600, 200)
    wanted = 200 * Decimal("0.000001") + 100 * Decimal("0.000002") + 600 * Decimal("1e-7") + 200 * Decimal("3e-6")
    assert found.cost(usage) == wanted


def test_a_cache_rate_that_is_missing_is_the_rate_of_tokens_in():
    found = custom(b'{"per_token_in": 0.5, "per_token_out": 0, "per_cache_read_token": 0.25}')
    assert found.cost(Usage(10, 0, 10, 2, 4)) == 8 * Decimal("0.5") + 2 * Decimal("0.25")


def test_without_cache_rates_every_token_in_costs_the_same():
    assert custom(b'{"per_token_in": 0.5, "per_token_out": 1}').cost(Usage(10, 3, 13, 2, 4)) == 8


def test_a_total_needs_no_usage_and_rates_do():
    assert custom(b'{"total_cost": 0.25}').cost(None) == Decimal("0.25")
    assert custom(b'{"per_token_in": 1, "per_token_out": 1}').cost(None) is None


def test_numbers_are_exact():
    assert custom(b'{"total_cost": 0.1}').cost(None) == Decimal("0.1")


@pytest.mark.parametrize(
    ("text", "word"),
    [
        (b"", "JSON"),
        (b"\xff", "JSON"),
        (b"5", "object"),
        (b"[]", "object"),
        (b"{}", "per_token_in"),
        (b'{"per_token_in": 1}', "per_token_out"),
        (b'{"per_token_in": "1", "per_token_out": 1}', "number"),
        (b'{"per_token_in": true, "per_token_out": 1}', "number"),
        (b'{"per_token_in": null, "per_token_out": 1}', "number"),
        (b'{"per_token_in": -1, "per_token_out": 1}', "negative"),
        (b'{"per_token_in": -1e-30, "per_token_out": 1}', "negative"),
        (b'{"per_token_in": NaN, "per_token_out": 1}', "JSON"),
        (b'{"per_token_in": Infinity, "per_token_out": 1}', "JSON"),
        (b'{"per_token_in": 1e400, "per_token_out": 1}', "more than"),
        (b'{"per_token_in": 1e999999999999999999999, "per_token_out": 1}', "JSON"),
        (b'{"per_token_in": 1e-400, "per_token_out": 1}', "decimal places"),
        (b'{"per_token_in": 1001, "per_token_out": 1}', "more than"),
        (b'{"total_cost": 1000001}', "more than"),
        (b'{"total_cost": 1, "per_token_in": 1}', "either"),
        (b'{"total_cost": 1, "total_cost": 2}', "once"),
        (b'{"cost": 1}', "key"),
        (b"[" * 500, "JSON"),
        (b'{"total_cost": ' + b"1" * 600 + b"}", "longer"),
        (b'{"total_cost": ' + b"9" * 400 + b"}", "more than"),
    ],
)
def test_anything_else_is_refused_in_a_sentence(text, word):
    with pytest.raises(ValueError, match=word) as problem:
        custom(text)
    assert "cf-aig-custom-cost" in str(problem.value)


@settings(max_examples=200, deadline=None)
@given(
    st.binary(max_size=600)
    | st.recursive(st.none() | st.floats() | st.text(), st.lists).map(json.dumps).map(str.encode)
)
def test_nonsense_raises_nothing_but_value_errors(text):
    with contextlib.suppress(ValueError):
        custom(text)
