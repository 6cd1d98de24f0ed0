from tests.telemetry.content.test_capture import captured
from tests.telemetry.content.test_chat import stream


def test_a_request():
    found = captured(
        "anthropic_messages",
        {
            "system": [{"type": "text", "text": "Be brief."}],
            "messages": [
                {
                    "role": "user",
                    "content": [
                        {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": "AAAA"}},
                        {"type": "image", "source": {"type": "url", "url": "https://x.example/a.png"}},
                        {"type": "text", "text": "What is it?"},
                    ],
                },
                {"role": "assistant", "content": [{"type": "tool_use", "id": "t", "name": "look", "input": {"a": 1}}]},
                {
                    "role": "user",
                    "content": [
                        {"type": "tool_result", "tool_use_id": "t", "content": [{"type": "text", "text": "cat"}]}
                    ],
                },
            ],
            "tools": [{"name": "look", "input_schema": {"type": "object"}}],
        },
    )
    assert found["system_instructions"] == [{"type": "text", "content": "Be brief."}]
    user, assistant, tool = found["input.messages"]
    assert [part["type"] for part in user["parts"]] == ["blob", "uri", "text"]
    assert assistant["parts"] == [{"type": "tool_call", "name": "look", "id": "t", "arguments": {"a": 1}}]
    assert tool == {"role": "tool", "parts": [{"type": "tool_call_response", "response": "cat", "id": "t"}]}
    assert found["tool.definitions"][0]["parameters"] == {"type": "object"}


def test_a_whole_answer():
    body = {
        "content": [{"type": "thinking", "thinking": "hm"}, {"type": "text", "text": "Hi"}],
        "stop_reason": "end_turn",
    }
    (message,) = captured("anthropic_messages", None, body)["output.messages"]
    assert message["parts"] == [{"type": "reasoning", "content": "hm"}, {"type": "text", "content": "Hi"}]
    assert message["finish_reason"] == "stop"


def test_a_stream():
    def delta(index: int, kind: str, key: str, value: str) -> dict:
        return {"type": "content_block_delta", "index": index, "delta": {"type": kind, key: value}}

    def start(index: int, **block: object) -> dict:
        return {"type": "content_block_start", "index": index, "content_block": block}

    found = captured(
        "anthropic_messages",
        None,
        stream(
            {"type": "message_start", "message": {}},
            start(0, type="thinking", thinking=""),
            delta(0, "thinking_delta", "thinking", "hm"),
            delta(0, "signature_delta", "signature", "SIGNATURE"),
            start(1, type="text", text=""),
            delta(1, "text_delta", "text", "He"),
            delta(1, "text_delta", "text", "llo"),
            start(2, type="tool_use", id="t", name="f", input={}),
            delta(2, "input_json_delta", "partial_json", '{"a":'),
            delta(2, "input_json_delta", "partial_json", "1}"),
            {"type": "message_delta", "delta": {"stop_reason": "tool_use"}},
            {"type": "message_stop"},
        ),
    )
    assert found["output.messages"] == [
        {
            "role": "assistant",
            "parts": [
                {"type": "reasoning", "content": "hm"},
                {"type": "text", "content": "Hello"},
                {"type": "tool_call", "name": "f", "id": "t", "arguments": {"a": 1}},
            ],
            "finish_reason": "tool_call",
        }
    ]
