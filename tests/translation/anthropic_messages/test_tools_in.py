import pytest

from gateway.call import Refusal
from gateway.conversation.parts import Cache, Native
from gateway.conversation.request import Choice, Tool
from tests.translation.anthropic_messages.given import read

SCHEMA = {"type": "object", "properties": {"city": {"type": "string"}}}
WEATHER = {"name": "weather", "input_schema": SCHEMA}


def test_a_function_has_a_type_or_none():
    full = {
        **WEATHER,
        "type": "custom",
        "description": "Tells it.",
        "strict": True,
        "cache_control": {"type": "ephemeral"},
    }
    assert read(tools=[WEATHER, full]).tools == [
        Tool("weather", schema=SCHEMA),
        Tool("weather", "Tells it.", SCHEMA, strict=True, cache=Cache()),
    ]


def test_a_tool_of_the_providers_own_stays_as_it_is():
    search = {"type": "web_search_20250305", "name": "web_search", "max_uses": 3}
    asked = read(tools=[search, WEATHER])
    assert asked.native_tools == [Native("anthropic_messages", "web_search_20250305", search)]
    assert [tool.name for tool in asked.tools] == ["weather"]


def test_how_a_call_is_streamed_is_a_hint_and_examples_are_not():
    asked = read(
        tools=[{**WEATHER, "eager_input_streaming": True, "defer_loading": True, "input_examples": [{"city": "Rome"}]}]
    )
    assert asked.hints == {"tools": {"weather": {"eager_input_streaming": True, "defer_loading": True}}}
    assert asked.extras == {"tools.input_examples": {"weather": [{"city": "Rome"}]}}


def test_the_choice_says_which_and_how_many():
    assert read(tool_choice={"type": "any"}).choice == Choice("required")
    assert read(tool_choice={"type": "none"}).choice == Choice("none")
    assert read(tool_choice={"type": "tool", "name": "weather"}).choice == Choice("named", "weather")
    asked = read(tool_choice={"type": "auto", "disable_parallel_tool_use": True})
    assert (asked.choice, asked.parallel) == (Choice("auto"), False)
    assert read(tool_choice={"type": "auto", "disable_parallel_tool_use": False}).parallel is True
    assert read(tool_choice={"type": "auto"}).parallel is None


@pytest.mark.parametrize(
    ("fields", "place"),
    [
        ({"tools": {}}, "tools: "),
        ({"tools": ["weather"]}, "tools.0"),
        ({"tools": [{"name": "weather"}]}, "tools.0.input_schema"),
        ({"tools": [{"input_schema": {}}]}, "tools.0.name"),
        ({"tools": [{**WEATHER, "description": 5}]}, "tools.0.description"),
        ({"tools": [{**WEATHER, "type": 5}]}, "tools.0.type"),
        ({"tool_choice": "auto"}, "tool_choice: "),
        ({"tool_choice": {"type": "some"}}, "tool_choice.type"),
        ({"tool_choice": {"type": "tool"}}, "tool_choice.name"),
        ({"tool_choice": {"type": "auto", "disable_parallel_tool_use": 1}}, "tool_choice.disable_parallel_tool_use"),
    ],
)
def test_a_broken_tool_is_refused_by_its_place(fields, place):
    with pytest.raises(Refusal, match=place):
        read(**fields)
