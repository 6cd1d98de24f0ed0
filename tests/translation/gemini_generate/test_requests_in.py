"""A client's request, read."""

import pytest

from gateway.call import Refusal
from gateway.conversation.parts import Text
from gateway.conversation.request import Conversation, Message
from gateway.translation.gemini_generate import CODEC
from tests.translation.gemini_generate.asking import MODEL, OWN, read


def test_the_caller_says_model_and_stream():
    found = CODEC.read_request({"model": MODEL, "stream": True, "contents": [{"parts": [{"text": "Hi"}]}]})
    assert found == Conversation(OWN, MODEL, [Message("user", [Text("Hi")])], stream=True, include_usage=True)


def test_the_system_instruction_comes_first():
    found = read(system_instruction={"role": "user", "parts": [{"text": "Be brief."}, {"text": "Be kind."}]})
    assert found.messages[0] == Message("system", [Text("Be brief."), Text("Be kind.")])


def test_what_stands_beside_the_config():
    found = read(
        safetySettings=[{"category": "A", "threshold": "B"}],
        labels={"team": "x"},
        service_tier="STANDARD",
        store=False,
        cachedContent="cachedContents/1",
    )
    assert found.parameters == {
        "safety_settings": [{"category": "A", "threshold": "B"}],
        "metadata": {"team": "x"},
        "service_tier": "default",
        "store": False,
    }
    assert found.extras == {"cachedContent": "cachedContents/1"}


def test_what_is_empty_is_not_asked_for():
    found = read(safetySettings=[], labels={}, generationConfig={}, tools=[], toolConfig={}, systemInstruction=None)
    assert found == read()


@pytest.mark.parametrize(
    ("members", "place"),
    [
        ({"contents": None}, "contents: is missing"),
        ({"contents": 3}, "contents: must be an array"),
        ({"systemInstruction": "Be brief."}, "systemInstruction: must be an object"),
        ({"generationConfig": []}, "generationConfig: must be an object"),
        ({"toolConfig": 3}, "toolConfig: must be an object"),
        ({"safetySettings": {}}, "safetySettings: must be an array"),
        ({"labels": {"a": 3}}, "labels.a: must be a string"),
        ({"model": None}, "model: is missing"),
        ({"stream": "yes"}, "stream: must be true or false"),
        ({"store": "no"}, "store: must be true or false"),
        ({"tools.functionDeclarations.a": 3}, "tools.functionDeclarations.a: is no member"),
    ],
)
def test_an_odd_request_is_refused(members, place):
    with pytest.raises(Refusal, match=place) as refused:
        read(**members)
    assert (refused.value.status, refused.value.number) == (400, 2111)
