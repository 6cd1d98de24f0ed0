"""Mistral's own SDK through the gateway, with nothing changed but its server URL and key."""

import pytest
from mistralai.client import Mistral, errors

from tests.sdks.stage import TOKEN, request

KEY = "mistral-client"
ASK = {"model": "mistral-small-latest", "messages": [{"role": "user", "content": "Hi"}]}


def client(url, key=KEY):
    return Mistral(server_url=url, api_key=key)


@pytest.fixture
def sdk(stage):
    with client(stage.url("mistral")) as one:
        yield one


@pytest.fixture
def watched(stage):
    with stage.watch("mistral") as seen:
        yield seen


def chat(url):
    with client(url) as sdk:
        sdk.chat.complete(**ASK)


def streamed(url):
    with client(url) as sdk, sdk.chat.stream(**ASK) as stream:
        list(stream)


def embedded(url):
    with client(url) as sdk:
        sdk.embeddings.create(model="mistral-embed", inputs=["Hi"])


@pytest.mark.parametrize("call", [chat, streamed, embedded])
def test_the_provider_sees_what_it_would_see_without_a_gateway(stage, call):
    assert request(stage.relayed("mistral", call)) == request(stage.straight("mistral", call, ""))


def test_a_chat_comes_back_parsed_and_is_written_down(sdk, watched):
    done = sdk.chat.complete(**ASK)
    assert (done.choices[0].message.content, done.usage.total_tokens) == ("Hello there.", 30)
    assert (watched.asked.target, watched.asked.header("authorization")) == ("/v1/chat/completions", f"Bearer {KEY}")
    assert watched.told("provider", "model", "stream", "tokens_in", "tokens_out", "outcome") == (
        "mistral", "mistral-small-latest", False, 21, 9, "served")  # fmt: skip


def test_a_stream(sdk, watched):
    with sdk.chat.stream(**ASK) as stream:
        texts = [event.data.choices[0].delta.content or "" for event in stream]
    assert "".join(texts) == "Hello there."
    assert watched.told("stream", "outcome") == (True, "served")


def test_the_sdk_hangs_up_at_done_and_that_is_no_abandoned_call(sdk, watched):
    with sdk.chat.stream(**ASK | {"model": "mistral-lingering"}) as stream:
        list(stream)
    assert watched.told("outcome", "error") == ("served", None)


def test_embeddings(sdk, watched):
    assert sdk.embeddings.create(model="mistral-embed", inputs=["Hi"]).data[0].embedding == [0.5, -1.0]
    assert watched.told("operation", "tokens_in") == ("embeddings", 5)


def test_a_token_in_the_sdks_own_slot_is_exchanged_for_the_stored_key(stage, watched):
    with client(stage.url("mistral", "closed"), TOKEN) as sdk:
        sdk.chat.complete(**ASK)
    assert watched.asked.header("authorization") == "Bearer stored-key-of-mistral"


def test_without_a_token_the_sdk_raises_its_error_with_the_status(stage, watched):
    with client(stage.url("mistral", "closed")) as sdk, pytest.raises(errors.SDKError) as caught:
        sdk.chat.complete(**ASK)
    assert caught.value.status_code == 401
    assert watched.requests == []


def test_the_providers_429_is_the_sdks_error_with_the_status(sdk):
    with pytest.raises(errors.SDKError) as caught:
        sdk.chat.complete(**ASK | {"model": "mistral-limited"})
    assert caught.value.status_code == 429


def test_a_stream_that_breaks_raises_and_does_not_just_end(sdk, watched):
    with pytest.raises(errors.MistralError), sdk.chat.stream(**ASK | {"model": "mistral-cut"}) as stream:
        list(stream)
    assert watched.told("outcome", "error") == ("failed", "stream_broken")
