"""Signatures of any maker travel as base64, and come back as they were."""

from base64 import b64decode, b64encode, urlsafe_b64encode

import pytest
from google.genai import types
from hypothesis import given
from hypothesis import strategies as st

from gateway.conversation.parts import Thinking
from gateway.translation.gemini_generate.seals import sealed, sealed_call, unsealed
from tests.translation.gemini_generate.asking import OWN

WORDS = st.text(st.characters(codec="utf-8"), max_size=40)


def test_googles_own_pass_as_they_are():
    assert sealed(Thinking(signature="Es8BCg==", maker=OWN)) == "Es8BCg=="
    assert sealed_call("Es8BCg==", OWN) == "Es8BCg=="
    assert unsealed("Es8BCg==") == Thinking(signature="Es8BCg==", maker=OWN, summary=True)


def test_no_signature_is_none():
    assert sealed(Thinking("Hm.")) == ""
    assert sealed_call("", "anthropic_messages") == ""


@given(signature=WORDS.filter(bool), redacted=WORDS, id=WORDS)
def test_a_foreign_one_comes_back_with_all_that_its_maker_needs(signature, redacted, id):
    thinking = Thinking(signature=signature, redacted=redacted, id=id, maker="anthropic_messages")
    assert unsealed(sealed(thinking)) == thinking


@given(signature=WORDS.filter(bool))
def test_the_sdk_takes_a_foreign_one_as_bytes_and_sends_it_back(signature):
    text = sealed_call(signature, "openai_responses")
    part = types.Part.model_validate({"thoughtSignature": text, "functionCall": {"name": "f"}})
    assert part.thought_signature == b64decode(text)
    sent = part.model_dump(mode="json", exclude_none=True)["thought_signature"]
    found = unsealed(sent)
    assert (found.signature, found.maker) == (signature, "openai_responses")


def test_padding_may_be_missing_and_the_alphabet_may_be_that_of_urls():
    text = sealed_call("??>>~~", "anthropic_messages")
    for form in (text, text.rstrip("="), urlsafe_b64encode(b64decode(text)).decode()):
        assert unsealed(form).signature == "??>>~~"


def test_what_was_put_in_and_cannot_be_read_is_no_signature():
    broken = b64encode(b"gw~anthropic_messages~{x").decode()
    assert unsealed(broken) == Thinking(maker="anthropic_messages")


@pytest.mark.parametrize("text", ["Z3d+", "Z3d-é", "Z3d+/w==", "Z3d+!", "gw~anthropic_messages~x"])
def test_what_is_none_of_ours_is_taken_for_googles(text):
    assert unsealed(text) == Thinking(signature=text, maker=OWN, summary=True)
