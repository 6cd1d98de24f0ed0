"""Cerebras' own SDK through the gateway, with nothing changed but its base URL and key."""

from urllib.parse import urlsplit

import pytest
from cerebras.cloud import sdk as cerebras

from tests.sdks.stage import TOKEN, request

KEY = "csk-client"
ASK = {"model": "llama3.1-8b", "messages": [{"role": "user", "content": "Hi"}]}


def client(url, key=KEY, **more):
    return cerebras.Cerebras(base_url=url, api_key=key, max_retries=0, **{"warm_tcp_connection": False, **more})


@pytest.fixture
def sdk(stage):
    with client(stage.url("cerebras")) as one:
        yield one


@pytest.fixture
def watched(stage):
    with stage.watch("cerebras") as seen:
        yield seen


def chat(url):
    with client(url) as sdk:
        sdk.chat.completions.create(**ASK)


def streamed(url):
    with client(url) as sdk:
        list(sdk.chat.completions.create(**ASK, stream=True))


@pytest.mark.parametrize("call", [chat, streamed])
def test_the_provider_sees_what_it_would_see_without_a_gateway(stage, call):
    with cerebras.Cerebras(api_key=KEY, warm_tcp_connection=False) as unchanged:
        default = urlsplit(str(unchanged.base_url)).path.rstrip("/")
    assert request(stage.relayed("cerebras", call)) == request(stage.straight("cerebras", call, default))


def test_a_chat_comes_back_parsed_and_is_written_down(sdk, watched):
    done = sdk.chat.completions.create(**ASK)
    assert (done.choices[0].message.content, done.usage.total_tokens) == ("Hello there.", 30)
    assert (watched.asked.target, watched.asked.header("authorization")) == ("/v1/chat/completions", f"Bearer {KEY}")
    assert watched.told("provider", "model", "stream", "tokens_in", "tokens_out", "outcome") == (
        "cerebras", "llama3.1-8b", False, 21, 9, "served")  # fmt: skip


def test_a_stream_with_usage(sdk, watched):
    chunks = list(sdk.chat.completions.create(**ASK, stream=True, stream_options={"include_usage": True}))
    assert "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices) == "Hello there."
    assert chunks[-1].usage.completion_tokens == 9
    assert watched.told("stream", "tokens_in", "tokens_out", "outcome") == (True, 21, 9, "served")


def test_the_sdk_hangs_up_at_done_and_that_is_no_abandoned_call(sdk, watched):
    list(sdk.chat.completions.create(**ASK | {"model": "llama-lingering"}, stream=True))
    assert watched.told("outcome", "error") == ("served", None)


def test_the_connection_is_warmed_through_the_gateway(stage, watched):
    with client(stage.url("cerebras"), warm_tcp_connection=True):
        pass
    assert (watched.asked.method, watched.asked.target) == ("GET", "/v1/tcp_warming")
    assert watched.told("operation", "tokens_in", "outcome") == (None, None, "served")


def test_a_token_in_the_sdks_own_slot_is_exchanged_for_the_stored_key(stage, watched):
    with client(stage.url("cerebras", "closed"), TOKEN) as sdk:
        sdk.chat.completions.create(**ASK)
    assert watched.asked.header("authorization") == "Bearer stored-key-of-cerebras"
    assert watched.told("token") == ("web",)


def test_without_a_token_the_sdk_raises_its_authentication_error(stage, watched):
    with client(stage.url("cerebras", "closed")) as sdk, pytest.raises(cerebras.AuthenticationError):
        sdk.chat.completions.create(**ASK)
    assert watched.requests == []


def test_the_providers_429_is_the_sdks_rate_limit_error(sdk):
    with pytest.raises(cerebras.RateLimitError):
        sdk.chat.completions.create(**ASK | {"model": "llama-limited"})


def test_a_stream_that_breaks_raises_and_does_not_just_end(sdk, watched):
    with pytest.raises(cerebras.APIError):
        list(sdk.chat.completions.create(**ASK | {"model": "llama-cut"}, stream=True))
    assert watched.told("outcome", "error") == ("failed", "stream_broken")
