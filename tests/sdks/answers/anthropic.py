"""Anthropic's Messages API on loopback: a message with thinking, text and a tool use, whole and as a stream."""

import json

from tests.sdks.answers.wire import named, stream, whole
from tests.world import Asked, Says

THINKING = ["Lisbon is ", "a city."]
TEXT = ["Let me ", "look."]
INPUT = ['{"city": ', '"Lisbon"}']
SIGNATURE = "c2lnbmF0dXJl"


def says(asked: Asked) -> Says:
    body = json.loads(asked.body or b"{}")
    model = body.get("model", "")
    if "limited" in model:
        error = {"type": "error", "error": {"type": "rate_limit_error", "message": "Slow down."}, "request_id": "req_2"}
        return whole(error, 429, retry_after="1", request_id="req_2")
    if not body.get("stream"):
        return whole(message(model), request_id="req_1")
    return stream([named(event) for event in events(model)], model, 5)


def message(model) -> dict:
    content = [
        {"type": "thinking", "thinking": "".join(THINKING), "signature": SIGNATURE},
        {"type": "text", "text": "".join(TEXT), "citations": None},
        {"type": "tool_use", "id": "toolu_1", "name": "weather", "input": {"city": "Lisbon"}},
    ]
    usage = opening_usage() | {"output_tokens": 17}
    return opening(model) | {"content": content, "stop_reason": "tool_use", "usage": usage}


def opening_usage() -> dict:
    return {
        "input_tokens": 40,
        "cache_creation_input_tokens": 6,
        "cache_read_input_tokens": 10,
        "cache_creation": {"ephemeral_5m_input_tokens": 6, "ephemeral_1h_input_tokens": 0},
        "output_tokens": 1,
        "service_tier": "standard",
    }


def opening(model) -> dict:
    nothing_yet = {"content": [], "stop_reason": None, "stop_sequence": None, "usage": opening_usage()}
    return {"id": "msg_1", "type": "message", "role": "assistant", "model": model, **nothing_yet}


def events(model) -> list[dict]:
    thoughts = [{"type": "thinking_delta", "thinking": part} for part in THINKING]
    thoughts.append({"type": "signature_delta", "signature": SIGNATURE})
    use = {"type": "tool_use", "id": "toolu_1", "name": "weather", "input": {}}
    return [
        {"type": "message_start", "message": opening(model)},
        {"type": "ping"},
        *block(0, {"type": "thinking", "thinking": "", "signature": ""}, thoughts),
        *block(1, {"type": "text", "text": ""}, [{"type": "text_delta", "text": part} for part in TEXT]),
        *block(2, use, [{"type": "input_json_delta", "partial_json": part} for part in ["", *INPUT]]),
        {
            "type": "message_delta",
            "delta": {"stop_reason": "tool_use", "stop_sequence": None},
            "usage": {"output_tokens": 17},
        },
        {"type": "message_stop"},
    ]


def block(index, begun, deltas) -> list[dict]:
    return [
        {"type": "content_block_start", "index": index, "content_block": begun},
        *({"type": "content_block_delta", "index": index, "delta": delta} for delta in deltas),
        {"type": "content_block_stop", "index": index},
    ]
