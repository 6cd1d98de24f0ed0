import pytest

from gateway.conversation.parts import Cache, Native
from gateway.conversation.request import Choice, Format, Reasoning, Tool
from gateway.translation.anthropic_messages.tools_out import closed
from gateway.translation.codec import Quirks
from tests.translation.anthropic_messages.given import asked, body, sent

SCHEMA = {"type": "object", "properties": {"a": {"type": "string"}}, "required": ["a"]}
TOOL = Tool("f", "Does it.", SCHEMA)


def test_a_function_always_has_a_schema_of_an_object():
    written = body(asked(tools=[TOOL, Tool("g"), Tool("h", schema={"properties": {}}, strict=True, cache=Cache())]))
    assert written["tools"] == [
        {"name": "f", "description": "Does it.", "input_schema": SCHEMA},
        {"name": "g", "input_schema": {"type": "object"}},
        {
            "name": "h",
            "input_schema": {"type": "object", "properties": {}},
            "strict": True,
            "cache_control": {"type": "ephemeral"},
        },
    ]


def test_strict_tools_are_for_models_that_have_them():
    written, lost = sent(asked(model="claude-3-7-sonnet-20250219", tools=[Tool("f", strict=True)]))
    assert lost == ["tools.strict"]
    assert written["tools"] == [{"name": "f", "input_schema": {"type": "object"}}]


def test_free_text_tools_and_other_providers_own_are_lost():
    conversation = asked(tools=[Tool("f", custom=True)], native_tools=[Native("openai_responses", "file_search", {})])
    written, lost = sent(conversation)
    assert lost == ["tools.custom", "file_search"]
    assert "tools" not in written


@pytest.mark.parametrize(
    ("choice", "parallel", "expected"),
    [
        (Choice("auto"), None, {"type": "auto"}),
        (Choice("required"), None, {"type": "any"}),
        (Choice("named", "f"), False, {"type": "tool", "name": "f", "disable_parallel_tool_use": True}),
        (Choice("none"), False, {"type": "none"}),
        (None, False, {"type": "auto", "disable_parallel_tool_use": True}),
        (None, True, None),
        (None, None, None),
    ],
)
def test_the_choice_is_said_in_one_object(choice, parallel, expected):
    assert body(asked(tools=[TOOL], choice=choice, parallel=parallel)).get("tool_choice") == expected


def test_without_tools_there_is_nothing_to_choose():
    assert "tool_choice" not in body(asked(choice=Choice("auto"), parallel=False))


@pytest.mark.parametrize("model", ["claude-opus-5-5", "claude-sonnet-5-5", "claude-fable-5-1"])
def test_models_that_cannot_be_forced_lose_it(model):
    assert sent(asked(model=model, tools=[TOOL], choice=Choice("required")))[1] == ["tool_choice.required"]
    assert sent(asked(model=model, tools=[TOOL], choice=Choice("named", "f")))[1] == ["tool_choice.named"]


def test_a_tool_cannot_be_forced_while_thinking_for_a_budget():
    conversation = asked(tools=[TOOL], choice=Choice("required"), reasoning=Reasoning("low"))
    assert sent(conversation)[1] == ["tool_choice.required"]


def test_a_schema_for_the_answer_is_closed_where_it_was_open():
    given = {"type": "object", "properties": {"b": {"type": "array", "items": SCHEMA}}, "additionalProperties": True}
    written = body(asked(format=Format("schema", given, "name", "What it is.", strict=True)))
    assert written["output_config"]["format"] == {
        "type": "json_schema",
        "schema": {
            "type": "object",
            "properties": {"b": {"type": "array", "items": {**SCHEMA, "additionalProperties": False}}},
            "additionalProperties": True,
            "description": "What it is.",
        },
    }
    assert "additionalProperties" not in SCHEMA


def test_values_in_a_schema_are_no_schemas():
    given = {"const": {"type": "object"}, "enum": [{"type": "object"}], "anyOf": [{"type": ["object", "null"]}]}
    assert closed(given) == {
        "const": {"type": "object"},
        "enum": [{"type": "object"}],
        "anyOf": [{"type": ["object", "null"], "additionalProperties": False}],
    }


def test_a_very_deep_schema_is_left_alone_below():
    deep = {"type": "string"}
    for _ in range(500):
        deep = {"type": "array", "items": deep}
    assert closed(deep) == deep


def test_a_schema_for_a_model_or_provider_that_has_none_is_lost():
    form = Format("schema", SCHEMA)
    assert sent(asked(model="claude-3-5-haiku-20241022", format=form))[1] == ["format.schema"]
    assert sent(asked(format=form), Quirks(json_schema=False))[1] == ["format.schema"]
    assert sent(asked(format=Format("json")))[1] == ["format.json"]
