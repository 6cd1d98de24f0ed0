"""What the tests of policies have in common: a provider whose answers cost a known amount, and gateways beside it."""

import json
import threading
import time
from collections import Counter

from tests import world
from tests.world import Asked, Says

PATH = "/v1/acme/main/openai/chat/completions"
JSON = {"content-type": "application/json"}
EVENTS = {"content-type": "text/event-stream"}
PRICES = "prices: {openai/*: {input: 100, output: 1000}, anthropic/*: {input: 100, output: 1000}}"
"""US dollars per million: a token in is 0.0001, a token out 0.001."""


def path(gateway: str, rest: str = "openai/chat/completions") -> str:
    return f"/v1/acme/{gateway}/{rest}"


def ask(content: str = "Hi", **more) -> bytes:
    return json.dumps({"model": "gpt-4o-mini", "messages": [{"role": "user", "content": content}], **more}).encode()


def chat(text: str = "Hello.", tokens_in: int = 10, tokens_out: int = 5) -> bytes:
    """A whole answer in OpenAI's form."""
    return json.dumps({
        "id": "chatcmpl-1", "object": "chat.completion", "created": 1, "model": "gpt-4o-mini",
        "choices": [{"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": text}}],
        "usage": {"prompt_tokens": tokens_in, "completion_tokens": tokens_out, "total_tokens": tokens_in + tokens_out},
    }).encode()  # fmt: skip


def message(text: str = "Hello.", tokens_in: int = 10, tokens_out: int = 5) -> bytes:
    """A whole answer in Anthropic's form."""
    return json.dumps({
        "id": "msg_1", "type": "message", "role": "assistant", "model": "claude-x", "stop_reason": "end_turn",
        "content": [{"type": "text", "text": text}],
        "usage": {"input_tokens": tokens_in, "output_tokens": tokens_out},
    }).encode()  # fmt: skip


def events(*said: str) -> list[bytes]:
    """A stream in OpenAI's form, with usage."""
    chunks = [{"choices": [{"index": 0, "delta": {"content": text}, "finish_reason": None}]} for text in said]
    chunks.append({"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]})
    chunks.append({"choices": [], "usage": {"prompt_tokens": 10, "completion_tokens": 5, "total_tokens": 15}})
    frame = {"id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1, "model": "gpt-4o-mini"}
    return [b"data: " + json.dumps(frame | chunk).encode() + b"\n\n" for chunk in chunks] + [b"data: [DONE]\n\n"]


def message_events(*said: str) -> list[bytes]:
    """A stream in Anthropic's form."""
    start = json.loads(message("", 10, 1)) | {"content": [], "stop_reason": None}
    block = {"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}}
    frames = [
        {"type": "message_start", "message": start},
        block,
        *({"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": text}} for text in said),
        {"type": "content_block_stop", "index": 0},
        {"type": "message_delta", "delta": {"stop_reason": "end_turn"}, "usage": {"output_tokens": 5}},
        {"type": "message_stop"},
    ]
    return [f"event: {one['type']}\ndata: {json.dumps(one)}\n\n".encode() for one in frames]


class Counting(world.Provider):
    """A provider that knows how many calls of each `x-who` it had, and the most at one time."""

    def __init__(self, says) -> None:
        self.now, self.most, self.calls = Counter(), Counter(), Counter()
        self.lock = threading.Lock()
        super().__init__(says)

    async def answer(self, says: Says, asked: Asked, reader, writer) -> None:
        who = asked.header("x-who") or ""
        self.calls[who] += 1
        self.now[who] += 1
        self.most[who] = max(self.most[who], self.now[who])
        try:
            await super().answer(says, asked, reader, writer)
        finally:
            self.now[who] -= 1


def wait(true, within: float = 8.0) -> float:
    """Seconds until `true()`."""
    began = time.monotonic()
    while not true():
        assert time.monotonic() - began < within, "it did not happen"
        time.sleep(0.02)
    return time.monotonic() - began
