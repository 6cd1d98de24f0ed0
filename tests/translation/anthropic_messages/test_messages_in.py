import pytest

from gateway.call import Refusal
from gateway.conversation.parts import Cache, Native, Text, ToolResult, ToolUse
from gateway.conversation.request import Message
from gateway.translation.anthropic_messages.messages_in import read_messages

HELLO = {"role": "user", "content": "Hello"}


def test_the_system_prompt_comes_first_as_one_message():
    assert read_messages({"system": "Be brief.", "messages": [HELLO]}) == [
        Message("system", [Text("Be brief.")]),
        Message("user", [Text("Hello")]),
    ]
    blocks = [{"type": "text", "text": "a"}, {"type": "text", "text": "b", "cache_control": {"type": "ephemeral"}}]
    assert read_messages({"system": blocks, "messages": []}) == [
        Message("system", [Text("a"), Text("b", cache=Cache())])
    ]
    assert read_messages({"system": "", "messages": []}) == read_messages({"system": [], "messages": []}) == []


def test_results_alone_are_a_tools_turn_and_know_the_tools_name():
    call = {"type": "tool_use", "id": "t1", "name": "weather", "input": {}}
    result = {"type": "tool_result", "tool_use_id": "t1", "content": "22 C"}
    stray = {"type": "tool_result", "tool_use_id": "t9"}
    read = read_messages(
        {
            "messages": [
                {"role": "assistant", "content": [call]},
                {"role": "user", "content": [result]},
                {"role": "user", "content": [stray, {"type": "text", "text": "Go on"}]},
            ]
        }
    )
    assert read == [
        Message("assistant", [ToolUse("t1", "weather")]),
        Message("tool", [ToolResult("t1", [Text("22 C")], "weather")]),
        Message("user", [ToolResult("t9", []), Text("Go on")]),
    ]


def test_a_later_system_message_stays_where_it_is():
    read = read_messages({"messages": [HELLO, {"role": "system", "content": "Now in French."}]})
    assert read[1] == Message("system", [Text("Now in French.")])


def test_a_turn_that_says_more_than_its_content_is_kept_whole():
    given = {"role": "system", "content": "Soon over.", "clear_at": "next_user_message"}
    assert read_messages({"messages": [given]}) == [
        Message("system", [Native("anthropic_messages", "messages.clear_at", given)])
    ]


@pytest.mark.parametrize(
    ("body", "place"),
    [
        ({}, "messages: is missing"),
        ({"messages": {}}, "messages: must be an array"),
        ({"messages": ["Hi"]}, "messages.0: must be an object"),
        ({"messages": [{"content": "Hi"}]}, "messages.0.role"),
        ({"messages": [{"role": "tool", "content": "Hi"}]}, "messages.0.role"),
        ({"messages": [{"role": "user"}]}, "messages.0.content"),
        ({"messages": [HELLO, {"role": "user", "content": 1}]}, "messages.1.content"),
        ({"messages": [], "system": 5}, "system: "),
        ({"messages": [], "system": [{"type": "text"}]}, "system.0.text"),
    ],
)
def test_a_broken_turn_is_refused_by_its_place(body, place):
    with pytest.raises(Refusal, match=place):
        read_messages(body)
