"""Lists of models, as the official SDKs read them."""

import json
from decimal import Decimal

import anthropic
import httpx
import httpx2
import openai
import pytest
from google import genai
from hypothesis import given
from hypothesis import strategies as st

from gateway.translation.listing import CLASSES, Row, anthropic_list, gemini_list, openai_list

PRICES = {
    "input": Decimal("3.00"),
    "output": Decimal(15),
    "cache_read": Decimal("0.3"),
    "cache_write": Decimal("1E+1"),
}
ROWS = [
    Row("openai", "gpt-9", PRICES, 400_000, name="GPT 9"),
    Row("mistral", "vectors", {"input": Decimal("0.10")}, None, owner="someone", embeds=True, deprecated=True),
    Row("custom-vllm", "org/llama"),
]
FORMS = [openai_list, anthropic_list, gemini_list]


def answering(answer, http=httpx):
    """A client of either generation of httpx, for each SDK has its own."""
    return http.Client(transport=http.MockTransport(lambda request: http.Response(200, json=answer)))


def test_openais_form_has_prices_and_context_windows():
    assert openai_list(ROWS) == {
        "object": "list",
        "data": [
            {
                "id": "custom-vllm/org/llama",
                "object": "model",
                "created": 0,
                "owned_by": "custom-vllm",
                "context_window": None,
                "pricing": None,
            },
            {
                "id": "mistral/vectors",
                "object": "model",
                "created": 0,
                "owned_by": "someone",
                "context_window": None,
                "pricing": {"input": "0.1"},
            },
            {
                "id": "openai/gpt-9",
                "object": "model",
                "created": 0,
                "owned_by": "openai",
                "context_window": 400_000,
                "pricing": {"input": "3", "output": "15", "cache_read": "0.3", "cache_write": "10"},
            },
        ],
    }


@pytest.mark.parametrize("form", FORMS)
def test_the_order_is_the_same_however_the_rows_come(form):
    assert form(ROWS) == form(reversed(ROWS)) == form(iter(ROWS[1:] + ROWS[:1]))


@given(st.decimals(0, 1000, places=12))
def test_prices_are_exact_and_plain(price):
    text = openai_list([Row("p", "m", dict.fromkeys(CLASSES, price))])["data"][0]["pricing"]["output"]
    assert Decimal(text) == price
    assert set(text) <= set("0123456789.")


def test_the_openai_sdk_reads_its_form():
    with answering(openai_list(ROWS)) as http:
        client = openai.OpenAI(api_key="k", base_url="http://gateway.invalid", http_client=http)
        found = list(client.models.list())
    assert [one.id for one in found] == ["custom-vllm/org/llama", "mistral/vectors", "openai/gpt-9"]
    openai.types.Model.model_validate(found[2].to_dict(), strict=True)
    assert found[2].pricing["input"] == "3"


def test_the_anthropic_sdk_reads_its_form():
    with answering(anthropic_list(ROWS), httpx2) as http:
        client = anthropic.Anthropic(api_key="k", base_url="http://gateway.invalid", http_client=http)
        page = client.models.list()
        found = list(page)
    assert (page.has_more, page.first_id, page.last_id) == (False, "custom-vllm/org/llama", "openai/gpt-9")
    assert [one.display_name for one in found] == ["org/llama", "vectors", "GPT 9"]
    assert [one.lifecycle for one in found] == ["active", "deprecated", "active"]
    assert [one.max_input_tokens for one in found] == [None, None, 400_000]
    for one in anthropic_list(ROWS)["data"]:
        anthropic.types.ModelInfo.model_validate_json(json.dumps(one), strict=True)


def test_the_google_sdk_reads_its_form():
    with answering(gemini_list(ROWS)) as http:
        options = genai.types.HttpOptions(base_url="http://gateway.invalid", httpx_client=http)
        found = list(genai.Client(api_key="k", http_options=options).models.list())
    assert [one.name for one in found] == [f"models/{row.id}" for row in reversed(ROWS)]
    assert [one.display_name for one in found] == ["org/llama", "vectors", "GPT 9"]
    assert [one.input_token_limit for one in found] == [None, None, 400_000]
    generates = ["generateContent", "streamGenerateContent"]
    assert [one.supported_actions for one in found] == [generates, ["embedContent"], generates]


def test_a_list_without_models_is_a_list():
    assert openai_list([]) == {"object": "list", "data": []}
    assert anthropic_list([]) == {"data": [], "has_more": False, "first_id": None, "last_id": None}
    assert gemini_list([]) == {"models": []}
