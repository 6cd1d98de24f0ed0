"""Requests for providers, with their quirks."""

import pytest

from gateway.conversation.losses import Losses
from gateway.conversation.parts import Cache, Native, Text, ToolResult, ToolUse
from gateway.conversation.request import Choice, Conversation, Format, Message, Reasoning, Tool
from gateway.translation.codec import Quirks
from gateway.translation.openai_chat import CODEC

HI = [Message("user", [Text("hi")])]


def write(quirks=None, client="anthropic_messages", messages=HI, **more):
    losses = Losses(CODEC.rules)
    conversation = Conversation(client, "m", messages, **more)
    return CODEC.write_request(conversation, losses, quirks or Quirks()).body, losses


def test_the_least_request():
    assert write()[0] == {"model": "m", "messages": [{"role": "user", "content": "hi"}]}


def test_a_stream_always_tells_its_usage_to_the_gateway():
    body, _ = write(stream=True, include_usage=False)
    assert body["stream_options"] == {"include_usage": True}
    assert "stream_options" not in write(Quirks(stream_usage="always"), stream=True)[0]
    assert "stream_options" in write(Quirks(stream_usage="unasked"), stream=True)[0]


@pytest.mark.parametrize(("limit", "name"), [("", "max_completion_tokens"), ("max_tokens", "max_tokens")])
def test_the_limit_has_the_providers_name(limit, name):
    assert write(Quirks(limit=limit), parameters={"max_tokens": 5})[0][name] == 5


def test_other_names_come_from_the_quirks():
    body, _ = write(Quirks(renames={"seed": "random_seed"}), parameters={"seed": 5})
    assert (body.get("random_seed"), body.get("seed")) == (5, None)


def test_a_provider_without_developers_gets_system_messages():
    body, losses = write(Quirks(renames={"developer": "system"}), messages=[Message("developer", [Text("x")]), *HI])
    assert body["messages"][0] == {"role": "system", "content": "x"}
    assert not losses.refused


def test_extras_return_to_the_dialect_they_came_from():
    extras = {"safe_prompt": True, "stream_options.x": 1, "thinking.clear_thinking": False}
    body, losses = write(client="openai_chat", stream=True, extras=extras)
    assert body["safe_prompt"] is True
    assert body["stream_options"] == {"include_usage": True, "x": 1}
    assert body["thinking"] == {"clear_thinking": False}
    assert not losses.refused
    assert write(extras=extras)[1].refused == list(extras)
    assert write(Quirks(refuses=("safe_prompt",)), client="openai_chat", extras=extras)[1].refused == ["safe_prompt"]


def test_tools_and_their_choice():
    tools = [
        Tool("f", "does f", {"type": "object"}, strict=True),
        Tool("c", custom={"type": "grammar"}),
        Tool("d", custom=True),
    ]
    body, _ = write(tools=tools, choice=Choice("named", "c"), parallel=False)
    function = {"name": "f", "description": "does f", "parameters": {"type": "object"}, "strict": True}
    assert body["tools"] == [
        {"type": "function", "function": function},
        {"type": "custom", "custom": {"name": "c", "format": {"type": "grammar"}}},
        {"type": "custom", "custom": {"name": "d"}},
    ]
    assert body["tool_choice"] == {"type": "custom", "custom": {"name": "c"}}
    assert body["parallel_tool_calls"] is False
    named, _ = write(tools=tools, choice=Choice("named", "f"))
    assert named["tool_choice"] == {"type": "function", "function": {"name": "f"}}


def test_required_has_another_name_at_some():
    assert write(choice=Choice("required"))[0]["tool_choice"] == "required"
    quirks = Quirks(renames={"tool_choice.required": "any"})
    assert write(quirks, choice=Choice("required"))[0]["tool_choice"] == "any"


def test_a_providers_own_tools_reach_their_own_dialect_only():
    search = Native("openai_chat", "web_search", {"type": "web_search"})
    assert write(client="openai_chat", native_tools=[search])[0]["tools"] == [{"type": "web_search"}]
    body, losses = write(native_tools=[Native("gemini_generate", "googleSearch", {})])
    assert "tools" not in body
    assert losses.refused == ["googleSearch"]


def test_forms_of_the_answer():
    assert write(format=Format("json"))[0]["response_format"] == {"type": "json_object"}
    form = Format("schema", {"type": "object"}, strict=True)
    written = {"name": "answer", "schema": {"type": "object"}, "strict": True}
    assert write(format=form)[0]["response_format"] == {"type": "json_schema", "json_schema": written}
    body, losses = write(Quirks(json_schema=False), format=form)
    assert "response_format" not in body
    assert losses.refused == ["format.schema"]


