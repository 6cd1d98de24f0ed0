"""Streams of providers, read."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.call import Usage
from gateway.conversation.answer import Fault
from gateway.conversation.events import Add, Close, Count, End, Failed, Finish, Open, Start
from gateway.conversation.parts import Citation, Media, Native, Refusing, Text, Thinking
from gateway.translation.openai_chat import CODEC
from tests.translation.openai_chat.test_answers_in import ODD, WORDS
from tests.translation.openai_chat.whole import DONE, chunks, delta, events_of, parts, together, told


def test_the_events_of_a_plain_stream():
    usage = {"id": "1", "choices": [], "usage": {"prompt_tokens": 3, "completion_tokens": 4}}
    body = chunks(
        delta(role="assistant", content=""), delta(content="a"), delta(content="b"), delta(finish="stop"), usage, DONE
    )
    assert events_of(body) == [
        Start("1", "m", 5),
        Open(0, 0, Text()),
        Add(0, 0, "a"),
        Add(0, 0, "b"),
        Close(0, 0),
        Finish(0, "stop", "stop"),
        Count(Usage(3, 4, 7)),
        End(),
    ]


def test_thoughts_end_where_text_begins():
    assert parts(delta(reasoning_content="h"), delta(reasoning="m"), delta(content="x")) == [Thinking("hm"), Text("x")]
    assert parts(delta(reasoning_content="hm", content="x")) == [Thinking("hm"), Text("x")]


def test_thoughts_that_go_on_after_text_are_others():
    said = parts(delta(reasoning="a"), delta(content="x"), delta(reasoning="b"), delta(content="y"))
    assert said == [Thinking("a"), Text("x"), Thinking("b"), Text("y")]


def test_details_say_the_same_as_the_plain_member_and_count_once():
    item = {"type": "reasoning.text", "format": "anthropic-claude-v1", "index": 0}
    said = parts(
        delta(reasoning="h", reasoning_details=[item | {"text": "h"}]),
        delta(reasoning="m", reasoning_details=[item | {"text": "m"}]),
        delta(reasoning_details=[item | {"signature": "c2ln"}]),
        delta(content="x"),
    )
    assert said == [Thinking("hm", "anthropic-claude-v1~c2ln", maker="openai_chat"), Text("x")]


def test_encrypted_thoughts_are_whole_at_once():
    encrypted = {"type": "reasoning.encrypted", "data": "ZW5j", "id": "rs_1", "format": "f", "index": 0}
    said = parts(
        delta(reasoning="short", reasoning_details=[{"type": "reasoning.summary", "summary": "short", "index": 0}]),
        delta(content="x", reasoning_details=[encrypted]),
    )
    assert said == [
        Thinking("short", summary=True),
        Thinking(redacted="f~ZW5j", id="rs_1", maker="openai_chat"),
        Text("x"),
    ]


def test_chunks_of_thoughts_in_the_content():
    thinking = [{"type": "thinking", "thinking": [{"type": "text", "text": "hm"}]}]
    assert parts(delta(content=thinking), delta(content=[{"type": "text", "text": "x"}]), delta(content="y")) == [
        Thinking("hm"),
        Text("xy"),
    ]


def test_refusals_citations_images_and_sound():
    assert parts(delta(refusal="n"), delta(refusal="o")) == [Refusing("no")]
    page = {"type": "url_citation", "url_citation": {"url": "https://x", "start_index": 0, "end_index": 1}}
    (text,) = parts(delta(content="a"), delta(annotations=[page]))
    assert text.citations == [Citation(url="https://x", start=0, end=1, native=page, dialect="openai_chat")]
    image = {"type": "image_url", "image_url": {"url": "data:image/png;base64,AAAA"}}
    assert parts(delta(images=[image])) == [Media("image", "image/png", "AAAA")]
    said = parts(
        delta(audio={"id": "a", "transcript": "be"}),
        delta(audio={"data": "AA=="}),
        delta(audio={"transcript": "ep", "data": "AQ=="}),
        delta(audio={"expires_at": 5}),
    )
    assert said == [
        Media("audio", data="AAE="),
        Native("openai_chat", "audio", {"id": "a", "transcript": "beep", "expires_at": 5}),
    ]


def test_several_answers_side_by_side():
    said = told(delta(0, content="a"), delta(1, content="b"), delta(1, "length"), delta(0, "stop"))
    assert [(one.index, one.parts, one.reason) for one in said.candidates] == [
        (0, [Text("a")], "stop"),
        (1, [Text("b")], "length"),
    ]


def test_log_probabilities_add_up():
    scores = [{"content": [{"token": token, "logprob": -1.0}], "refusal": None} for token in "ab"]
    said = told(*[delta(content="x", more={"logprobs": one}) for one in scores], delta(finish="stop"))
    assert [one["token"] for one in said.candidates[0].logprobs["content"]] == ["a", "b"]


USAGE = {"prompt_tokens": 3, "completion_tokens": 4, "cost": 0.5}


@pytest.mark.parametrize(
    "last",
    [
        [delta(finish="stop") | {"usage": USAGE}],
        [delta(finish="stop"), {"id": "1", "choices": [], "usage": USAGE}],
        [delta(finish="stop"), delta() | {"usage": USAGE}],
        [delta(finish="stop", more={"usage": USAGE})],
        [delta(finish="stop") | {"usage": {"prompt_tokens": 3}}, {"choices": [], "usage": USAGE}],
        [delta(finish="stop"), {"id": "1", "choices": [], "usage": USAGE}, {"choices": [], "usage": None}],
    ],
    ids=["on the last", "apart", "apart with a choice", "in the choice", "twice", "and null after it"],
)
def test_usage_wherever_it_stands(last):
    said = told(delta(content="x") | {"usage": None}, *last)
    assert said.usage == Usage(3, 4, 7)
    assert said.extras == {"usage.cost": 0.5}


def test_usage_that_grows_and_usage_in_an_extension():
    growing = [delta(content="x") | {"usage": {"prompt_tokens": 3, "completion_tokens": n}} for n in (1, 2)]
    assert told(*growing, delta(finish="stop")).usage == Usage(3, 2, 5)
    assert told(delta(finish="stop") | {"x_groq": {"id": "r", "usage": USAGE}}).usage == Usage(3, 4, 7)


def test_filter_results_before_the_answer_begins():
    first = {"id": "", "model": "", "choices": [], "prompt_filter_results": [{"prompt_index": 0}]}
    said = told(
        first, delta(content="x", more={"content_filter_results": {"hate": {"filtered": False}}}), delta(finish="stop")
    )
    assert (said.id, said.model) == ("1", "m")
    assert said.extras == {"prompt_filter_results": [{"prompt_index": 0}]}
    name, value = "choice.content_filter_results", {"hate": {"filtered": False}}
    assert said.candidates[0].parts[1:] == [Native("openai_chat", name, value)]


def test_sources_that_stand_beside_every_chunk_come_once():
    said = told(*[delta(content=text) | {"citations": ["https://x"]} for text in "ab"], delta(finish="stop"))
    assert said.extras == {"citations": ["https://x"]}


@pytest.mark.parametrize(
    ("name", "chunk", "fault"),
    [
        (b"", {"error": {"message": "no", "code": 429}}, Fault(429, "no")),
        (b"error", {"error": {"message": "no", "status_code": 400, "code": "x"}}, Fault(400, "no", "", "x")),
        (b"error", {"message": "no"}, Fault(502, "no")),
        (b"", {"error": "no"}, Fault(502, "no")),
        (b"", delta(more={"error": {"message": "no", "code": 503}}), Fault(503, "no")),
    ],
)
def test_an_error_in_mid_stream_ends_it(name, chunk, fault):
    reader = CODEC.reader()
    list(reader.read(b"", msgspec.json.encode(delta(content="x"))))
    events = list(reader.read(name, msgspec.json.encode(chunk)))
    assert events[-1] == Failed(fault)
    assert not list(reader.read(b"", msgspec.json.encode(delta(content="y"))))
    assert not list(reader.end())


@pytest.mark.parametrize("text", [b"{", b"5", b"[]", b"null", b'"x"', b"[" * 100_000])
def test_a_chunk_that_cannot_be_read_ends_the_stream(text):
    (event,) = CODEC.reader().read(b"", text)
    assert isinstance(event, Failed)
    assert event.fault.status == 502


def test_half_an_emoji_is_no_end():
    (text,) = parts(b'{"id":"1","choices":[{"index":0,"delta":{"content":"a\\ud83d"}}]}', delta(content="b"))
    assert text == Text("a\ufffdb")


def test_an_end_without_done_is_one_if_a_reason_was_given():
    assert told(delta(content="x"), delta(finish="stop"), done=False).candidates[0].reason == "stop"


def test_done_without_a_reason_is_an_end():
    assert told(delta(content="x")).candidates[0].reason == "stop"
    used = {"index": 0, "id": "1", "function": {"name": "f", "arguments": "{}"}}
    assert told(delta(tool_calls=[used])).candidates[0].reason == "tool_use"


@pytest.mark.parametrize(
    "texts", [[], [delta(content="x")], [delta(0, content="x"), delta(1, "stop")], [{"choices": []}, DONE], [DONE]]
)
def test_a_stream_cut_short_failed(texts):
    last = events_of(chunks(*texts))[-1]
    assert isinstance(last, Failed)
    assert (last.fault.status, last.fault.code) == (502, "stream_broken")


def test_after_the_end_nothing_is_read():
    reader = CODEC.reader()
    for text in (msgspec.json.encode(delta(finish="stop")), DONE):
        list(reader.read(b"", text))
    assert not list(reader.read(b"", msgspec.json.encode(delta(content="y"))))
    assert not list(reader.end())


@given(st.lists(st.dictionaries(st.sampled_from(WORDS), ODD, max_size=6) | ODD, max_size=4), ODD)
def test_no_chunk_is_so_odd_that_reading_it_raises(bodies, other):
    reader = CODEC.reader()
    events = []
    for body in [*bodies, {"id": "1", "choices": [{"delta": other}, other]}]:
        events += reader.read(b"", msgspec.json.encode(body))
    events += reader.read(b"", DONE)
    together([*events, *reader.end()])
