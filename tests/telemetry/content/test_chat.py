import json

from tests.telemetry.content.test_capture import captured


def stream(*events: dict) -> bytes:
    return b"".join(b"data: %b\n\n" % json.dumps(event).encode() for event in events) + b"data: [DONE]\n\n"


def test_a_conversation_with_tools_and_media():
    found = captured(
        "openai_chat",
        {
            "messages": [
                {"role": "system", "content": "Be brief."},
                {
                    "role": "user",
                    "name": "ann",
                    "content": [
                        {"type": "text", "text": "What is it?"},
                        {"type": "image_url", "image_url": {"url": "data:image/png;base64,AAAA"}},
                        {"type": "image_url", "image_url": {"url": "https://x.example/a.png?sig=SECRET"}},
                        {"type": "input_audio", "input_audio": {"data": "AAAA", "format": "mp3"}},
                        {"type": "file", "file": {"file_id": "file-1"}},
                    ],
                },
                {
                    "role": "assistant",
                    "tool_calls": [{"id": "c1", "function": {"name": "look", "arguments": '{"a":1}'}}],
                },
                {"role": "tool", "tool_call_id": "c1", "content": "a cat"},
            ],
            "tools": [{"type": "function", "function": {"name": "look", "description": "d", "parameters": {"a": 1}}}],
        },
    )
    system, user, assistant, tool = found["input.messages"]
    assert system == {"role": "system", "parts": [{"type": "text", "content": "Be brief."}]}
    assert user["name"] == "ann"
    assert user["parts"] == [
        {"type": "text", "content": "What is it?"},
        {"type": "blob", "modality": "image", "mime_type": "image/png", "content": "", "size": 4},
        {"type": "uri", "modality": "image", "uri": "https://x.example/a.png"},
        {"type": "blob", "modality": "audio", "mime_type": "audio/mp3", "content": "", "size": 4},
        {"type": "file", "modality": "document", "file_id": "file-1"},
    ]
    assert assistant["parts"] == [{"type": "tool_call", "name": "look", "id": "c1", "arguments": {"a": 1}}]
    assert tool == {"role": "tool", "parts": [{"type": "tool_call_response", "response": "a cat", "id": "c1"}]}
    assert found["tool.definitions"] == [
        {"type": "function", "name": "look", "description": "d", "parameters": {"a": 1}}
    ]


def test_a_whole_answer():
    found = captured(
        "openai_chat",
        None,
        {
            "choices": [
                {"message": {"content": "Hi", "reasoning_content": "hm"}, "finish_reason": "stop"},
                {"message": {"tool_calls": [{"function": {"name": "f"}}]}, "finish_reason": "tool_calls"},
            ]
        },
    )
    assert found["output.messages"] == [
        {
            "role": "assistant",
            "parts": [{"type": "reasoning", "content": "hm"}, {"type": "text", "content": "Hi"}],
            "finish_reason": "stop",
        },
        {"role": "assistant", "parts": [{"type": "tool_call", "name": "f"}], "finish_reason": "tool_call"},
    ]


def test_a_stream_with_tool_calls_in_pieces():
    found = captured(
        "openai_chat",
        None,
        stream(
            {"choices": [{"index": 0, "delta": {"role": "assistant", "content": "Hel"}}]},
            {"choices": [{"index": 0, "delta": {"content": "lo"}}]},
            {
                "choices": [
                    {
                        "index": 0,
                        "delta": {"tool_calls": [{"index": 0, "id": "c", "function": {"name": "f", "arguments": ""}}]},
                    }
                ]
            },
            {"choices": [{"index": 0, "delta": {"tool_calls": [{"index": 0, "function": {"arguments": '{"a":'}}]}}]},
            {"choices": [{"index": 0, "delta": {"tool_calls": [{"index": 0, "function": {"arguments": "1}"}}]}}]},
            {"choices": [{"index": 0, "delta": {}, "finish_reason": "tool_calls"}]},
            {"choices": [], "usage": {}},
        ),
    )
    assert found["output.messages"] == [
        {
            "role": "assistant",
            "parts": [
                {"type": "text", "content": "Hello"},
                {"type": "tool_call", "name": "f", "id": "c", "arguments": {"a": 1}},
            ],
            "finish_reason": "tool_call",
        }
    ]


def test_a_plain_completion():
    answer = {"choices": [{"text": " world", "finish_reason": "length"}]}
    found = captured("openai_completions", {"prompt": "Hello"}, answer)
    assert found["input.messages"] == [{"role": "user", "parts": [{"type": "text", "content": "Hello"}]}]
    assert found["output.messages"][0]["finish_reason"] == "length"
    events = [{"choices": [{"index": 0, "text": t, "finish_reason": f}]} for t, f in ((" wor", None), ("ld", "stop"))]
    (message,) = captured("openai_completions", None, stream(*events))["output.messages"]
    assert message["parts"] == [{"type": "text", "content": " world"}]
