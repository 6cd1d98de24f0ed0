"""What an item had besides comes back with it, and where one item ended another begins."""

from gateway.conversation.losses import Losses
from gateway.conversation.parts import Native, Text, ToolUse
from gateway.conversation.request import Conversation, Message
from gateway.translation.codec import Quirks
from gateway.translation.openai_responses.items import read_input
from gateway.translation.openai_responses.items_out import Items, failed
from gateway.translation.openai_responses.own import NAME
from gateway.translation.openai_responses.rules import RULES


def written(messages, dialect=NAME):
    losses = Losses(RULES)
    items = Items(Conversation(dialect, "m", messages), losses, Quirks())
    for message in messages:
        items.message(message)
    return items.items, losses


def test_items_come_back_as_they_stood():
    def words(id, text):
        content = [{"type": "output_text", "text": text, "annotations": []}]
        return {"type": "message", "role": "assistant", "content": content, "id": id, "phase": "commentary"}

    items = [
        {"role": "developer", "content": "Be brief."},
        {"role": "user", "content": "Hi", "status": "completed"},
        {
            "type": "reasoning",
            "summary": [{"type": "summary_text", "text": "Short"}],
            "content": [{"type": "reasoning_text", "text": "Long"}],
            "id": "rs_1",
            "status": "completed",
        },
        {"call_id": "c1", "name": "f", "type": "function_call", "arguments": "{}", "id": "fc_1", "namespace": "n"},
        words("msg_1", "One"),
        words("msg_2", "Two"),
        {"type": "web_search_call", "id": "ws_1", "status": "completed"},
        {"type": "function_call_output", "call_id": "c1", "output": "x", "id": "fco_1"},
        {"type": "mcp_approval_response", "approval_request_id": "a", "approve": True},
        {"id": "msg_0", "type": "item_reference"},
    ]
    again, losses = written(read_input(items))
    assert again == items
    assert not losses.refused
    assert not losses.hints


def test_a_native_of_another_dialect_is_lost_by_its_name():
    items, losses = written([Message("assistant", [Native("x", "thing", {}), Text("Hi")])])
    assert items == [{"role": "assistant", "content": "Hi"}]
    assert losses.refused == ["thing"]


def test_no_arguments_are_an_empty_object():
    [item], _ = written([Message("assistant", [ToolUse("c", "f")])])
    assert item["arguments"] == "{}"


def test_words_in_a_message_of_a_tool_are_the_users():
    assert written([Message("tool", [Text("Hi")])], "x")[0] == [{"role": "user", "content": "Hi"}]


def test_a_failure_that_says_so_is_left_alone():
    assert failed("ERROR: gone") == "ERROR: gone"
    assert failed("") == "Error: "
