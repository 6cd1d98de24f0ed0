import pytest

from gateway.conversation.request import Reasoning
from tests.translation.anthropic_messages.given import asked, body, sent


def test_parameters_have_the_dialects_names():
    written = body(
        asked(
            parameters={
                "max_tokens": 5,
                "temperature": 0.3,
                "top_k": 7,
                "stop": ["END"],
                "user": "u",
                "safety_identifier": "s",
                "service_tier": "default",
            }
        )
    )
    assert {name: value for name, value in written.items() if name not in ("model", "messages")} == {
        "max_tokens": 5,
        "temperature": 0.3,
        "top_k": 7,
        "stop_sequences": ["END"],
        "metadata": {"user_id": "u"},
        "service_tier": "standard_only",
    }
    assert body(asked(parameters={"safety_identifier": "s"}))["metadata"] == {"user_id": "s"}


@pytest.mark.parametrize(
    ("model", "parameters", "lost"),
    [
        ("claude-sonnet-4-5", {"temperature": 1.5}, ["temperature"]),
        ("claude-sonnet-4-5", {"temperature": 0.5, "top_p": 0.9}, ["top_p"]),
        ("claude-sonnet-4-5", {"top_p": 0.9, "temperature": 0.5}, ["top_p"]),
        ("claude-sonnet-4-5", {"temperature": 0.5, "top_p": 1}, []),
        ("claude-sonnet-4-5", {"top_p": 0.9}, []),
        ("claude-sonnet-4-20250514", {"temperature": 0.5, "top_p": 0.9}, []),
        ("claude-opus-4-8", {"temperature": 0.5, "top_p": 0.9, "top_k": 3}, ["temperature", "top_k", "top_p"]),
        ("claude-opus-4-8", {"temperature": 1, "top_p": 1}, []),
        ("glm-5", {"temperature": 0.5, "top_p": 0.9, "top_k": 3}, []),
        ("claude-sonnet-4-5", {"service_tier": "flex"}, ["service_tier"]),
        ("claude-sonnet-4-5", {"stop": ["END", "\n"]}, ["stop"]),
    ],
)
def test_a_value_that_the_model_does_not_take_is_lost_and_not_bent(model, parameters, lost):
    written, names = sent(asked(model=model, parameters=parameters))
    assert names == lost
    assert not set(lost) & set(written)


def test_while_a_model_thinks_it_is_not_sampled_otherwise():
    conversation = asked(parameters={"temperature": 0.2, "top_p": 0.5, "top_k": 2}, reasoning=Reasoning("low"))
    assert sent(conversation)[1] == ["temperature", "top_k", "top_p"]
    assert body(asked(parameters={"temperature": 1, "top_p": 0.97}, reasoning=Reasoning("low")))["top_p"] == 0.97


def test_what_asks_for_what_happens_anyway_is_no_loss():
    usual = {
        "n": 1,
        "frequency_penalty": 0,
        "presence_penalty": 0.0,
        "logprobs": False,
        "logit_bias": {},
        "modalities": ["text"],
        "truncation": "disabled",
        "verbosity": "medium",
    }
    assert set(body(asked(parameters=usual))) == {"model", "messages", "max_tokens"}
