"""Groq's own SDK through the gateway, with nothing changed but its base URL and key."""

import groq
import pytest

from tests.sdks.stage import TOKEN, request

KEY = "gsk-client"
ASK = {"model": "llama-3.3-70b-versatile", "messages": [{"role": "user", "content": "Hi"}]}


def client(url, key=KEY):
    return groq.Groq(base_url=url, api_key=key, max_retries=0)


@pytest.fixture
def sdk(stage):
    with client(stage.url("groq")) as one:
        yield one


@pytest.fixture
def watched(stage):
    with stage.watch("groq") as seen:
        yield seen


def chat(url):
    with client(url) as sdk:
        sdk.chat.completions.create(**ASK)


def streamed(url):
    with client(url) as sdk:
        list(sdk.chat.completions.create(**ASK, stream=True))


@pytest.mark.parametrize("call", [chat, streamed])
def test_the_provider_sees_what_it_would_see_without_a_gateway(stage, call):
    # This SDK has `openai/v1` in its paths, not in its default base URL.
    relayed = stage.relayed("groq", call)
    assert request(relayed) == request(stage.straight("groq", call, ""))
    assert relayed.target == "/openai/v1/chat/completions"


def test_a_chat_comes_back_parsed_and_is_written_down(sdk, watched):
    done = sdk.chat.completions.create(**ASK)
    assert (done.choices[0].message.content, done.usage.total_tokens) == ("Hello there.", 30)
    assert watched.asked.header("authorization") == f"Bearer {KEY}"
    assert watched.told("provider", "model", "stream", "tokens_in", "tokens_out", "operation") == (
        "groq", "llama-3.3-70b-versatile", False, 21, 9, "chat")  # fmt: skip


def test_a_stream(sdk, watched):
    with sdk.chat.completions.create(**ASK, stream=True) as stream:
        assert "".join(chunk.choices[0].delta.content or "" for chunk in stream) == "Hello there."
    assert watched.told("stream", "outcome") == (True, "served")


def test_a_token_in_the_sdks_own_slot_is_exchanged_for_the_stored_key(stage, watched):
    with client(stage.url("groq", "closed"), TOKEN) as sdk:
        sdk.chat.completions.create(**ASK)
    assert watched.asked.header("authorization") == "Bearer stored-key-of-groq"


def test_without_a_token_the_sdk_raises_its_authentication_error(stage, watched):
    with client(stage.url("groq", "closed")) as sdk, pytest.raises(groq.AuthenticationError):
        sdk.chat.completions.create(**ASK)
    assert watched.requests == []


def test_the_providers_429_is_the_sdks_rate_limit_error(sdk):
    with pytest.raises(groq.RateLimitError):
        sdk.chat.completions.create(**ASK | {"model": "llama-limited"})


def test_a_stream_that_breaks_raises_and_does_not_just_end(sdk, watched):
    ask = ASK | {"model": "llama-cut", "stream": True}
    with pytest.raises(groq.APIError), sdk.chat.completions.create(**ask) as stream:
        list(stream)
    assert watched.told("outcome", "error") == ("failed", "stream_broken")