@pytest.mark.parametrize(
    ("way", "asked", "expected"),
    [
        ("", Reasoning(effort="low"), {"reasoning_effort": "low"}),
        ("effort", Reasoning(budget=0), {"reasoning_effort": "none"}),
        ("effort", Reasoning(budget=2048), {"reasoning_effort": "low"}),
        ("effort", Reasoning(budget=8192), {"reasoning_effort": "medium"}),
        ("effort", Reasoning(budget=8193), {"reasoning_effort": "high"}),
        ("effort", Reasoning(budget=-1), {}),
        ("effort", Reasoning(adaptive=True), {}),
        ("effort", Reasoning(effort="max", budget=5), {"reasoning_effort": "max"}),
        ("object", Reasoning(effort="low"), {"reasoning": {"effort": "low"}}),
        ("object", Reasoning(budget=5000), {"reasoning": {"max_tokens": 5000}}),
        ("object", Reasoning(budget=0), {"reasoning": {"effort": "none"}}),
        ("object", Reasoning(adaptive=True), {"reasoning": {"enabled": True}}),
        ("object", Reasoning(show=False), {"reasoning": {"exclude": True}}),
        ("thinking", Reasoning(effort="none"), {"thinking": {"type": "disabled"}}),
        ("thinking", Reasoning(budget=0), {"thinking": {"type": "disabled"}}),
        ("thinking", Reasoning(budget=5), {"thinking": {"type": "enabled", "budget_tokens": 5}}),
        ("thinking", Reasoning(effort="high"), {"thinking": {"type": "enabled"}, "reasoning_effort": "high"}),
        ("thinking", Reasoning(adaptive=True), {"thinking": {"type": "enabled"}}),
        ("enable_thinking", Reasoning(effort="none"), {"enable_thinking": False}),
        ("enable_thinking", Reasoning(budget=5), {"enable_thinking": True, "thinking_budget": 5}),
        ("none", Reasoning(adaptive=True), {}),
    ],
)
def test_how_much_to_think_is_asked_in_the_providers_way(way, asked, expected):
    body, losses = write(Quirks(reasoning=way), reasoning=asked)
    del body["model"], body["messages"]
    assert body == expected
    assert not losses.refused


@pytest.mark.parametrize(
    ("asked", "lost"), [(Reasoning(effort="low"), "reasoning.effort"), (Reasoning(budget=5), "reasoning.budget")]
)
def test_where_thinking_is_not_asked_for_it_is_lost(asked, lost):
    assert write(Quirks(reasoning="none"), reasoning=asked)[1].refused == [lost]


def test_a_provider_may_have_fewer_words_for_effort():
    quirks = Quirks(renames={"reasoning.effort.max": "high"})
    assert write(quirks, reasoning=Reasoning(effort="max"))[0]["reasoning_effort"] == "high"


def test_cache_markers_are_written_where_they_are_read():
    messages = [Message("user", [Text("hi", cache=Cache("1h"))])]
    body, losses = write(Quirks(renames={"cache": "cache_control"}), messages=messages)
    marker = {"type": "ephemeral", "ttl": "1h"}
    assert body["messages"][0]["content"] == [{"type": "text", "text": "hi", "cache_control": marker}]
    assert not losses.hints
    body, losses = write(messages=messages)
    assert body["messages"][0]["content"] == "hi"
    assert losses.hints == ["cache"]


def test_ids_of_nine_letters_or_digits_are_the_same_for_call_and_result():
    messages = [
        Message("assistant", [ToolUse("toolu_01L9pX1Wp4FAEq9TT2Z6UAe7", "f", "{}"), ToolUse("abcDEF123", "g")]),
        Message("tool", [ToolResult("toolu_01L9pX1Wp4FAEq9TT2Z6UAe7", [Text("1")]), ToolResult("abcDEF123", [])]),
    ]
    said, one, two = write(Quirks(call_ids="nine"), messages=messages)[0]["messages"]
    first, second = (call["id"] for call in said["tool_calls"])
    assert len(first) == 9
    assert first.isascii()
    assert first.isalnum()
    assert second == "abcDEF123"
    assert [one["tool_call_id"], two["tool_call_id"]] == [first, second]


@pytest.mark.parametrize("wish", [{"choice": Choice("none")}, {"choice": Choice("auto")}, {"parallel": False}])
def test_what_is_said_of_calling_tools_is_left_out_where_there_are_none(wish):
    body, losses = write(Quirks(refuses=("parallel_tool_calls", "tool_choice.none")), **wish)
    assert body == write()[0]
    assert not losses.refused
    assert len(write(client="openai_chat", **wish)[0]) == len(body) + 1


def test_to_force_a_tool_where_there_is_none_is_for_the_provider_to_judge():
    assert write(choice=Choice("required"))[0]["tool_choice"] == "required"
