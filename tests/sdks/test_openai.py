"""OpenAI's own SDK through the gateway, with nothing changed but its base URL and key."""

import asyncio
import json
from urllib.parse import urlsplit

import openai
import pytest
from pydantic import BaseModel

from tests.sdks.stage import TOKEN, request

KEY = "sk-client"
ASK = {"model": "gpt-4o-mini", "messages": [{"role": "user", "content": "Hi"}]}


class Weather(BaseModel):
    city: str


WEATHER = {"type": "function", "function": {"name": "weather", "parameters": Weather.model_json_schema()}}


def client(url, key=KEY, **more):
    return openai.OpenAI(base_url=url, api_key=key, max_retries=0, **more)


@pytest.fixture
def sdk(stage):
    with client(stage.url("openai")) as one:
        yield one


@pytest.fixture
def watched(stage):
    with stage.watch("openai") as seen:
        yield seen


def chat(url):
    with client(url) as sdk:
        return sdk.chat.completions.create(**ASK, temperature=0.5, extra_headers={"x-mine": "1"})


def streamed(url):
    with client(url) as sdk:
        return list(sdk.chat.completions.create(**ASK, stream=True, stream_options={"include_usage": True}))


def responses(url):
    with client(url) as sdk:
        return sdk.responses.create(model="gpt-4o-mini", input="Hi")


def embeddings(url):
    with client(url) as sdk:
        return sdk.embeddings.create(model="text-embedding-3-small", input="Hi")


def listed(url):
    with client(url) as sdk:
        return sdk.files.list(limit=2, extra_query={"after": "file-1"})


@pytest.mark.parametrize("call", [chat, streamed, responses, embeddings, listed])
def test_the_provider_sees_what_it_would_see_without_a_gateway(stage, call):
    with openai.OpenAI(api_key=KEY) as unchanged:
        default = urlsplit(str(unchanged.base_url)).path.rstrip("/")
    assert request(stage.relayed("openai", call)) == request(stage.straight("openai", call, default))


def test_a_chat_comes_back_parsed_and_is_written_down(sdk, watched):
    done = sdk.chat.completions.create(**ASK)
    assert (done.choices[0].message.content, done.choices[0].finish_reason) == ("Hello there.", "stop")
    assert (done.usage.prompt_tokens, done.usage.completion_tokens) == (21, 9)
    assert (watched.asked.target, watched.asked.header("authorization")) == ("/v1/chat/completions", f"Bearer {KEY}")
    assert watched.told("provider", "model", "stream", "tokens_in", "tokens_out", "outcome", "operation") == (
        "openai", "gpt-4o-mini", False, 21, 9, "served", "chat")  # fmt: skip
    assert watched.line["usage_metadata"]["output_reasoning_tokens"] == 3


def test_a_stream_with_usage(sdk, watched):
    with sdk.chat.completions.create(**ASK, stream=True, stream_options={"include_usage": True}) as stream:
        chunks = list(stream)
    assert "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices) == "Hello there."
    assert (chunks[-1].choices, chunks[-1].usage.total_tokens) == ([], 30)
    assert json.loads(watched.asked.body)["stream_options"] == {"include_usage": True}
    assert watched.told("model", "stream", "tokens_in", "tokens_out", "outcome") == (
        "gpt-4o-mini", True, 21, 9, "served")  # fmt: skip
    assert watched.line["ttft_ms"] > 0


def test_a_stream_without_usage_has_none_in_the_log_either(sdk, watched):
    with sdk.chat.completions.create(**ASK, stream=True) as stream:
        assert len(list(stream)) == 4
    assert watched.told("stream", "tokens_in", "cost", "outcome") == (True, None, None, "served")


def test_the_sdk_hangs_up_at_done_and_that_is_no_abandoned_call(sdk, watched):
    ask = ASK | {"model": "gpt-lingering", "stream": True, "stream_options": {"include_usage": True}}
    assert list(sdk.chat.completions.create(**ask))[-1].usage.total_tokens == 30
    assert watched.told("outcome", "error", "tokens_out") == ("served", None, 9)


def test_a_tool_call(sdk, watched):
    done = sdk.chat.completions.create(**ASK, tools=[WEATHER])
    (call,) = done.choices[0].message.tool_calls
    assert (call.function.name, json.loads(call.function.arguments)) == ("weather", {"city": "Lisbon"})
    assert json.loads(watched.asked.body)["tools"] == [WEATHER]


def test_a_tool_calls_arguments_arrive_in_their_pieces(sdk):
    pieces = []
    with sdk.chat.completions.stream(**ASK, tools=[openai.pydantic_function_tool(Weather, name="weather")]) as stream:
        for event in stream:
            if event.type == "tool_calls.function.arguments.delta":
                pieces.append(event.arguments_delta)
        (call,) = stream.get_final_completion().choices[0].message.tool_calls
    assert [piece for piece in pieces if piece] == ['{"ci', 'ty": "L', 'isbon"}']
    assert call.function.parsed_arguments == Weather(city="Lisbon")


def test_a_response(sdk, watched):
    done = sdk.responses.create(model="gpt-4o-mini", input="Hi")
    assert (done.output_text, done.usage.input_tokens, done.usage.output_tokens) == ("Hello there.", 21, 9)
    assert watched.asked.target == "/v1/responses"
    assert watched.told("model", "stream", "tokens_in", "tokens_out", "outcome") == (
        "gpt-4o-mini", False, 21, 9, "served")  # fmt: skip


def test_a_streamed_response(sdk, watched):
    with sdk.responses.stream(model="gpt-4o-mini", input="Hi") as stream:
        deltas = [event.delta for event in stream if event.type == "response.output_text.delta"]
        done = stream.get_final_response()
    assert (deltas, done.output_text, done.usage.total_tokens) == (["Hello", " there."], "Hello there.", 30)
    assert watched.told("stream", "tokens_in", "tokens_out", "outcome") == (True, 21, 9, "served")


