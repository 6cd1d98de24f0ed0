"""An answer read in one go says what the meter says of it, or leaves it to the meter."""

import pytest

from gateway import dialects
from gateway.call import Answer, Asked
from tests import corpus
from tests.dialects import independent

JSON = b"application/json"
CHAT = Asked("chat", "openai_chat", "m")
BODY = b'{"id": "1", "model": "m", "choices": [], "usage": {"prompt_tokens": 1, "completion_tokens": 2}}'


def metered(asked, body):
    meter = dialects.meter(asked, 200, JSON, b"")
    meter.feed(body)
    return meter.finish()


@corpus.present
def test_every_recorded_json_answer_is_read_as_the_meter_reads_it():
    read = 0
    for exchange in corpus.exchanges():
        asked = Asked(dialect=independent.dialect(exchange.provider, exchange.surface), stream=exchange.stream)
        kind = exchange.headers.get("content-type", "").encode()
        found = dialects.whole(asked, exchange.status, kind, exchange.body)
        plain = asked.dialect and not exchange.stream and exchange.status < 400 and kind == JSON
        assert plain or found is None, exchange.id
        if found is not None:
            assert found == metered(asked, exchange.body), exchange.id
            read += 1
    assert read > 150


@pytest.mark.parametrize(
    ("asked", "status", "kind", "body"),
    [
        (CHAT, 400, JSON, BODY),
        (CHAT, 200, b"application/json; charset=utf-8", BODY),
        (CHAT, 200, b"text/event-stream", BODY),
        (CHAT, 200, b"", BODY),
        (Asked("chat", "openai_chat", "m", stream=True), 200, JSON, BODY),
        (Asked("chat", "", "m"), 200, JSON, BODY),
        (Asked("chat", "unheard_of", "m"), 200, JSON, BODY),
        (CHAT, 200, JSON, b"[1]"),
        (CHAT, 200, JSON, b"no JSON"),
        (CHAT, 200, JSON, b'{"id": '),
        (CHAT, 200, JSON, b"data: {}\n\n"),
        (CHAT, 200, JSON, b"[" * 100_000),
    ],
)
def test_what_is_no_plain_json_answer_is_left_to_the_meter(asked, status, kind, body):
    assert dialects.whole(asked, status, kind, body) is None


@pytest.mark.parametrize(
    "body", [BODY, b"\n " + BODY + b"\n", b"\xef\xbb\xbf" + BODY, BODY.replace(b'"1"', b"7"), b"{}", b'{"usage": 3}']
)
def test_odd_json_is_read_as_the_meter_reads_it(body):
    found = dialects.whole(CHAT, 200, JSON, body)
    assert isinstance(found, Answer)
    assert found == metered(CHAT, body)
