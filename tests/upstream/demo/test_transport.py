import asyncio
import base64
import json
import math
import struct
import time

import httpx2
import openai
import pytest

from gateway.upstream.demo import DemoTransport

USER = [{"role": "user", "content": "Hello there"}]


def ask(path="/chat/completions", method="POST", timeout=None, **body):
    async def one():
        content = body.pop("raw", None) or json.dumps({"model": "demo", **body}).encode()
        request = httpx2.Request(method, "https://demo.invalid/v1" + path, content=content)
        request.extensions["timeout"] = timeout or {}
        response = await DemoTransport().handle_async_request(request)
        await response.aread()
        return response

    return asyncio.run(one())


def events(text):
    return [json.loads(line[6:]) for line in text.split("\n\n") if line and line != "data: [DONE]"]


def sdk():
    return openai.AsyncOpenAI(
        api_key="none",
        base_url="https://demo.invalid/v1",
        max_retries=0,
        http_client=httpx2.AsyncClient(transport=DemoTransport()),
    )


def with_sdk(story):
    async def run():
        async with sdk() as client:
            return await story(client)

    return asyncio.run(run())


def test_the_same_question_gets_the_same_answer():
    first, second = ask(messages=USER).json(), ask(messages=USER).json()
    assert abs(first.pop("created") - time.time()) < 5
    second.pop("created")
    assert first == second
    assert "Hello there" in first["choices"][0]["message"]["content"]
    assert first["id"].startswith("chatcmpl-")
    usage = first["usage"]
    assert usage["prompt_tokens"] + usage["completion_tokens"] == usage["total_tokens"] > 10


def test_a_stream_says_the_same_as_the_whole_answer():
    whole = ask(messages=USER).json()
    streamed = ask(messages=USER, stream=True, stream_options={"include_usage": True})
    assert streamed.headers["content-type"].startswith("text/event-stream")
    assert streamed.text.endswith("data: [DONE]\n\n")
    chunks = events(streamed.text)
    assert chunks[0]["choices"][0]["delta"]["role"] == "assistant"
    said = "".join(one["choices"][0]["delta"].get("content") or "" for one in chunks if one["choices"])
    assert said == whole["choices"][0]["message"]["content"]
    assert chunks[-2]["choices"][0]["finish_reason"] == "stop"
    assert (chunks[-1]["choices"], chunks[-1]["usage"]) == ([], whole["usage"])


def test_usage_is_streamed_only_when_asked_for():
    chunks = events(ask(messages=USER, stream=True).text)
    assert all("usage" not in one for one in chunks)
    assert all(one["choices"] for one in chunks)


def test_the_official_sdk_reads_answers_streams_and_embeddings():
    async def story(client):
        whole = await client.chat.completions.create(model="demo", messages=USER)
        stream = await client.chat.completions.create(model="demo", messages=USER, stream=True, n=2)
        pieces = [[], []]
        async for chunk in stream:
            for choice in chunk.choices:
                pieces[choice.index].append(choice.delta.content or "")
        text = await client.completions.create(model="demo", prompt="Once upon")
        vectors = await client.embeddings.create(model="demo", input=["a", "b"], dimensions=8)
        listed = [model.id async for model in client.models.list()]
        one = await client.models.retrieve("demo-drip-5ms")
        return whole, pieces, text, vectors, listed, one

    whole, pieces, text, vectors, listed, one = with_sdk(story)
    assert "".join(pieces[0]) == "".join(pieces[1]) == whole.choices[0].message.content
    assert "Once upon" in text.choices[0].text
    assert [len(item.embedding) for item in vectors.data] == [8, 8]
    assert "demo" in listed
    assert one.id == "demo-drip-5ms"


TOOL = {
    "type": "function",
    "function": {
        "name": "get_weather",
        "parameters": {
            "type": "object",
            "properties": {"city": {"type": "string"}, "days": {"type": "integer", "minimum": 2}},
            "required": ["city", "days"],
        },
    },
}


