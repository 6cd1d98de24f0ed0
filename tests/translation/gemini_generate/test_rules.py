"""The rules say what is done: each thing alone, as another dialect's client asks for it."""

import pytest

from gateway.conversation.losses import FEATURES
from gateway.conversation.parts import Cache, Media, Text, Thinking
from gateway.conversation.request import PARAMETERS, Choice, Format, Message, Reasoning, Tool
from gateway.translation.codec import Quirks
from gateway.translation.gemini_generate.rules import RULES
from tests.translation.gemini_generate.asking import call, hello, model, result, talk, tool, user, write

VALUES = {
    "stop": ["x"],
    "logit_bias": {"1": 2},
    "metadata": {"a": "b"},
    "modalities": ["text"],
    "audio": {"voice": "alloy", "format": "wav"},
    "prediction": {"type": "content", "content": "x"},
    "web_search_options": {"search_context_size": "medium"},
    "service_tier": "flex",
    "truncation": "auto",
    "safety_settings": [{"category": "HARM_CATEGORY_HARASSMENT", "threshold": "OFF"}],
}
USUAL = {int: 2, str: "x", bool: True, (int, float): 0.5}

MEDIA = {
    f"{kind}.{form}": Media(kind, **{form: "QQ=="})
    for kind in ("image", "audio", "video", "document")
    for form in ("data", "url", "file", "text")
    if f"{kind}.{form}" in FEATURES
}
NOW = Tool("now", schema={"type": "object"})
FILES = {
    "image": Media("image", "image/png", data="QQ=="),
    "document": Media("document", "application/pdf", data="QQ=="),
}


def with_result(**fields):
    more = [fields.pop("file")] if "file" in fields else []
    answer = result("1", **fields)
    answer.parts += more
    return talk(user("Hi"), model(call("1")), tool(answer))


CASES = {
    **{name: hello(parameters={name: VALUES.get(name, USUAL.get(kind))}) for name, kind in PARAMETERS.items()},
    **{name: talk(user(media)) for name, media in MEDIA.items()},
    "system": talk(Message("system", [Text("A")]), user("Hi")),
    "developer": talk(Message("developer", [Text("A")]), user("Hi")),
    "system_later": talk(user("Hi"), Message("system", [Text("A")])),
    "name": talk(Message("user", [Text("Hi")], name="bob")),
    "image.detail": talk(user(Media("image", "image/png", data="QQ==", detail="low"))),
    "citations": talk(user(Media("document", text="x", cite=True))),
    "thinking": talk(user("Hi"), model(Thinking("Hm.", "sig", maker="anthropic_messages"), "Hello"), user("Go on")),
    "tools": hello(tools=[NOW]),
    "tools.strict": hello(tools=[Tool("now", strict=True)]),
    "tools.custom": hello(tools=[Tool("sql", custom=True)]),
    "tool_result.error": with_result(error=True),
    "tool_result.image": with_result(file=FILES["image"]),
    "tool_result.document": with_result(file=FILES["document"]),
    "tool_choice.auto": hello(tools=[NOW], choice=Choice("auto")),
    "tool_choice.none": hello(tools=[NOW], choice=Choice("none")),
    "tool_choice.required": hello(tools=[NOW], choice=Choice("required")),
    "tool_choice.named": hello(tools=[NOW], choice=Choice("named", "now")),
    "parallel_tool_calls": hello(tools=[NOW], parallel=False),
    "format.json": hello(format=Format("json")),
    "format.schema": hello(format=Format("schema", {"type": "object"})),
    "format.strict": hello(format=Format("schema", {"type": "object"}, strict=True)),
    "reasoning.effort": hello(reasoning=Reasoning(effort="high")),
    "reasoning.budget": hello(reasoning=Reasoning(budget=1000)),
    "reasoning.adaptive": hello(reasoning=Reasoning(adaptive=True)),
    "reasoning.show": hello(reasoning=Reasoning(show=True)),
    "cache": talk(user(Text("Hi", cache=Cache()))),
}


def test_there_is_a_rule_for_everything_and_nothing_else():
    assert RULES.keys() == PARAMETERS.keys() | FEATURES.keys() == CASES.keys()


def test_every_new_name_is_noted():
    assert all(rule.note for rule in RULES.values() if rule.how in ("renamed", "emulated", "hint"))


@pytest.mark.parametrize(
    "name", [name for name, rule in RULES.items() if rule.how in ("carried", "renamed", "emulated")]
)
def test_a_provider_may_refuse_any_of_it(name):
    _, losses = write(CASES[name], Quirks(refuses=(name,)))
    assert losses.refused == [name]


@pytest.mark.parametrize("name", CASES)
def test_what_the_rule_says_is_done(name):
    written, losses = write(CASES[name])
    how = RULES[name].how
    assert losses.refused == ([name] if how == "refused" else [])
    assert losses.hints == ([name] if how == "hint" else [])
    plain, _ = write(hello())
    if how in ("carried", "renamed", "emulated") and name in PARAMETERS:
        assert written.body != plain.body
