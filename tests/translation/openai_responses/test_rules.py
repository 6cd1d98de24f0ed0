"""The rules say what write_request does, for each thing by itself."""

import json

import pytest
from openai.types.responses.response_create_params import ResponseCreateParams
from pydantic import TypeAdapter

from gateway.conversation.losses import FEATURES
from gateway.conversation.request import PARAMETERS
from gateway.translation.codec import Quirks
from gateway.translation.openai_responses.rules import RULES
from tests.translation.openai_responses import conversations
from tests.translation.openai_responses.recorded import written

EACH = dict(conversations.each())
PARAMS = TypeAdapter(ResponseCreateParams)
PLAIN = {"model": "gpt-x", "input": [{"role": "user", "content": "Hi"}], "store": False}


def test_there_is_a_rule_and_a_sample_for_everything():
    assert set(RULES) == {*PARAMETERS, *FEATURES} == set(EACH)


@pytest.mark.parametrize("name", [name for name in EACH if RULES[name].how in ("carried", "renamed", "emulated")])
def test_what_is_carried_is_written_without_loss_and_as_the_sdk_has_it(name):
    body, losses = written(EACH[name])
    assert not losses.refused
    assert not losses.hints
    if name != "reasoning.adaptive":
        assert body != PLAIN
    if name != "audio.data":  # the SDK has no type for sound, but the API does
        json.dumps(PARAMS.dump_python(PARAMS.validate_python(body)), default=list)


@pytest.mark.parametrize("name", [name for name in EACH if RULES[name].how == "refused"])
def test_what_is_refused_is_noted_by_its_name_and_not_written(name):
    body, losses = written(EACH[name])
    assert losses.refused == [name]
    assert not losses.hints
    if name in PARAMETERS:
        assert body == PLAIN


def test_a_hint_is_left_out_and_listed():
    body, losses = written(EACH["cache"])
    assert (losses.refused, losses.hints) == ([], ["cache"])
    assert body == PLAIN


@pytest.mark.parametrize("name", sorted(name for name in EACH if RULES[name].how != "refused" and name != "cache"))
def test_a_provider_that_refuses_it_gets_it_not(name):
    body, losses = written(EACH[name], Quirks(refuses=(name,)))
    assert losses.refused == [name]
    whole, _ = written(EACH[name])
    if name not in ("reasoning.adaptive", "reasoning.show"):
        assert body != whole


def test_what_happens_anyway_is_no_loss():
    idle = {"n": 1, "frequency_penalty": 0, "presence_penalty": 0.0, "modalities": ["text"]}
    body, losses = written(conversations.conversation(parameters=idle))
    assert (losses.refused, losses.hints, body) == ([], [], PLAIN)
