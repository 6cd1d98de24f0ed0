"""The whole request, and where it goes."""

import pytest

from gateway.call import Refusal
from gateway.conversation.losses import Losses
from gateway.translation.codec import Quirks
from gateway.translation.gemini_generate import CODEC
from tests.translation.gemini_generate.asking import OWN, body, hello, read, write


@pytest.mark.parametrize(
    ("stream", "path", "query"),
    [
        (False, "models/gemini-2.5-flash:generateContent", ""),
        (True, "models/gemini-2.5-flash:streamGenerateContent", "alt=sse"),
    ],
)
def test_model_and_method_stand_in_the_path(stream, path, query):
    written, _ = write(hello(stream=stream))
    assert (written.path, written.query) == (path, query)
    assert written.body == {"contents": [{"role": "user", "parts": [{"text": "Hello"}]}]}


@pytest.mark.parametrize("model", ["../x", "a/b", "a:b", "a?b=c", ""])
def test_a_model_that_would_change_the_path_is_refused(model):
    with pytest.raises(Refusal, match="model: must be letters"):
        CODEC.write_request(hello(model=model), Losses(CODEC.rules), Quirks())


def test_extras_of_this_dialect_go_back_to_their_places():
    asked = read(
        cachedContent="c",
        generationConfig={
            "speechConfig": {"languageCode": "de"},
            "temperature": 1,
            "thinkingConfig": {"thinkingBudget": 2},
        },
        toolConfig={
            "retrievalConfig": {},
            "functionCallingConfig": {"mode": "ANY", "allowedFunctionNames": ["a", "b"]},
        },
        tools=[{"functionDeclarations": [{"name": "a", "behavior": "BLOCKING"}, {"name": "b"}]}],
    )
    assert body(asked) == {
        "contents": [{"role": "user", "parts": [{"text": "Hello"}]}],
        "cachedContent": "c",
        "generationConfig": {
            "temperature": 1,
            "speechConfig": {"languageCode": "de"},
            "thinkingConfig": {"thinkingBudget": 2},
        },
        "toolConfig": {
            "retrievalConfig": {},
            "functionCallingConfig": {"mode": "ANY", "allowedFunctionNames": ["a", "b"]},
        },
        "tools": [
            {
                "functionDeclarations": [
                    {"name": "a", "behavior": "BLOCKING"},
                    {"name": "b"},
                ]
            }
        ],
    }


def test_a_members_name_with_a_dot_in_it_changes_nothing_else():
    asked = read(generationConfig={"temperature": 1, "temperature.x": 2})
    assert CODEC.write_request(asked, Losses(CODEC.rules), Quirks()).body == {
        "contents": [{"role": "user", "parts": [{"text": "Hello"}]}],
        "generationConfig": {"temperature": 1},
        "generationConfig.temperature.x": 2,
    }


def test_extras_of_other_dialects_are_lost():
    _, losses = write(hello(extras={"thinking.x": 1, "top": 2}))
    assert losses.refused == ["thinking.x", "top"]
    assert read().dialect == OWN
