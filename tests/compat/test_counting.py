"""Tokens of a request counted by its provider, with Anthropic's and Google's SDKs."""

import json

import anthropic
import pytest
from google.genai import errors, types

from tests import corpus
from tests.compat.stage import played

pytestmark = corpus.present

WHERE = {
    "anthropic": ("anthropic", "/v1/messages/count_tokens"),
    "gemini": ("google-ai-studio", "/v1beta/models/{model}:countTokens"),
    "vertex": ("google-vertex-ai", "/publishers/google/models/{model}:countTokens"),
}


def recorded():
    surfaces = ("count_tokens", "countTokens")
    return [one for one in corpus.exchanges() if one.surface in surfaces and one.provider in WHERE]


def count(stage, client, exchange, model=None):
    """The number that a client gets, and the id under which the provider was asked."""
    slug, _ = WHERE[exchange.provider]
    id, model = f"{exchange.id}/{client}", model or f"{slug}/{exchange.model}"
    stage.player.said[id] = played(exchange)
    sdk, headers = stage.talker(client, slug).sdk, stage.headers(id, slug)
    if client == "anthropic_messages":
        hi = [{"role": "user", "content": "Hi"}]
        return sdk.messages.count_tokens(model=model, messages=hi, extra_headers=headers).input_tokens, id
    config = types.CountTokensConfig(http_options=types.HttpOptions(headers=headers))
    return sdk.models.count_tokens(model=model, contents="Hi", config=config).total_tokens, id


@pytest.mark.parametrize("client", ["anthropic_messages", "gemini_generate"])
def test_a_recorded_count_is_what_each_client_gets(stage, client):
    wrong = []
    for one in recorded():
        if one.status >= 400:
            continue
        told = json.loads(one.body)
        got, id = count(stage, client, one)
        (asked,) = stage.player.got[id]
        path = WHERE[one.provider][1].format(model=one.model)
        if got != told.get("input_tokens", told.get("totalTokens")) or not asked.target.endswith(path):
            wrong.append((one.id, got, told, asked.target))
        if "Hi" not in asked.body.decode() or "max_tokens" in asked.body.decode():
            wrong.append((one.id, asked.body))
    assert wrong == []


@pytest.mark.parametrize("client", ["anthropic_messages", "gemini_generate"])
def test_a_count_costs_no_tokens(stage, client):
    _, id = count(stage, client, next(one for one in recorded() if one.status == 200))
    line = stage.lines()[id]
    assert (line["tokens_in"], line["tokens_out"], line["cost"], line["outcome"]) == (None, None, None, "served")


@pytest.mark.parametrize(
    ("client", "error"), [("anthropic_messages", anthropic.NotFoundError), ("gemini_generate", errors.ClientError)]
)
def test_a_recorded_error_is_raised(stage, client, error):
    failed = next(one for one in recorded() if one.status == 404)
    with pytest.raises(error, match="claude-does-not-exist"):
        count(stage, client, failed)


@pytest.mark.parametrize(
    ("client", "error"), [("anthropic_messages", anthropic.BadRequestError), ("gemini_generate", errors.ClientError)]
)
def test_a_provider_that_does_not_count_says_so(stage, client, error):
    with pytest.raises(error, match="does not count"):
        count(stage, client, recorded()[0], "groq/llama-3")
