import json

import pytest

from tests.telemetry.content.test_capture import captured
from tests.telemetry.content.test_chat import stream


def test_a_request():
    found = captured(
        "gemini_generate",
        {
            "systemInstruction": {"parts": [{"text": "Be brief."}]},
            "contents": [
                {"parts": [{"text": "What?"}, {"inlineData": {"mimeType": "image/png", "data": "AAAA"}}]},
                {"role": "model", "parts": [{"functionCall": {"name": "look", "args": {"a": 1}}}]},
                {"role": "user", "parts": [{"functionResponse": {"name": "look", "response": {"is": "cat"}}}]},
            ],
            "tools": [{"functionDeclarations": [{"name": "look", "parameters": {"type": "OBJECT"}}]}],
        },
    )
    assert found["system_instructions"] == [{"type": "text", "content": "Be brief."}]
    user, model, tool = found["input.messages"]
    assert [part["type"] for part in user["parts"]] == ["text", "blob"]
    assert model == {"role": "assistant", "parts": [{"type": "tool_call", "name": "look", "arguments": {"a": 1}}]}
    assert tool["role"] == "tool"
    assert tool["parts"][0]["response"] == {"is": "cat"}
    assert found["tool.definitions"][0]["name"] == "look"


EVENTS = [
    {"candidates": [{"content": {"parts": [{"text": "hm", "thought": True}]}}]},
    {"candidates": [{"content": {"parts": [{"text": "He"}]}}]},
    {"candidates": [{"content": {"parts": [{"text": "llo"}]}, "finishReason": "MAX_TOKENS"}]},
]


@pytest.mark.parametrize("payload", [stream(*EVENTS), json.dumps(EVENTS).encode()])
def test_a_stream_of_events_or_as_an_array(payload):
    (message,) = captured("gemini_generate", None, payload)["output.messages"]
    assert message["parts"] == [{"type": "reasoning", "content": "hm"}, {"type": "text", "content": "Hello"}]
    assert message["finish_reason"] == "length"


def test_a_whole_answer_that_calls_a_function():
    call = {"functionCall": {"name": "f", "id": "c", "args": {}}}
    body = {"candidates": [{"content": {"parts": [call]}, "finishReason": "STOP"}]}
    (message,) = captured("gemini_generate", None, body)["output.messages"]
    assert message["parts"] == [{"type": "tool_call", "name": "f", "id": "c", "arguments": {}}]
    assert message["finish_reason"] == "tool_call"
