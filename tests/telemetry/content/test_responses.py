from tests.telemetry.content.test_capture import captured
from tests.telemetry.content.test_chat import stream

OUTPUT = [
    {"type": "reasoning", "summary": [{"type": "summary_text", "text": "hm"}]},
    {"type": "web_search_call", "id": "ws_1"},
    {"type": "message", "content": [{"type": "output_text", "text": "Hi"}]},
    {"type": "function_call", "call_id": "c", "name": "f", "arguments": '{"a":1}'},
]
PARTS = [
    {"type": "reasoning", "content": "hm"},
    {"type": "server_tool_call", "name": "web_search_call", "id": "ws_1"},
    {"type": "text", "content": "Hi"},
    {"type": "tool_call", "name": "f", "id": "c", "arguments": {"a": 1}},
]


def test_a_request():
    found = captured(
        "openai_responses",
        {
            "instructions": "Be brief.",
            "input": [
                {"role": "user", "content": [{"type": "input_text", "text": "Hello"}]},
                {"type": "function_call", "call_id": "c", "name": "f", "arguments": "{}"},
                {"type": "function_call_output", "call_id": "c", "output": "3"},
            ],
            "tools": [{"type": "function", "name": "f", "parameters": {}}, {"type": "web_search"}],
        },
    )
    assert found["system_instructions"] == [{"type": "text", "content": "Be brief."}]
    assert [message["role"] for message in found["input.messages"]] == ["user", "assistant", "tool"]
    assert found["input.messages"][2]["parts"][0]["response"] == "3"
    assert [tool["name"] for tool in found["tool.definitions"]] == ["f", "web_search"]


def test_a_plain_text_is_what_a_user_said():
    (message,) = captured("openai_responses", {"input": "Hello"})["input.messages"]
    assert message == {"role": "user", "parts": [{"type": "text", "content": "Hello"}]}


def test_a_whole_answer():
    (message,) = captured("openai_responses", None, {"status": "completed", "output": OUTPUT})["output.messages"]
    assert message == {"role": "assistant", "parts": PARTS, "finish_reason": "tool_call"}


def test_a_stream_ends_with_all_of_it():
    delta = {"type": "response.output_text.delta", "delta": "H"}
    ended = {"type": "response.completed", "response": {"status": "completed", "output": OUTPUT[2:3]}}
    (message,) = captured("openai_responses", None, stream(delta, ended))["output.messages"]
    assert message == {"role": "assistant", "parts": PARTS[2:3], "finish_reason": "stop"}


def test_a_stream_that_broke_off_shows_what_came():
    done = {"type": "response.output_item.done", "item": OUTPUT[0]}
    delta = {"type": "response.output_text.delta", "delta": "Hal"}
    (message,) = captured("openai_responses", None, stream(done, delta))["output.messages"]
    assert message["parts"] == [PARTS[0], {"type": "text", "content": "Hal"}]
    assert message["finish_reason"] == "error"


def test_a_cut_answer_says_why():
    body = {"status": "incomplete", "incomplete_details": {"reason": "max_output_tokens"}, "output": OUTPUT[2:3]}
    assert captured("openai_responses", None, body)["output.messages"][0]["finish_reason"] == "length"
