"""What is asked becomes a body that Cohere's SDK would send."""

import pytest

from gateway.conversation.parts import Media, Native, Text
from gateway.conversation.request import Choice, Format, Tool
from gateway.translation.codec import Quirks
from tests.translation.cohere_chat.asking import MODEL, body, hello, talk, write

SCHEMA = {"type": "object", "properties": {"city": {"type": "string"}}}
WEATHER = Tool("weather", "Tells the weather.", SCHEMA)


def test_model_and_stream_are_in_the_body_and_the_path_is_that_of_v2():
    written, _ = write(hello(stream=True))
    assert written.path == "v2/chat"
    assert (written.body["model"], written.body["stream"]) == (MODEL, True)
    assert body(hello())["stream"] is False


def test_parameters_have_coheres_names():
    asked = {"max_tokens": 9, "temperature": 0.5, "top_p": 0.9, "top_k": 5, "stop": ["|"], "seed": 1, "logprobs": True}
    written = body(hello(parameters=asked))
    expected = {"max_tokens": 9, "temperature": 0.5, "p": 0.9, "k": 5, "stop_sequences": ["|"], "seed": 1}
    assert expected.items() <= written.items()
    assert written["logprobs"] is True


def test_a_providers_row_can_rename_and_refuse():
    quirks = Quirks(limit="seed", renames={"top_k": "p"}, refuses=("temperature",))
    written, losses = write(hello(parameters={"max_tokens": 3, "top_k": 1, "temperature": 1}), quirks)
    assert (written.body["seed"], written.body["p"]) == (3, 1)
    assert losses.refused == ["temperature"]


def test_the_default_tier_is_no_loss():
    assert "service_tier" not in body(hello(parameters={"service_tier": "default"}))
    assert write(hello(parameters={"service_tier": "flex"}))[1].refused == ["service_tier"]


def test_tools():
    written = body(hello(tools=[WEATHER, Tool("now")]))
    described = {"name": "weather", "description": "Tells the weather.", "parameters": SCHEMA}
    assert written["tools"] == [
        {"type": "function", "function": described},
        {"type": "function", "function": {"name": "now", "parameters": {"type": "object", "properties": {}}}},
    ]
    assert "strict_tools" not in written


def test_tools_are_strict_together_or_not_at_all():
    strict = Tool("now", strict=True)
    assert body(hello(tools=[strict, strict]))["strict_tools"] is True
    written, losses = write(hello(tools=[strict, WEATHER]))
    assert losses.refused == ["tools.strict"]
    assert "strict_tools" not in written.body


@pytest.mark.parametrize(("mode", "written"), [("required", "REQUIRED"), ("none", "NONE"), ("auto", None)])
def test_a_choice_of_tools(mode, written):
    assert body(hello(tools=[WEATHER], choice=Choice(mode))).get("tool_choice") == written


def test_a_certain_tool_cannot_be_forced():
    written, losses = write(hello(tools=[WEATHER], choice=Choice("named", "weather")))
    assert losses.refused == ["tool_choice.named"]
    assert "tool_choice" not in written.body


def test_an_answer_in_json():
    assert body(hello(format=Format("json")))["response_format"] == {"type": "json_object"}
    named = Format("schema", SCHEMA, "city", strict=True)
    assert body(hello(format=named))["response_format"] == {"type": "json_object", "json_schema": SCHEMA}
    described = Format("schema", SCHEMA, description="A city.")
    schema = body(hello(format=described))["response_format"]["json_schema"]
    assert schema == {**SCHEMA, "description": "A city."}


def test_documents_stand_beside_the_messages():
    written = body(talk(Media("document", text="a", name="a.txt"), Text("Who?"), Media("document", text="b")))
    assert written["messages"] == [{"role": "user", "content": "Who?"}]
    assert written["documents"] == [
        {"id": "doc:0", "data": {"title": "a.txt", "text": "a"}},
        {"id": "doc:1", "data": {"text": "b"}},
    ]


def test_what_only_cohere_has_is_written_for_its_own_clients_only():
    extras = {"safety_mode": "STRICT", "documents": ["more"]}
    own = talk(Text("Hi"), Media("document", text="a"), dialect="cohere_chat", extras={"safety_mode": "STRICT"})
    assert body(own)["safety_mode"] == "STRICT"
    assert write(hello(extras=extras))[1].refused == list(extras)


def test_strings_as_documents_come_after_the_others():
    own = talk(Text("Hi"), Media("document", text="a"), dialect="cohere_chat", extras={"documents": [{"data": {}}]})
    assert body(own)["documents"] == [{"id": "doc:0", "data": {"text": "a"}}, {"data": {}}]


def test_foreign_tools_are_losses():
    native = Native("openai_responses", "web_search", {"type": "web_search"})
    assert write(hello(native_tools=[native]))[1].refused == ["web_search"]
