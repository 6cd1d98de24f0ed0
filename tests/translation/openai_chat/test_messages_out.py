"""Messages for providers."""

import pytest

from gateway.conversation.losses import Losses
from gateway.conversation.parts import Media, Native, Refusing, Text, Thinking, ToolResult, ToolUse
from gateway.conversation.request import Conversation, Message
from gateway.translation.codec import Quirks
from gateway.translation.openai_chat import CODEC

IMAGE = Media("image", "image/png", "AAAA")
SHOWN = {"type": "image_url", "image_url": {"url": "data:image/png;base64,AAAA"}}


def write(*messages, quirks=None, client="anthropic_messages"):
    losses = Losses(CODEC.rules)
    body = CODEC.write_request(Conversation(client, "m", list(messages)), losses, quirks or Quirks()).body
    assert not losses.refused
    return body["messages"]


def test_results_stand_before_what_the_user_says_beside_them():
    parts = [ToolResult("1", [Text("a")]), ToolResult("2", [Text("b")]), Text("and now?")]
    assert write(Message("user", parts)) == [
        {"role": "tool", "tool_call_id": "1", "content": "a"},
        {"role": "tool", "tool_call_id": "2", "content": "b"},
        {"role": "user", "content": "and now?"},
    ]


def test_a_message_of_results_alone_leaves_no_empty_one_behind():
    assert [one["role"] for one in write(Message("user", [ToolResult("1", [])]))] == ["tool"]


def test_images_of_results_follow_them_all_in_a_users_message():
    first, second = ToolResult("1", [Text("a"), IMAGE]), ToolResult("2", [Text("b")])
    written = write(Message("tool", [first]), Message("tool", [second]), Message("assistant", [Text("I see")]))
    assert [one["role"] for one in written] == ["tool", "tool", "user", "assistant"]
    assert written[2]["content"] == [SHOWN]
    beside = write(Message("user", [first, second, Text("look")]))
    assert [one["role"] for one in beside] == ["tool", "tool", "user"]
    assert beside[2]["content"] == [SHOWN, {"type": "text", "text": "look"}]
    assert write(Message("tool", [first]))[1] == {"role": "user", "content": [SHOWN]}


@pytest.mark.parametrize(
    ("parts", "content"),
    [([Text("no file")], "Error: no file"), ([Text("error: no file")], "error: no file"), ([], "Error:")],
)
def test_a_failed_result_says_so(parts, content):
    assert write(Message("tool", [ToolResult("1", parts, error=True)]))[0]["content"] == content


def test_an_answer_of_calls_alone_has_no_content():
    call = {"id": "1", "type": "function", "function": {"name": "f", "arguments": "{}"}}
    assert write(Message("assistant", [ToolUse("1", "f")])) == [
        {"role": "assistant", "content": None, "tool_calls": [call]}
    ]


def test_a_refusal_is_text_where_there_is_no_place_for_it():
    message = Message("assistant", [Refusing("no")])
    assert write(message) == [{"role": "assistant", "content": None, "refusal": "no"}]
    assert write(message, quirks=Quirks(refuses=("refusal",))) == [{"role": "assistant", "content": "no"}]


def test_texts_are_one_string_for_providers_that_know_no_parts():
    message = Message("system", [Text("a"), Text("b")])
    assert write(message)[0]["content"] == [{"type": "text", "text": "a"}, {"type": "text", "text": "b"}]
    assert write(message, quirks=Quirks(refuses=("content.parts",)))[0]["content"] == "a\n\nb"


OWN = Thinking("hm", "anthropic-claude-v1~c2ln", maker="openai_chat")
FOREIGN = Thinking("hm", "c2ln", maker="anthropic_messages")
ITEM = {"type": "reasoning.text", "text": "hm", "signature": "c2ln", "format": "anthropic-claude-v1", "index": 0}


@pytest.mark.parametrize(
    ("place", "thought", "members"),
    [
        ("reasoning_content", Thinking("hm"), {"reasoning_content": "hm"}),
        ("reasoning", Thinking("hm"), {"reasoning": "hm"}),
        ("reasoning", OWN, {"reasoning": "hm", "reasoning_details": [ITEM]}),
        ("reasoning_content", FOREIGN, {"reasoning_content": "hm"}),
        ("reasoning_details", OWN, {"reasoning_details": [ITEM]}),
        ("reasoning_details", FOREIGN, {"reasoning_details": [{"type": "reasoning.text", "text": "hm", "index": 0}]}),
        ("reasoning", Thinking(redacted="ZW5j", maker="anthropic_messages"), {}),
    ],
)
def test_thoughts_go_where_the_provider_takes_them_and_only_its_own_proofs(place, thought, members):
    (written,) = write(Message("assistant", [thought, Text("x")]), quirks=Quirks(thoughts=place))
    assert written == {"role": "assistant", "content": "x", **members}


def test_thoughts_as_parts_of_the_content():
    (written,) = write(Message("assistant", [Thinking("hm"), Text("x")]), quirks=Quirks(thoughts="content"))
    thinking = {"type": "thinking", "thinking": [{"type": "text", "text": "hm"}]}
    assert written == {"role": "assistant", "content": [thinking, {"type": "text", "text": "x"}]}


def test_thoughts_are_left_out_with_a_note_where_they_are_not_taken():
    losses = Losses(CODEC.rules)
    message = Message("assistant", [Thinking("hm"), Text("x")])
    body = CODEC.write_request(Conversation("openai_chat", "m", [message]), losses, Quirks(thoughts="")).body
    assert body["messages"] == [{"role": "assistant", "content": "x"}]
    assert (losses.refused, losses.hints) == ([], ["thinking"])


def test_signatures_of_calls_go_back_to_the_dialect_that_made_them():
    mine, foreign = ToolUse("1", "f", signature="c2ln", maker="openai_chat"), ToolUse("2", "f", signature="c2ln")
    foreign.maker = "gemini_generate"
    (written,) = write(Message("assistant", [mine, foreign]))
    assert [call.get("extra_content") for call in written["tool_calls"]] == [
        {"google": {"thought_signature": "c2ln"}},
        None,
    ]


def test_members_that_only_this_dialect_knows_return():
    part = Native("openai_chat", "message.prefix", True)
    assert write(Message("assistant", [Text("x"), part]), client="openai_chat")[0]["prefix"] is True


def test_what_only_another_dialect_knows_is_lost_by_its_name():
    losses = Losses(CODEC.rules)
    message = Message("assistant", [Native("anthropic_messages", "server_tool_use", {"type": "x"}), Text("x")])
    CODEC.write_request(Conversation("anthropic_messages", "m", [message]), losses, Quirks())
    assert losses.refused == ["server_tool_use"]


def test_images_that_a_model_made_return_only_to_this_dialect():
    message = Message("assistant", [IMAGE])
    assert write(message, client="openai_chat")[0]["images"] == [SHOWN]
    losses = Losses(CODEC.rules)
    CODEC.write_request(Conversation("gemini_generate", "m", [message]), losses, Quirks())
    assert losses.refused == ["image.data"]


def test_what_a_router_parsed_of_a_file_returns_to_it():
    file = {"type": "file", "file": {"hash": "h"}}
    echo = {"role": "assistant", "content": "x", "annotations": [file]}
    messages = CODEC.read_request({"model": "m", "messages": [echo]}).messages
    assert write(*messages, client="openai_chat") == [echo]
