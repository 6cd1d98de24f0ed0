"""Answers that no provider should give are errors in every client's dialect, never a fault of ours."""

import pytest

from tests import corpus
from tests.compat.talkers import TALKERS
from tests.compat.test_streams import CHOSEN, shortest
from tests.world import Says

pytestmark = corpus.present

JSON, HTML, EVENTS = "application/json", "text/html", "text/event-stream"
PAGE = b"<html><body><h1>503 Service Unavailable</h1></body></html>"
WHOLE = {
    "a page of a proxy": (503, HTML, PAGE, 503),
    "no JSON": (200, JSON, b"Hello", 502),
    "an empty body": (200, JSON, b"", 502),
    "a list": (200, JSON, b"[1]", 502),
    "an object that is no answer": (200, JSON, b'{"ok":true}', 502),
    "an empty error": (500, JSON, b"", 500),
    "a deep answer": (200, JSON, b'{"a":' * 5000 + b"1" + b"}" * 5000, 502),
}
STREAMED = {
    "a page of a proxy": (503, HTML, PAGE),
    "an event that is no JSON": (200, EVENTS, b"data: {oops\n\n"),
    "no event at all": (200, EVENTS, b""),
    "text that is no event": (200, EVENTS, PAGE),
}
CASES = [(client, dialect) for client in TALKERS for dialect in CHOSEN if client != dialect]


def asked(stage, client, dialect, case, says):
    recording, slug = shortest(dialect)
    id = f"{recording.id}/{client}/{case}"
    status, kind, body, *_ = says
    stage.player.said[id] = Says(status, {"content-type": kind}, [body])
    stream = "stream" in case
    heard = stage.talker(client, slug).ask(f"{slug}/{recording.model}", stream=stream, headers=stage.headers(id, slug))
    return heard, stage.line(id)


@pytest.mark.parametrize(("client", "dialect"), CASES)
def test_a_whole_answer_that_is_none_is_an_error_of_the_provider(stage, client, dialect):
    wrong = []
    for name, says in WHOLE.items():
        heard, line = asked(stage, client, dialect, f"whole {name}", says)
        if heard.error is None or heard.error[1] != says[3] or not heard.error[2]:
            wrong.append((name, heard))
        if line["status_code"] != says[3] or len(line["attempts"]) != 1:
            wrong.append((name, line["status_code"], line["outcome"]))
    assert wrong == []


@pytest.mark.parametrize(("client", "dialect"), CASES)
def test_a_stream_that_is_none_is_an_error_of_the_provider(stage, client, dialect):
    wrong = []
    for name, says in STREAMED.items():
        heard, _ = asked(stage, client, dialect, f"stream {name}", says)
        if heard.error is None or not heard.error[2]:
            wrong.append((name, heard))
    assert wrong == []
