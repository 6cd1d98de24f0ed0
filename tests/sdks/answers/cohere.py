"""Cohere's v2 API on loopback: chat, its stream, and embed."""

import json

from tests.sdks.answers.wire import DONE, named, stream, whole
from tests.world import Asked, Says

USAGE = {
    "billed_units": {"input_tokens": 5, "output_tokens": 4},
    "tokens": {"input_tokens": 71, "output_tokens": 6},
}


def says(asked: Asked) -> Says:
    body = json.loads(asked.body or b"{}")
    model = body.get("model", "")
    if "limited" in model:
        return whole({"message": "You are past the limit of calls per minute."}, 429)
    if asked.target.endswith("/embed"):
        meta = {"api_version": {"version": "2"}, "billed_units": {"input_tokens": 3}}
        embeddings = {"float": [[0.5, -1.0]]}
        return whole({"id": "e-1", "embeddings": embeddings, "texts": body["texts"], "meta": meta})
    if body.get("stream"):
        return stream([named(event) for event in events()] + [DONE], model, 3)
    content = [{"type": "text", "text": "Hello there."}]
    message = {"role": "assistant", "content": content}
    return whole({"id": "c-1", "message": message, "finish_reason": "COMPLETE", "usage": USAGE})


def events() -> list[dict]:
    texts = [
        {"type": "content-delta", "index": 0, "delta": {"message": {"content": {"text": text}}}}
        for text in ("Hello", " there.")
    ]
    begun = {"role": "assistant", "content": [], "tool_plan": "", "tool_calls": [], "citations": []}
    return [
        {"type": "message-start", "id": "c-1", "delta": {"message": begun}},
        {"type": "content-start", "index": 0, "delta": {"message": {"content": {"type": "text", "text": ""}}}},
        *texts,
        {"type": "content-end", "index": 0},
        {"type": "message-end", "id": "c-1", "delta": {"finish_reason": "COMPLETE", "usage": USAGE}},
    ]
