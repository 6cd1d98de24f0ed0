"""A client's body becomes a conversation, or a refusal that names the place."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.call import Refusal
from gateway.conversation.parts import Native, Text
from gateway.conversation.request import Choice, Conversation, Format, Message, Reasoning, Tool
from gateway.translation.openai_responses.own import AllowedTools, ResponsesConversation, SummedUp
from gateway.translation.openai_responses.requests_in import read_request

FUNCTION = {"type": "function", "name": "f", "description": "does", "parameters": {"type": "object"}, "strict": True}


def read(**body):
    return read_request({"model": "m", "input": "Hi", **body})


def test_a_plain_request_is_a_plain_conversation():
    asked = read_request({"model": "m", "input": "Hi"})
    assert type(asked) is Conversation
    assert asked == Conversation("openai_responses", "m", [Message("user", [Text("Hi")])], include_usage=True)


def test_instructions_are_the_first_system_message():
    assert read(instructions="Be brief.").messages[0] == Message("system", [Text("Be brief.")])


def test_parameters_have_their_neutral_names():
    given_ = {
        "max_output_tokens": 5,
        "temperature": 1,
        "top_p": 0.5,
        "top_logprobs": 2,
        "user": "u",
        "safety_identifier": "s",
        "metadata": {"a": "b"},
        "service_tier": "flex",
        "store": False,
        "prompt_cache_key": "k",
        "prompt_cache_retention": "24h",
        "previous_response_id": "resp_1",
        "truncation": "auto",
    }
    found = read(**given_, text={"verbosity": "low"}, include=["message.output_text.logprobs"]).parameters
    assert found.pop("max_tokens") == given_.pop("max_output_tokens")
    assert found == {**given_, "verbosity": "low", "logprobs": True}


def test_what_happens_anyway_is_as_if_absent():
    usual = {"truncation": "disabled", "top_logprobs": 0, "metadata": {}, "background": False, "user": None}
    assert read(**usual, text={"format": {"type": "text"}}, reasoning={"effort": None}) == read()


def test_what_has_no_neutral_name_is_an_extra():
    extras = {"background": True, "conversation": "conv_1", "max_tool_calls": 3, "prompt": {"id": "p"}, "new": 1}
    nested = {"text": {"tone": "dry"}, "reasoning": {"context": "all_turns"}}
    asked = read(**extras, **nested, include=["file_search_call.results"])
    assert asked.extras == {
        **extras,
        "text.tone": "dry",
        "reasoning.context": "all_turns",
        "include": ["file_search_call.results"],
    }


def test_what_only_says_how_to_send_the_answer_is_a_hint():
    hints = {
        "stream_options": {"include_obfuscation": False},
        "client_metadata": {"x": "y"},
        "prompt_cache_options": {"mode": "explicit"},
    }
    asked = read(**hints, include=["reasoning.encrypted_content"])
    assert isinstance(asked, ResponsesConversation)
    assert asked.hints == {**hints, "include": ["reasoning.encrypted_content"]}
    assert not asked.extras
    assert not asked.parameters


def test_tools_are_functions_free_text_and_natives():
    asked = read(
        tools=[
            FUNCTION,
            {"type": "function", "name": "g"},
            {"type": "custom", "name": "c", "format": {"type": "text"}},
            {"type": "custom", "name": "d"},
            {"type": "web_search"},
            {**FUNCTION, "defer_loading": True},
        ]
    )
    assert asked.tools == [
        Tool("f", "does", {"type": "object"}, True),
        Tool("g"),
        Tool("c", custom={"type": "text"}),
        Tool("d", custom=True),
    ]
    assert [native.name for native in asked.native_tools] == ["web_search", "tools[5].defer_loading"]
    assert asked.native_tools[0] == Native("openai_responses", "web_search", {"type": "web_search"})


@pytest.mark.parametrize(
    ("form", "choice"),
    [
        ("auto", Choice("auto")),
        ("none", Choice("none")),
        ("required", Choice("required")),
        ({"type": "function", "name": "f"}, Choice("named", "f")),
        ({"type": "custom", "name": "f"}, Choice("named", "f")),
    ],
)
def test_the_choice_among_tools(form, choice):
    assert read(tools=[FUNCTION], tool_choice=form).choice == choice


def test_the_choice_of_a_providers_own_tool_is_an_extra():
    asked = read(tools=[{"type": "web_search"}], tool_choice={"type": "web_search"})
    assert asked.choice is None
    assert asked.extras == {"tool_choice": {"type": "web_search"}}


def test_of_allowed_tools_only_those_are_offered():
    form = {"type": "allowed_tools", "mode": "required", "tools": [{"type": "function", "name": "f"}]}
    asked = read(tools=[FUNCTION, {"type": "function", "name": "g"}, {"type": "web_search"}], tool_choice=form)
    assert isinstance(asked.choice, AllowedTools)
    assert asked.choice.mode == "required"
    assert [tool.name for tool in asked.tools] == ["f"]
    assert not asked.native_tools


def test_the_form_of_the_answer():
    assert read(text={"format": {"type": "json_object"}}).format == Format("json")
    form = {"type": "json_schema", "name": "n", "schema": {"type": "object"}, "strict": True, "description": "d"}
    assert read(text={"format": form}).format == Format("schema", {"type": "object"}, "n", "d", True)


def test_thinking_is_asked_for_in_effort_and_summary():
    assert read(reasoning={"effort": "high"}).reasoning == Reasoning("high")
    assert read(reasoning={"summary": "auto"}).reasoning == Reasoning(show=True)
    assert read(reasoning={"generate_summary": "concise"}).reasoning == SummedUp(show=True, summary="concise")


@pytest.mark.parametrize(
    ("body", "place"),
    [
        ({"model": 5}, "model"),
        ({"input": 5}, "input"),
        ({"input": [5]}, "input[0]"),
        ({"input": [{"type": "message"}]}, "input[0].role"),
        ({"input": [{"role": "robot", "content": "x"}]}, "input[0].role"),
        ({"input": [{"role": "user"}]}, "input[0].content"),
        ({"input": [{"role": "user", "content": [{"text": "x"}]}]}, "input[0].content[0].type"),
        ({"input": [{"role": "user", "content": [{"type": "input_text"}]}]}, "input[0].content[0].text"),
        ({"input": [{"role": "user", "content": [{"type": "input_image"}]}]}, "input[0].content[0]"),
        ({"input": [{"role": "user", "content": [{"type": "input_file"}]}]}, "input[0].content[0]"),
        ({"input": [{"role": "assistant", "content": [{"type": "input_image", "file_id": "f"}]}]}, "input[0].content"),
        ({"input": [{"type": "function_call", "name": "f", "arguments": "{}"}]}, "input[0].call_id"),
        ({"input": [{"type": "function_call", "call_id": "c", "name": "f", "arguments": {}}]}, "input[0].arguments"),
        ({"input": [{"type": "function_call_output", "call_id": "c"}]}, "input[0].output"),
        ({"input": [{"type": "reasoning", "summary": [{"text": 5}]}]}, "input[0].summary[0].text"),
        ({"input": [{}]}, "input[0].type"),
        ({"instructions": []}, "instructions"),
        ({"stream": "yes"}, "stream"),
        ({"temperature": "hot"}, "temperature"),
        ({"max_output_tokens": 1.5}, "max_output_tokens"),
        ({"store": 1}, "store"),
        ({"tools": {}}, "tools"),
        ({"tools": [{}]}, "tools[0].type"),
        ({"tools": [{"type": "function"}]}, "tools[0].name"),
        ({"tools": [{"type": "function", "name": "f", "parameters": []}]}, "tools[0].parameters"),
        ({"tool_choice": "maybe"}, "tool_choice"),
        ({"tool_choice": {"type": "function"}}, "tool_choice.name"),
        ({"tool_choice": {"type": "allowed_tools", "mode": "none", "tools": []}}, "tool_choice.mode"),
        ({"text": {"format": {"type": "xml"}}}, "text.format.type"),
        ({"text": {"format": {"type": "json_schema"}}}, "text.format.schema"),
        ({"text": {"verbosity": 1}}, "text.verbosity"),
        ({"reasoning": {"effort": "extreme"}}, "reasoning.effort"),
        ({"include": [1]}, "include[0]"),
        ({"parallel_tool_calls": "no"}, "parallel_tool_calls"),
    ],
)
def test_a_body_that_is_not_of_the_form_is_refused_with_its_place(body, place):
    with pytest.raises(Refusal) as refused:
        read_request({"model": "m", **body})
    assert refused.value.status == 400
    assert refused.value.sentence.startswith(f"{place}")


NAMES = st.sampled_from(
    ["type", "role", "content", "text", "id", "call_id", "name", "output", "summary", "tools", "mode", "format"]
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 5) | st.sampled_from(["", "x", "auto", "message", "function", "user"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=4),
    max_leaves=12,
)
FIELDS = st.sampled_from(
    ["model", "input", "instructions", "tools", "tool_choice", "text", "reasoning", "include", "metadata", "prompt"]
)


@given(st.dictionaries(FIELDS, JSON, max_size=4))
def test_any_json_is_read_or_refused(body):
    status = 0
    try:
        msgspec.json.encode(read_request(body))
    except Refusal as refusal:
        status = refusal.status
    assert status in (0, 400)
