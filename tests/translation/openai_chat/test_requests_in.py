"""Requests of clients, read."""

from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.call import Refusal
from gateway.conversation.losses import Losses
from gateway.conversation.parts import Text, ToolUse
from gateway.conversation.request import Choice, Format, Reasoning
from gateway.translation.codec import Quirks
from gateway.translation.openai_chat import CODEC


def read(**more):
    return CODEC.read_request({"model": "m", "messages": [{"role": "user", "content": "hi"}], **more})


@pytest.mark.parametrize(
    ("body", "limit"),
    [
        ({"max_tokens": 5}, 5),
        ({"max_completion_tokens": 6}, 6),
        ({"max_tokens": 7, "max_completion_tokens": 7}, 7),
        ({"max_tokens": 7, "max_completion_tokens": None}, 7),
    ],
)
def test_a_limit_may_have_its_old_or_its_new_name(body, limit):
    assert read(**body).parameters == {"max_tokens": limit}


def test_two_limits_that_differ_are_refused():
    with pytest.raises(Refusal, match="max_tokens: says 5") as caught:
        read(max_tokens=5, max_completion_tokens=6)
    assert caught.value.status == 400


def test_stop_is_a_list_also_where_it_is_one_string():
    assert read(stop="a").parameters == {"stop": ["a"]} == read(stop=["a"]).parameters


def test_null_is_as_if_it_were_absent():
    assert read(temperature=None, tools=None, response_format=None, foo=None) == read()


def test_parameters_cross_under_their_names_and_the_rest_is_extras():
    conversation = read(temperature=1, seed=3, logit_bias={"50256": -100}, safe_prompt=True)
    assert conversation.parameters == {"temperature": 1, "seed": 3, "logit_bias": {"50256": -100}}
    assert conversation.extras == {"safe_prompt": True}


def test_a_neutral_name_that_is_not_of_this_dialect_is_an_extra():
    assert read(truncation="auto").extras == {"truncation": "auto"}


def test_another_name_of_seed_is_known():
    assert read(random_seed=4).parameters == {"seed": 4}


@pytest.mark.parametrize(
    ("options", "wanted"),
    [({"include_usage": True}, True), ({"include_usage": False}, False), ({}, False), (None, False)],
)
def test_a_client_says_whether_its_stream_shall_tell_the_usage(options, wanted):
    conversation = read(stream=True, stream_options=options)
    assert (conversation.stream, conversation.include_usage) == (True, wanted)


def test_other_stream_options_are_extras_by_their_path():
    options = {"include_usage": True, "include_obfuscation": False, "continuous_usage_stats": True}
    assert read(stream=True, stream_options=options).extras == {"stream_options.continuous_usage_stats": True}


def test_asking_for_usage_in_the_manner_of_a_router_is_asking_for_usage():
    conversation = read(stream=True, usage={"include": True})
    assert conversation.include_usage
    assert not conversation.extras


def test_legacy_functions_are_tools():
    conversation = CODEC.read_request(
        {
            "model": "m",
            "functions": [{"name": "f", "parameters": {"type": "object"}}],
            "function_call": {"name": "f"},
            "messages": [
                {"role": "user", "content": "hi"},
                {"role": "assistant", "content": None, "function_call": {"name": "f", "arguments": "{}"}},
                {"role": "function", "name": "f", "content": "done"},
            ],
        }
    )
    assert [tool.name for tool in conversation.tools] == ["f"]
    assert conversation.choice == Choice("named", "f")
    use, result = conversation.messages[1].parts[0], conversation.messages[2].parts[0]
    assert isinstance(use, ToolUse)
    assert (result.id, result.name, result.parts) == (use.id, "f", [Text("done")])
    assert not conversation.extras


@pytest.mark.parametrize(
    ("choice", "expected"),
    [
        ("auto", Choice("auto")),
        ("none", Choice("none")),
        ("required", Choice("required")),
        ("any", Choice("required")),
        ({"type": "function", "function": {"name": "f"}}, Choice("named", "f")),
        ({"type": "custom", "custom": {"name": "f"}}, Choice("named", "f")),
    ],
)
def test_every_form_of_tool_choice(choice, expected):
    conversation = read(tool_choice=choice)
    assert conversation.choice == expected
    assert not conversation.extras


