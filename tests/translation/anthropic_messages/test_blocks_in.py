import pytest

from gateway.call import Refusal
from gateway.conversation.parts import Cache, Media, Native, Text, Thinking, ToolResult, ToolUse
from gateway.translation.anthropic_messages.blocks_in import read_content
from gateway.translation.anthropic_messages.blocks_shown import signature_block

CALL = {"type": "tool_use", "id": "toolu_1", "name": "weather", "input": {"city": "Paris"}}


def one(block):
    (part,) = read_content([block], "messages.0.content")
    return part


def test_a_string_is_one_text():
    assert read_content("Hello", "x") == [Text("Hello")]


def test_text_keeps_its_marker():
    assert one({"type": "text", "text": "Hi", "cache_control": {"type": "ephemeral", "ttl": "1h"}}) == Text(
        "Hi", cache=Cache("1h")
    )


def test_a_call_has_its_arguments_as_json_and_none_as_nothing():
    assert one(CALL) == ToolUse("toolu_1", "weather", '{"city":"Paris"}')
    assert one({**CALL, "input": {}}).arguments == ""
    assert one({**CALL, "caller": {"type": "direct"}}) == one(CALL)


def test_thoughts_are_known_by_their_signature():
    assert one({"type": "thinking", "thinking": "Hm.", "signature": "c2ln"}) == Thinking(
        "Hm.", "c2ln", maker="anthropic_messages"
    )
    assert one({"type": "redacted_thinking", "data": "abc"}) == Thinking(redacted="abc", maker="anthropic_messages")


def test_a_result_is_nothing_a_text_or_blocks():
    result = {"type": "tool_result", "tool_use_id": "toolu_1"}
    assert one(result) == ToolResult("toolu_1", [])
    assert one({**result, "content": "22 C", "is_error": True}) == ToolResult("toolu_1", [Text("22 C")], error=True)
    image = {"type": "image", "source": {"type": "url", "url": "https://a.example"}}
    assert one({**result, "content": [image]}).parts == [Media("image", url="https://a.example")]


def test_results_do_not_nest():
    inner = {"type": "tool_result", "tool_use_id": "b", "content": "x"}
    read = one({"type": "tool_result", "tool_use_id": "a", "content": [inner]})
    assert read.parts == [Native("anthropic_messages", "tool_result", inner)]


def test_what_only_this_dialect_knows_stays_as_it_is_and_has_a_name():
    for block, name in (
        ({"type": "server_tool_use", "id": "s", "name": "web_search", "input": {}}, "server_tool_use"),
        ({"type": "search_result", "source": "s", "title": "t", "content": []}, "search_result"),
        ({**CALL, "caller": {"type": "code_execution_20250825", "tool_id": "x"}}, "tool_use.caller"),
        (
            {"type": "document", "source": {"type": "url", "url": "u"}, "context": "Trust it."},
            "document.context",
        ),
    ):
        assert one(block) == Native("anthropic_messages", name, block)


def test_a_calls_foreign_signature_finds_its_call():
    content = [CALL, signature_block("toolu_1", "c2ln", "gemini_generate"), {"type": "text", "text": "Hi"}]
    assert read_content(content, "x") == [
        ToolUse("toolu_1", "weather", '{"city":"Paris"}', signature="c2ln", maker="gemini_generate"),
        Text("Hi"),
    ]


@pytest.mark.parametrize(
    ("content", "place"),
    [
        (5, "c: "),
        ({}, "c: "),
        ([5], "c.0"),
        ([{}], "c.0.type"),
        ([{"type": "text"}], "c.0.text"),
        ([{"type": "text", "text": "a", "cache_control": 1}], "c.0.cache_control"),
        ([{"type": "tool_use", "id": "a", "name": "b", "input": "{}"}], "c.0.input"),
        ([{"type": "tool_result", "tool_use_id": "a", "content": [{"type": "text", "text": 1}]}], "c.0.content.0.text"),
        ([{"type": "tool_result", "tool_use_id": "a", "content": 4}], "c.0.content"),
        ([{"type": "tool_result", "tool_use_id": "a", "is_error": "no"}], "c.0.is_error"),
        ([{"type": "thinking", "thinking": None}], "c.0.thinking"),
        ([{"type": "redacted_thinking", "data": {}}], "c.0.data"),
    ],
)
def test_a_broken_block_is_refused_by_its_place(content, place):
    with pytest.raises(Refusal, match=place):
        read_content(content, "c")
