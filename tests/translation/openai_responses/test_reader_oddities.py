"""A provider's stream that is not of the form: nothing raises, and the contract's order holds."""

import json

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.conversation.events import Add, Close, End, Failed, Finish, Open, Start
from gateway.conversation.parts import Text, ToolUse
from gateway.translation.openai_responses.reader import ACTIONS, ResponsesReader
from tests.translation.openai_responses.gathering import gathered
from tests.translation.openai_responses.test_reader import CALL, CREATED, completed, event, message, read


@pytest.mark.parametrize("text", [b"", b"{", b"[]", b"7", b"\xff", b"[" * 100_000, b'"\\ud800'])
def test_what_cannot_be_read_is_a_failure_and_nothing_follows(text):
    reader = ResponsesReader()
    [failed] = reader.read(b"response.output_text.delta", text)
    assert failed.fault.status == 502
    assert not list(reader.read(b"", json.dumps(completed()).encode()))
    assert not list(reader.end())


def test_half_a_surrogate_pair_does_not_end_the_stream():
    reader = ResponsesReader()
    found = list(reader.read(b"", b'{"type":"response.output_text.delta","delta":"\\ud83d"}'))
    assert found[-1] == Add(0, 0, "\ufffd")


def test_the_events_name_counts_where_its_data_has_no_type():
    found = list(ResponsesReader().read(b"response.output_text.delta", b'{"delta":"Hi"}'))
    assert found[1:] == [Open(0, 0, Text()), Add(0, 0, "Hi")]


def test_unknown_events_and_the_end_mark_of_chat_are_passed_over():
    reader = ResponsesReader()
    assert not list(reader.read(b"", b"[DONE]"))
    assert not list(reader.read(b"keepalive", b'{"type":"keepalive"}'))


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-2, 3) | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=3), inner, max_size=2),
    max_leaves=5,
)
TYPES = st.sampled_from(["message", "reasoning", "function_call", "custom_tool_call", "output_text", "refusal", "x"])
FIELDS = st.sampled_from(["type", "content", "summary", "text", "id", "arguments", "annotations", "output", "name"])
THINGS = st.dictionaries(FIELDS, TYPES | JSON | st.lists(st.dictionaries(FIELDS, TYPES | JSON, max_size=3), max_size=2))
MEMBERS = st.sampled_from(
    ["item", "part", "response", "delta", "output_index", "content_index", "summary_index", "text"]
)
EVENTS = st.builds(
    lambda kind, members: {**members, "type": kind},
    st.sampled_from(sorted(ACTIONS)),
    st.dictionaries(MEMBERS, THINGS | JSON, max_size=4),
)


@given(st.lists(EVENTS, max_size=8))
def test_no_order_of_odd_events_raises_or_breaks_the_contract(events):
    found = read(*events)
    if isinstance(found[-1], Failed):
        found = [*found[:-1], Finish(0, "stop"), End()]
        opened = {one.at for one in found if isinstance(one, Open)} - {
            one.at for one in found if isinstance(one, Close)
        }
        found[-2:-2] = [Close(0, at) for at in opened]
        found = found if isinstance(found[0], Start) else [Start(), *found]
    msgspec.json.encode(gathered(found))


def test_items_that_are_not_counted_are_told_apart_by_their_ids():
    def uncounted(kind, **fields):
        return {"type": f"response.{kind}", **fields}

    hi = {"type": "output_text", "text": "Hi", "annotations": []}
    events = read(
        CREATED,
        uncounted("output_text.delta", item_id="msg_1", delta="Hi"),
        uncounted("output_item.done", item=message(hi)),
        uncounted("output_item.added", item={**CALL, "arguments": ""}),
        uncounted("function_call_arguments.delta", item_id="fc_1", delta='{"a":1}'),
        uncounted("output_item.done", item=CALL),
        completed(message(hi), CALL),
    )
    assert gathered(events).candidates[0].parts == [Text("Hi"), ToolUse("c1", "f", '{"a":1}')]


def test_an_item_that_turns_into_another_is_both():
    events = read(
        CREATED,
        event("reasoning_summary_text.delta", summary_index=0, delta="Hm."),
        event("output_item.done", item={"type": "new_call"}),
        completed(),
    )
    assert len(gathered(events).candidates[0].parts) == 2
