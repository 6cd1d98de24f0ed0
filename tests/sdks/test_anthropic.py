"""Anthropic's own SDK through the gateway, with nothing changed but its base URL and key."""

import asyncio
import json
from urllib.parse import urlsplit

import anthropic
import pytest

from tests.sdks.stage import TOKEN, request

KEY = "sk-ant-client"
TOOL = {
    "name": "weather",
    "input_schema": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
}
ASK = {
    "model": "claude-of-this-test",
    "max_tokens": 2048,
    "messages": [{"role": "user", "content": "Weather in Lisbon?"}],
    "thinking": {"type": "enabled", "budget_tokens": 1024},
    "tools": [TOOL],
}


def client(url, key=KEY, **more):
    return anthropic.Anthropic(base_url=url, api_key=key, max_retries=0, **more)


@pytest.fixture
def sdk(stage):
    with client(stage.url("anthropic")) as one:
        yield one


@pytest.fixture
def watched(stage):
    with stage.watch("anthropic") as seen:
        yield seen


def message(url):
    with client(url) as sdk:
        sdk.messages.create(**ASK)


def streamed(url):
    with client(url, default_headers={"anthropic-beta": "interleaved-thinking-2025-05-14"}) as sdk:
        list(sdk.messages.create(**ASK, stream=True))


def listed(url):
    with client(url) as sdk:
        sdk.models.retrieve("claude-of-this-test", extra_query={"a": "b c"})


@pytest.mark.parametrize("call", [message, streamed, listed])
def test_the_provider_sees_what_it_would_see_without_a_gateway(stage, call):
    with anthropic.Anthropic(api_key=KEY) as unchanged:
        default = urlsplit(str(unchanged.base_url)).path.rstrip("/")
    relayed = stage.relayed("anthropic", call)
    assert request(relayed) == request(stage.straight("anthropic", call, default))
    assert relayed.header("anthropic-version")


def test_a_message_comes_back_parsed_and_is_written_down(sdk, watched):
    done = sdk.messages.create(**ASK)
    thinking, text, use = done.content
    assert (thinking.thinking, text.text, use.input) == ("Lisbon is a city.", "Let me look.", {"city": "Lisbon"})
    assert (done.usage.input_tokens, done.usage.output_tokens, done.stop_reason) == (40, 17, "tool_use")
    assert (watched.asked.target, watched.asked.header("authorization")) == ("/v1/messages", f"Bearer {KEY}")
    # Cache reads and writes count as input: 40 + 10 + 6.
    assert watched.told("provider", "model", "stream", "tokens_in", "tokens_out", "outcome") == (
        "anthropic", "claude-of-this-test", False, 56, 17, "served")  # fmt: skip


def test_a_stream_with_thinking_and_a_tool_use(sdk, watched):
    thoughts, texts, pieces = [], [], []
    with sdk.messages.stream(**ASK) as stream:
        for event in stream:
            if event.type == "thinking":
                thoughts.append(event.thinking)
            elif event.type == "text":
                texts.append(event.text)
            elif event.type == "input_json":
                pieces.append(event.partial_json)
        done = stream.get_final_message()
    assert (thoughts, texts) == (["Lisbon is ", "a city."], ["Let me ", "look."])
    assert "".join(pieces) == '{"city": "Lisbon"}'
    assert (done.content[0].signature, done.content[2].input) == ("c2lnbmF0dXJl", {"city": "Lisbon"})
    assert (done.stop_reason, done.usage.output_tokens) == ("tool_use", 17)
    assert json.loads(watched.asked.body)["thinking"] == ASK["thinking"]
    assert watched.told("model", "stream", "tokens_in", "tokens_out", "outcome") == (
        "claude-of-this-test", True, 56, 17, "served")  # fmt: skip
    assert watched.line["usage_metadata"]["input_cache_write_tokens"] == 6


def test_the_async_client_asks_and_streams(stage, watched):
    async def both():
        async with anthropic.AsyncAnthropic(base_url=stage.url("anthropic"), api_key=KEY, max_retries=0) as sdk:
            done = await sdk.messages.create(**ASK)
            async with sdk.messages.stream(**ASK) as stream:
                texts = [text async for text in stream.text_stream]
            return done.content[1].text, "".join(texts)

    assert asyncio.run(both()) == ("Let me look.", "Let me look.")
    assert [line["tokens_out"] for line in watched.lines(2)] == [17, 17]


# Its releases before 1.0 write api_key into x-api-key, later ones as a bearer.
SLOTS = {"api_key": TOKEN, "auth_token": TOKEN, "default_headers": {"X-Api-Key": TOKEN}}


@pytest.mark.parametrize("slot", SLOTS)
def test_a_token_in_any_of_the_sdks_slots_is_exchanged_for_the_stored_key(stage, watched, slot):
    url = stage.url("anthropic", "closed")
    with anthropic.Anthropic(base_url=url, max_retries=0, **{slot: SLOTS[slot]}) as sdk:
        assert sdk.messages.create(**ASK).content[1].text == "Let me look."
    assert watched.asked.header("x-api-key") == "stored-key-of-anthropic"
    assert watched.asked.header("authorization") is None
    assert TOKEN not in str(watched.asked)
    assert watched.told("token") == ("web",)


def test_without_a_token_the_sdk_raises_its_authentication_error(stage, watched):
    with client(stage.url("anthropic", "closed")) as sdk, pytest.raises(anthropic.AuthenticationError) as caught:
        sdk.messages.create(**ASK)
    assert caught.value.body["error"]["type"] == "authentication_error"
    assert watched.requests == []
    assert watched.told("outcome", "status_code") == ("refused", 401)


def test_an_unknown_gateway_is_a_bad_request(stage):
    with client(stage.url("anthropic", "nowhere")) as sdk, pytest.raises(anthropic.BadRequestError) as caught:
        sdk.messages.create(**ASK)
    assert "nowhere" in str(caught.value)


def test_the_providers_429_is_the_sdks_rate_limit_error(sdk, watched):
    with pytest.raises(anthropic.RateLimitError) as caught:
        sdk.messages.create(**ASK | {"model": "claude-limited"})
    assert (caught.value.request_id, caught.value.response.headers["retry-after"]) == ("req_2", "1")
    assert watched.told("outcome", "status_code", "error") == ("served", 429, "rate_limit_error")


def test_a_stream_that_breaks_raises_and_does_not_just_end(sdk, watched):
    types, ask = [], ASK | {"model": "claude-cut"}
    with pytest.raises(anthropic.APIStatusError) as caught, sdk.messages.stream(**ask) as stream:
        for event in stream:
            types.append(event.type)
    assert types[-1] == "thinking"
    assert caught.value.body["error"]["type"] == "api_error"
    assert watched.told("outcome", "error") == ("failed", "stream_broken")
