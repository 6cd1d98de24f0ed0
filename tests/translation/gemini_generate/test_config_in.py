"""What a client asks of the answer, read."""

import pytest

from gateway.call import Refusal
from gateway.conversation.parts import Native
from gateway.conversation.request import PARAMETERS, Choice, Format, Reasoning, Tool
from gateway.translation.gemini_generate.words import AnyOf
from tests.translation.gemini_generate.asking import OWN, read

FULL = {
    "maxOutputTokens": 10,
    "temperature": 0.5,
    "top_p": 0.9,
    "topK": 40.0,
    "stop_sequences": ["x"],
    "seed": 7,
    "candidateCount": 2,
    "frequencyPenalty": 1,
    "presencePenalty": -1.5,
    "responseLogprobs": True,
    "logprobs": 3,
    "responseModalities": ["TEXT", "Image"],
}


def test_parameters_have_their_neutral_names_and_types():
    found = read(generation_config=FULL).parameters
    assert found == {
        "max_tokens": 10,
        "temperature": 0.5,
        "top_p": 0.9,
        "top_k": 40,
        "stop": ["x"],
        "seed": 7,
        "n": 2,
        "frequency_penalty": 1,
        "presence_penalty": -1.5,
        "logprobs": True,
        "top_logprobs": 3,
        "modalities": ["text", "image"],
    }
    assert all(isinstance(value, PARAMETERS[name]) for name, value in found.items())


@pytest.mark.parametrize(
    ("name", "value", "belongs"),
    [
        ("maxOutputTokens", "10", "a whole number"),
        ("maxOutputTokens", 1.5, "a whole number"),
        ("maxOutputTokens", True, "a whole number"),
        ("temperature", "hot", "a number"),
        ("stopSequences", "x", "an array"),
        ("responseLogprobs", 1, "true or false"),
    ],
)
def test_a_parameter_of_a_wrong_type_is_refused(name, value, belongs):
    with pytest.raises(Refusal, match=f"generationConfig.{name}: must be {belongs}"):
        read(generationConfig={name: value})


def test_lists_are_of_words():
    with pytest.raises(Refusal, match=r"generationConfig\.stopSequences\[1\]: must be a string"):
        read(generationConfig={"stopSequences": ["a", 3]})


def test_what_has_no_neutral_name_is_an_extra():
    found = read(generationConfig={"speechConfig": {"a": 1}, "media_resolution": "MEDIA_RESOLUTION_LOW"})
    assert found.extras == {
        "generationConfig.speechConfig": {"a": 1},
        "generationConfig.mediaResolution": "MEDIA_RESOLUTION_LOW",
    }


@pytest.mark.parametrize(
    ("config", "form"),
    [
        ({}, None),
        ({"responseMimeType": "text/plain"}, None),
        ({"responseMimeType": "application/json"}, Format("json")),
        ({"responseJsonSchema": {"type": "object"}}, Format("schema", {"type": "object"})),
        (
            {"response_mime_type": "application/json", "response_schema": {"type": "OBJECT"}},
            Format("schema", {"type": "object"}),
        ),
    ],
)
def test_forms(config, form):
    found = read(generationConfig=config)
    assert found.format == form
    assert not found.extras


def test_an_enumeration_is_a_form_that_only_google_knows():
    config = {"responseMimeType": "text/x.enum", "responseSchema": {"type": "STRING", "enum": ["a"]}}
    found = read(generationConfig=config)
    assert found.format is None
    assert found.extras == {f"generationConfig.{name}": value for name, value in config.items()}


@pytest.mark.parametrize(
    ("config", "reasoning"),
    [
        ({}, None),
        ({"thinkingBudget": 0}, Reasoning(budget=0)),
        ({"thinking_level": "LOW", "includeThoughts": True}, Reasoning(effort="low", show=True)),
        ({"thinkingLevel": "xhigh"}, Reasoning(effort="xhigh")),
        ({"thinkingLevel": "THINKING_LEVEL_UNSPECIFIED"}, None),
        ({"includeThoughts": False}, Reasoning(show=False)),
    ],
)
def test_thinking(config, reasoning):
    assert read(generationConfig={"thinkingConfig": config}).reasoning == reasoning


