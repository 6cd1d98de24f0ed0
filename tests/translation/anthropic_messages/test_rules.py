import pytest

from gateway.conversation.losses import FEATURES, Losses
from gateway.conversation.parts import Cache, Media, Text, Thinking, ToolResult, ToolUse
from gateway.conversation.request import PARAMETERS, Choice, Format, Message, Reasoning, Tool
from gateway.translation.anthropic_messages import CODEC
from gateway.translation.codec import Quirks
from tests.translation.anthropic_messages.given import HELLO, asked, said

SCHEMA = {"type": "object", "properties": {"a": {"type": "string"}}, "additionalProperties": False}
TOOLS = [Tool("f", schema=SCHEMA)]

VALUES = {
    "max_tokens": 5,
    "temperature": 0.5,
    "top_p": 0.5,
    "top_k": 5,
    "min_p": 0.5,
    "stop": ["END"],
    "seed": 5,
    "n": 2,
    "frequency_penalty": 0.5,
    "presence_penalty": 0.5,
    "repetition_penalty": 0.5,
    "logprobs": True,
    "top_logprobs": 5,
    "logit_bias": {"5": 1},
    "user": "u",
    "safety_identifier": "u",
    "metadata": {"a": "b"},
    "service_tier": "auto",
    "store": False,
    "prompt_cache_key": "k",
    "prompt_cache_retention": "24h",
    "verbosity": "low",
    "modalities": ["text", "audio"],
    "audio": {"voice": "a", "format": "wav"},
    "prediction": {"type": "content", "content": "x"},
    "web_search_options": {},
    "previous_response_id": "resp_1",
    "truncation": "auto",
    "safety_settings": [{"category": "x"}],
}


def user(*parts):
    return asked([said("user", *parts)])


def answered(part):
    return asked([*HELLO, said("assistant", ToolUse("c", "f")), said("tool", ToolResult("c", [part]))], tools=TOOLS)


def media(name):
    kind, source = name.split(".")
    mimes = {"image": "image/png", "document": "application/pdf", "audio": "audio/wav", "video": "video/mp4"}
    return user(Media(kind, mimes[kind], **{source: "aGk="}))


THINGS = {
    "system": asked([said("system", Text("a")), *HELLO]),
    "developer": asked([said("developer", Text("a")), *HELLO]),
    "system_later": asked([*HELLO, said("system", Text("a"))]),
    "name": asked([Message("user", [Text("Hi")], "Ann")]),
    "image.detail": user(Media("image", url="u", detail="low")),
    "citations": user(Media("document", text="a", cite=True)),
    "thinking": asked([*HELLO, said("assistant", Thinking("a", "b", maker="openai_responses"), Text("c"))]),
    "tools": asked(tools=TOOLS),
    "tools.strict": asked(tools=[Tool("f", schema=SCHEMA, strict=True)]),
    "tools.custom": asked(tools=[Tool("f", custom=True)]),
    "tool_result.error": asked([*HELLO, said("tool", ToolResult("c", [Text("no")], error=True))]),
    "tool_result.image": answered(Media("image", url="u")),
    "tool_result.document": answered(Media("document", text="a")),
    "tool_choice.auto": asked(tools=TOOLS, choice=Choice("auto")),
    "tool_choice.none": asked(tools=TOOLS, choice=Choice("none")),
    "tool_choice.required": asked(tools=TOOLS, choice=Choice("required")),
    "tool_choice.named": asked(tools=TOOLS, choice=Choice("named", "f")),
    "parallel_tool_calls": asked(tools=TOOLS, parallel=False),
    "format.json": asked(format=Format("json")),
    "format.schema": asked(format=Format("schema", SCHEMA)),
    "format.strict": asked(format=Format("schema", SCHEMA, strict=True)),
    "reasoning.effort": asked(reasoning=Reasoning("high")),
    "reasoning.budget": asked(reasoning=Reasoning(budget=2048)),
    "reasoning.adaptive": asked(reasoning=Reasoning(adaptive=True)),
    "reasoning.show": asked(reasoning=Reasoning(show=True)),
    "cache": user(Text("a", cache=Cache())),
    **{name: media(name) for name in FEATURES if name.split(".")[-1] in ("data", "url", "file", "text")},
    **{name: asked(parameters={name: value}) for name, value in VALUES.items()},
}


def test_every_name_has_a_rule_and_a_case():
    assert set(CODEC.rules) == set(THINGS) == {*PARAMETERS, *FEATURES}


@pytest.mark.parametrize("name", sorted(THINGS))
def test_a_thing_is_written_or_lost_as_its_rule_says(name):
    losses = Losses(CODEC.rules)
    CODEC.write_request(THINGS[name], losses, Quirks())
    how = CODEC.rules[name].how
    assert losses.refused == ([name] if how == "refused" else [])
    assert losses.hints == ([name] if how == "hint" else [])


WRITTEN = {name for name, rule in CODEC.rules.items() if rule.how in ("carried", "renamed")}
UNSEEN = {"format.strict", "reasoning.show"}
"""A schema is enforced anyway, and this model shows what it thinks anyway."""


@pytest.mark.parametrize("name", sorted(WRITTEN - UNSEEN))
def test_what_is_carried_changes_the_request(name):
    plain, with_it = asked(), THINGS[name]
    bodies = [CODEC.write_request(one, Losses(CODEC.rules), Quirks()).body for one in (plain, with_it)]
    assert bodies[0] != bodies[1]


def test_a_note_says_how_what_is_emulated():
    assert all(rule.note for rule in CODEC.rules.values() if rule.how in ("renamed", "emulated", "hint"))
