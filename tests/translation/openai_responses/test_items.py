"""Items become the messages of turns."""

from gateway.conversation.parts import Native, Refusing, Text, Thinking, ToolResult, ToolUse
from gateway.conversation.request import Message
from gateway.translation.openai_responses.items import read_input
from gateway.translation.openai_responses.own import Turn, make_id

NAME = "openai_responses"


def user(text="Hi"):
    return {"role": "user", "content": text}


def call(id="c1", **more):
    return {"type": "function_call", "call_id": id, "name": "f", "arguments": "{}", **more}


def output(id="c1", **more):
    return {"type": "function_call_output", "call_id": id, "output": "done", **more}


def test_what_a_model_said_in_a_turn_is_one_message_and_so_are_its_results():
    thoughts = {"type": "reasoning", "id": "rs_1", "summary": [], "encrypted_content": "sealed"}
    assert read_input([user(), thoughts, call("c1"), call("c2"), output("c1"), output("c2")]) == [
        Message("user", [Text("Hi")]),
        Message(
            "assistant",
            [Thinking("", "sealed", id="rs_1", maker=NAME), ToolUse("c1", "f", "{}"), ToolUse("c2", "f", "{}")],
        ),
        Message("tool", [ToolResult("c1", [Text("done")], "f"), ToolResult("c2", [Text("done")], "f")]),
    ]


def test_what_other_members_items_have_is_kept_by_the_number_of_their_part():
    words = {
        "type": "message",
        "id": "msg_1",
        "status": "completed",
        "phase": "commentary",
        "role": "assistant",
        "content": [{"type": "output_text", "text": "Let me see.", "annotations": []}],
    }
    [turn] = read_input([words, call(id="c1", status="completed")])
    assert turn == Turn(
        "assistant",
        [Text("Let me see."), ToolUse("c1", "f", "{}")],
        marks={0: {"id": "msg_1", "status": "completed", "phase": "commentary"}, 1: {"status": "completed"}},
    )


def test_a_model_that_speaks_again_begins_a_new_message_unless_results_are_due():
    again = {"role": "assistant", "content": "Again."}
    assert [len(message.parts) for message in read_input([again, again])] == [1, 1]
    assert [len(message.parts) for message in read_input([again, call(), again, output()])] == [3, 1]


def test_refusals_and_free_text_calls():
    refusal = {"role": "assistant", "content": [{"type": "refusal", "refusal": "No."}]}
    free = {"type": "custom_tool_call", "call_id": "c9", "name": "sh", "input": "ls"}
    result = {"type": "custom_tool_call_output", "call_id": "c9", "output": [{"type": "input_text", "text": "a b"}]}
    assert read_input([refusal, free, result]) == [
        Message("assistant", [Refusing("No."), ToolUse("c9", "sh", "ls", True)]),
        Message("tool", [ToolResult("c9", [Text("a b")], "sh")]),
    ]


def test_a_result_whose_call_lies_at_the_provider_remembers_its_kind():
    [turn] = read_input([{"type": "custom_tool_call_output", "call_id": "c9", "output": "x"}])
    assert turn.marks == {0: {"type": "custom_tool_call_output"}}


def test_what_only_this_dialect_has_is_native():
    search = {"type": "web_search_call", "id": "ws_1", "status": "completed"}
    assert read_input([search]) == [Message("assistant", [Native(NAME, "web_search_call", search)])]
    assert read_input([{"id": "msg_1"}]) == [Message("assistant", [Native(NAME, "item_reference", {"id": "msg_1"})])]


def test_an_id_of_the_gateways_making_is_forgotten():
    made = {"type": "message", "id": make_id("msg", "x"), "status": "completed", "role": "assistant", "content": "Hi"}
    assert read_input([made]) == [Message("assistant", [Text("Hi")])]


def test_a_calls_signature_finds_its_call():
    sealed = {
        "type": "reasoning",
        "id": make_id("rs", "x"),
        "summary": [],
        "encrypted_content": "gw~gemini_generate~call~c1~SIGNED",
    }
    assert read_input([call("c1"), sealed]) == [
        Message("assistant", [ToolUse("c1", "f", "{}", signature="SIGNED", maker="gemini_generate")])
    ]
    assert read_input([sealed]) == []
