"""Cohere's own SDK (v2) through the gateway, with nothing changed but its base URL and key."""

import cohere
import httpx
import pytest

from tests.sdks.stage import TOKEN, request

KEY = "co-client"
ASK = {"model": "command-a-03-2025", "messages": [{"role": "user", "content": "Hi"}]}
EMBED = {
    "model": "embed-v4.0",
    "texts": ["Hi"],
    "input_type": "search_query",
    "embedding_types": ["float"],
}


def client(url, key=KEY):
    return cohere.ClientV2(base_url=url, api_key=key, max_retries=0)


@pytest.fixture
def sdk(stage):
    with client(stage.url("cohere")) as one:
        yield one


@pytest.fixture
def watched(stage):
    with stage.watch("cohere") as seen:
        yield seen


def chat(url):
    with client(url) as sdk:
        sdk.chat(**ASK)


def streamed(url):
    with client(url) as sdk:
        list(sdk.chat_stream(**ASK))


def embedded(url):
    with client(url) as sdk:
        sdk.embed(**EMBED)


@pytest.mark.parametrize("call", [chat, streamed, embedded])
def test_the_provider_sees_what_it_would_see_without_a_gateway(stage, call):
    assert request(stage.relayed("cohere", call)) == request(stage.straight("cohere", call, ""))


def test_a_chat_comes_back_parsed_and_is_written_down(sdk, watched):
    done = sdk.chat(**ASK)
    assert (done.message.content[0].text, done.finish_reason) == ("Hello there.", "COMPLETE")
    assert done.usage.tokens.input_tokens == 71
    assert (watched.asked.target, watched.asked.header("authorization")) == ("/v2/chat", f"Bearer {KEY}")
    assert watched.told("provider", "model", "stream", "tokens_in", "tokens_out", "outcome") == (
        "cohere", "command-a-03-2025", False, 71, 6, "served")  # fmt: skip


def test_a_stream(sdk, watched):
    events = list(sdk.chat_stream(**ASK))
    texts = [event.delta.message.content.text for event in events if event.type == "content-delta"]
    assert (texts, events[-1].delta.usage.tokens.output_tokens) == (["Hello", " there."], 6)
    assert watched.told("stream", "tokens_in", "tokens_out", "outcome") == (True, 71, 6, "served")


def test_the_sdk_hangs_up_at_done_and_that_is_no_abandoned_call(sdk, watched):
    assert list(sdk.chat_stream(**ASK | {"model": "command-lingering"}))[-1].type == "message-end"
    assert watched.told("outcome", "error", "tokens_out") == ("served", None, 6)


def test_embeddings(sdk, watched):
    assert sdk.embed(**EMBED).embeddings.float_ == [[0.5, -1.0]]
    assert watched.told("operation", "model", "tokens_in") == ("embeddings", "embed-v4.0", 3)


def test_a_token_in_the_sdks_own_slot_is_exchanged_for_the_stored_key(stage, watched):
    with client(stage.url("cohere", "closed"), TOKEN) as sdk:
        sdk.chat(**ASK)
    assert watched.asked.header("authorization") == "Bearer stored-key-of-cohere"


def test_without_a_token_the_sdk_raises_its_unauthorized_error(stage, watched):
    with client(stage.url("cohere", "closed")) as sdk, pytest.raises(cohere.UnauthorizedError) as caught:
        sdk.chat(**ASK)
    assert "cf-aig-authorization" in caught.value.body["message"]
    assert watched.requests == []


def test_an_unknown_gateway_is_a_bad_request(stage):
    with client(stage.url("cohere", "nowhere")) as sdk, pytest.raises(cohere.BadRequestError):
        sdk.chat(**ASK)


def test_the_providers_429_is_the_sdks_own_error(sdk):
    with pytest.raises(cohere.TooManyRequestsError):
        sdk.chat(**ASK | {"model": "command-limited"})


def test_a_stream_that_breaks_raises_and_does_not_just_end(sdk, watched):
    # It knows no error event and skips what it cannot read: only a connection that breaks reaches its user.
    with pytest.raises(httpx.RemoteProtocolError):
        list(sdk.chat_stream(**ASK | {"model": "command-cut"}))
    assert watched.told("outcome", "error") == ("failed", "stream_broken")
