"""A stream of Google's as one JSON array."""

import json

import pytest

from gateway.compat.arrayed import Arrayed, wanted
from gateway.compat.pieces import Events
from gateway.compat.rendered import Rendered, Rendering
from gateway.compat.whole import events as told
from gateway.compat.whole import played
from gateway.conversation.answer import Candidate, Completion, Fault
from gateway.conversation.events import End, Failed
from gateway.conversation.parts import Text
from gateway.conversation.request import Conversation
from gateway.translation.codecs import CODECS
from gateway.wire.json_array import Splitter
from tests.compat.scripted import STREAM, Source, Taker, events, relayed, stepped


def writer():
    return CODECS["gemini_generate"].writer(Conversation("gemini_generate", "m", [], stream=True, include_usage=True))


def rendered(chunks, made, pushes=False):
    return Rendered(Source(chunks, pushes), Events(), Rendering(CODECS["openai_chat"].reader(), made))


@pytest.mark.parametrize("pushes", [True, False])
def test_the_array_holds_what_the_events_hold(pushes):
    body = rendered(STREAM, Arrayed(writer()), pushes)
    text = relayed(body, Taker()) if pushes else stepped(body)
    assert undated(json.loads(text)) == undated(events(stepped(rendered(STREAM, writer()))))


def undated(chunks):
    return [{name: value for name, value in chunk.items() if name != "createTime"} for chunk in chunks]


def test_elements_go_out_as_they_come():
    taker = Taker()
    relayed(rendered(STREAM, Arrayed(writer()), pushes=True), taker)
    split = Splitter()
    assert [len(split.feed(part)) for part in taker.parts][:2] == [1, 1]


def test_an_error_is_the_last_element():
    error = b'data: {"error": {"message": "boom", "type": "server_error"}}\n\n'
    made = json.loads(stepped(rendered([STREAM[0], error, STREAM[1]], Arrayed(writer()))))
    assert [next(iter(one)) for one in made] == ["candidates", "error"]
    assert made[1]["error"]["message"] == "boom"


def test_an_answer_that_is_whole_is_an_array_too():
    answer = Completion(candidates=[Candidate([Text("Hello")], "stop")])
    made = json.loads(played(told(answer), Arrayed(writer())))
    assert made[0]["candidates"][0]["content"]["parts"] == [{"text": "Hello"}]


def test_nothing_follows_the_end():
    class Silent:
        def write(self, event):
            return b""

    array = Arrayed(Silent())
    assert array.write(End()) == b"[]"
    assert array.write(End()) == b""
    assert array.write(Failed(Fault(500, "x"))) == b""


@pytest.mark.parametrize(
    ("query", "array"),
    [
        (b"", True),
        (b"alt=json", True),
        (b"key=x", True),
        (b"xalt=sse", True),
        (b"alt=sse", False),
        (b"key=x&alt=sse", False),
        (b"alt=SSE", False),
        (b"$alt=sse", False),
        (b"%24alt=sse", False),
    ],
)
def test_the_query_decides(query, array):
    assert wanted(query) is array
