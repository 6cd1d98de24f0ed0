"""Counting tokens."""

import pytest
from google.genai import types

from gateway.call import Refusal
from gateway.conversation.losses import Losses
from gateway.conversation.parts import Text
from gateway.conversation.request import Message, Tool
from gateway.translation.codec import Quirks
from gateway.translation.gemini_generate import CODEC, counting
from tests.translation.gemini_generate.asking import talk, user

ASKED = talk(Message("system", [Text("A")]), user("Hi"), tools=[Tool("now")], parameters={"service_tier": "flex"})
CONTENTS = [{"role": "user", "parts": [{"text": "Hi"}]}]


def test_ai_studio_counts_a_whole_request():
    written = counting.write_studio(ASKED, Losses(CODEC.rules), Quirks())
    assert written.path == "models/gemini-2.5-flash:countTokens"
    request = written.body["generateContentRequest"]
    assert request["model"] == "models/gemini-2.5-flash"
    assert request["contents"] == CONTENTS
    assert request["serviceTier"] == "flex"


def test_vertex_counts_what_has_tokens():
    written = counting.write_vertex(ASKED, Losses(CODEC.rules), Quirks())
    assert written.path == "models/gemini-2.5-flash:countTokens"
    assert written.body == {
        "contents": CONTENTS,
        "systemInstruction": {"parts": [{"text": "A"}]},
        "tools": [{"functionDeclarations": [{"name": "now"}]}],
    }


@pytest.mark.parametrize(
    ("answer", "total"),
    [({"totalTokens": 3}, 3), ({}, None), ({"totalTokens": "3"}, None), ({"totalTokens": -1}, None)],
)
def test_the_number(answer, total):
    assert counting.read_total(answer) == total


def test_a_client_asks_in_either_form():
    plain = {"model": "m", "contents": CONTENTS}
    whole = {"model": "m", "generateContentRequest": {"model": "models/other", "contents": CONTENTS}}
    assert counting.read_count(plain) == counting.read_count(whole) == CODEC.read_request(plain)
    with pytest.raises(Refusal, match="generateContentRequest: must be an object"):
        counting.read_count({"model": "m", "generateContentRequest": 3})


def test_the_sdk_reads_the_count():
    assert types.CountTokensResponse.model_validate(counting.write_total(3)).total_tokens == 3
