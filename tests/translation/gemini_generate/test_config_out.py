"""What is asked of the answer, as Google gets it."""

import pytest

from gateway.conversation.losses import Losses
from gateway.conversation.request import Format, Reasoning
from gateway.translation.codec import Quirks
from gateway.translation.gemini_generate import CODEC
from tests.translation.gemini_generate.asking import body, config, hello, write


def test_parameters_have_googles_names():
    given = {"max_tokens": 5, "top_p": 0.5, "stop": ["a"], "n": 2, "logprobs": True, "top_logprobs": 4}
    assert config(parameters=given) == {
        "maxOutputTokens": 5,
        "topP": 0.5,
        "stopSequences": ["a"],
        "candidateCount": 2,
        "responseLogprobs": True,
        "logprobs": 4,
    }


def test_modalities_are_in_capitals():
    assert config(parameters={"modalities": ["text", "audio"]}) == {"responseModalities": ["TEXT", "AUDIO"]}


@pytest.mark.parametrize(
    ("form", "written"),
    [
        (Format("json"), {"responseMimeType": "application/json"}),
        (
            Format("schema", {"type": "object"}, name="x", strict=True),
            {"responseMimeType": "application/json", "responseJsonSchema": {"type": "object"}},
        ),
        (
            Format("schema", {"type": "object"}, description="Y."),
            {"responseMimeType": "application/json", "responseJsonSchema": {"description": "Y.", "type": "object"}},
        ),
    ],
)
def test_forms(form, written):
    assert config(format=form) == written


def test_tiers():
    assert body(hello(parameters={"service_tier": "default"}))["serviceTier"] == "standard"
    assert body(hello(parameters={"service_tier": "flex"}))["serviceTier"] == "flex"
    assert "serviceTier" not in body(hello(parameters={"service_tier": "auto"}))


def test_what_is_googles_own_goes_to_google_from_its_own_clients():
    given = {"metadata": {"a": "b"}, "store": False}
    found = body(hello(dialect="gemini_generate", parameters=given))
    assert (found["labels"], found["store"]) == ({"a": "b"}, False)
    written, losses = write(hello(parameters=given))
    assert losses.hints == ["metadata", "store"]
    assert written.body.keys() == {"contents"}


def test_not_to_cut_the_conversation_is_what_google_does():
    assert body(hello(parameters={"truncation": "disabled"})).keys() == {"contents"}
    assert write(hello(parameters={"truncation": "auto"}))[1].refused == ["truncation"]


def test_a_provider_may_differ():
    asked = hello(parameters={"max_tokens": 5, "top_k": 3, "seed": 1})
    quirks = Quirks(limit="maxTokens", refuses=("seed",), renames={"top_k": "kTop"})
    losses = Losses(CODEC.rules)
    written = CODEC.write_request(asked, losses, quirks)
    assert written.body["generationConfig"] == {"maxTokens": 5, "kTop": 3}
    assert losses.refused == ["seed"]
    shaped, losses = write(hello(format=Format("schema", {})), Quirks(json_schema=False))
    assert losses.refused == ["format.schema"]
    assert shaped.body.keys() == {"contents"}


def test_a_messages_client_that_thinks_is_shown_thoughts():
    thinking = {"thinkingBudget": 2000}
    assert config(reasoning=Reasoning(budget=2000)) == {"thinkingConfig": thinking}
    shown = config(reasoning=Reasoning(budget=2000), dialect="anthropic_messages")
    assert shown == {"thinkingConfig": {**thinking, "includeThoughts": True}}
