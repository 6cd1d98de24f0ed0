"""Counting the tokens of a request, where the provider can."""

import msgspec
import pytest

from gateway.call import Broken, Refusal
from tests.compat.scripted import ASK, COUNT, Provider, names, says, serve, unified

GEMINI = {"contents": [{"role": "user", "parts": [{"text": "Hi"}]}]}


def messages(model, **fields):
    control = fields.pop("control", {})
    return unified(COUNT, {**ASK, "model": model, **fields}, b"beta=true", [(b"x-api-key", b"k")], **control)


def google(model, body=None):
    return unified(b"v1beta/models/%b:countTokens" % model, body or GEMINI, b"key=k")


def test_one_dialect_passes():
    provider = Provider(says({"input_tokens": 7}))
    _, text = serve(messages("claude-x"), provider)
    assert msgspec.json.decode(text) == {"input_tokens": 7}
    assert (provider.asked.path, provider.asked.query) == (b"v1/messages/count_tokens", b"beta=true")
    assert provider.body == {**ASK, "model": "claude-x"}
    assert (b"anthropic-version", b"2023-06-01") in provider.asked.headers
    assert provider.asked.asked.operation == ""
    provider = Provider(says({"totalTokens": 7}))
    serve(google(b"gemini-x", b'{ "contents": [] }'), provider)
    assert (provider.asked.path, provider.asked.query) == (b"v1beta/models/gemini-x:countTokens", b"key=k")
    assert provider.asked.body == b'{ "contents": [] }'


def test_a_count_crosses_both_ways():
    provider = Provider(says({"totalTokens": 7}))
    reply, text = serve(messages("google-ai-studio/gemini-x", max_tokens=5, system="Be brief"), provider)
    assert msgspec.json.decode(text) == {"input_tokens": 7}
    assert reply.header(b"content-length") == b"%d" % len(text)
    assert "contents" in provider.body["generateContentRequest"]
    assert (b"x-goog-api-key", b"k") in provider.asked.headers
    assert b"x-api-key" not in names(provider.asked.headers)
    provider = Provider(says({"input_tokens": 7}))
    _, text = serve(google(b"anthropic/claude-x"), provider)
    assert msgspec.json.decode(text) == {"totalTokens": 7}
    assert provider.body["messages"][0]["role"] == "user"
    assert (b"x-api-key", b"k") in provider.asked.headers


def test_vertex_is_asked_in_its_own_form():
    provider = Provider(says({"totalTokens": 7}))
    serve(messages("google-vertex-ai/gemini-x"), provider)
    assert provider.asked.path == b"publishers/google/models/gemini-x:countTokens"
    assert set(provider.body) == {"contents"}


def test_both_of_googles_forms_are_read():
    provider = Provider(says({"input_tokens": 7}))
    serve(google(b"anthropic/claude-x", {"generateContentRequest": {**GEMINI, "model": "models/x"}}), provider)
    assert provider.body["model"] == "claude-x"
    assert len(provider.body["messages"]) == 1


@pytest.mark.parametrize("model", ["openai/gpt-5", "aws-bedrock/anthropic.claude-x", "vertex/claude-x", "deepgram/x"])
def test_who_does_not_count_says_so(model):
    with pytest.raises(Refusal) as refused:
        serve(messages(model), Provider())
    assert (refused.value.status, refused.value.number) == (400, 2110)


def test_what_cannot_be_carried_is_refused_or_dropped():
    odd = {"odd": 1}
    with pytest.raises(Refusal) as refused:
        serve(messages("google-ai-studio/gemini-x", **odd), Provider())
    assert refused.value.code == "unsupported_parameter"
    call = messages("google-ai-studio/gemini-x", **odd, control={"cf_aig_strict": b"false"})
    reply, _ = serve(call, Provider(says({"totalTokens": 7})))
    assert reply.header(b"cf-aig-dropped") == b"odd"


@pytest.mark.parametrize(
    ("answer", "status", "told"),
    [({"error": {"code": 429, "message": "slow"}}, 429, 429), ({"x": 1}, 200, 502), (b"<html>", 200, 502)],
)
def test_what_is_no_count_is_an_error_of_the_clients_dialect(answer, status, told):
    said = says(answer, status)
    source = said.body
    reply, text = serve(messages("google-ai-studio/gemini-x"), Provider(said))
    assert reply.status == told
    assert msgspec.json.decode(text)["type"] == "error"
    assert source.closed


def test_an_answer_that_breaks_off_is_refused():
    with pytest.raises(Refusal) as refused:
        serve(messages("google-ai-studio/gemini-x"), Provider(says(b"", chunks=[Broken("off")])))
    assert refused.value.status == 502
