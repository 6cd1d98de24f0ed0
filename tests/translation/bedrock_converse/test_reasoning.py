"""Thinking is asked for in the words of each family."""

import pytest

from gateway.conversation.parts import Text, Thinking, ToolResult, ToolUse
from gateway.conversation.request import Conversation, Message, Reasoning, Tool
from tests.translation.bedrock_converse.asking import MODEL, hello, write

OPUS_41 = "us.anthropic.claude-opus-4-1-20250805-v1:0"
SONNET_37 = "us.anthropic.claude-3-7-sonnet-20250219-v1:0"
SONNET_35 = "anthropic.claude-3-5-sonnet-20240620-v1:0"
HAIKU_45 = "us.anthropic.claude-haiku-4-5-20251001-v1:0"
SONNET_4 = "us.anthropic.claude-sonnet-4-20250514-v1:0"
OPUS_47 = "global.anthropic.claude-opus-4-7"
SONNET_5 = "anthropic.claude-sonnet-5"
FABLE = "anthropic.claude-fable-5"
PROFILE = "arn:aws:bedrock:us-east-1:123456789012:application-inference-profile/abcdefgh"
NOVA_2 = "us.amazon.nova-2-lite-v1:0"
NOVA = "amazon.nova-lite-v1:0"
GPT_OSS = "openai.gpt-oss-120b-1:0"
RESULT = Message("tool", [ToolResult("call_1", [Text("3")])])
R1 = "us.deepseek.r1-v1:0"


def asked(model, reasoning, limit=None, dialect="openai_chat"):
    """What is written of thinking: the model's own fields and the effort; and what is lost."""
    parameters = {} if limit is None else {"max_tokens": limit}
    written, losses = write(hello(model=model, reasoning=reasoning, parameters=parameters, dialect=dialect))
    effort = written.body.get("outputConfig", {}).get("effort", "")
    return written.body.get("additionalModelRequestFields", {}), effort, losses.refused


def thinking(**fields):
    return {"thinking": fields}


@pytest.mark.parametrize("model", [OPUS_41, SONNET_37, HAIKU_45, SONNET_4])
def test_older_claudes_think_by_budget(model):
    assert asked(model, Reasoning(budget=4000)) == (thinking(type="enabled", budget_tokens=4000), "", [])
    assert asked(model, Reasoning("high")) == (thinking(type="enabled", budget_tokens=16384), "", [])
    assert asked(model, Reasoning("high"), limit=5000)[0] == thinking(type="enabled", budget_tokens=4999)
    assert asked(model, Reasoning("high"), limit=1024) == ({}, "", ["reasoning.effort"])
    assert asked(model, Reasoning("none")) == (thinking(type="disabled"), "", [])
    assert asked(model, Reasoning(adaptive=True)) == ({}, "", ["reasoning.adaptive"])
    assert asked(model, Reasoning(budget=-1)) == ({}, "", ["reasoning.budget"])
    assert asked(model, Reasoning(budget=2000, show=False))[2] == ["reasoning.show"]


@pytest.mark.parametrize("model", [OPUS_47, SONNET_5])
def test_newer_claudes_think_adaptively(model):
    assert asked(model, Reasoning("xhigh")) == (thinking(type="adaptive"), "xhigh", [])
    assert asked(model, Reasoning("minimal")) == (thinking(type="adaptive"), "low", [])
    assert asked(model, Reasoning(adaptive=True, show=True))[0] == thinking(type="adaptive", display="summarized")
    assert asked(model, Reasoning(budget=-1, show=False))[0] == thinking(type="adaptive", display="omitted")
    assert asked(model, Reasoning(budget=0)) == (thinking(type="disabled"), "", [])
    assert asked(model, Reasoning(budget=4000)) == ({}, "", ["reasoning.budget"])


@pytest.mark.parametrize("model", [MODEL, PROFILE])
def test_claude_46_and_models_that_do_not_say_what_they_are_take_either(model):
    assert asked(model, Reasoning(budget=4000)) == (thinking(type="enabled", budget_tokens=4000), "", [])
    assert asked(model, Reasoning("max", 4000)) == (thinking(type="enabled", budget_tokens=4000), "max", [])
    assert asked(model, Reasoning("high")) == (thinking(type="adaptive"), "high", [])


def test_claude_46_has_no_xhigh():
    assert asked(MODEL, Reasoning("xhigh"))[1] == "high"


