"""Parts in order, with thoughts' signatures in their place."""

import pytest

from gateway.conversation.parts import Text, Thinking
from gateway.translation.gemini_generate.parts_out import seal_alone, write_parts, write_thought
from tests.translation.gemini_generate.asking import OWN


def written(*parts):
    return write_parts(list(parts), lambda part: {"text": part.text} if part.text else None, lambda one: one.signature)


def test_what_is_left_out_leaves_no_gap():
    assert written(Text("a"), Text(""), Text("b")) == [{"text": "a"}, {"text": "b"}]


def test_googles_signature_goes_onto_what_it_stands_behind():
    seal = Thinking(signature="abc=", maker=OWN)
    assert written(Text("a"), seal, Text("b")) == [{"text": "a", "thoughtSignature": "abc="}, {"text": "b"}]


def test_a_foreign_signature_is_a_thought_of_its_own():
    seal = Thinking(signature="x", maker="anthropic_messages")
    assert written(Text("a"), seal) == [{"text": "a"}, {"text": "", "thoughtSignature": "x", "thought": True}]


@pytest.mark.parametrize(
    "last", [{"functionCall": {}}, {"text": "a", "thought": True}, {"text": "a", "thoughtSignature": "y"}]
)
def test_a_signature_that_belongs_to_nothing_stands_alone(last):
    parts = [last]
    write_thought(Thinking(maker=OWN), "abc=", parts)
    assert parts == [last, seal_alone("abc=", thought=False)]


def test_a_thought_without_words_or_signature_is_nothing():
    assert written(Thinking()) == []