@pytest.mark.parametrize(
    ("question", "choice", "called"),
    [
        ("What is the weather like?", "auto", True),
        ("What is the weather like?", "none", False),
        ("Good morning", "auto", False),
        ("Good morning", "required", True),
        ("Good morning", {"type": "function", "function": {"name": "get_weather"}}, True),
        ("Good morning", {"type": "function", "function": {"name": "other"}}, False),
    ],
)
@pytest.mark.parametrize("stream", [False, True])
def test_a_tool_is_called_when_it_is_asked_for(question, choice, called, stream):
    async def story(client):
        messages = [{"role": "user", "content": question}]
        if not stream:
            made = await client.chat.completions.create(
                model="demo", messages=messages, tools=[TOOL], tool_choice=choice
            )
            return made.choices[0].message.tool_calls, made.choices[0].finish_reason
        async with client.chat.completions.stream(
            model="demo", messages=messages, tools=[TOOL], tool_choice=choice
        ) as found:
            async for _ in found:
                pass
            made = await found.get_final_completion()
        return made.choices[0].message.tool_calls, made.choices[0].finish_reason

    calls, finish = with_sdk(story)
    assert finish == ("tool_calls" if called else "stop")
    if called:
        assert calls[0].function.name == "get_weather"
        assert json.loads(calls[0].function.arguments) == {"city": "demo", "days": 2}
    else:
        assert not calls


def test_a_tools_result_is_answered_with_text():
    said = [
        {"role": "user", "content": "weather"},
        {"role": "assistant", "content": None, "tool_calls": [{"id": "c", "type": "function", "function": {}}]},
        {"role": "tool", "tool_call_id": "c", "content": "12 degrees"},
    ]
    choice = ask(messages=said, tools=[TOOL]).json()["choices"][0]
    assert "12 degrees" in choice["message"]["content"]
    assert choice["finish_reason"] == "stop"


def test_a_schema_gets_an_instance_of_it():
    schema = {"type": "object", "properties": {"ok": {"type": "boolean"}}, "required": ["ok"]}
    wanted = {"type": "json_schema", "json_schema": {"name": "x", "schema": schema}}
    content = ask(messages=USER, response_format=wanted).json()["choices"][0]["message"]["content"]
    assert json.loads(content) == {"ok": True}
    content = ask(messages=USER, response_format={"type": "json_object"}).json()["choices"][0]["message"]["content"]
    assert "Hello there" in json.loads(content)["answer"]


def test_stop_and_max_tokens_end_the_answer():
    cut = ask(messages=USER, max_completion_tokens=3).json()
    assert cut["choices"][0]["message"]["content"] == "This is the "
    assert cut["choices"][0]["finish_reason"] == "length"
    stopped = ask(messages=USER, stop=["zzz", " demo"]).json()["choices"][0]
    assert stopped["message"]["content"] == "This is the gateway's"
    assert stopped["finish_reason"] == "stop"
    assert len(ask(messages=USER, n=3).json()["choices"]) == 3


def test_embeddings_are_unit_vectors_that_do_not_change():
    plain = ask("/embeddings", input="a text").json()["data"][0]["embedding"]
    coded = ask("/embeddings", input=["a text"], encoding_format="base64").json()["data"][0]["embedding"]
    assert math.isclose(sum(number * number for number in plain), 1.0)
    unpacked = struct.unpack(f"<{len(plain)}f", base64.b64decode(coded))
    assert all(math.isclose(a, b, abs_tol=1e-6) for a, b in zip(plain, unpacked, strict=True))
    assert ask("/embeddings", input="another text").json()["data"][0]["embedding"] != plain
    assert len(ask("/embeddings", input=[[1, 2], [3]]).json()["data"]) == 2
    assert len(ask("/embeddings", input=[1, 2, 3]).json()["data"]) == 1