def test_some_claudes_cannot_but_think():
    assert asked(FABLE, Reasoning("none")) == ({}, "", ["reasoning.effort"])
    assert asked(FABLE, Reasoning("low")) == (thinking(type="adaptive"), "low", [])


def test_effort_alone_does_not_switch_thinking_on_for_clients_of_claudes_own_dialect():
    assert asked(MODEL, Reasoning("low"), dialect="anthropic_messages") == ({}, "low", [])
    assert asked(OPUS_41, Reasoning("low"), dialect="anthropic_messages") == ({}, "", ["reasoning.effort"])


def test_to_show_thoughts_does_not_ask_for_them():
    assert asked(MODEL, Reasoning(show=True)) == ({}, "", [])


@pytest.mark.parametrize("model", [SONNET_35, NOVA, "meta.llama3-8b-instruct-v1:0", "amazon.titan-text-lite-v1"])
def test_models_without_thoughts_can_only_be_asked_not_to_think(model):
    assert asked(model, Reasoning("none")) == ({}, "", [])
    assert asked(model, Reasoning("low")) == ({}, "", ["reasoning.effort"])
    assert asked(model, Reasoning(budget=4000)) == ({}, "", ["reasoning.budget"])
    assert asked(model, Reasoning(adaptive=True)) == ({}, "", ["reasoning.adaptive"])


def test_nova_2_has_three_efforts():
    assert asked(NOVA_2, Reasoning("minimal"))[0] == {
        "reasoningConfig": {"type": "enabled", "maxReasoningEffort": "low"}
    }
    assert asked(NOVA_2, Reasoning("max"))[0]["reasoningConfig"]["maxReasoningEffort"] == "high"
    assert asked(NOVA_2, Reasoning("none"))[0] == {"reasoningConfig": {"type": "disabled"}}
    assert asked(NOVA_2, Reasoning("low", show=True))[2] == ["reasoning.show"]
    assert asked(NOVA_2, Reasoning(budget=5)) == ({}, "", ["reasoning.budget"])


def test_gpt_oss_has_three_efforts_and_always_thinks():
    assert asked(GPT_OSS, Reasoning("medium")) == ({"reasoning_effort": "medium"}, "", [])
    assert asked(GPT_OSS, Reasoning("xhigh"))[0] == {"reasoning_effort": "high"}
    assert asked(GPT_OSS, Reasoning("none")) == ({}, "", ["reasoning.effort"])
    assert asked(GPT_OSS, Reasoning(adaptive=True, show=False))[2] == ["reasoning.show", "reasoning.adaptive"]


def test_models_that_decide_alone_cannot_be_told():
    assert asked(R1, Reasoning("low", 5, True, False)) == (
        {},
        "",
        ["reasoning.effort", "reasoning.budget", "reasoning.adaptive", "reasoning.show"],
    )
    assert asked(R1, Reasoning("none")) == ({}, "", ["reasoning.effort"])
    assert asked(R1, Reasoning(show=True)) == ({}, "", [])


def resumed(model, reasoning, *thoughts, dialect="openai_chat", result=RESULT):
    """What is written of thinking where a tool was called, after these thoughts."""
    called = Message("assistant", [*thoughts, ToolUse("call_1", "add", "{}")])
    hi = Message("user", [Text("Hi")])
    conversation = Conversation(dialect, model, [hi, called, result], reasoning=reasoning, tools=[Tool("add")])
    written, losses = write(conversation)
    assert not losses.refused
    return written.body.get("additionalModelRequestFields", {})


@pytest.mark.parametrize("model", [OPUS_41, MODEL])
def test_claude_does_not_think_on_after_a_call_whose_thoughts_did_not_come_back(model):
    budget = Reasoning(budget=4000)
    thinks = thinking(type="enabled", budget_tokens=4000)
    assert resumed(model, budget) == resumed(model, budget, Thinking("hm")) == {}
    assert resumed(model, budget, Thinking("hm", "sig", maker="anthropic_messages")) == thinks
    assert resumed(model, budget, Thinking("hm", "sig", maker="bedrock_converse")) == thinks
    assert resumed(model, budget, result=Message("user", [Text("Never mind.")])) == thinks
    assert resumed(model, budget, dialect="anthropic_messages") == thinks


def test_adaptive_thinking_goes_on_without_earlier_thoughts():
    assert resumed(OPUS_47, Reasoning("high")) == thinking(type="adaptive")
