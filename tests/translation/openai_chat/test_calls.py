"""Tool calls in providers' streams, however they are cut and numbered."""

import pytest

from gateway.conversation.events import Close, Open
from gateway.conversation.parts import ToolUse
from gateway.translation.openai_chat import CODEC
from tests.translation.openai_chat.whole import chunks, delta, events_of, parts, told


def call(index, ident=None, name=None, arguments=None, **more):
    function = {key: value for key, value in (("name", name), ("arguments", arguments)) if value is not None}
    item = {"index": index, "id": ident, "type": "function", "function": function, **more}
    return {key: value for key, value in item.items() if value is not None}


TWO = [ToolUse("1", "f", '{"a":1}'), ToolUse("2", "g", "{}")]


@pytest.mark.parametrize(
    "deltas",
    [
        [[call(0, "1", "f", "")], [call(0, arguments='{"a"')], [call(0, arguments=":1}")], [call(1, "2", "g", "{}")]],
        [[call(0, "1", "f", '{"a":1}'), call(1, "2", "g", "{}")]],
        [[call(0, "1", "f", '{"a"')], [call(1, "2", "g", "{")], [call(0, arguments=":1}")], [call(1, arguments="}")]],
        [[call(0, "1", "f", '{"a"')], [call(0, "1", "f", ":1}")], [call(1, "2", "g", "{}")]],
        [[call(None, "1", "f", '{"a":1}')], [call(None, "2", "g", "{}")]],
        [[call(None, "1", "f", '{"a"')], [call(None, None, None, ":1}")], [call(None, "2", "g", "{}")]],
        [[call(None, "1", "f", '{"a"')], [call(None, "1", None, ":1}")], [call(None, "2", "g", "{}")]],
        [[call(0, "1", "f", '{"a":1}')], [call(0, "2", "g", "{}")]],
        [[call(0, "1", None, '{"a"')], [call(0, None, "f", ":1}")], [call(1, "2", "g", "{}")]],
        [[call(0, "1", "f", {"a": 1})], [call(1, "2", "g", {})]],
        [[call(3, "1", "f", '{"a":1}')], [call(7, "2", "g", "{}")]],
    ],
    ids=[
        "in pieces",
        "whole in one chunk",
        "interleaved",
        "id and name repeated",
        "no index, whole",
        "no index, pieces without id",
        "no index, pieces with id",
        "all have index 0",
        "the name comes late",
        "arguments as objects",
        "numbered from anywhere",
    ],
)
def test_calls_however_they_are_cut_and_numbered(deltas):
    said = told(*[delta(tool_calls=items) for items in deltas], delta(finish="tool_calls"))
    assert said.candidates[0].parts == TWO
    assert said.candidates[0].reason == "tool_use"


def test_text_ends_where_a_call_begins():
    said = events_of(chunks(delta(content="x"), delta(tool_calls=[call(0, "1", "f", "{}")])))
    assert said[3:5] == [Close(0, 0), Open(0, 1, ToolUse("1", "f"))]


def test_calls_without_ids_get_the_same_as_in_a_whole_answer():
    streamed = told(delta(tool_calls=[call(0, None, "f", "{}")]), delta(finish="tool_calls"))
    function = {"function": {"name": "f", "arguments": "{}"}}
    whole = CODEC.read_answer({"id": "1", "choices": [{"message": {"tool_calls": [function]}}]})
    assert streamed.candidates[0].parts == whole.candidates[0].parts


def test_a_signed_call():
    google = {"google": {"thought_signature": "c2ln"}}
    (use,) = parts(delta(tool_calls=[call(0, "1", "f", "{}", extra_content=google)]))
    assert use == ToolUse("1", "f", "{}", signature="c2ln", maker="openai_chat")
    (use,) = parts(delta(tool_calls=[call(0, "1", "f", "{}")]), delta(tool_calls=[call(0, extra_content=google)]))
    assert use == ToolUse("1", "f", "{}", signature="c2ln", maker="openai_chat")


def test_legacy_and_custom_calls():
    said = parts(delta(function_call={"name": "f", "arguments": ""}), delta(function_call={"arguments": "{}"}))
    assert said == [ToolUse("call_1_0_0", "f", "{}")]
    custom = [{"index": 0, "id": "1", "type": "custom", "custom": {"name": "c", "input": ""}}]
    said = parts(delta(tool_calls=custom), delta(tool_calls=[{"index": 0, "custom": {"input": "free"}}]))
    assert said == [ToolUse("1", "c", "free", custom=True)]
