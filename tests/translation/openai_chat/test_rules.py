"""Each thing by itself: written without loss where the rules say so, and lost, or left out as a hint, where not."""

import pytest

from gateway.conversation.losses import FEATURES, Losses
from gateway.conversation.parts import Cache, Media, Text, Thinking, ToolResult, ToolUse
from gateway.conversation.request import PARAMETERS, Choice, Conversation, Format, Message, Reasoning, Tool
from gateway.translation.codec import Quirks
from gateway.translation.openai_chat import CODEC

VALUES = {
    "stop": ["x"],
    "logprobs": True,
    "n": 2,
    "store": True,
    "truncation": "auto",
    "modalities": ["text", "audio"],
    "frequency_penalty": 0.5,
    "presence_penalty": 0.5,
    "repetition_penalty": 1.5,
    "min_p": 0.5,
    "verbosity": "low",
    "service_tier": "flex",
}
PLAIN = {int: 3, (int, float): 0.5, str: "x", dict: {"a": "b"}, list: ["x"], bool: True}


def media(kind, source):
    return Media(kind, "image/png" if kind == "image" else "", **{source: "AAAA"})


def user(*parts, name=""):
    return {"messages": [Message("user", list(parts), name)]}


def called(*parts, error=False):
    use = Message("assistant", [ToolUse("call_1", "f", "{}")])
    return {"messages": [use, Message("tool", [ToolResult("call_1", list(parts), "f", error)])]}


CASES = {
    "system": {"messages": [Message("system", [Text("x")])]},
    "developer": {"messages": [Message("developer", [Text("x")])]},
    "system_later": {"messages": [Message("user", [Text("x")]), Message("system", [Text("x")])]},
    "name": user(Text("x"), name="Ada"),
    "image.detail": user(Media("image", url="https://x/y.png", detail="low")),
    "citations": user(Media("document", data="AAAA", cite=True)),
    "thinking": {"messages": [Message("assistant", [Thinking("x", "c2ln", maker="openai_chat"), Text("y")])]},
    "tools": {"tools": [Tool("f")]},
    "tools.strict": {"tools": [Tool("f", strict=True)]},
    "tools.custom": {"tools": [Tool("f", custom=True)]},
    "tool_result.error": called(Text("x"), error=True),
    "tool_result.image": called(media("image", "data")),
    "tool_result.document": called(media("document", "data")),
    "tool_choice.auto": {"choice": Choice("auto"), "tools": [Tool("f")]},
    "tool_choice.none": {"choice": Choice("none"), "tools": [Tool("f")]},
    "tool_choice.required": {"choice": Choice("required")},
    "tool_choice.named": {"choice": Choice("named", "f")},
    "parallel_tool_calls": {"parallel": False, "tools": [Tool("f")]},
    "format.json": {"format": Format("json")},
    "format.schema": {"format": Format("schema", {"type": "object"})},
    "format.strict": {"format": Format("schema", {"type": "object"}, strict=True)},
    "reasoning.effort": {"reasoning": Reasoning(effort="low")},
    "reasoning.budget": {"reasoning": Reasoning(budget=2000)},
    "reasoning.adaptive": {"reasoning": Reasoning(adaptive=True)},
    "reasoning.show": {"reasoning": Reasoning(show=True)},
    "cache": user(Text("x", cache=Cache())),
}
CASES |= {
    name: user(media(*name.split(".")))
    for name in FEATURES
    if name.split(".")[0] in ("image", "audio", "video", "document") and name not in CASES
}
CASES |= {name: {"parameters": {name: VALUES.get(name, PLAIN.get(kind))}} for name, kind in PARAMETERS.items()}


NO_QUIRKS = Quirks()


def write(case, quirks=NO_QUIRKS):
    losses = Losses(CODEC.rules)
    case = {"messages": [Message("user", [Text("hi")])], **case}
    return CODEC.write_request(Conversation("anthropic_messages", "m", **case), losses, quirks).body, losses


def test_every_thing_a_client_may_ask_for_has_a_rule():
    assert CODEC.rules.keys() == PARAMETERS.keys() | FEATURES.keys() == CASES.keys()


@pytest.mark.parametrize("name", sorted(CASES))
def test_a_rule_is_kept(name):
    how = CODEC.rules[name].how
    _, losses = write(CASES[name])
    assert losses.refused == ([name] if how == "refused" else [])
    assert losses.hints == ([name] if how == "hint" else [])


@pytest.mark.parametrize("name", sorted(name for name in CASES if CODEC.rules[name].how in ("carried", "renamed")))
def test_what_is_carried_is_in_the_body(name):
    assert write(CASES[name])[0] != write({})[0]


@pytest.mark.parametrize("name", sorted(set(CASES) - {"thinking", "developer", "reasoning.show"}))
def test_what_a_provider_refuses_is_not_dropped_in_silence(name):
    _, losses = write(CASES[name], Quirks(refuses=(name,)))
    assert losses.refused == [name] or losses.hints == [name] or losses.emulated == {name}


@pytest.mark.parametrize("name", ["user", "metadata", "safety_identifier", "prompt_cache_key", "cache"])
def test_what_does_not_change_the_answer_is_only_noted_where_a_provider_refuses_it(name):
    _, losses = write(CASES[name], Quirks(refuses=(name,)))
    assert (losses.refused, losses.hints) == ([], [name])


@pytest.mark.parametrize(
    ("name", "value"),
    [("n", 1), ("store", False), ("frequency_penalty", 0), ("logprobs", False), ("truncation", "disabled")],
)
def test_a_value_that_asks_for_nothing_needs_no_provider_that_understands_it(name, value):
    body, losses = write({"parameters": {name: value}}, Quirks(refuses=(name,)))
    assert name not in body
    assert not losses.refused


def test_what_only_another_dialect_knows_is_lost_by_its_name():
    _, losses = write({"extras": {"generationConfig.x": 1}})
    assert losses.refused == ["generationConfig.x"]
