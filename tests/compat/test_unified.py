"""Which provider a unified call is for."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.call import Refusal
from gateway.compat.unified import Unified, printable
from tests.compat.scripted import ASK, CHAT, COUNT, EMBEDDINGS, MESSAGES, REACH, RESPONSES, UNIFIED, unified


def resolved(model, path=CHAT, **more):
    return UNIFIED.resolved(unified(path, {**ASK, "model": model}, **more))


def refusal(call):
    with pytest.raises(Refusal) as refused:
        UNIFIED.resolved(call)
    return refused.value.status, refused.value.number, refused.value.code


@pytest.mark.parametrize(
    ("written", "provider", "model"),
    [
        ("openai/gpt-5", "openai", "gpt-5"),
        ("openrouter/meta-llama/llama-3", "openrouter", "meta-llama/llama-3"),
        ("workers-ai/@cf/meta/llama", "workers-ai", "@cf/meta/llama"),
        ("custom-own/a/b/c", "custom-own", "a/b/c"),
        ("bedrock/us.anthropic.claude-x:0", "aws-bedrock", "us.anthropic.claude-x:0"),
        ("openai/../x", "openai", "../x"),
        ("openai/%2e%2e/x", "openai", "%2e%2e/x"),
        ("openai//x", "openai", "/x"),
    ],
)
def test_a_model_is_a_provider_and_the_rest(written, provider, model):
    call = resolved(written)
    assert (call.provider, call.asked.model, call.form) == (provider, model, "openai_chat")
    assert (call.record.provider, call.record.asked) == (provider, call.asked)
    assert msgspec.json.decode(call.body)["model"] == written


@pytest.mark.parametrize(
    ("path", "provider", "form"),
    [
        (CHAT, "openai", "openai_chat"),
        (RESPONSES, "openai", "openai_responses"),
        (MESSAGES, "anthropic", "anthropic_messages"),
        (EMBEDDINGS, "openai", "openai_embeddings"),
        (COUNT, "anthropic", "anthropic_messages:count"),
    ],
)
def test_a_model_without_a_provider_is_of_the_dialects_maker(path, provider, form):
    call = resolved("m", path)
    assert (call.provider, call.asked.model, call.form) == (provider, "m", form)


def test_googles_paths_name_the_model():
    call = UNIFIED.resolved(unified(b"v1beta/models/groq%2Fllama%2F3:streamGenerateContent"))
    assert (call.provider, call.asked.model, call.asked.stream) == ("groq", "llama/3", True)
    assert UNIFIED.resolved(unified(b"v1beta/models/gemini-x:countTokens")).provider == "google-ai-studio"


def test_a_home_that_a_gateway_may_not_reach_is_nobodys_home():
    alone = Unified({"custom-own": REACH["custom-own"]}, {b"custom-own": REACH["custom-own"]})
    with pytest.raises(Refusal) as refused:
        alone.resolved(unified(body={**ASK, "model": "gpt-5"}))
    assert refused.value.code == "invalid_provider"


@pytest.mark.parametrize(
    "written", ["none/x", "openai/", "/x", "/", "OPENAI/x", "compat/x", "openai\n/x", "custom-/x", "x" * 200 + "/y"]
)
def test_a_provider_that_is_not_there_is_named_as_far_as_it_may_be(written):
    call = unified(body={**ASK, "model": written})
    with pytest.raises(Refusal) as refused:
        UNIFIED.resolved(call)
    assert (refused.value.status, refused.value.number, refused.value.code) == (400, 2008, "invalid_provider")
    assert len(refused.value.sentence) < 250
    assert refused.value.sentence.isprintable()


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"{}", b'{"model": 5}', b'{"model": ""}', b"\xff"])
def test_a_body_without_a_model_is_refused(body):
    assert refusal(unified(body=body)) == (400, 2111, "invalid_request")


@pytest.mark.parametrize("length", [250, 256, 100_000])
def test_a_name_that_was_cut_when_it_was_read_goes_nowhere(length):
    for call in (
        unified(body={**ASK, "model": "openai/" + "x" * length}),
        unified(b"v1beta/models/openai/" + b"x" * length + b":generateContent"),
    ):
        assert refusal(call) == (400, 2111, "invalid_request")


def test_other_paths_and_other_methods_are_refused():
    assert refusal(unified(b"completions")) == (404, 2105, "not_found")
    for method in ("GET", "HEAD", "PUT", "DELETE", "OPTIONS"):
        with pytest.raises(Refusal) as refused:
            UNIFIED.resolved(unified(method=method))
        assert (refused.value.status, refused.value.headers) == (405, [(b"allow", b"POST")])


def test_a_wish_that_cannot_be_read_is_refused_also_where_nothing_is_translated():
    assert refusal(unified(cf_aig_strict=b"maybe")) == (400, 2100, "invalid_header")


def test_a_call_is_looked_at_as_its_client_wrote_it():
    asked = UNIFIED.asked(MESSAGES, b"", b"application/json", b'{"model": "a/b", "stream": true, "max_tokens": 7}')
    assert (asked.operation, asked.dialect, asked.model, asked.stream) == ("chat", "anthropic_messages", "a/b", True)
    assert asked.parameters["gen_ai.request.max_tokens"] == 7
    assert UNIFIED.asked(COUNT, b"", b"", b'{"model": "a/b"}').operation == ""
    assert UNIFIED.asked(b"nowhere", b"", b"", b"{}").dialect == ""


@given(st.text())
def test_what_is_repeated_is_printable(text):
    assert printable(text).isascii()
    assert printable(text).isprintable()
    assert len(printable(text)) <= 64