def test_allowed_tools_are_an_extra_that_foreign_providers_refuse():
    allowed = {"type": "allowed_tools", "allowed_tools": {"mode": "auto", "tools": []}}
    conversation = read(tool_choice=allowed)
    assert conversation.choice is None
    assert conversation.extras == {"tool_choice": allowed}


def test_forms_of_the_answer():
    schema = {"name": "n", "schema": {"type": "object"}, "strict": True, "description": "d"}
    assert read(response_format={"type": "text"}) == read()
    assert read(response_format={"type": "json_object"}).format == Format("json")
    found = read(response_format={"type": "json_schema", "json_schema": schema}).format
    assert found == Format("schema", {"type": "object"}, "n", "d", True)
    assert read(response_format={"type": "regex", "pattern": "a"}).extras == {
        "response_format": {"type": "regex", "pattern": "a"}
    }


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({"reasoning_effort": "none"}, Reasoning(effort="none")),
        ({"reasoning_effort": "minimal"}, Reasoning(effort="minimal")),
        ({"reasoning_effort": "xhigh"}, Reasoning(effort="xhigh")),
        ({"reasoning": {"effort": "high", "exclude": True}}, Reasoning(effort="high", show=False)),
        ({"reasoning": {"max_tokens": 2000}}, Reasoning(budget=2000)),
        ({"reasoning": {"enabled": True}}, Reasoning(adaptive=True)),
        ({"reasoning": {"enabled": False}}, Reasoning(effort="none")),
        ({"reasoning": {"summary": "auto", "effort": "low"}}, Reasoning(effort="low", show=True)),
        ({"thinking": {"type": "enabled", "budget_tokens": 1024}}, Reasoning(budget=1024)),
        ({"thinking": {"type": "enabled"}}, Reasoning(adaptive=True)),
        ({"thinking": {"type": "disabled"}}, Reasoning(effort="none")),
        ({"thinking": {"type": "enabled"}, "reasoning_effort": "low"}, Reasoning(effort="low")),
        ({"enable_thinking": True, "thinking_budget": 50}, Reasoning(budget=50)),
        ({"enable_thinking": False}, Reasoning(effort="none")),
        ({"reasoning_effort": "default"}, Reasoning(adaptive=True)),
        ({"include_reasoning": False}, Reasoning(show=False)),
    ],
)
def test_every_way_of_asking_for_thought(body, expected):
    conversation = read(**body)
    assert conversation.reasoning == expected
    assert not conversation.extras


def test_members_of_thinking_that_one_provider_knows_are_extras_by_their_path():
    assert read(thinking={"type": "enabled", "clear_thinking": False}).extras == {"thinking.clear_thinking": False}


def test_tools_of_every_kind():
    conversation = read(
        tools=[
            {"type": "function", "function": {"name": "f", "strict": True}, "cache_control": {"type": "ephemeral"}},
            {"type": "custom", "custom": {"name": "c", "format": {"type": "grammar"}}},
            {"type": "custom", "custom": {"name": "d"}},
            {"type": "web_search", "depth": 3},
        ]
    )
    assert [(tool.name, tool.strict, tool.custom) for tool in conversation.tools] == [
        ("f", True, None),
        ("c", None, {"type": "grammar"}),
        ("d", None, True),
    ]
    assert conversation.tools[0].cache is not None
    assert [(native.name, native.value["depth"]) for native in conversation.native_tools] == [("web_search", 3)]


