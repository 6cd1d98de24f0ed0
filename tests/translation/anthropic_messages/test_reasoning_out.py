import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.conversation.parts import Text, Thinking, ToolResult, ToolUse
from gateway.conversation.request import Reasoning
from gateway.translation.anthropic_messages.reasoning_out import BUDGETS
from gateway.translation.codec import Quirks
from tests.translation.anthropic_messages.given import asked, body, said, sent


def thinking(model, reasoning, **parameters):
    """What is written of thinking: its object, the effort, and max_tokens."""
    written = body(asked(model=model, reasoning=reasoning, parameters=parameters))
    return written.get("thinking"), written.get("output_config", {}).get("effort"), written["max_tokens"]


@pytest.mark.parametrize(
    ("model", "reasoning", "expected"),
    [
        ("claude-opus-4-8", Reasoning("high"), ({"type": "adaptive"}, "high", 32_000)),
        ("claude-opus-4-8", Reasoning("minimal"), ({"type": "adaptive"}, "low", 32_000)),
        ("claude-opus-4-6", Reasoning("xhigh"), ({"type": "adaptive"}, "high", 32_000)),
        ("claude-opus-4-8", Reasoning(budget=4096), ({"type": "adaptive"}, "low", 32_000)),
        ("claude-opus-4-8", Reasoning(budget=60_000), ({"type": "adaptive"}, "max", 32_000)),
        ("claude-opus-4-8", Reasoning(budget=-1), ({"type": "adaptive"}, None, 32_000)),
        (
            "claude-opus-4-8",
            Reasoning("low", show=True),
            ({"type": "adaptive", "display": "summarized"}, "low", 32_000),
        ),
        ("claude-opus-4-8", Reasoning("low", show=False), ({"type": "adaptive", "display": "omitted"}, "low", 32_000)),
        ("claude-opus-4-8", Reasoning("none"), (None, None, 8192)),
        ("claude-opus-5", Reasoning("none"), ({"type": "disabled"}, None, 8192)),
        ("claude-sonnet-5-5", Reasoning(budget=0), ({"type": "between_tools"}, None, 8192)),
        ("claude-opus-5", Reasoning(show=True), ({"type": "adaptive", "display": "summarized"}, None, 32_000)),
        ("claude-opus-5", None, (None, None, 32_000)),
        ("claude-opus-4-8", Reasoning(show=True), (None, None, 8192)),
        ("claude-sonnet-4-5", Reasoning("medium"), ({"type": "enabled", "budget_tokens": 8192}, None, 16_384)),
        ("claude-sonnet-4-5", Reasoning(budget=100), ({"type": "enabled", "budget_tokens": 1024}, None, 9216)),
        ("claude-sonnet-4-5", Reasoning(adaptive=True), ({"type": "enabled", "budget_tokens": 8192}, None, 16_384)),
        ("claude-opus-4-5", Reasoning("max"), ({"type": "enabled", "budget_tokens": 23_808}, "high", 32_000)),
        ("claude-opus-4-1", Reasoning("max"), ({"type": "enabled", "budget_tokens": 23_808}, None, 32_000)),
        ("claude-opus-4-1", Reasoning(budget=40_000), ({"type": "enabled", "budget_tokens": 25_600}, None, 32_000)),
        ("claude-sonnet-4-5", Reasoning("none"), (None, None, 8192)),
        ("claude-sonnet-4-5", None, (None, None, 8192)),
        ("claude-3-haiku-20240307", None, (None, None, 4096)),
        (
            "glm-5",
            Reasoning("low", show=False),
            ({"type": "enabled", "budget_tokens": 4096, "display": "omitted"}, None, 12_288),
        ),
    ],
)
def test_thinking_is_asked_for_as_the_model_takes_it(model, reasoning, expected):
    assert thinking(model, reasoning) == expected


def test_a_budget_leaves_room_within_what_the_client_allows():
    assert thinking("claude-sonnet-4-5", Reasoning("high"), max_tokens=10_000) == (
        {"type": "enabled", "budget_tokens": 8000},
        None,
        10_000,
    )
    assert thinking("claude-sonnet-4-5", Reasoning("low"), max_tokens=1100)[0]["budget_tokens"] == 1024


@pytest.mark.parametrize(
    ("model", "reasoning", "parameters", "lost"),
    [
        ("claude-fable-5", Reasoning("none"), {}, ["reasoning.effort"]),
        ("claude-opus-5-5", Reasoning(budget=0), {}, ["reasoning.budget"]),
        ("claude-3-5-sonnet-20241022", Reasoning("low", show=True), {}, ["reasoning.effort", "reasoning.show"]),
        ("claude-3-5-sonnet-20241022", Reasoning(adaptive=True), {}, ["reasoning.adaptive"]),
        ("claude-sonnet-4-5", Reasoning(budget=500), {"max_tokens": 600}, ["reasoning.budget"]),
    ],
)
def test_what_the_model_cannot_do_is_lost(model, reasoning, parameters, lost):
    written, names = sent(asked(model=model, reasoning=reasoning, parameters=parameters))
    assert names == lost
    assert "thinking" not in written


def test_a_provider_that_cannot_think_loses_it():
    assert sent(asked(reasoning=Reasoning("low", show=True)), Quirks(reasoning="none"))[1] == [
        "reasoning.effort",
        "reasoning.show",
    ]
    written, lost = sent(asked(reasoning=Reasoning("low", show=False)), Quirks(refuses=("reasoning.show",)))
    assert lost == ["reasoning.show"]
    assert written["thinking"] == {"type": "enabled", "budget_tokens": 4096}


def test_a_turn_that_answers_a_tool_thinks_only_if_the_thoughts_before_the_call_came_back():
    def after(*parts):
        messages = [said("user", Text("Hi")), said("assistant", *parts), said("tool", ToolResult("c", [Text("1")]))]
        return body(asked(messages, reasoning=Reasoning("low"))).get("thinking")

    call = ToolUse("c", "f")
    assert after(call) is None
    assert after(Thinking("Hm.", "s", maker="gemini_generate"), call) is None
    assert after(Thinking("Hm.", "s", maker="anthropic_messages"), call) is not None
    assert after(Text("No call.")) is not None
    asked_anew = [
        said("user", Text("Hi")),
        said("assistant", call),
        said("tool", ToolResult("c", [])),
        said("assistant", Text("1")),
        said("user", Text("And?")),
    ]
    assert "thinking" in body(asked(asked_anew, reasoning=Reasoning("low")))


@given(
    st.sampled_from(["claude-sonnet-4-5", "claude-opus-4-1", "claude-opus-4-5", "glm-5"]),
    st.sampled_from([None, *BUDGETS]),
    st.none() | st.integers(-1, 200_000),
    st.none() | st.integers(1, 200_000),
)
def test_a_budget_is_always_one_that_is_taken(model, effort, budget, limit):
    parameters = {} if limit is None else {"max_tokens": limit}
    written, lost = sent(asked(model=model, reasoning=Reasoning(effort, budget), parameters=parameters))
    if written.get("thinking", {}).get("type") == "enabled":
        assert 1024 <= written["thinking"]["budget_tokens"] < written["max_tokens"]
    else:
        assert budget == 0 or (effort is budget is None) or lost
