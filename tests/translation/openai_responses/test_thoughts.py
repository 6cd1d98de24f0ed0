"""Thoughts as reasoning items, of this dialect's models and of others'."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.conversation.parts import Thinking, ToolUse
from gateway.translation.openai_responses.answers_out import thinking_item
from gateway.translation.openai_responses.own import make_id
from gateway.translation.openai_responses.thoughts import BREAK, read_thinking, seal_call, summaries, unseal

NAME = "openai_responses"
MADE = make_id("rs", "seed")


@pytest.mark.parametrize(
    "thought",
    [
        Thinking("A summary.", "sealed", id="rs_1", maker=NAME, summary=True),
        Thinking("**One**\n\nfirst\n\n**Two**\n\nsecond", "sealed", id="rs_1", maker=NAME, summary=True),
        Thinking("All of it.", id="uuid", maker=NAME),
        Thinking("", "sealed", id="rs_1", maker=NAME),
        Thinking("Signed by another.", "EqQB", id=MADE, maker="anthropic_messages", summary=True),
        Thinking("", redacted="EmwK", id=MADE, maker="anthropic_messages"),
    ],
)
def test_a_thought_comes_back_as_it_went_out(thought):
    found = unseal(thinking_item(thought))
    if thought.id == MADE:
        assert found.id == ""
        found.id = MADE
    assert found == thought


def test_thoughts_that_nobody_proves_have_no_maker_when_they_come_back():
    item = thinking_item(Thinking("From a chat.", id=MADE))
    assert item["summary"] == [{"type": "summary_text", "text": "From a chat."}]
    assert unseal(item) == Thinking("From a chat.", summary=True)


def test_open_text_is_written_only_for_thoughts_of_this_dialect():
    own = thinking_item(Thinking("Hm.", id="rs_1", maker=NAME))
    assert own["content"] == [{"type": "reasoning_text", "text": "Hm."}]
    assert own["summary"] == []
    other = thinking_item(Thinking("Hm.", "sig", maker="anthropic_messages"))
    assert "content" not in other
    assert other["summary"] == [{"type": "summary_text", "text": "Hm."}]
    assert other["encrypted_content"] == "gw~anthropic_messages~sig"


def test_a_calls_signature_travels_in_an_item_of_its_own():
    call = ToolUse("call~with~tildes", "f", "{}", signature="SIG+/=", maker="gemini_generate")
    found = unseal(seal_call(call))
    assert (found.id, found.signature, found.maker) == (call.id, call.signature, call.maker)


def test_where_there_are_thoughts_and_a_summary_the_thoughts_are_read():
    item = {"summary": [{"text": "short"}], "content": [{"text": "long"}, {"text": "er"}], "id": 5}
    assert read_thinking(item) == Thinking("long\n\ner", maker=NAME)


def test_an_odd_item_is_read_as_far_as_it_goes():
    assert read_thinking({"summary": "x", "content": [1, {}], "encrypted_content": 5}) == Thinking("", maker=NAME)


@given(st.text("ab*\n", max_size=40))
def test_summaries_joined_again_are_the_text(text):
    assert BREAK.join(summaries(text)) == text


def test_a_further_summary_begins_with_a_title():
    assert summaries("**One**\n\nfirst\n\n**Two**\n\nsecond") == ["**One**\n\nfirst", "**Two**\n\nsecond"]
