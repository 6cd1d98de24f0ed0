"""OpenAI's API on loopback: chat, Responses and embeddings. Groq, Cerebras and Mistral answer chat in the same form."""

import json

from tests.sdks.answers.wire import DONE, data, named, stream, whole
from tests.world import Asked, Says

USAGE = {
    "prompt_tokens": 21,
    "completion_tokens": 9,
    "total_tokens": 30,
    "prompt_tokens_details": {"cached_tokens": 8},
    "completion_tokens_details": {"reasoning_tokens": 3},
}
ARGUMENTS = ['{"ci', 'ty": "L', 'isbon"}']
CALL = {"id": "call_1", "type": "function", "function": {"name": "weather", "arguments": "".join(ARGUMENTS)}}


def says(asked: Asked) -> Says:
    body = json.loads(asked.body or b"{}")
    model = body.get("model", "")
    if "limited" in model:
        error = {"message": "Rate limit reached", "type": "requests", "param": None, "code": "rate_limit_exceeded"}
        return whole({"error": error}, 429, retry_after="1")
    if asked.target.endswith("/embeddings"):
        return whole(embeddings(body))
    if asked.target.endswith("/responses"):
        events = [named(event) for event in response_events(model)]
        return stream(events, model, 4) if body.get("stream") else whole(response(model))
    if asked.target.endswith("/chat/completions"):
        events = [data(chunk) for chunk in chat_chunks(body)] + [DONE]
        return stream(events, model, 2) if body.get("stream") else whole(chat(body))
    return whole({})


def chat(body) -> dict:
    message = {"role": "assistant", "content": "Hello there.", "refusal": None}
    if body.get("tools"):
        message |= {"content": None, "tool_calls": [CALL]}
    reason = "tool_calls" if body.get("tools") else "stop"
    choices = [{"index": 0, "message": message, "finish_reason": reason, "logprobs": None}]
    return envelope(body) | {"object": "chat.completion", "choices": choices, "usage": USAGE}


def chat_chunks(body) -> list[dict]:
    """The usage comes in a chunk of its own, after the finish reason, and only for those that ask for it."""
    head = envelope(body) | {"object": "chat.completion.chunk"}
    deltas = [{"role": "assistant", "content": ""}, {"content": "Hello"}, {"content": " there."}]
    if body.get("tools"):
        opened = {"index": 0, **CALL, "function": {"name": "weather", "arguments": ""}}
        parts = [{"tool_calls": [{"index": 0, "function": {"arguments": part}}]} for part in ARGUMENTS]
        deltas = [{"role": "assistant", "content": None, "tool_calls": [opened]}, *parts]
    chunks = [head | {"choices": [{"index": 0, "delta": delta, "finish_reason": None}]} for delta in deltas]
    reason = "tool_calls" if body.get("tools") else "stop"
    chunks.append(head | {"choices": [{"index": 0, "delta": {}, "finish_reason": reason}]})
    if (body.get("stream_options") or {}).get("include_usage"):
        chunks = [chunk | {"usage": None} for chunk in chunks] + [head | {"choices": [], "usage": USAGE}]
    return chunks


def envelope(body) -> dict:
    return {
        "id": "chatcmpl-1",
        "created": 1_760_000_000,
        "model": body["model"] + "-2024-07-18",
        "system_fingerprint": "fp_1",
    }


def embeddings(body) -> dict:
    # The official SDK asks for base64 of little-endian floats: 0.5 and -1.0.
    vector = "AAAAPwAAgL8=" if body.get("encoding_format") == "base64" else [0.5, -1.0]
    listed = [{"object": "embedding", "index": 0, "embedding": vector}]
    usage = {"prompt_tokens": 5, "total_tokens": 5}
    return {"id": "emb-1", "object": "list", "data": listed, "model": body["model"], "usage": usage}


def message_item(text, status) -> dict:
    content = [{"type": "output_text", "text": text, "annotations": [], "logprobs": []}] if text else []
    return {"id": "msg_1", "type": "message", "role": "assistant", "status": status, "content": content}


def response(model, status="completed") -> dict:
    done = status == "completed"
    usage = {
        "input_tokens": 21,
        "input_tokens_details": {"cached_tokens": 8, "cache_write_tokens": 0},
        "output_tokens": 9,
        "output_tokens_details": {"reasoning_tokens": 3},
        "total_tokens": 30,
    }
    return {
        "id": "resp_1",
        "object": "response",
        "created_at": 1_760_000_000,
        "status": status,
        "model": model,
        "error": None,
        "incomplete_details": None,
        "instructions": None,
        "metadata": {},
        "output": [message_item("Hello there.", "completed")] if done else [],
        "parallel_tool_calls": True,
        "temperature": 1.0,
        "tool_choice": "auto",
        "tools": [],
        "top_p": 1.0,
        "usage": usage if done else None,
    }


def response_events(model) -> list[dict]:
    place = {"item_id": "msg_1", "output_index": 0, "content_index": 0}
    part = message_item("Hello there.", "completed")["content"][0]
    events = [
        {"type": "response.created", "response": response(model, "in_progress")},
        {"type": "response.output_item.added", "output_index": 0, "item": message_item("", "in_progress")},
        {"type": "response.content_part.added", **place, "part": part | {"text": ""}},
        {"type": "response.output_text.delta", **place, "delta": "Hello", "logprobs": []},
        {"type": "response.output_text.delta", **place, "delta": " there.", "logprobs": []},
        {"type": "response.output_text.done", **place, "text": "Hello there.", "logprobs": []},
        {"type": "response.content_part.done", **place, "part": part},
        {
            "type": "response.output_item.done",
            "output_index": 0,
            "item": message_item("Hello there.", "completed"),
        },
        {"type": "response.completed", "response": response(model)},
    ]
    return [event | {"sequence_number": number} for number, event in enumerate(events)]
