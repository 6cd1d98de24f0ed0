"""Thoughts with their proofs, on their way through `reasoning_details`."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.conversation.parts import Thinking
from gateway.translation.openai_chat.thoughts import details, gathered, on_message, on_wire, pack, unpack

PROOFS = st.text("abcABC012+/=-_~", min_size=1)


@given(st.sampled_from(["", "anthropic-claude-v1", "google-gemini-v1"]), PROOFS)
def test_a_packed_signature_unpacks_to_itself_and_its_format(form, proof):
    assert unpack(pack(form, proof)) == (form, proof)


def test_a_plain_signature_stays_as_it_is():
    assert pack("", "c2ln") == "c2ln"


def test_thoughts_without_a_format_of_their_own_take_that_of_their_neighbours():
    sealed = Thinking(redacted="google-gemini-v1~ZW5j", maker="openai_chat")
    assert details([Thinking("hm"), sealed]) == [
        {"type": "reasoning.text", "text": "hm", "format": "google-gemini-v1", "index": 0},
        {"type": "reasoning.encrypted", "data": "ZW5j", "format": "google-gemini-v1", "index": 1},
    ]


def test_words_and_encrypted_form_of_one_thought_are_two_items_and_one_thought_again():
    whole = Thinking("short", "", "openai-responses-v1~ZW5j", "rs_1", "openai_chat", summary=True)
    items = details([whole])
    assert [item["type"] for item in items] == ["reasoning.summary", "reasoning.encrypted"]
    assert gathered(items, "short") == [whole]


@pytest.mark.parametrize("odd", [None, 5, "x", [], {}, {"type": "reasoning.text"}, {"type": 5, "text": 5}])
def test_odd_items_say_nothing(odd):
    assert gathered([odd], "") == []


def test_a_signature_on_the_message_itself_returns_to_its_place():
    extra = {"google": {"thought_signature": "c2ln"}}
    found = on_message(extra)
    assert details(found) == []
    assert on_wire(found) == extra


@pytest.mark.parametrize("odd", [None, 5, {}, {"google": 5}, {"google": {"thought_signature": 5}}])
def test_an_odd_place_holds_no_signature(odd):
    assert on_message(odd) == []
