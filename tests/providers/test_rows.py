from pathlib import Path

import pytest
import yaml

from gateway.providers import rows
from gateway.providers.provider import Provider

# fmt: off
CLOUDFLARE = [
    "openai", "anthropic", "azure-openai", "aws-bedrock", "baseten", "cartesia", "cerebras", "cohere", "deepgram",
    "deepseek", "elevenlabs", "fal", "google-ai-studio", "google-vertex-ai", "groq", "huggingface", "ideogram",
    "mistral", "openrouter", "parallel", "perplexity-ai", "replicate", "workers-ai", "grok", "fireworks", "together",
    "demo", "adobe-firefly", "alibaba", "minimax",
]
# fmt: on


def test_every_provider_of_cloudflare_has_a_row():
    assert set(rows.load()) == set(CLOUDFLARE)


def test_an_alias_is_nobodys_own_name():
    assert not set(rows.ALIASES) & set(rows.load())
    assert sum(len(row.aliases) for row in rows.load().values()) == len(rows.ALIASES)


def test_both_spellings_that_cloudflare_uses_lead_to_one_provider():
    assert rows.ALIASES["xai"] == "grok"
    assert rows.ALIASES["google"] == "google-ai-studio"
    assert rows.ALIASES["perplexity"] == "perplexity-ai"


@pytest.mark.parametrize("name", CLOUDFLARE)
def test_a_row_makes_a_provider(name):
    row = rows.load()[name]
    made = Provider(name, row)
    assert made.propagate == "none"
    assert made.telemetry_name
    assert row.base_url or row.routes
    if row.model_in:
        assert set(rows.pattern(row.model_in).groupindex) <= {"model", "deployment"}
    for route in made._routes:
        assert route.pattern


def test_no_name_stands_twice_in_the_file():
    seen = []

    class Loader(yaml.SafeLoader):
        pass

    def mapping(loader, node):
        names = [key.value for key, _ in node.value]
        assert len(names) == len(set(names)), names
        seen.extend(names)
        return loader.construct_mapping(node, deep=True)

    Loader.add_constructor(yaml.resolver.BaseResolver.DEFAULT_MAPPING_TAG, mapping)
    yaml.load(Path(rows.FILE).read_text(), Loader)
    assert "openai" in seen


def test_a_misspelt_field_of_a_row_is_an_error():
    import msgspec

    with pytest.raises(msgspec.ValidationError, match="bas_url"):
        msgspec.convert({"bas_url": "https://x"}, rows.Row)


def test_prices_are_looked_up_under_ids_that_the_price_table_has():
    from genai_prices.data import providers

    known = {one.id for one in providers}
    assert {row.pricing for row in rows.load().values()} - known == {""}
