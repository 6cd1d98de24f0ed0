import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.conversation.events import Add, Close, Count, End, Failed, Finish, Open, Sign, Start
from gateway.conversation.parts import Native, Text, Thinking, ToolUse
from gateway.translation.anthropic_messages import CODEC
from tests import corpus
from tests.translation.anthropic_messages.recorded import accumulated, comparable, read_all, said, streams


def event(type, **fields):
    return (type.encode(), json.dumps({"type": type, **fields}).encode())


START = event("message_start", message={"id": "msg_1", "model": "m", "usage": {"input_tokens": 5, "output_tokens": 1}})
DONE = event("message_delta", delta={"stop_reason": "end_turn"}, usage={"output_tokens": 9})
STOP = event("message_stop")


def begin(index, **block):
    return event("content_block_start", index=index, content_block=block)


def delta(index, **fields):
    return event("content_block_delta", index=index, delta=fields)


def end(index):
    return event("content_block_stop", index=index)


def told(*events):
    return read_all(CODEC.reader(), events)


def test_a_text_is_opened_added_to_and_closed():
    events = told(
        START,
        event("ping"),
        begin(0, type="text", text=""),
        delta(0, type="text_delta", text="Hel"),
        delta(0, type="text_delta", text="lo"),
        end(0),
        DONE,
        STOP,
    )
    assert events[0] == Start("msg_1", "m")
    assert events[2:-2] == [
        Open(0, 0, Text()),
        Add(0, 0, "Hel"),
        Add(0, 0, "lo"),
        Close(0, 0),
        Finish(0, "stop", "end_turn"),
    ]
    assert isinstance(events[1], Count)
    assert (events[-2].usage.input_tokens, events[-2].usage.output_tokens) == (5, 9)
    assert events[-1] == End()


def test_a_thought_gets_its_signature():
    events = told(
        START,
        begin(0, type="thinking", thinking="", signature=""),
        delta(0, type="thinking_delta", thinking="Hm."),
        delta(0, type="signature_delta", signature="c2ln"),
        end(0),
        begin(1, type="redacted_thinking", data="abc"),
        end(1),
        DONE,
        STOP,
    )
    assert Sign(0, 0, "c2ln", "anthropic_messages") in events
    assert accumulated(events).candidates[0].parts == [
        Thinking("Hm.", "c2ln", maker="anthropic_messages"),
        Thinking(redacted="abc", maker="anthropic_messages"),
    ]


def test_citations_follow_the_words_that_they_are_for():
    where = {"type": "char_location", "cited_text": "a"}
    events = told(
        START,
        begin(0, type="text", text="", citations=[where]),
        delta(0, type="citations_delta", citation=where),
        delta(0, type="text_delta", text="Hi"),
        end(0),
        DONE,
        STOP,
    )
    assert [type(one).__name__ for one in events[2:7]] == ["Open", "Add", "Cite", "Cite", "Close"]


def test_arguments_may_come_bit_by_bit_or_with_the_beginning():
    call = {"type": "tool_use", "id": "a", "name": "b"}
    events = told(
        START,
        begin(0, **call, input={}),
        delta(0, type="input_json_delta", partial_json=""),
        delta(0, type="input_json_delta", partial_json='{"c":'),
        delta(0, type="input_json_delta", partial_json="1}"),
        end(0),
        begin(1, **call, input={"d": 2}),
        end(1),
        begin(2, **call, input={}),
        end(2),
        DONE,
        STOP,
    )
    assert accumulated(events).candidates[0].parts == [
        ToolUse("a", "b", '{"c":1}'),
        ToolUse("a", "b", '{"d":2}'),
        ToolUse("a", "b"),
    ]


def test_a_block_of_the_dialects_own_is_held_until_it_is_whole():
    events = told(
        START,
        begin(0, type="server_tool_use", id="s", name="web_search", input={}),
        delta(0, type="input_json_delta", partial_json='{"query":'),
        delta(0, type="input_json_delta", partial_json='"x"}'),
        end(0),
        begin(1, type="compaction", content="a"),
        delta(1, type="compaction_delta", content="b", encrypted_content="e"),
        end(1),
        begin(2, type="text", text="Hi"),
        end(2),
        DONE,
        STOP,
    )
    search = {"type": "server_tool_use", "id": "s", "name": "web_search", "input": {"query": "x"}}
    compaction = {"type": "compaction", "content": "ab", "encrypted_content": "e"}
    assert accumulated(events).candidates[0].parts == [
        Native("anthropic_messages", "server_tool_use", search),
        Native("anthropic_messages", "compaction", compaction),
        Text("Hi"),
    ]


def test_an_error_ends_the_stream():
    reader = CODEC.reader()
    list(reader.read(*START))
    (failed,) = reader.read(*event("error", error={"type": "overloaded_error", "message": "Busy"}))
    assert (failed.fault.status, failed.fault.message) == (529, "Busy")
    assert list(reader.read(*STOP)) == []
    assert list(reader.end()) == []


