"""Conversations whose provider speaks another dialect, on script: read, written anew, and back."""

import asyncio
import gzip
import json

import msgspec
import pytest

from gateway.call import Broken, Refusal
from gateway.dialects import errors
from tests.compat.scripted import (
    CHAT,
    DONE,
    GENERATED,
    GENERATES,
    MESSAGE,
    MESSAGES,
    RESPONSES,
    STREAM,
    Provider,
    ask,
    delta,
    events,
    google,
    names,
    says,
    serve,
    served,
    streams,
    unified,
)


def test_a_foreign_stream_is_an_array_where_googles_client_does_not_ask_for_events():
    reply, text = serve(google(b"groq/llama", b"", GENERATES), Provider(streams(*STREAM)))
    assert reply.header(b"content-type") == b"application/json"
    assert [part["candidates"][0]["content"]["parts"][0]["text"] for part in json.loads(text)][:2] == ["Hel", "lo"]
    reply, text = serve(google(b"groq/llama", b"alt=sse", GENERATES), Provider(streams(*STREAM)))
    assert reply.header(b"content-type").startswith(b"text/event-stream")
    assert len(events(text)) > 2
    reply, text = serve(google(b"groq/llama", b"", GENERATES), Provider(says(DONE)))
    assert json.loads(text)[0]["candidates"][0]["content"]["parts"] == [{"text": "Hello"}]
    assert reply.header(b"content-type") == b"application/json"


@pytest.mark.parametrize(
    ("call", "read"),
    [
        (lambda model: ask(model), lambda said: said["choices"][0]["message"]["content"]),
        (lambda model: ask(model, RESPONSES), lambda said: said["output"][0]["content"][0]["text"]),
        (lambda model: ask(model, MESSAGES), lambda said: said["content"][0]["text"]),
        (lambda model: google(model.encode()), lambda said: said["candidates"][0]["content"]["parts"][0]["text"]),
    ],
    ids=["chat", "responses", "messages", "gemini"],
)
@pytest.mark.parametrize(
    ("model", "answer", "path"),
    [
        ("cerebras/m", DONE, b"chat/completions"),
        ("anthropic/m", MESSAGE, b"v1/messages"),
        ("google-ai-studio/m", GENERATED, b"v1beta/models/m:generateContent"),
    ],
)
def test_any_client_reads_any_providers_answer(call, read, model, answer, path):
    provider = Provider(says(answer, content_encoding=b"identity", x_request_id=b"7"))
    one = call(model)
    reply, text = serve(one, provider)
    assert reply.status == 200
    assert read(msgspec.json.decode(text)) == "Hello"
    assert provider.asked.path == path
    assert reply.header(b"content-type") == b"application/json"
    alike = provider.asked.asked.dialect == one.record.asked.dialect
    assert one.record.response_type == ("" if alike else "application/json")
    assert reply.header(b"content-length") == b"%d" % len(text)
    assert reply.header(b"x-request-id") == b"7"


def test_the_record_keeps_the_clients_side_and_the_attempt_gets_the_providers():
    provider = Provider(says(MESSAGE))
    call = ask("anthropic/claude-x", fields={"max_tokens": 5})
    serve(call, provider)
    assert (provider.asked.asked.dialect, provider.asked.asked.model) == ("anthropic_messages", "claude-x")
    assert (call.record.asked.dialect, call.record.asked.model) == ("openai_chat", "claude-x")
    assert call.record.provider == "anthropic"
    assert provider.asked.record is call.record


def test_a_translated_stream_has_neither_length_nor_coding():
    provider = Provider(streams(gzip.compress(b"".join(STREAM)), content_encoding=b"gzip", content_length=b"99"))
    call = ask("groq/llama", MESSAGES, fields={"stream": True}, headers=[(b"accept-encoding", b"gzip")])
    reply, text = serve(call, provider)
    assert [one["type"] for one in events(text)][-1] == "message_stop"
    assert {b"content-encoding", b"content-length"}.isdisjoint(names(reply.headers))
    assert (reply.length, call.record.response_type) == (None, "text/event-stream; charset=utf-8")
    assert b"accept-encoding" not in names(provider.asked.headers)


def test_a_stream_that_comes_whole_is_played():
    reply, text = serve(ask("groq/llama", MESSAGES, fields={"stream": True}), Provider(says(DONE)))
    assert [one["type"] for one in events(text)][-1] == "message_stop"
    assert reply.header(b"content-length") == b"%d" % len(text)


@pytest.mark.parametrize(
    ("model", "error"),
    [
        ("groq/m", {"error": {"message": "slow down", "type": "rate_limit"}}),
        ("anthropic/m", {"type": "error", "error": {"type": "rate_limit_error", "message": "slow down"}}),
        ("google-ai-studio/m", {"error": {"code": 429, "message": "slow down", "status": "RESOURCE_EXHAUSTED"}}),
        ("aws-bedrock/m", {"message": "slow down"}),
        ("cohere/m", {"message": "slow down"}),
    ],
)
@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize(("status", "told"), [(429, 429), (200, 502)])
def test_an_error_keeps_its_status_or_is_none_of_success(model, error, stream, status, told):
    path = RESPONSES if model.startswith("anthropic") else MESSAGES
    reply_of_provider = says(error, status, retry_after=b"3")
    source = reply_of_provider.body
    reply, text = serve(ask(model, path, fields={"stream": stream}), Provider(reply_of_provider))
    assert reply.status == told
    assert msgspec.json.decode(text)["error"]["message"] == "slow down"
    assert reply.header(b"retry-after") == b"3"
    assert source.closed


