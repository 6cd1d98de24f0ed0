import pytest

from gateway.call import Refusal
from gateway.conversation.request import Format, Reasoning
from gateway.translation.anthropic_messages import CODEC
from tests.translation.anthropic_messages.given import read

SCHEMA = {"type": "object", "properties": {}, "additionalProperties": False}


def test_parameters_have_neutral_names():
    asked = read(
        max_tokens=100,
        temperature=0,
        top_p=0.9,
        top_k=5,
        stop_sequences=["END"],
        service_tier="standard_only",
        stream=True,
        metadata={"user_id": "u1"},
    )
    assert asked.parameters == {
        "max_tokens": 100,
        "temperature": 0,
        "top_p": 0.9,
        "top_k": 5,
        "stop": ["END"],
        "service_tier": "default",
        "user": "u1",
    }
    assert asked.stream
    assert asked.include_usage
    assert asked.dialect == CODEC.name


@pytest.mark.parametrize(
    ("fields", "reasoning"),
    [
        ({"thinking": {"type": "enabled", "budget_tokens": 2048}}, Reasoning(budget=2048)),
        ({"thinking": {"type": "disabled"}}, Reasoning(budget=0)),
        ({"thinking": {"type": "between_tools"}}, Reasoning(budget=0)),
        ({"thinking": {"type": "adaptive"}}, Reasoning(adaptive=True)),
        ({"thinking": {"type": "adaptive", "display": "omitted"}}, Reasoning(adaptive=True, show=False)),
        ({"thinking": {"type": "adaptive", "display": "summarized"}}, Reasoning(adaptive=True, show=True)),
        ({"output_config": {"effort": "max"}}, Reasoning("max")),
        ({"thinking": {"type": "adaptive"}, "output_config": {"effort": "low"}}, Reasoning("low", adaptive=True)),
        ({}, None),
        ({"output_config": {}}, None),
    ],
)
def test_thinking_is_read_in_every_form(fields, reasoning):
    asked = read(**fields)
    assert asked.reasoning == reasoning
    assert asked.extras == {}


def test_the_schema_of_an_answer_stands_in_its_new_place_or_its_old_one():
    form = {"type": "json_schema", "schema": SCHEMA}
    expected = Format("schema", SCHEMA, strict=True)
    assert read(output_config={"format": form}).format == expected
    assert read(output_format=form).format == expected


def test_what_changes_no_answer_is_a_hint():
    keep = {"edits": [{"type": "clear_thinking_20251015", "keep": "all"}]}
    given = {
        "cache_control": {"type": "ephemeral"},
        "context_management": keep,
        "betas": ["a"],
        "anthropic_version": "vertex-2023-10-16",
        "mcp_servers": [],
        "speed": "standard",
    }
    asked = read(**given)
    assert asked.hints == given
    assert asked.extras == {}


def test_what_changes_an_answer_and_only_this_dialect_has_is_an_extra():
    given = {
        "context_management": {"edits": [{"type": "clear_tool_uses_20250919"}]},
        "container": "c1",
        "mcp_servers": [{"type": "url", "url": "https://a.example", "name": "a"}],
        "speed": "fast",
        "inference_geo": "eu",
        "something_new": 1,
        "nothing": None,
    }
    asked = read(**given)
    assert asked.extras == {name: value for name, value in given.items() if value is not None}
    assert asked.hints == {}


def test_what_is_new_inside_a_known_object_is_an_extra_by_its_path():
    asked = read(
        thinking={"type": "adaptive", "display": "updates", "block_binding": {}},
        output_config={"effort": "extreme", "task_budget": {"total": 9}},
        metadata={"user_id": None, "team": "a"},
    )
    assert asked.extras == {
        "thinking.display": "updates",
        "thinking.block_binding": {},
        "output_config.effort": "extreme",
        "output_config.task_budget": {"total": 9},
    }
    assert asked.parameters == {"metadata": {"team": "a"}}
    assert read(thinking={"type": "someday"}).extras == {"thinking": {"type": "someday"}}


@pytest.mark.parametrize(
    ("fields", "place"),
    [
        ({"model": None}, "model"),
        ({"model": 5}, "model"),
        ({"max_tokens": "many"}, "max_tokens"),
        ({"max_tokens": True}, "max_tokens"),
        ({"max_tokens": 1.5}, "max_tokens"),
        ({"temperature": "hot"}, "temperature"),
        ({"stop_sequences": "END"}, "stop_sequences"),
        ({"stop_sequences": ["a", 5]}, "stop_sequences.1"),
        ({"stream": "yes"}, "stream"),
        ({"metadata": []}, "metadata"),
        ({"metadata": {"user_id": 5}}, "metadata.user_id"),
        ({"thinking": "adaptive"}, "thinking"),
        ({"thinking": {}}, "thinking.type"),
        ({"thinking": {"type": "enabled"}}, "thinking.budget_tokens"),
        ({"thinking": {"type": "adaptive", "display": 1}}, "thinking.display"),
        ({"output_config": []}, "output_config"),
        ({"output_config": {"effort": 1}}, "output_config.effort"),
        ({"output_config": {"format": {"type": "json_schema"}}}, "output_config.format.schema"),
        ({"output_format": {"type": "json_schema", "schema": []}}, "output_format.schema"),
        ({"tools.name": {}}, "tools.name"),
    ],
)
def test_a_broken_request_is_refused_by_its_place(fields, place):
    with pytest.raises(Refusal, match=f"^{place}") as refused:
        read(**fields)
    assert refused.value.status == 400


def test_what_claude_code_sends_is_read_and_needs_no_refusal_elsewhere():
    asked = read(
        max_tokens=32000,
        stream=True,
        system=[
            {"type": "text", "text": "x-header"},
            {"type": "text", "text": "You are", "cache_control": {"type": "ephemeral", "ttl": "1h", "scope": "global"}},
        ],
        tools=[
            {
                "name": "Bash",
                "description": "Runs it.",
                "input_schema": {"$schema": "x", "type": "object", "properties": {}},
                "eager_input_streaming": True,
                "cache_control": {"type": "ephemeral"},
            },
            {"name": "Later", "description": "", "input_schema": {"type": "object"}, "defer_loading": True},
        ],
        thinking={"type": "adaptive", "display": "summarized"},
        output_config={"effort": "high"},
        metadata={"user_id": "user_0_account__session_1"},
        context_management={"edits": [{"type": "clear_thinking_20251015", "keep": "all"}]},
    )
    assert asked.extras == {}
    assert asked.native_tools == []
    assert len(asked.tools) == 2