def test_a_stream_that_ends_early_failed_unless_it_said_why_it_stopped():
    (*_, failed) = told(START, begin(0, type="text", text="Hi"))
    assert isinstance(failed, Failed)
    assert failed.fault.status == 502
    events = told(START, begin(0, type="text", text="Hi"), DONE)
    assert [type(one).__name__ for one in events[-4:]] == ["Close", "Finish", "Count", "End"]
    assert Finish(0, "stop") in told(START, STOP)
    assert isinstance(told()[-1], Failed)


def test_a_stream_without_its_beginning_has_one_all_the_same():
    assert told(begin(0, type="text", text="Hi"), end(0), DONE, STOP)[0] == Start()
    assert told(DONE, STOP)[0] == Start()


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"{",
        b"[]",
        b"5",
        b"\xff",
        b"[" * 100_000,
        b'{"type":"content_block_delta"}',
        b'{"type":"content_block_delta","index":7,"delta":{}}',
        b'{"type":"content_block_delta","index":[],"delta":{}}',
        b'{"type":"content_block_delta","index":0,"delta":{"type":"text_delta"}}',
        b'{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":5}}',
        b'{"type":"content_block_delta","index":0,"delta":{"type":[]}}',
        b'{"type":"content_block_start","index":1}',
        b'{"type":"content_block_start","index":1,"content_block":5}',
        b'{"type":"error"}',
    ],
)
def test_what_cannot_be_read_is_a_failure_and_never_an_exception(text):
    reader = CODEC.reader()
    list(reader.read(*START))
    list(reader.read(*begin(0, type="text", text="")))
    (failed,) = reader.read(b"", text)
    assert failed.fault.status == 502


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["type", "text", "index", "x"]), inner),
    max_leaves=6,
)


@given(
    st.lists(
        st.builds(
            lambda kind, index, block, delta: {
                "type": kind,
                "index": index,
                "content_block": block,
                "delta": delta,
                "message": delta,
                "usage": block,
            },
            st.sampled_from(
                ["message_start", "content_block_start", "content_block_delta", "content_block_stop", "message_delta"]
            ),
            st.integers(0, 2) | JSON,
            st.fixed_dictionaries({"type": st.sampled_from(["text", "tool_use", "x"])}, optional={"text": JSON}) | JSON,
            st.fixed_dictionaries({"type": st.sampled_from(["text_delta", "y"])}, optional={"text": JSON}) | JSON,
        ),
        max_size=8,
    )
)
def test_nothing_that_a_provider_sends_raises(events):
    read_all(CODEC.reader(), [(b"", json.dumps(one).encode()) for one in events])


def test_events_that_are_new_and_fields_that_are_odd_are_passed_over():
    events = told(
        event("message_start", message=[]),
        event("brand_new", x=1),
        begin(0, type="text", text=None, citations=4),
        delta(0, type="sparkle_delta", sparkle=1),
        end(0),
        end(9),
        event("message_delta", delta=None, usage="x"),
        DONE,
        STOP,
        event("message_stop"),
    )
    assert [type(one).__name__ for one in events] == ["Start", "Open", "Close", "Finish", "Count", "End"]


@corpus.present
@pytest.mark.parametrize(("id", "events"), streams() if corpus.FOLDER.is_dir() else [])
def test_every_recorded_stream_is_read_whole(id, events):
    read = accumulated(read_all(CODEC.reader(), events))
    assert comparable(read) == comparable(CODEC.read_answer(message_of([said(*one) for one in events])))


def message_of(events):
    """The message that a recorded stream adds up to, by a plain walk over its events."""
    blocks, jsons, message = {}, {}, {}
    for one in events:
        if one["type"] == "message_start":
            message = dict(one["message"], usage=dict(one["message"]["usage"]))
        elif one["type"] == "content_block_start":
            blocks[one["index"]] = dict(one["content_block"])
        elif one["type"] == "content_block_delta":
            grow(blocks[one["index"]], one["delta"], jsons.setdefault(one["index"], []))
        elif one["type"] == "message_delta":
            message.update(one["delta"])
            message["usage"].update(one["usage"])
    for index, pieces in jsons.items():
        if pieces:
            blocks[index]["input"] = json.loads("".join(pieces) or "{}")
    return {**message, "content": list(blocks.values())}


def grow(block, delta, pieces):
    kind = delta["type"]
    if kind == "input_json_delta":
        pieces.append(delta["partial_json"])
    elif kind == "citations_delta":
        block["citations"] = [*block.get("citations", []), delta["citation"]]
    else:
        field = kind.removesuffix("_delta")
        block[field] = delta[field] if field == "signature" else block[field] + delta[field]
