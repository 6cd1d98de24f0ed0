"""Streams that come in odd pieces, break, or end in an error, through every dialect's SDK."""

import json

import pytest

from gateway.wire.aws_event_stream import encode
from tests import corpus
from tests.compat import recordings
from tests.compat.heard import differences
from tests.compat.recordings import CONVERSE, OWN, RESPONSES
from tests.compat.stage import replayed
from tests.compat.talkers import TALKERS
from tests.world import Says

pytestmark = corpus.present

CHOSEN = {
    "openai_chat": ("openai chat", OWN),
    "openai_responses": ("openai responses", RESPONSES),
    "anthropic_messages": ("anthropic messages", "anthropic"),
    "gemini_generate": ("gemini generateContent", "google-ai-studio"),
    "bedrock_converse": ("bedrock converse", CONVERSE),
    "cohere_chat": ("cohere v2-chat", "cohere"),
}
"""By dialect, whose streams are taken, and under which slug they are asked for."""
WORDS = "The engine stumbled."


def event(name, value):
    return f"event: {name}\ndata: {json.dumps(value)}\n\n".encode()


def frame(kind, value):
    headers = {":exception-type": kind, ":content-type": "application/json", ":message-type": "exception"}
    return encode(headers, json.dumps(value).encode())


ERRORS = {
    "openai_chat": event("error", {"error": {"message": WORDS, "type": "server_error", "code": None, "param": None}}),
    "openai_responses": event(
        "error", {"type": "error", "code": "server_error", "message": WORDS, "param": None, "sequence_number": 99}
    ),
    "anthropic_messages": event("error", {"type": "error", "error": {"type": "overloaded_error", "message": WORDS}}),
    "gemini_generate": b"data: %b\r\n\r\n"
    % json.dumps({"error": {"code": 503, "message": WORDS, "status": "UNAVAILABLE"}}).encode(),
    "bedrock_converse": frame("serviceUnavailableException", {"message": WORDS}),
}


def shortest(dialect):
    """The shortest recorded stream of a dialect that calls a tool."""
    group, slug = CHOSEN[dialect]
    fitting = [one for one in recordings.groups()[group] if one.exchange.stream and one.exchange.status == 200]
    fitting = [one for one in fitting if one.said.first.calls and len(pieces(one)) > 1]
    return min(fitting, key=lambda one: len(one.exchange.body)), slug


def asked(stage, client, dialect, case, says):
    """What a client hears when the provider says something of ours in place of a recording."""
    recording, slug = shortest(dialect)
    id = f"{recording.id}/{client}/{case}"
    stage.player.said[id] = says(recording)
    talker = stage.talker(client, slug)
    answer = talker.ask(
        f"{slug}/{recording.model}", stream=True, headers=stage.headers(id, slug), passed=client == dialect
    )
    return recording, talker, answer, id


def bytewise(recording):
    whole = replayed(recording)
    body = b"".join(whole.chunks)
    return Says(200, whole.headers, [body[at : at + 1] for at in range(len(body))], "chunked")


def pieces(recording):
    """A stream's events, or its frames."""
    body, found = b"".join(replayed(recording).chunks), []
    if recording.dialect == "bedrock_converse":
        while body:
            size = int.from_bytes(body[:4], "big")
            found.append(body[:size])
            body = body[size:]
        return found
    mark = b"\r\n\r\n" if b"\r\n\r\n" in body else b"\n\n"
    return [one + mark for one in body.split(mark) if one]


def half(recording):
    """The first half of a stream's events."""
    found = pieces(recording)
    return replayed(recording).headers, b"".join(found[: max(1, len(found) // 2)])


@pytest.mark.parametrize("dialect", CHOSEN)
@pytest.mark.parametrize("client", TALKERS)
def test_a_stream_that_comes_byte_by_byte_says_the_same(stage, client, dialect):
    recording, talker, heard, _ = asked(stage, client, dialect, "bytes", bytewise)
    assert differences(heard, talker.wish(recording.said, dialect)) == []


@pytest.mark.parametrize("dialect", ERRORS)
@pytest.mark.parametrize("client", TALKERS)
def test_a_providers_error_in_mid_stream_is_raised_with_its_words(stage, client, dialect):
    def stumbles(recording):
        headers, begin = half(recording)
        return Says(200, headers, [begin, ERRORS[dialect]], "chunked")

    *_, heard, id = asked(stage, client, dialect, "error", stumbles)
    assert heard.error is not None
    assert WORDS in heard.error[2]
    assert heard.error[0] in ("APIError", "APIStatusError", "ServerError", "OverloadedError")
    assert stage.lines()[id]["status_code"] == 200


@pytest.mark.parametrize("dialect", CHOSEN)
@pytest.mark.parametrize("client", TALKERS)
def test_a_provider_that_breaks_off_is_an_error_and_no_end(stage, client, dialect):
    def breaks(recording):
        headers, begin = half(recording)
        return Says(200, headers, [begin], "chunked", cut=True)

    *_, heard, id = asked(stage, client, dialect, "cut", breaks)
    assert heard.error is not None
    assert heard.error[0] in ("APIError", "APIStatusError", "ServerError")
    assert stage.lines()[id]["outcome"] == "failed"


@pytest.mark.parametrize("dialect", CHOSEN)
@pytest.mark.parametrize("client", TALKERS)
def test_a_stream_that_ends_in_good_order_but_too_early_is_an_error(stage, client, dialect):
    """But for a client of the provider's own dialect, to whom the bytes pass as they are."""
    if client == dialect:
        return

    def leaves(recording):
        headers, begin = half(recording)
        return Says(200, headers, [begin], "chunked")

    *_, heard, _ = asked(stage, client, dialect, "early", leaves)
    assert heard.error is not None
    assert heard.error[0] in ("APIError", "APIStatusError", "ServerError")
