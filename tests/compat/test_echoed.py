"""Messages clients get the model's name as they wrote it, and every other byte as it was."""

import gzip
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.compat.echoed import Echoed, renamed, wanted
from gateway.wire import compression, sse
from tests.compat.scripted import (
    MESSAGE,
    MESSAGES,
    STREAM,
    Provider,
    Source,
    Taker,
    ask,
    cuts,
    events,
    relayed,
    says,
    serve,
    stepped,
    streams,
    unified,
)

START = b'event: message_start\ndata: {"type":"message_start","message":{"id":"1","model": "claude","content":[]}}\n\n'
TEXT = (
    b'data: {"type":"content_block_delta","delta":{"type":"text_delta","text":"\\"model\\": \\"message_start\\""}}\n\n'
)
LATER = b'event: x\ndata: {"type": "x", "model": "claude"}\n\n'
NAME = 'anthropic/"claude"'
NAMED = START.replace(b'"claude"', json.dumps(NAME).encode())
WHOLE = b'{"type":"message", "content":[{"text":"\\"model\\":\\"x\\""}], "usage":{"model":"y"}, "model" : "claude"}'


@given(
    st.lists(st.sampled_from([b": hi\n\n", b"\n\n", b'data: {"type": "ping"}\n\n']), max_size=3),
    st.lists(st.sampled_from([TEXT, LATER, START]), max_size=4),
    st.lists(st.integers(0, 900), max_size=12),
    st.booleans(),
)
def test_any_chunking_by_steps_or_by_relay_renames_the_first_event_alone(before, after, places, knows):
    chunks = cuts(b"".join([*before, START, *after]), places)
    expected = b"".join([*before, NAMED, *after])
    assert stepped(Echoed(Source(chunks, knows=knows), NAME)) == expected
    taker = Taker(2)
    assert relayed(Echoed(Source(chunks, pushes=True, knows=knows), NAME), taker) == expected
    assert taker.last == 1


@pytest.mark.parametrize("text", [b"", b"nothing", TEXT, START[:-1], b'data: {"type":"message_start"}\n\n'])
def test_a_stream_that_names_no_model_passes(text):
    assert stepped(Echoed(Source([text]), NAME)) == text


def test_what_has_come_is_not_held_back():
    echoed = Echoed(Source([]), NAME)
    assert echoed.strip(START + TEXT[:9]) == NAMED + TEXT[:9]
    assert echoed.strip(TEXT[9:]) == TEXT[9:]


def test_an_endless_event_is_not_gathered():
    echoed = Echoed(Source([]), NAME)
    part = b"x" * (sse.LIMIT // 2 + 1)
    assert echoed.strip(part) == b""
    assert echoed.strip(part) == part * 2
    assert echoed.strip(START) == START


def test_a_packed_stream_is_unpacked():
    inflater = compression.Inflater(compression.plan(b"gzip"))
    assert stepped(Echoed(Source(cuts(gzip.compress(START + TEXT), [9, 40])), NAME, inflater)) == NAMED + TEXT


def test_a_whole_answer_is_renamed_where_it_names_a_model():
    assert renamed(WHOLE, "a/b") == WHOLE[: -len(b'"claude"}')] + b'"a/b"}'
    for text in (b'{"type": "message"}', b"[]", b"", b"{", b"<html>"):
        assert renamed(text, "a/b") == text


@pytest.mark.parametrize(("model", "named"), [("anthropic/claude", "anthropic/claude"), ("claude", "claude-1")])
def test_what_passes_has_the_clients_name_where_that_is_not_the_providers(model, named):
    own = b'{"type":"message","role":"assistant","content":[],"model":"claude-1","stop_reason":"end_turn"}'
    reply, text = serve(ask(model, MESSAGES), Provider(says(own)))
    assert json.loads(text)["model"] == named
    assert reply.header(b"content-length") == b"%d" % len(text)
    reply, text = serve(ask(model, MESSAGES, fields={"stream": True}), Provider(streams(START, TEXT)))
    assert events(text)[0]["message"]["model"] == model
    assert text.endswith(TEXT)


def test_what_is_translated_has_the_clients_name():
    answer = b'{"choices":[{"message":{"content":"hi"},"finish_reason":"stop"}],"model":"llama-1"}'
    _, text = serve(ask("groq/llama", MESSAGES), Provider(says(answer)))
    assert json.loads(text)["model"] == "groq/llama"
    for reply in (streams(*STREAM), says(answer)):
        _, text = serve(ask("groq/llama", MESSAGES, fields={"stream": True}), Provider(reply))
        assert events(text)[0]["message"]["model"] == "groq/llama"
    _, text = serve(ask("anthropic/claude"), Provider(says(json.dumps(MESSAGE).encode())))
    assert json.loads(text)["model"] == MESSAGE["model"]


def test_errors_and_other_kinds_pass():
    reply, text = serve(ask("anthropic/claude", MESSAGES), Provider(says(b'{"model": "m"}', 400)))
    assert (reply.status, text) == (400, b'{"model": "m"}')
    _, text = serve(ask("anthropic/claude", MESSAGES), Provider(says(WHOLE, 200, b"text/plain")))
    assert text == WHOLE


def test_other_clients_names_are_no_wish():
    assert wanted(unified(b"chat/completions", b'{"model": "groq/m"}'), "m") == ""