@pytest.mark.parametrize("text", [b"", b"<html>", b"[]", b"\xff", b'{"a":' * 100000])
def test_an_answer_that_is_no_json_is_an_error(text):
    call = ask("groq/m", MESSAGES)
    reply, said = serve(call, Provider(says(text, kind=b"text/html")))
    assert reply.status == 502
    assert msgspec.json.decode(said)["error"]["type"] == "api_error"
    assert call.record.response_type == "application/json"


@pytest.mark.parametrize("status", [200, 429])
def test_an_answer_that_breaks_off_is_refused_and_closed(status):
    broken = says(b"", status, chunks=[b'{"a"', Broken("off")])
    source = broken.body
    with pytest.raises(Refusal) as refused:
        serve(ask("groq/m", MESSAGES), Provider(broken))
    assert (refused.value.status, refused.value.code) == (502, "stream_broken")
    assert source.closed


def test_a_stream_that_breaks_off_raises_and_is_closed_by_its_reply():
    broken = streams(delta("a"), Broken("off"))
    source = broken.body
    with pytest.raises(Broken):
        serve(ask("groq/m", MESSAGES, fields={"stream": True}), Provider(broken))
    assert source.closed


def test_a_client_that_leaves_while_an_answer_is_read_closes_it():
    async def hanging():
        reply = says(b"")
        source = reply.body

        async def never():
            await asyncio.sleep(3600)
            yield b""

        reply.body = never()
        task = asyncio.create_task(served(ask("groq/m", MESSAGES), Provider(reply)))
        await asyncio.sleep(0.02)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        return source.closed

    assert asyncio.run(hanging())


def test_the_gateways_own_no_passes_as_it_is():
    no = errors.reply(Refusal(504, 2005, "provider_timeout", "Late."), "anthropic_messages")
    reply, text = serve(ask("groq/m", MESSAGES), Provider(no))
    assert (reply.status, reply.refusal) == (504, "provider_timeout")
    assert msgspec.json.decode(text)["internalCode"] == 2005


def test_what_cannot_be_carried_is_refused_by_name_and_nobody_is_asked():
    provider = Provider()
    with pytest.raises(Refusal) as refused:
        serve(ask("anthropic/m", fields={"seed": 7, "max_tokens": 5}), provider)
    assert (refused.value.status, refused.value.number, refused.value.code) == (400, 2110, "unsupported_parameter")
    assert "seed" in refused.value.sentence
    assert provider.calls == []


def test_what_cannot_be_carried_is_dropped_and_told_where_the_client_allows():
    provider = Provider(says(MESSAGE))
    call = ask("anthropic/m", fields={"seed": 7, "max_tokens": 5}, cf_aig_strict=b"false")
    reply, _ = serve(call, provider)
    assert "seed" not in provider.body
    assert reply.header(b"cf-aig-dropped") == b"seed"
    assert call.record.decided == {"dropped": "seed"}
    failing = Provider(says({"message": "no"}, 400))
    reply, _ = serve(ask("anthropic/m", fields={"seed": 7, "max_tokens": 5}, cf_aig_strict=b"false"), failing)
    assert reply.header(b"cf-aig-dropped") == b"seed"


def test_a_name_of_the_clients_makes_no_header_of_its_own():
    odd = {"x\r\nset-cookie: a=b\r\n": 1, "max_tokens": 5}
    reply, _ = serve(ask("anthropic/m", fields=odd, cf_aig_strict=b"false"), Provider(says(MESSAGE)))
    assert reply.header(b"cf-aig-dropped") == b"x??set-cookie: a=b??"


def test_a_provider_without_conversations_is_refused():
    with pytest.raises(Refusal) as refused:
        serve(ask("deepgram/m"), Provider())
    assert (refused.value.status, refused.value.code) == (400, "unsupported_endpoint")


@pytest.mark.parametrize("model", [b"..", b".", b"%2e%2e", b"a%2Fb", b"..%2Fb"])
def test_no_model_leaves_its_place_in_a_path(model):
    with pytest.raises(Refusal) as refused:
        serve(google(b"google-ai-studio/" + model), Provider())
    assert refused.value.status == 400


def test_claude_on_vertex_is_asked_by_any_client():
    provider = Provider(says(MESSAGE))
    _, text = serve(ask("vertex/claude-x", fields={"max_tokens": 5}), provider)
    assert provider.asked.path == b"publishers/anthropic/models/claude-x:rawPredict"
    assert provider.body["anthropic_version"] == "vertex-2023-10-16"
    assert msgspec.json.decode(text)["choices"][0]["message"]["content"] == "Hello"


@pytest.mark.parametrize("path", [CHAT, MESSAGES, RESPONSES])
def test_a_body_that_is_no_json_is_refused(path):
    with pytest.raises(Refusal) as refused:
        serve(unified(path, b'{"model": "groq/m"} x'), Provider())
    assert (refused.value.status, refused.value.code) == (400, "invalid_request")


def test_a_body_that_is_not_of_its_dialect_is_refused_where_it_is_read():
    with pytest.raises(Refusal) as refused:
        serve(ask("groq/m", MESSAGES, fields={"messages": 5}), Provider())
    assert (refused.value.status, refused.value.code) == (400, "invalid_request")
    reply, _ = serve(ask("groq/m", fields={"messages": 5}), Provider(says({"error": {"message": "bad"}}, 400)))
    assert reply.status == 400