def test_embeddings(sdk, watched):
    done = sdk.embeddings.create(model="text-embedding-3-small", input="Hi")
    assert (done.data[0].embedding, done.usage.prompt_tokens) == ([0.5, -1.0], 5)
    assert json.loads(watched.asked.body)["encoding_format"] == "base64"
    assert watched.told("operation", "model", "tokens_in", "outcome") == (
        "embeddings", "text-embedding-3-small", 5, "served")  # fmt: skip


def test_the_async_client_chats_and_streams(stage, watched):
    async def both():
        async with openai.AsyncOpenAI(base_url=stage.url("openai"), api_key=KEY, max_retries=0) as sdk:
            done = await sdk.chat.completions.create(**ASK)
            async with await sdk.chat.completions.create(**ASK, stream=True) as stream:
                parts = [chunk.choices[0].delta.content or "" async for chunk in stream]
            embedded = await sdk.embeddings.create(model="text-embedding-3-small", input="Hi")
            return done.choices[0].message.content, "".join(parts), embedded.data[0].embedding

    assert asyncio.run(both()) == ("Hello there.", "Hello there.", [0.5, -1.0])
    assert [line["outcome"] for line in watched.lines(3)] == ["served"] * 3


def test_async_calls_share_the_gateway(stage, watched):
    async def crowd():
        async with openai.AsyncOpenAI(base_url=stage.url("openai"), api_key=KEY, max_retries=0) as sdk:
            return await asyncio.gather(*(sdk.chat.completions.create(**ASK) for _ in range(20)))

    assert {done.choices[0].message.content for done in asyncio.run(crowd())} == {"Hello there."}
    assert len(watched.lines(20)) == 20


def test_a_token_in_the_sdks_own_slot_is_exchanged_for_the_stored_key(stage, watched):
    with client(stage.url("openai", "closed"), TOKEN) as sdk:
        assert sdk.chat.completions.create(**ASK).choices[0].message.content == "Hello there."
    assert watched.asked.header("authorization") == "Bearer stored-key-of-openai"
    assert TOKEN not in str(watched.asked)
    assert watched.told("token", "outcome") == ("web", "served")
    assert watched.line["attempts"][0]["key_alias"] == "default"


def test_a_token_in_our_header_leaves_the_slot_to_the_clients_own_key(stage, watched):
    headers = {"cf-aig-authorization": f"Bearer {TOKEN}", "cf-aig-metadata": '{"team": "data"}'}
    with client(stage.url("openai", "closed"), default_headers=headers) as sdk:
        sdk.chat.completions.create(**ASK)
    assert watched.asked.header("authorization") == f"Bearer {KEY}"
    assert not [name for name, _ in watched.asked.headers if name.lower().startswith("cf-aig-")]
    assert watched.told("token", "metadata") == ("web", {"team": "data"})


def test_without_a_token_the_sdk_raises_its_authentication_error(stage, watched):
    with client(stage.url("openai", "closed")) as sdk, pytest.raises(openai.AuthenticationError) as caught:
        sdk.chat.completions.create(**ASK)
    assert (caught.value.code, caught.value.type) == ("unauthorized", "authentication_error")
    assert "cf-aig-authorization" in caught.value.message
    assert watched.requests == []
    assert watched.told("outcome", "status_code", "error") == ("refused", 401, "unauthorized")


def test_an_unknown_gateway_is_a_bad_request(stage, watched):
    with client(stage.url("openai", "nowhere")) as sdk, pytest.raises(openai.BadRequestError) as caught:
        sdk.chat.completions.create(**ASK)
    assert caught.value.code == "unknown_gateway"
    assert watched.told("outcome", "status_code") == ("refused", 400)


def test_the_providers_429_is_the_sdks_rate_limit_error(sdk, watched):
    with pytest.raises(openai.RateLimitError) as caught:
        sdk.chat.completions.create(**ASK | {"model": "gpt-limited"})
    assert (caught.value.code, caught.value.response.headers["retry-after"]) == ("rate_limit_exceeded", "1")
    assert watched.told("outcome", "status_code", "success") == ("served", 429, False)


def test_the_sdks_own_retry_comes_to_the_gateway_again(stage, watched):
    twice = openai.OpenAI(base_url=stage.url("openai"), api_key=KEY, max_retries=1)
    with twice as sdk, pytest.raises(openai.RateLimitError):
        sdk.chat.completions.create(**ASK | {"model": "gpt-limited"})
    assert [line["status_code"] for line in watched.lines(2)] == [429, 429]
    assert [asked.header("x-stainless-retry-count") for asked in watched.requests] == ["0", "1"]


def test_a_stream_that_breaks_raises_and_does_not_just_end(sdk, watched):
    texts = []
    with pytest.raises(openai.APIError) as caught:
        for chunk in sdk.chat.completions.create(**ASK | {"model": "gpt-cut"}, stream=True):
            texts.append(chunk.choices[0].delta.content)
    assert texts == ["", "Hello"]
    assert caught.value.code == "stream_broken"
    assert watched.told("outcome", "error") == ("failed", "stream_broken")


def test_a_streamed_response_that_breaks_raises_and_does_not_just_end(sdk, watched):
    types = []
    with pytest.raises(openai.APIError) as caught:
        for event in sdk.responses.create(model="gpt-cut", input="Hi", stream=True):
            types.append(event.type)
    assert types[-1] == "response.output_text.delta"
    assert caught.value.code == "stream_broken"
    assert watched.told("outcome", "error") == ("failed", "stream_broken")