WRONG = [
    ({"messages": "hi"}, "messages: must be an array"),
    ({"messages": ["hi"]}, r"messages\[0\]: must be an object"),
    ({"messages": [{"content": "hi"}]}, r"messages\[0\].role: is missing"),
    ({"messages": [{"role": "god", "content": "hi"}]}, r"messages\[0\].role: must be one of"),
    ({"messages": [{"role": "user", "content": 5}]}, r"messages\[0\].content: must be"),
    ({"messages": [{"role": "user", "content": [5]}]}, r"messages\[0\].content\[0\]: must be an object"),
    ({"messages": [{"role": "user", "content": [{"type": "text"}]}]}, r"content\[0\].text: is missing"),
    ({"messages": [{"role": "user", "content": [{"type": "image_url", "image_url": 7}]}]}, "image_url: must be"),
    ({"messages": [{"role": "user", "name": 5}]}, r"messages\[0\].name: must be a string"),
    ({"messages": [{"role": "tool", "content": "x"}]}, r"messages\[0\].tool_call_id: is missing"),
    ({"messages": [{"role": "assistant", "tool_calls": {}}]}, "tool_calls: must be an array"),
    ({"messages": [{"role": "assistant", "tool_calls": [{"id": "a"}]}]}, r"tool_calls\[0\].function: is missing"),
    ({"messages": [{"role": "assistant", "reasoning_details": [{"text": 5}]}]}, "reasoning_details"),
    ({"model": 5}, "model: must be a string"),
    ({"temperature": "hot"}, "temperature: must be a number"),
    ({"temperature": True}, "temperature: must be a number"),
    ({"max_tokens": 1.5}, "max_tokens: must be a whole number"),
    ({"stop": [5]}, r"stop\[0\]: must be a string"),
    ({"stop": 5}, "stop: must be an array"),
    ({"stream": "yes"}, "stream: must be true or false"),
    ({"tools": [{"type": "function"}]}, r"tools\[0\].function: is missing"),
    ({"tool_choice": "maybe"}, "tool_choice: must be"),
    ({"tool_choice": 5}, "tool_choice: must be"),
    ({"response_format": {"type": "json_schema"}}, "response_format.json_schema: is missing"),
    ({"response_format": {}}, "response_format.type: is missing"),
    ({"reasoning_effort": "immense"}, "reasoning_effort: must be one of"),
    ({"reasoning": "high"}, "reasoning: must be an object"),
    ({"thinking": {}}, "thinking.type: is missing"),
    ({"modalities": ["text", 5]}, r"modalities\[1\]"),
    ({"stream_options": 5}, "stream_options: must be an object"),
]


@pytest.mark.parametrize(("body", "sentence"), WRONG, ids=[sentence for _, sentence in WRONG])
def test_wrong_types_are_refused_by_the_name_of_their_place(body, sentence):
    with pytest.raises(Refusal, match=sentence) as caught:
        read(**body)
    assert (caught.value.status, caught.value.code) == (400, "invalid_request")


def test_messages_are_needed():
    with pytest.raises(Refusal, match="messages: is missing"):
        CODEC.read_request({"model": "m"})


def test_a_model_may_stand_elsewhere():
    assert CODEC.read_request({"messages": []}).model == ""


KEYS = ["model", "messages", "role", "content", "type", "text", "image_url", "url", "input_audio", "data", "format"]
KEYS += ["file", "file_data", "tool_calls", "id", "function", "name", "arguments", "custom", "tool_call_id", "tools"]
KEYS += ["parameters", "strict", "tool_choice", "functions", "function_call", "response_format", "json_schema"]
KEYS += ["reasoning", "reasoning_details", "reasoning_effort", "thinking", "budget_tokens", "effort", "stop", "audio"]
KEYS += ["stream_options", "include_usage", "usage", "max_tokens", "annotations", "url_citation", "extra_content"]
KEYS += ["google", "thought_signature", "cache_control", "ttl", "prefix", "images", "refusal", "thinking"]
LEAVES = [
    "user",
    "assistant",
    "tool",
    "system",
    "function",
    "text",
    "file",
    "custom",
    "thinking",
    "json_schema",
    "data:,a",
]
ODD = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.sampled_from(LEAVES),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=6),
    max_leaves=40,
)


@settings(deadline=None)
@given(st.dictionaries(st.sampled_from(KEYS), ODD, max_size=8), ODD)
def test_a_request_is_read_and_can_be_written_or_is_refused(body, other):
    for hostile in (body, body | {"messages": [{"role": "user"} | (other if isinstance(other, dict) else {})]}):
        with suppress(Refusal):
            CODEC.write_request(CODEC.read_request(hostile), Losses(CODEC.rules), Quirks())
