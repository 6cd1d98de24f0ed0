"""Which models a provider has, and what they cost."""

import subprocess
import sys
import tracemalloc
from decimal import Decimal

import pytest
from genai_prices.data import providers

from gateway.prices import Price, Prices
from gateway.prices.catalogue import Catalogue, Model, embeds
from gateway.translation.listing import Row, openai_list

NOW = 1_790_000_000.0
TABLES = {"openai": "openai", "google-ai-studio": "google", "google-vertex-ai": "google", "grok": "x-ai"}


def by_id(models):
    return {model.id: model for model in models}


def test_a_provider_has_the_models_of_its_table_by_name():
    models = Catalogue(tables=TABLES).models("openai", NOW)
    table = next(one for one in providers if one.id == "openai")
    assert [model.id for model in models] == sorted(
        one.id for one in table.models if "ft:" not in one.id and ".ft-" not in one.id
    )
    known = by_id(models)
    assert known["gpt-4o"] == Model(
        "gpt-4o",
        known["gpt-4o"].name,
        128_000,
        input=Decimal("2.5"),
        output=Decimal(10),
        cache_read=Decimal("1.25"),
    )
    assert known["gpt-4o"].prices == {"input": Decimal("2.5"), "output": Decimal(10), "cache_read": Decimal("1.25")}
    assert known["text-embedding-3-small"].embeds
    assert known["whisper-1"].prices is None


def test_providers_may_share_a_table_and_have_none():
    catalogue = Catalogue(tables=TABLES)
    assert catalogue.models("google-ai-studio", NOW) == catalogue.models("google-vertex-ai", NOW) != []
    assert catalogue.models("ideogram", NOW) == []
    assert Catalogue(tables={"x": "nobody"}).models("x", NOW) == []


@pytest.mark.parametrize("table", [one.id for one in providers])
def test_prices_are_those_at_which_calls_are_billed(table):
    prices = Prices(tables={"p": table})
    models = Catalogue(tables={"p": table}).models("p", NOW)
    assert models
    for model in models:
        billed = prices.priced("p", model.id, NOW)
        if billed is None:
            assert model.prices is None
            continue
        classes = {name: getattr(billed, name) for name in ("input", "output", "cache_read", "cache_write")}
        # A class without a price is 0 in a bill where it is output, and there is nothing to read or write.
        listed = {"output": Decimal(0)} | model.prices
        assert listed == {name: price * 1_000_000 for name, price in classes.items() if price is not None}


def test_a_model_is_called_as_the_provider_wants_to_read_it():
    catalogue = Catalogue(tables={one.id: one.id for one in providers})
    named = {table: set(by_id(catalogue.models(table, NOW))) for table in ("aws", "fireworks", "openai", "mistral")}
    assert "us.anthropic.claude-haiku-4-5-20251001-v1:0" in named["aws"]
    assert not any(name.startswith("regional.") for name in named["aws"])
    assert "accounts/fireworks/models/gpt-oss-120b" in named["fireworks"]
    assert "codestral-latest" in named["mistral"]
    assert not any("ft:" in name or ".ft-" in name for name in named["openai"])


def test_a_price_is_the_one_that_holds_at_the_time():
    catalogue = Catalogue(tables={"deepseek": "deepseek"})
    day = NOW - NOW % 86_400

    def price(hour):
        return by_id(catalogue.models("deepseek", day + hour * 3600))["deepseek-chat"].input

    billed = Prices(tables={"deepseek": "deepseek"})
    for hour in (0, 12, 20, 0):
        at = billed.priced("deepseek", "deepseek-chat", day + hour * 3600)
        assert price(hour) == at.input * 1_000_000


OVERRIDES = {
    "custom-vllm/*": Price.of_million(Decimal("0.1"), Decimal("0.2")),
    "custom-vllm/Llama-3": Price.of_million(Decimal(1), Decimal(2), cache_read=Decimal("0.5")),
    "openai/gpt-4o": Price.of_million(Decimal(9), Decimal(9), cache_write=Decimal(11)),
    "openai/gpt-4o-*": Price.of_million(Decimal(7)),
    "*/gpt-4": Price.of_million(Decimal(5)),
}


def test_what_gateways_yaml_names_is_a_model_and_a_wildcard_is_none():
    models = Catalogue(OVERRIDES, TABLES).models("custom-vllm", NOW)
    assert models == [
        Model("Llama-3", input=Decimal(1), output=Decimal(2), cache_read=Decimal("0.5")),
    ]


def test_prices_of_gateways_yaml_win_over_the_table_wildcards_too():
    plain = by_id(Catalogue(tables=TABLES).models("openai", NOW))
    found = by_id(Catalogue(OVERRIDES, TABLES).models("openai", NOW))
    assert found.keys() == plain.keys()
    assert found["gpt-4o"].prices == {"input": Decimal(9), "output": Decimal(9), "cache_write": Decimal(11)}
    assert found["gpt-4o"].context_window == plain["gpt-4o"].context_window
    assert found["gpt-4o-mini"].input == Decimal(7)
    assert found["gpt-4"].input == Decimal(5)
    assert found["gpt-3.5-turbo"] == plain["gpt-3.5-turbo"]
    billed = Prices(OVERRIDES, TABLES)
    for name in ("gpt-4o", "gpt-4o-mini", "gpt-4"):
        assert billed.priced("openai", name, NOW).input * 1_000_000 == found[name].input


@pytest.mark.parametrize(
    ("name", "does"),
    [
        ("text-embedding-3-small", True),
        ("amazon.titan-embed-text-v1", True),
        ("@cf/baai/bge-m3", True),
        ("@cf/baai/bge-reranker-base", False),
        ("voyage-3.5", True),
        ("gpt-4o", False),
    ],
)
def test_models_that_make_vectors_are_told_by_name(name, does):
    assert embeds(name) is does


def test_the_whole_table_costs_less_than_half_a_megabyte_more_and_is_read_once():
    catalogue = Catalogue(tables={one.id: one.id for one in providers})
    tracemalloc.start()
    try:
        count = sum(len(catalogue.models(one.id, NOW)) for one in providers)
        grown, _ = tracemalloc.get_traced_memory()
        again = catalogue.models("openai", NOW + 1)
        assert all(one is other for one, other in zip(again, catalogue.models("openai", NOW), strict=True))
    finally:
        tracemalloc.stop()
    assert count > 1000
    assert grown < 500_000


def test_the_table_stays_out_of_the_process_until_a_model_is_asked_for():
    code = (
        "import sys; from gateway.prices.catalogue import Catalogue; c = Catalogue(tables={'a': 'openai'});"
        "c.models('b'); assert 'genai_prices.data' not in sys.modules; assert c.models('a')"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_models_are_listed_as_a_client_reads_them():
    models = Catalogue(tables=TABLES).models("openai", NOW)
    rows = [Row("openai", one.id, one.prices, one.context_window, name=one.name, embeds=one.embeds) for one in models]
    listed = {one["id"]: one for one in openai_list(rows)["data"]}
    assert listed["openai/gpt-4o"]["pricing"] == {"input": "2.5", "output": "10", "cache_read": "1.25"}
    assert listed["openai/whisper-1"]["pricing"] is None
