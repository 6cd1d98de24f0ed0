"""The events of a v2 chat, one by one."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.call import Usage
from gateway.conversation.answer import Fault
from gateway.conversation.events import Add, Cite, Close, Count, End, Failed, Finish, Logprobs, Open, Start
from gateway.conversation.parts import Text, Thinking, ToolUse
from gateway.translation.cohere_chat import CODEC
from tests.translation.cohere_chat.test_answers import DOCUMENT, JSON
from tests.translation.gathered import events_of, gathered

THOUGHT = Thinking(maker="cohere_chat")
START = {"type": "message-start", "id": "m", "delta": {"message": {"role": "assistant"}}}
USAGE = {"tokens": {"input_tokens": 1, "output_tokens": 2}}
END = {"type": "message-end", "delta": {"finish_reason": "COMPLETE", "usage": USAGE}}


def event(kind, index=None, **message):
    return {"type": kind, "delta": {"message": message}, **({} if index is None else {"index": index})}


def words(index, text):
    return event("content-delta", index, content={"text": text})


def call(index, id, **function):
    return event("tool-call-start", index, tool_calls={"id": id, "type": "function", "function": function})


def more(index, text):
    return event("tool-call-delta", index, tool_calls={"function": {"arguments": text}})


def read(*events):
    return events_of(CODEC.reader(), [(b"", json.dumps(one).encode()) for one in events])


def inside(*events):
    """What comes between the start and the end of a message."""
    found = read(START, *events, END)
    assert found[0] == Start("m")
    assert found[-3:] == [Finish(0, "stop", "COMPLETE"), Count(Usage(1, 2, 3)), End()]
    gathered(found)
    return found[1:-3]


def test_content_begins_with_its_first_words():
    begin = event("content-start", 0, content={"type": "text", "text": ""})
    assert inside(begin, words(0, "Hel"), words(0, "lo"), {"type": "content-end", "index": 0}) == [
        Open(0, 0, Text()),
        Add(0, 0, "Hel"),
        Add(0, 0, "lo"),
        Close(0, 0),
    ]
    assert inside(begin, {"type": "content-end", "index": 0}) == []


def test_thoughts_end_where_words_begin():
    thought = event("content-delta", 0, content={"thinking": "hm"})
    assert inside(thought, words(1, "So.")) == [
        Open(0, 0, THOUGHT),
        Add(0, 0, "hm"),
        Close(0, 0),
        Open(0, 1, Text()),
        Add(0, 1, "So."),
        Close(0, 1),
    ]


def test_a_plan_is_a_thought_that_ends_where_a_call_begins():
    plan = event("tool-plan-delta", tool_plan="First f.")
    end = {"type": "tool-call-end", "index": 0}
    assert inside(plan, call(0, "c", name="f", arguments=""), more(0, '{"a":'), more(0, "1}"), end) == [
        Open(0, 0, THOUGHT),
        Add(0, 0, "First f."),
        Close(0, 0),
        Open(0, 1, ToolUse("c", "f")),
        Add(0, 1, '{"a":'),
        Add(0, 1, "1}"),
        Close(0, 1),
    ]


def test_calls_may_be_open_side_by_side_and_without_an_end():
    found = inside(call(0, "c", name="f", arguments="{"), call(1, "d", name="g"), more(0, "}"), more(1, "[]"))
    assert found == [
        Open(0, 0, ToolUse("c", "f")),
        Add(0, 0, "{"),
        Open(0, 1, ToolUse("d", "g")),
        Add(0, 0, "}"),
        Add(0, 1, "[]"),
        Close(0, 0),
        Close(0, 1),
    ]


def test_a_call_without_arguments_has_an_empty_object_as_a_whole_answer_has():
    end = {"type": "tool-call-end", "index": 0}
    assert inside(call(0, "c", name="f", arguments=""), end) == [
        Open(0, 0, ToolUse("c", "f")),
        Add(0, 0, "{}"),
        Close(0, 0),
    ]


@pytest.mark.parametrize("place", [{"content_index": 1}, {}])
def test_citations_come_after_the_last_word_even_where_they_came_before(place):
    given = {"start": 0, "end": 2, "text": "It", "sources": [DOCUMENT], "type": "TEXT_CONTENT", **place}
    citation = event("citation-start", 0, citations=given)
    found = inside(words(1, "It "), citation, words(1, "is."), {"type": "content-end", "index": 1}, citation)
    assert [type(one) for one in found] == [Open, Add, Add, Cite, Cite, Close]
    assert found[3].citation.source == "3"


def test_citations_of_what_was_never_said_are_passed_over():
    citation = event("citation-start", 0, citations={"content_index": 7, "text": "x"})
    assert inside(citation) == []


def test_log_probabilities_come_with_their_words():
    item = {"text": "Hi", "token_ids": [1], "logprobs": [-0.5]}
    found = inside({**words(0, "Hi"), "logprobs": item}, {**words(0, ""), "logprobs": item})
    value = {"content": [{"token": "Hi", "logprob": -0.5, "bytes": [72, 105], "top_logprobs": []}], "refusal": None}
    assert found == [Open(0, 0, Text()), Add(0, 0, "Hi"), Logprobs(0, value), Logprobs(0, value), Close(0, 0)]


@pytest.mark.parametrize(
    ("delta", "status"),
    [
        ({"finish_reason": "ERROR", "error": "It broke."}, 500),
        ({"finish_reason": "TIMEOUT", "error": "It broke."}, 504),
    ],
)
def test_an_error_at_the_end_fails(delta, status):
    found = read(START, words(0, "Hi"), {"type": "message-end", "delta": delta})
    assert found[3:] == [Failed(Fault(status, "It broke.", code=delta["finish_reason"]))]


def test_an_error_without_words_is_a_reason():
    assert read(START, {"type": "message-end", "delta": {"finish_reason": "ERROR"}})[1:] == [
        Finish(0, "error", "ERROR"),
        End(),
    ]


def test_an_error_instead_of_an_event_fails():
    assert read(START, {"id": "x", "message": "internal server error"})[1:] == [
        Failed(Fault(502, "internal server error"))
    ]


@pytest.mark.parametrize("text", [b"", b"{", b"[]", b"3", b"\xff", b"[" * 100_000])
def test_an_event_that_cannot_be_read_fails(text):
    reader = CODEC.reader()
    (failed,) = reader.read(b"content-delta", text)
    assert failed.fault.status == 502
    assert list(reader.read(b"", json.dumps(END).encode())) == []
    assert list(reader.end()) == []


def test_events_that_are_new_to_us_and_what_comes_after_the_end_are_passed_over():
    reader = CODEC.reader()
    frames = [START, {"type": "debug", "prompt": "x"}, {"type": ["odd"]}, END, words(0, "more")]
    found = events_of(reader, [*((b"", json.dumps(one).encode()) for one in frames), (b"", b"[DONE]")])
    assert found == [Start("m"), Finish(0, "stop", "COMPLETE"), Count(Usage(1, 2, 3)), End()]


def test_a_stream_that_is_cut_fails():
    assert read(START, words(0, "Hi"))[-1].fault.status == 502
    assert read()[-1].fault.status == 502


KINDS = st.sampled_from(
    ["content-start", "content-delta", "tool-plan-delta", "tool-call-start", "tool-call-delta", "tool-call-end"]
)
ODD = st.fixed_dictionaries(
    {"type": KINDS},
    optional={"index": JSON, "delta": st.fixed_dictionaries({"message": JSON}) | JSON, "logprobs": JSON},
)


@given(st.lists(ODD, max_size=6))
def test_nothing_that_a_stream_says_raises_or_breaks_the_order(events):
    frames = [(b"", json.dumps(one).encode()) for one in [*events, END]]
    gathered(events_of(CODEC.reader(), frames))


@given(
    st.lists(
        st.sampled_from(
            [
                words(0, "a"),
                words(1, "b"),
                call(0, "c", name="f"),
                more(0, "{}"),
                {"type": "tool-call-end", "index": 0},
                event("tool-plan-delta", tool_plan="p"),
                event("citation-start", 0, citations={"text": "a"}),
            ]
        ),
        max_size=8,
    )
)
def test_events_in_any_order_keep_the_order_of_neutral_ones(events):
    assert gathered(read(START, *events, END)).state == "ended"
