"""Conversations whose provider speaks the client's dialect: the bytes pass, but for what must differ."""

import base64
import gzip

import msgspec
import pytest

from gateway.wire import aws_event_stream
from tests.compat.scripted import (
    DONE,
    GENERATED,
    GENERATES,
    MESSAGES,
    STREAM,
    USAGE,
    Provider,
    ask,
    events,
    google,
    names,
    says,
    serve,
    streams,
    unified,
)


def test_one_dialect_passes_bytes_and_answers():
    body = b'{ "messages" : [],\n"model": "groq/llama" , "odd": 1.50 }'
    provider = Provider(says(b'{"odd": 1.50}', x_request_id=b"7", content_encoding=b"identity"))
    reply, text = serve(unified(body=body), provider)
    assert provider.asked.body == b'{ "messages" : [],\n"model": "llama" , "odd": 1.50 }'
    assert (provider.asked.path, provider.asked.query) == (b"chat/completions", b"")
    assert (provider.asked.asked.model, provider.asked.form, provider.asked.method) == ("llama", "", "POST")
    assert text == b'{"odd": 1.50}'
    assert names(reply.headers) == [b"content-type", b"content-length", b"x-request-id", b"content-encoding"]


def test_one_dialect_passes_errors_too():
    provider = Provider(says(b"<html>", 503, b"text/html", retry_after=b"3"))
    reply, text = serve(ask("groq/llama", fields={"stream": True}), provider)
    assert (reply.status, text, reply.header(b"retry-after")) == (503, b"<html>", b"3")


@pytest.mark.parametrize(
    ("options", "sent"),
    [
        ({}, {"include_usage": True}),
        ({"stream_options": None}, {"include_usage": True}),
        ({"stream_options": {"include_usage": False}}, {"include_usage": True}),
        ({"stream_options": {"include_obfuscation": False}}, {"include_obfuscation": False, "include_usage": True}),
    ],
)
def test_usage_is_asked_for_and_taken_out_where_the_client_did_not_ask(options, sent):
    provider = Provider(streams(*STREAM))
    call = ask("groq/llama", fields={"stream": True, **options}, headers=[(b"accept-encoding", b"gzip")])
    reply, text = serve(call, provider)
    assert provider.body["stream_options"] == sent
    assert b"accept-encoding" not in names(provider.asked.headers)
    assert text == b"".join(part for part in STREAM if part != USAGE)
    assert reply.length is None


@pytest.mark.parametrize("options", [{"include_usage": True}, {"include_usage": 1}, [], "x", 5])
def test_usage_that_the_client_asked_for_stays(options):
    provider = Provider(streams(*STREAM))
    call = ask("groq/llama", fields={"stream": True, "stream_options": options})
    _, text = serve(call, provider)
    assert provider.body["stream_options"] == options
    assert text == b"".join(STREAM)


def test_usage_that_comes_unasked_is_not_asked_for():
    provider = Provider(streams(*STREAM))
    serve(ask("mistral/m", fields={"stream": True}), provider)
    assert "stream_options" not in provider.body


def test_usage_is_taken_out_of_a_packed_stream_and_of_nothing_else():
    provider = Provider(streams(gzip.compress(b"".join(STREAM)), content_encoding=b"gzip"))
    reply, text = serve(ask("groq/llama", fields={"stream": True}), provider)
    assert text == b"".join(part for part in STREAM if part != USAGE)
    assert reply.header(b"content-encoding") == b""
    whole = says(DONE)
    reply, text = serve(ask("groq/llama", fields={"stream": True}), Provider(whole))
    assert (msgspec.json.decode(text), reply.header(b"content-length")) == (DONE, b"%d" % len(text))


def test_googles_bytes_pass_whatever_they_are():
    provider = Provider(says(GENERATED))
    body = b'{ "contents": [], "model": "x/y" }'
    serve(google(b"gemini-x", b"key=k", body=body), provider)
    assert provider.asked.body == body
    assert (provider.asked.path, provider.asked.query) == (b"v1beta/models/gemini-x:generateContent", b"key=k")


@pytest.mark.parametrize("query", [b"", b"alt=sse", b"alt=json"])
def test_whether_googles_stream_is_an_array_its_client_says(query):
    provider = Provider(streams(b"[]", kind=b"application/json"))
    serve(google(b"google/gemini-x", query, GENERATES), provider)
    assert provider.asked.path == b"v1beta/models/gemini-x:streamGenerateContent"
    assert provider.asked.query == query
    assert provider.asked.asked.stream


CLAUDE = "aws-bedrock/anthropic.claude-x"


def test_claude_on_bedrock_is_claude_to_its_own_clients():
    start, stop = b'{"type":"message_start","message":{}}', b'{"type":"message_stop"}'
    frames = [
        aws_event_stream.encode({":event-type": "chunk"}, b'{"bytes":"%b"}' % base64.b64encode(one))
        for one in (start, stop)
    ]
    provider = Provider(streams(*frames, kind=b"application/vnd.amazon.eventstream"))
    call = ask(CLAUDE, MESSAGES, b"beta=true", [(b"anthropic-beta", b"b1"), (b"x-api-key", b"k")], {"stream": True})
    reply, text = serve(call, provider)
    assert provider.asked.path == b"model/anthropic.claude-x/invoke-with-response-stream"
    assert provider.body["anthropic_version"] == "bedrock-2023-05-31"
    assert provider.body["anthropic_beta"] == ["b1"]
    assert {"model", "stream"}.isdisjoint(provider.body)
    assert dict(provider.asked.headers)[b"authorization"] == b"Bearer k"
    assert {b"x-api-key", b"anthropic-beta", b"anthropic-version"}.isdisjoint(names(provider.asked.headers))
    assert [one["type"] for one in events(text)] == ["message_start", "message_stop"]
    assert reply.header(b"content-type").startswith(b"text/event-stream")


def test_a_clouds_error_is_one_of_claudes_to_its_own_clients():
    provider = Provider(says({"message": "no such model"}, 404, x_amzn_errortype=b"ResourceNotFoundException"))
    reply, text = serve(ask(CLAUDE, MESSAGES), provider)
    assert reply.status == 404
    assert msgspec.json.decode(text) == {
        "type": "error",
        "error": {"type": "not_found_error", "message": "no such model"},
    }
