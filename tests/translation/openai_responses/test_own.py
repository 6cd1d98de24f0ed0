"""What only this dialect knows stands beside the neutral form, and does not change it for others."""

from gateway.conversation.parts import Text
from gateway.conversation.request import Conversation, Message
from gateway.translation.openai_responses.own import (
    ResponsesConversation,
    Turn,
    hints_of,
    is_made,
    make_id,
    marks_of,
)


def test_ids_are_the_same_for_the_same_seed_and_known_again():
    one = make_id("msg", "resp_1/0")
    assert one == make_id("msg", "resp_1/0") != make_id("msg", "resp_1/1")
    assert one.startswith("msg_")
    assert set(one[4:]) <= set("0123456789abcdef")
    assert is_made(one)
    assert not is_made("msg_0ebe1069c41f18790068eda8a9a5048197a28908fbb41d5355")
    assert not is_made("")


def test_half_a_surrogate_pair_is_a_seed_too():
    assert is_made(make_id("rs", "\ud800"))


def test_messages_and_conversations_of_others_have_neither_marks_nor_hints():
    assert marks_of(Message("user", [])) == {}
    assert marks_of(Turn("assistant", [Text("x")], marks={0: {"id": "m"}})) == {0: {"id": "m"}}
    assert hints_of(Conversation("x", "m", [])) == {}
    assert hints_of(ResponsesConversation("x", "m", [], hints={"a": 1})) == {"a": 1}