def test_odd_thinking_is_refused_and_unknown_thinking_is_an_extra():
    with pytest.raises(Refusal, match=r"thinkingConfig\.thinkingLevel: must be one of"):
        read(generationConfig={"thinkingConfig": {"thinkingLevel": "HARD"}})
    with pytest.raises(Refusal, match=r"thinkingConfig: must be an object"):
        read(generationConfig={"thinkingConfig": 3})
    found = read(generationConfig={"thinkingConfig": {"pace": 1}})
    assert found.extras == {"generationConfig.thinkingConfig.pace": 1}


def test_functions_and_googles_own_tools():
    found = read(
        tools=[
            {"google_search": {}, "urlContext": {}},
            {
                "functionDeclarations": [
                    {"name": "a", "description": "A.", "parameters": {"type": "OBJECT", "properties": {}}},
                    {
                        "name": "b",
                        "parameters_json_schema": {"type": "object"},
                        "response_json_schema": {"type": "null"},
                    },
                    {"name": "c"},
                ]
            },
        ]
    )
    assert found.native_tools == [Native(OWN, "googleSearch", {}), Native(OWN, "urlContext", {})]
    assert found.tools == [
        Tool("a", "A.", {"type": "object", "properties": {}}),
        Tool("b", "", {"type": "object"}),
        Tool("c"),
    ]
    assert found.extras == {"tools.functionDeclarations.responseJsonSchema": {"b": {"type": "null"}}}


@pytest.mark.parametrize(
    ("tools", "place"),
    [
        (3, "tools: must be an array"),
        ([{"functionDeclarations": [{}]}], r"tools\[0\]\.functionDeclarations\[0\]\.name: is missing"),
        ([{"functionDeclarations": [{"name": "a", "parameters": []}]}], r"parameters: must be an object"),
    ],
)
def test_odd_tools_are_refused(tools, place):
    with pytest.raises(Refusal, match=place):
        read(tools=tools)


def choice(**calling):
    tools = {"functionDeclarations": [{"name": "a"}, {"name": "b"}, {"name": "c"}]}
    return read(tools=[tools], toolConfig={"functionCallingConfig": calling})


@pytest.mark.parametrize(
    ("calling", "chosen"),
    [
        ({}, None),
        ({"mode": "MODE_UNSPECIFIED"}, None),
        ({"mode": "AUTO"}, Choice("auto")),
        ({"mode": "none"}, Choice("none")),
        ({"mode": "ANY"}, Choice("required")),
        ({"mode": "ANY", "allowed_function_names": ["a"]}, Choice("named", "a")),
    ],
)
def test_choices(calling, chosen):
    found = choice(**calling)
    assert found.choice == chosen
    assert not found.extras


def test_a_choice_among_some_is_an_extra():
    found = choice(mode="ANY", allowedFunctionNames=["a", "b"])
    assert found.choice == Choice("required")
    assert found.extras == {"toolConfig.functionCallingConfig.allowedFunctionNames": ["a", "b"]}


def test_a_choice_among_all_is_none():
    found = choice(mode="ANY", allowedFunctionNames=["c", "b", "a"])
    assert found.choice == AnyOf("required", names=("c", "b", "a"))
    assert not found.extras


def test_validated_functions_are_strict():
    found = choice(mode="VALIDATED")
    assert found.choice == Choice("auto")
    assert [tool.strict for tool in found.tools] == [True, True, True]
    bare = read(toolConfig={"functionCallingConfig": {"mode": "VALIDATED"}})
    assert bare.extras == {"toolConfig.functionCallingConfig.mode": "VALIDATED"}


def test_what_more_is_said_of_tools_is_an_extra():
    found = read(
        toolConfig={
            "retrievalConfig": {"languageCode": "de"},
            "function_calling_config": {"stream_function_call_arguments": True},
        }
    )
    assert found.extras == {
        "toolConfig.retrievalConfig": {"languageCode": "de"},
        "toolConfig.functionCallingConfig.streamFunctionCallArguments": True,
    }


@pytest.mark.parametrize(
    "config",
    [{"functionCallingConfig": 3}, {"functionCallingConfig": {"mode": "SOME"}}, {"functionCallingConfig": {"mode": 3}}],
)
def test_an_odd_choice_is_refused(config):
    with pytest.raises(Refusal, match=r"toolConfig\.functionCallingConfig"):
        read(toolConfig=config)
    with pytest.raises(Refusal, match=r"allowedFunctionNames\[0\]: must be a string"):
        choice(allowedFunctionNames=[3])
