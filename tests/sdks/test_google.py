"""Google's own SDK for Gemini through the gateway, with nothing changed but its base URL and key."""

import asyncio
import json

import pytest
from google import genai
from google.genai import errors, types

from tests.sdks.stage import TOKEN, request

KEY = "AIza-client"
MODEL = "gemini-2.5-flash"
WEATHER = types.Tool(
    function_declarations=[
        types.FunctionDeclaration(
            name="weather",
            parameters=types.Schema(type=types.Type.OBJECT, properties={"city": types.Schema(type=types.Type.STRING)}),
        )
    ]
)


def client(url, key=KEY):
    once = types.HttpRetryOptions(attempts=1)
    return genai.Client(
        api_key=key, http_options=types.HttpOptions(base_url=url, api_version="v1beta", retry_options=once)
    )


@pytest.fixture
def sdk(stage):
    with client(stage.url("google-ai-studio")) as one:
        yield one


@pytest.fixture
def watched(stage):
    with stage.watch("google-ai-studio") as seen:
        yield seen


def content(url):
    with client(url) as sdk:
        sdk.models.generate_content(model=MODEL, contents="Hi", config={"temperature": 0.5})


def streamed(url):
    with client(url) as sdk:
        list(sdk.models.generate_content_stream(model=MODEL, contents="Hi"))


def embedded(url):
    with client(url) as sdk:
        sdk.models.embed_content(model="gemini-embedding-001", contents="Hi")


def counted(url):
    with client(url) as sdk:
        sdk.models.count_tokens(model=MODEL, contents="Hi")


@pytest.mark.parametrize("call", [content, streamed, embedded, counted])
def test_the_provider_sees_what_it_would_see_without_a_gateway(stage, call):
    assert request(stage.relayed("google-ai-studio", call)) == request(stage.straight("google-ai-studio", call, ""))


def test_content_comes_back_parsed_and_is_written_down(sdk, watched):
    done = sdk.models.generate_content(model=MODEL, contents="Hi")
    assert (done.text, done.candidates[0].finish_reason) == ("Hello there.", types.FinishReason.STOP)
    assert (done.usage_metadata.prompt_token_count, done.usage_metadata.total_token_count) == (12, 23)
    assert (watched.asked.target, watched.asked.header("x-goog-api-key")) == (
        f"/v1beta/models/{MODEL}:generateContent", KEY)  # fmt: skip
    # Thoughts are output: 7 + 4.
    assert watched.told("provider", "model", "stream", "tokens_in", "tokens_out", "outcome") == (
        "google-ai-studio", MODEL, False, 12, 11, "served")  # fmt: skip
    assert watched.line["usage_metadata"]["output_reasoning_tokens"] == 4


def test_a_stream(sdk, watched):
    chunks = list(sdk.models.generate_content_stream(model=MODEL, contents="Hi"))
    assert [chunk.text for chunk in chunks] == ["Hello", " there."]
    assert chunks[-1].usage_metadata.candidates_token_count == 7
    assert watched.asked.target == f"/v1beta/models/{MODEL}:streamGenerateContent?alt=sse"
    assert watched.told("model", "stream", "tokens_in", "tokens_out", "outcome") == (MODEL, True, 12, 11, "served")


def test_a_tool_call(sdk, watched):
    done = sdk.models.generate_content(model=MODEL, contents="Hi", config=types.GenerateContentConfig(tools=[WEATHER]))
    assert [(call.name, call.args) for call in done.function_calls] == [("weather", {"city": "Lisbon"})]
    assert json.loads(watched.asked.body)["tools"][0]["functionDeclarations"][0]["name"] == "weather"


def test_an_embedding(sdk, watched):
    done = sdk.models.embed_content(model="gemini-embedding-001", contents="Hi")
    assert done.embeddings[0].values == [0.5, -1.0]
    assert watched.told("operation", "model", "outcome") == ("embeddings", "gemini-embedding-001", "served")


def test_the_async_client_asks_and_streams(stage, watched):
    async def both():
        async with client(stage.url("google-ai-studio")).aio as sdk:
            done = await sdk.models.generate_content(model=MODEL, contents="Hi")
            stream = await sdk.models.generate_content_stream(model=MODEL, contents="Hi")
            return done.text, "".join([chunk.text async for chunk in stream])

    assert asyncio.run(both()) == ("Hello there.", "Hello there.")
    assert [line["tokens_out"] for line in watched.lines(2)] == [11, 11]


def test_a_token_in_the_sdks_own_slot_is_exchanged_for_the_stored_key(stage, watched):
    with client(stage.url("google-ai-studio", "closed"), TOKEN) as sdk:
        assert sdk.models.generate_content(model=MODEL, contents="Hi").text == "Hello there."
    assert watched.asked.header("x-goog-api-key") == "stored-key-of-google-ai-studio"
    assert TOKEN not in str(watched.asked)
    assert watched.told("token") == ("web",)


def test_without_a_token_the_sdk_raises_its_client_error(stage, watched):
    with client(stage.url("google-ai-studio", "closed")) as sdk, pytest.raises(errors.ClientError) as caught:
        sdk.models.generate_content(model=MODEL, contents="Hi")
    assert (caught.value.code, caught.value.status) == (401, "UNAUTHENTICATED")
    assert "cf-aig-authorization" in caught.value.message
    assert watched.requests == []


def test_an_unknown_gateway_is_a_client_error(stage):
    with client(stage.url("google-ai-studio", "nowhere")) as sdk, pytest.raises(errors.ClientError) as caught:
        sdk.models.generate_content(model=MODEL, contents="Hi")
    assert caught.value.code == 400
    assert "nowhere" in str(caught.value)


def test_the_providers_429_is_a_client_error_that_says_so(sdk, watched):
    with pytest.raises(errors.ClientError) as caught:
        sdk.models.generate_content(model="gemini-limited", contents="Hi")
    assert (caught.value.code, caught.value.status) == (429, "RESOURCE_EXHAUSTED")
    assert watched.told("outcome", "status_code", "error") == ("served", 429, "RESOURCE_EXHAUSTED")


def test_a_stream_that_breaks_raises_and_does_not_just_end(sdk, watched):
    texts = []
    with pytest.raises(errors.ServerError) as caught:
        for chunk in sdk.models.generate_content_stream(model="gemini-cut", contents="Hi"):
            texts.append(chunk.text)
    assert (texts, caught.value.code) == (["Hello"], 502)
    assert watched.told("outcome", "error") == ("failed", "stream_broken")
