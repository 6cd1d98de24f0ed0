import pytest

from gateway.translation.anthropic_messages.models import LEVELS, OTHERS, level, takes


@pytest.mark.parametrize(
    ("names", "thinking"),
    [
        (
            ["claude-3-opus-20240229", "claude-2.1", "claude-instant-1.2", "anthropic.claude-3-5-sonnet-20241022-v2:0"],
            "",
        ),
        (["claude-3-7-sonnet-20250219", "claude-3-7-sonnet@20250219", "claude-sonnet-4-20250514"], "budget"),
        (["claude-opus-4-1@20250805", "us.anthropic.claude-sonnet-4-5-20250929-v1:0", "claude-haiku-4.5"], "budget"),
        (["claude-opus-4-5-20251101", "deepseek-chat", "minimax-m3", ""], "budget"),
        (["claude-opus-4-6", "anthropic.claude-opus-4-6-v1", "claude-sonnet-4-6", "claude-4.7-opus"], "adaptive"),
        (["claude-sonnet-5", "claude-haiku-5-5", "claude-fable-5-2", "claude-mythos-preview", "claude-9"], "adaptive"),
    ],
)
def test_a_model_is_known_by_its_name_on_every_platform(names, thinking):
    assert {takes(name).thinking for name in names} == {thinking}


def test_a_date_is_no_version():
    assert takes("claude-sonnet-4-20250514") == takes("claude-sonnet-4-0")
    assert takes("claude-opus-4-20250514").room == 32_000


def test_models_of_other_makers_are_not_held_back():
    assert takes("glm-5") is OTHERS


def test_how_thinking_is_switched_off_depends_on_the_model():
    names = ("claude-opus-4-8", "claude-sonnet-5", "claude-sonnet-5-5", "claude-opus-5-5", "claude-fable-5")
    assert [takes(name).off for name in names] == ["disabled", "disabled", "between_tools", "", ""]
    assert [takes(name).unasked for name in names] == [False, True, True, True, True]


def test_structured_outputs_begin_with_claude_4_1():
    assert not takes("claude-opus-4-20250514").schema
    assert takes("claude-opus-4-1").schema
    assert takes("claude-haiku-4-5").schema


def test_an_effort_that_a_model_lacks_becomes_the_next_one_below():
    assert level("xhigh", ("low", "medium", "high", "max")) == "high"
    assert level("max", ("low", "medium", "high")) == "high"
    assert level("minimal", LEVELS) == "low"
    assert [level(effort, LEVELS) for effort in LEVELS] == list(LEVELS)
