"""Which price a call has."""

import random
import subprocess
import sys
from datetime import UTC, datetime
from decimal import Decimal

import genai_prices
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.call import Usage
from gateway.prices import REMEMBERED, Price, Prices, matches
from gateway.prices.table import reduce

NOON = datetime(2026, 9, 1, 12, tzinfo=UTC).timestamp()
ONE, TWO, THREE = Price(Decimal(1)), Price(Decimal(2)), Price(Decimal(3))

POPULAR = [
    ("openai", "gpt-4o"),
    ("openai", "gpt-4o-mini-2024-07-18"),
    ("openai", "gpt-5"),
    ("openai", "gpt-4o-audio-preview"),
    ("openai", "text-embedding-3-small"),
    ("anthropic", "claude-sonnet-4-5-20250929"),
    ("anthropic", "claude-haiku-4-5"),
    ("anthropic", "claude-opus-4-1"),
    ("google", "gemini-2.5-pro"),
    ("google", "gemini-2.5-flash"),
    ("deepseek", "deepseek-chat"),
    ("mistral", "mistral-large-latest"),
    ("groq", "llama-3.3-70b-versatile"),
    ("x-ai", "grok-4"),
    ("aws", "us.anthropic.claude-sonnet-4-5-20250929-v1:0"),
    ("azure", "gpt-4o"),
    ("cohere", "command-a-03-2025"),
    ("perplexity", "sonar"),
]


@st.composite
def usages(draw):
    """Usage that adds up, for genai-prices refuses any other."""
    read, write, hour, fresh = (draw(st.integers(0, 300_000)) for _ in range(4))
    thought, said = draw(st.integers(0, 50_000)), draw(st.integers(0, 50_000))
    return Usage(
        read + write + hour + fresh, thought + said, None, read, write + hour, hour, output_reasoning_tokens=thought
    )


PRICES = Prices()


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(POPULAR), usages(), st.sampled_from(["", "priority", "flex", "default", "batch"]))
def test_a_call_costs_what_genai_prices_says(which, usage, tier):
    provider, model = which
    theirs = genai_prices.Usage(
        input_tokens=usage.input_tokens,
        output_tokens=usage.output_tokens,
        cache_read_tokens=usage.input_cached_tokens,
        cache_write_tokens=usage.input_cache_write_tokens,
        cache_write_1h_tokens=usage.input_cache_write_1h_tokens,
        output_reasoning_tokens=usage.output_reasoning_tokens,
    )
    wanted = genai_prices.calc_price(
        theirs,
        model,
        provider_id=provider,
        genai_request_timestamp=datetime.fromtimestamp(NOON, UTC),
        price_context={"service_tier": tier} if tier else None,
    ).total_price
    assert PRICES.cost(provider, model, usage, NOON, tier) == wanted


def test_audio_costs_what_genai_prices_says():
    usage = Usage(1000, 500, 1500, input_audio_tokens=400, output_audio_tokens=300)
    theirs = genai_prices.Usage(input_tokens=1000, output_tokens=500, input_audio_tokens=400, output_audio_tokens=300)
    wanted = genai_prices.calc_price(theirs, "gpt-4o-audio-preview", provider_id="openai").total_price
    assert PRICES.cost("openai", "gpt-4o-audio-preview", usage) == wanted


def test_a_price_that_changes_during_the_day_follows_the_clock():
    from genai_prices.data import providers
    from genai_prices.types import TimeOfDateConstraint

    seen = 0
    for provider in providers:
        for model in provider.models:
            hours = [price.constraint for price in model.prices] if isinstance(model.prices, list) else []
            if not any(isinstance(constraint, TimeOfDateConstraint) for constraint in hours):
                continue
            prices, choose = Prices(), random.Random(1)
            for _ in range(200):
                when = NOON - 86400 + choose.random() * 2 * 86400
                if (found := prices.priced(provider.id, model.id, when)) is not None:
                    seen += 1
                    assert found == reduce(model.get_prices(datetime.fromtimestamp(when, UTC)))
    assert seen


def test_an_unknown_model_or_provider_is_unpriced_and_not_free():
    usage = Usage(10, 10, 20)
    assert PRICES.cost("openai", "no-such-model", usage) is None
    assert PRICES.cost("no-such-provider", "gpt-4o", usage) is None
    assert PRICES.priced("", "") is None
    assert PRICES.cost("openai", "x" * 100_000, usage) is None


def test_nothing_metered_costs_nothing_that_could_be_known():
    assert PRICES.cost("openai", "gpt-4o", None) is None


def test_the_most_specific_override_wins_and_any_wins_over_the_table():
    prices = Prices({"openai/*": ONE, "openai/gpt-4*": TWO, "OpenAI/gpt-4o": THREE, "*": Price(Decimal(4))})
    assert prices.priced("openai", "gpt-4o") is THREE
    assert prices.priced("openai", "gpt-4o-mini") is TWO
    assert prices.priced("openai", "o3") is ONE
    assert prices.priced("custom-vllm", "mine").input == 4


def test_an_override_of_either_name_wins_over_the_tables_price_of_the_first():
    prices = Prices({"azure-openai/my-deployment": ONE}, {"azure-openai": "azure"})
    assert prices.priced("azure-openai", ("gpt-4o-2024-08-06", "my-deployment")) is ONE
    assert prices.priced("azure-openai", ("gpt-4o-2024-08-06", "another")) not in (None, ONE)


def test_names_are_looked_up_in_turn():
    assert PRICES.priced("openai", ("", "nonsense", "gpt-4o")) == PRICES.priced("openai", "gpt-4o") is not None


@pytest.mark.parametrize(
    ("provider", "model"),
    [
        ("aws", "arn:aws:bedrock:us-east-1:123456789012:inference-profile/us.anthropic.claude-sonnet-4-20250514-v1:0"),
        ("google", "publishers/anthropic/models/claude-sonnet-4@20250514"),
        ("google", "models/gemini-2.5-flash"),
    ],
)
def test_names_with_a_path_or_a_date_are_found(provider, model):
    assert PRICES.priced(provider, model) is not None


def test_a_model_that_aws_charges_across_regions_is_priced_by_its_id():
    usage = Usage(1000, 1000, 2000)
    everywhere = PRICES.cost("aws", "us.anthropic.claude-sonnet-4-5-20250929-v1:0", usage)
    assert everywhere is not None


def test_what_is_remembered_is_bounded():
    prices = Prices({"a/*": ONE})
    for number in range(REMEMBERED + 100):
        prices.priced("a", f"model-{number}")
    assert len(prices._known) == REMEMBERED


@settings(max_examples=200, deadline=None)
@given(st.text("ab*", max_size=8), st.text("ab", max_size=10))
def test_wildcards_match_as_in_a_shell(pattern, name):
    import fnmatch

    if "*" in pattern:
        assert matches(pattern.split("*"), name) == fnmatch.fnmatchcase(name, pattern)


def test_the_table_is_not_loaded_before_it_is_asked():
    code = "import sys, gateway.prices; gateway.prices.Prices(); assert 'genai_prices' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True)
