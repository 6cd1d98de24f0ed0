from hypothesis import given
from hypothesis import strategies as st

from gateway.conversation.parts import Thinking, ToolUse
from gateway.translation.anthropic_messages.thoughts import hidden, packed, signed_call, unpacked
from gateway.translation.signatures import MARK

BASE64 = st.text("ABCabc019+/=-_~", max_size=40)


def test_an_own_signature_goes_as_it_is_and_comes_back_so():
    thought = Thinking("Hm.", "EqQBCgIYAhIM", maker="anthropic_messages")
    assert packed(thought) == "EqQBCgIYAhIM"
    assert unpacked("Hm.", "EqQBCgIYAhIM") == thought


def test_a_thought_that_nothing_signs_has_no_maker():
    assert unpacked("Hm.", "") == Thinking("Hm.")


@given(BASE64, BASE64, BASE64)
def test_a_foreign_thought_comes_back_with_all_that_its_maker_needs(signature, redacted, id):
    thought = Thinking("Hm.", signature, redacted, id, "openai_responses")
    back = unpacked("Hm.", packed(thought))
    if signature or redacted or id:
        assert back == thought
        assert packed(thought).startswith(MARK)
    else:
        assert packed(thought) == ""


def test_a_redacted_thought_is_its_makers():
    assert hidden("EmwKAhgB") == Thinking(redacted="EmwKAhgB", maker="anthropic_messages")
    other = Thinking(redacted="abc", maker="openai_responses")
    assert hidden(packed(other)) == other


def test_the_signature_of_a_call_comes_back_as_the_calls():
    assert hidden(signed_call("call_1", "c2ln", "gemini_generate")) == ToolUse(
        "call_1", "", signature="c2ln", maker="gemini_generate"
    )


def test_what_a_client_made_up_is_a_signature_that_its_maker_will_judge():
    for bare in ("[", "[1]", '["a"]', "[" * 5000):
        assert unpacked("", f"{MARK}openai_responses~{bare}") == Thinking("", bare, maker="openai_responses")
        assert hidden(f"{MARK}openai_responses~{bare}") == Thinking("", bare, maker="openai_responses")