@pytest.mark.parametrize(
    ("path", "body", "status", "code"),
    [
        ("/chat/completions", {"raw": b"{broken"}, 400, None),
        ("/chat/completions", {"raw": b'{"tool_choice": ' + b"[" * 20_000}, 400, None),
        ("/chat/completions", {"raw": b"[]"}, 400, "invalid_type"),
        ("/chat/completions", {"raw": b'{"messages": []}'}, 400, "missing_required_parameter"),
        ("/chat/completions", {"model": "demo"}, 400, "missing_required_parameter"),
        ("/chat/completions", {"model": 7, "messages": USER}, 400, "invalid_type"),
        ("/chat/completions", {"model": "gpt-4o", "messages": USER}, 404, "model_not_found"),
        ("/chat/completions", {"model": "demo-error-200", "messages": USER}, 404, "model_not_found"),
        ("/nothing", {}, 404, None),
        ("/embeddings", {"input": ""}, 400, "missing_required_parameter"),
        ("/embeddings", {"input": []}, 400, "missing_required_parameter"),
        ("/embeddings", {"input": "x", "dimensions": -1}, 400, "invalid_value"),
        ("/embeddings", {"input": ["x"] * 2000, "dimensions": 4096}, 400, "invalid_value"),
        ("/chat/completions", {"model": "demo-error-500", "messages": USER}, 500, None),
        ("/chat/completions", {"model": "demo-error-503", "messages": USER}, 503, "overloaded"),
    ],
)
def test_errors_have_openais_form(path, body, status, code):
    response = ask(path, **body)
    assert response.status_code == status
    error = response.json()["error"]
    assert error["code"] == code
    assert error["message"]
    assert error["type"] in ("invalid_request_error", "server_error")


def test_a_wrong_method_is_405():
    assert ask(method="GET").status_code == 405


def test_the_official_sdk_raises_its_own_exception_for_a_rate_limit():
    async def story(client):
        with pytest.raises(openai.RateLimitError) as no:
            await client.chat.completions.create(model="demo-error-429", messages=USER)
        return no.value.response.headers["retry-after"]

    assert with_sdk(story) == "1"


def test_a_slow_model_waits_and_a_silent_one_runs_into_the_timeout():
    began = time.perf_counter()
    assert ask(model="demo-slow-60ms", messages=USER).status_code == 200
    assert 0.05 < time.perf_counter() - began < 1
    for model in ("demo-timeout", "demo-error-timeout", "demo-slow-5000ms"):
        with pytest.raises(httpx2.ReadTimeout):
            ask(model=model, messages=USER, timeout={"first_byte": 0.02})


def test_a_dripping_stream_waits_before_each_event_and_minds_the_idle_timeout():
    began = time.perf_counter()
    ask(model="demo-drip-10ms", messages=USER, stream=True, max_tokens=2)
    assert time.perf_counter() - began > 0.04
    with pytest.raises(httpx2.ReadTimeout):
        ask(model="demo-drip-500ms", messages=USER, stream=True, timeout={"idle": 0.02})


@pytest.mark.parametrize("stream", [True, False])
def test_a_broken_answer_breaks_off_half_way(stream):
    async def story():
        body = json.dumps({"model": "demo-break", "messages": USER, "stream": stream}).encode()
        request = httpx2.Request("POST", "https://demo.invalid/v1/chat/completions", content=body)
        response = await DemoTransport().handle_async_request(request)
        got = []
        with pytest.raises(httpx2.RemoteProtocolError):
            async for piece in response.stream:
                got.append(piece)
        return b"".join(got)

    got = asyncio.run(story())
    assert got
    assert b"[DONE]" not in got
    assert not got.endswith(b"}\n")


def test_target_and_body_of_our_own_transports_are_understood():
    async def story():
        url = httpx2.URL("https://demo.invalid")
        request = httpx2.Request("POST", url)
        request.extensions["target"] = b"/v1/chat/completions?x=1"
        request.extensions["body"] = json.dumps({"model": "demo", "messages": USER}).encode()
        response = await DemoTransport().handle_async_request(request)
        return response.status_code, await response.aread()

    status, body = asyncio.run(story())
    assert status == 200
    assert json.loads(body)["object"] == "chat.completion"


def test_a_closed_stream_says_nothing_more_and_a_waiting_one_can_be_cancelled():
    async def story():
        body = json.dumps({"model": "demo-drip-5000ms", "messages": USER, "stream": True}).encode()
        request = httpx2.Request("POST", "https://demo.invalid/v1/chat/completions", content=body)
        response = await DemoTransport().handle_async_request(request)
        stream = response.stream
        waiting = asyncio.create_task(stream.__anext__())
        await asyncio.sleep(0.01)
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
        await response.aclose()
        return [piece async for piece in stream]

    assert asyncio.run(story()) == []
