"""Each thing alone: what the rules call carried is written without loss, and the rest is noted."""

import pytest

from gateway.conversation.losses import FEATURES, REFUSED
from gateway.conversation.parts import Cache, Media, Text, Thinking, ToolResult, ToolUse
from gateway.conversation.request import PARAMETERS, Choice, Conversation, Format, Message, Reasoning, Tool
from gateway.translation.bedrock_converse import CODEC
from tests.translation.bedrock_converse.asking import MODEL, hello, talk, write

SCHEMA = {"type": "object", "properties": {}}
TOOL = Tool("f", schema=SCHEMA)

VALUES = {
    "max_tokens": 5,
    "temperature": 0.5,
    "top_p": 0.5,
    "top_k": 5,
    "min_p": 0.1,
    "stop": ["|"],
    "seed": 1,
    "n": 2,
    "frequency_penalty": 0.5,
    "presence_penalty": 0.5,
    "repetition_penalty": 1.5,
    "logprobs": True,
    "top_logprobs": 2,
    "logit_bias": {"5": 1},
    "user": "u",
    "safety_identifier": "s",
    "metadata": {"a": "b"},
    "service_tier": "flex",
    "store": False,
    "prompt_cache_key": "k",
    "prompt_cache_retention": "24h",
    "verbosity": "low",
    "modalities": ["text", "audio"],
    "audio": {"voice": "alloy", "format": "wav"},
    "prediction": {"type": "content", "content": "x"},
    "web_search_options": {},
    "previous_response_id": "resp_1",
    "truncation": "auto",
    "safety_settings": [{"category": "x"}],
}


def media(kind: str, given: str) -> Conversation:
    types = {"image": "image/png", "audio": "audio/wav", "video": "video/mp4", "document": "application/pdf"}
    values = {"data": "iVBO", "url": "https://a.example/x", "file": "file_1", "text": "words"}
    return talk(Text("See"), Media(kind, "" if given == "text" else types[kind], **{given: values[given]}))


def chosen(mode: str) -> Conversation:
    return hello(tools=[TOOL], choice=Choice(mode, "f" if mode == "named" else ""))


def answered(*parts, error=False) -> Conversation:
    messages = [
        Message("user", [Text("Hi")]),
        Message("assistant", [ToolUse("call_1", "f")]),
        Message("tool", [ToolResult("call_1", [Text("x"), *parts], error=error)]),
    ]
    return Conversation("openai_chat", MODEL, messages, tools=[TOOL])


def before(*messages: Message) -> Conversation:
    return Conversation("openai_chat", MODEL, [*messages, Message("user", [Text("Hi")])])


def with_format(**fields) -> Conversation:
    return hello(format=Format(**fields))


FORMS = [name for name in FEATURES if name.partition(".")[2] in ("data", "url", "file", "text")]
ALONE = {
    **{name: media(*name.split(".")) for name in FORMS},
    **{f"tool_choice.{mode}": chosen(mode) for mode in ("auto", "none", "required", "named")},
    "system": before(Message("system", [Text("s")])),
    "developer": before(Message("developer", [Text("s")])),
    "system_later": before(Message("user", [Text("a")]), Message("system", [Text("s")])),
    "name": before(Message("user", [Text("a")], "Ann")),
    "image.detail": talk(Media("image", "image/png", "iVBO", detail="low")),
    "citations": talk(Text("See"), Media("document", text="words", cite=True)),
    "thinking": before(
        Message("user", [Text("a")]), Message("assistant", [Thinking("hm", "sig", maker="bedrock_converse")])
    ),
    "tools": hello(tools=[TOOL]),
    "tools.strict": hello(tools=[Tool("f", schema=SCHEMA, strict=True)]),
    "tools.custom": hello(tools=[Tool("f", custom=True)]),
    "tool_result.error": answered(error=True),
    "tool_result.image": answered(Media("image", "image/png", "iVBO")),
    "tool_result.document": answered(Media("document", text="words")),
    "parallel_tool_calls": hello(tools=[TOOL], parallel=False),
    "format.json": with_format(kind="json"),
    "format.schema": with_format(kind="schema", schema=SCHEMA),
    "format.strict": with_format(kind="schema", schema=SCHEMA, strict=True),
    "reasoning.effort": hello(reasoning=Reasoning("low")),
    "reasoning.budget": hello(reasoning=Reasoning(budget=2048)),
    "reasoning.adaptive": hello(reasoning=Reasoning(adaptive=True)),
    "reasoning.show": hello(reasoning=Reasoning("low", show=True)),
    "cache": talk(Text("a", cache=Cache())),
    **{name: hello(parameters={name: VALUES[name]}) for name in PARAMETERS},
}


def test_there_is_a_rule_for_every_name_and_for_no_other():
    assert set(CODEC.rules) == {*PARAMETERS, *FEATURES} == set(ALONE)


@pytest.mark.parametrize("name", ALONE)
def test_one_thing_alone_goes_as_the_rules_say(name):
    written, losses = write(ALONE[name])
    how = CODEC.rules.get(name, REFUSED).how
    assert losses.refused == ([name] if how == "refused" else [])
    assert losses.hints == ([name] if how == "hint" else [])
    if how in ("carried", "renamed", "emulated") and name != "tool_choice.none":
        assert written.body != write(hello())[0].body


def test_a_rule_that_renames_or_emulates_says_how():
    assert all(rule.note for rule in CODEC.rules.values() if rule.how in ("renamed", "emulated", "hint"))
