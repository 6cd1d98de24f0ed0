"""Embeddings of every provider in OpenAI's form."""

import msgspec
import pytest

from gateway.call import Broken, Refusal
from tests.compat.scripted import EMBEDDINGS, Provider, names, says, serve, unified

LIST = {
    "object": "list", "model": "m", "usage": {"prompt_tokens": 2, "total_tokens": 2},
    "data": [{"object": "embedding", "index": 0, "embedding": [0.5, 1.0]}],
}  # fmt: skip


def ask(model, headers=(), fields=None, **control):
    return unified(EMBEDDINGS, {"input": "Hi", "model": model, **(fields or {})}, b"", headers, **control)


def read(text):
    return msgspec.json.decode(text)["data"][0]["embedding"]


def test_openais_form_passes():
    provider = Provider(says(b'{ "odd": 1.50 }'))
    body = b'{ "input": ["Hi"], "model":"text-embedding-3-small", "odd": 1.50 }'
    _, text = serve(unified(EMBEDDINGS, body), provider)
    assert provider.asked.body == body
    assert provider.asked.path == b"embeddings"
    assert text == b'{ "odd": 1.50 }'


@pytest.mark.parametrize(
    ("model", "answer", "path"),
    [
        ("google-ai-studio/m", {"embeddings": [{"values": [0.5, 1.0]}]}, b"v1beta/models/m:batchEmbedContents"),
        (
            "google-vertex-ai/text-embedding-005",
            {"predictions": [{"embeddings": {"values": [0.5, 1.0], "statistics": {"token_count": 2}}}]},
            b"publishers/google/models/text-embedding-005:predict",
        ),
        (
            "cohere/m",
            {"embeddings": {"float": [[0.5, 1.0]]}, "meta": {"billed_units": {"input_tokens": 2}}},
            b"v2/embed",
        ),
        (
            "aws-bedrock/amazon.titan-embed-text-v2:0",
            {"embedding": [0.5, 1.0], "inputTextTokenCount": 2},
            b"model/amazon.titan-embed-text-v2%3A0/invoke",
        ),
        ("mistral/mistral-embed", LIST, b"embeddings"),
    ],
)
def test_every_providers_vectors_come_in_openais_form(model, answer, path):
    provider = Provider(says(answer))
    call = ask(model, [(b"authorization", b"Bearer k"), (b"openai-organization", b"o")])
    reply, text = serve(call, provider)
    assert read(text) == [0.5, 1.0]
    assert provider.asked.path == path
    assert reply.header(b"content-length") == b"%d" % len(text)
    assert b"openai-organization" not in names(provider.asked.headers)


def test_tokens_may_be_told_in_a_header():
    said = says({"embedding": [0.5, 1.0]}, x_amzn_bedrock_input_token_count=b"3")
    _, text = serve(ask("bedrock/amazon.titan-embed-text-v2:0"), Provider(said))
    assert msgspec.json.decode(text)["usage"]["prompt_tokens"] == 3


def test_what_cannot_be_carried_is_refused_or_dropped():
    fields = {"odd": 1}
    with pytest.raises(Refusal) as refused:
        serve(ask("cohere/m", fields=fields), Provider())
    assert refused.value.code == "unsupported_parameter"
    answer = {"embeddings": {"float": [[0.5, 1.0]]}}
    call = ask("cohere/m", fields=fields, cf_aig_strict=b"false")
    reply, _ = serve(call, Provider(says(answer)))
    assert reply.header(b"cf-aig-dropped") == b"odd"
    assert call.record.decided == {"dropped": "odd"}


@pytest.mark.parametrize(
    ("answer", "status", "told"),
    [({"message": "slow"}, 429, 429), ({"embeddings": {}}, 200, 502), (b"<html>", 200, 502)],
)
def test_what_holds_no_vectors_is_an_error(answer, status, told):
    said = says(answer, status, retry_after=b"3")
    source = said.body
    reply, text = serve(ask("cohere/m"), Provider(said))
    assert (reply.status, reply.header(b"retry-after")) == (told, b"3")
    assert msgspec.json.decode(text)["error"]["message"]
    assert source.closed


def test_an_answer_that_breaks_off_is_refused():
    with pytest.raises(Refusal) as refused:
        serve(ask("cohere/m"), Provider(says(b"", chunks=[Broken("off")])))
    assert refused.value.status == 502


@pytest.mark.parametrize("model", ["anthropic/m", "deepgram/m"])
def test_a_provider_without_vectors_is_refused(model):
    with pytest.raises(Refusal) as refused:
        serve(ask(model), Provider())
    assert refused.value.code == "unsupported_endpoint"
