"""OpenAI-like mock upstream on a raw asyncio protocol (uvloop).

The request body alone selects the behaviour, so any gateway that forwards the model name works:
  "stream": true, model "...-n100-d10"  ->  100 SSE chunks, 10 ms apart, then usage chunk, then [DONE]
  otherwise,      model "...-d50"       ->  one JSON completion after 50 ms
Missing n means 100, missing d means 0 (a burst: all the chunks in as few packets as possible).
Usage: sse_mock.py PORT
"""

import asyncio
import json
import re
import sys

import uvloop

MODEL = re.compile(rb'"model"\s*:\s*"([^"]*)"')
STREAM = re.compile(rb'"stream"\s*:\s*true')
NUM = re.compile(rb"-n(\d+)")
DELAY = re.compile(rb"-d(\d+)")
LENGTH = re.compile(rb"\r\ncontent-length:\s*(\d+)", re.IGNORECASE)
CHUNKED = re.compile(rb"\r\ntransfer-encoding:\s*chunked", re.IGNORECASE)

TEXT = (
    "Cloudflare is a global network that sits between users and origin servers. It speeds up web sites "
    "and protects them. It runs code and models near the users, and it filters the traffic that is bad. "
    "It has many products for developers and security teams."
)
WORDS = TEXT.split()
HEADERS = (
    "x-request-id: req_0123456789abcdef\r\nopenai-processing-ms: 12\r\nopenai-version: 2020-10-01\r\n"
    "x-ratelimit-limit-requests: 10000\r\nx-ratelimit-remaining-requests: 9999\r\n"
)
JSON_BODY = json.dumps(
    {
        "id": "chatcmpl-0123456789abcdefghijklmnop",
        "object": "chat.completion",
        "created": 1700000000,
        "model": "gpt-4o-mini-2024-07-18",
        "choices": [
            {
                "index": 0,
                "message": {"role": "assistant", "content": " ".join(WORDS), "refusal": None, "annotations": []},
                "logprobs": None,
                "finish_reason": "stop",
            }
        ],
        "usage": {
            "prompt_tokens": 116,
            "completion_tokens": 63,
            "total_tokens": 179,
            "prompt_tokens_details": {"cached_tokens": 0, "audio_tokens": 0},
        },
        "service_tier": "default",
        "system_fingerprint": "fp_0123456789",
    }
).encode()
JSON_RESPONSE = (
    f"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n{HEADERS}content-length: {len(JSON_BODY)}\r\n\r\n"
).encode() + JSON_BODY
SSE_HEAD = (
    f"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream; charset=utf-8\r\ncache-control: no-cache\r\n{HEADERS}"
    "transfer-encoding: chunked\r\n\r\n"
).encode()


def framed(data):
    return b"%x\r\n%s\r\n" % (len(data), data)


def event(choices, usage=None):
    return framed(
        b"data: "
        + json.dumps(
            {
                "id": "chatcmpl-0123456789abcdefghijklmnop",
                "object": "chat.completion.chunk",
                "created": 1700000000,
                "model": "gpt-4o-mini-2024-07-18",
                "service_tier": "default",
                "system_fingerprint": "fp_0123456789",
                "choices": choices,
                "usage": usage,
            },
            separators=(",", ":"),
        ).encode()
        + b"\n\n"
    )


def choice(delta, finish=None):
    return [{"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish}]


FIRST = event(choice({"role": "assistant", "content": "", "refusal": None}))
MIDDLE = [event(choice({"content": " " + w})) for w in WORDS]
LAST = event(choice({}, "stop"))
END = (
    event([], {"prompt_tokens": 116, "completion_tokens": 98, "total_tokens": 214})
    + framed(b"data: [DONE]\n\n")
    + b"0\r\n\r\n"
)
BURSTS = {}


def chunks(n):
    return [FIRST] + [MIDDLE[i % len(MIDDLE)] for i in range(max(n - 2, 0))] + [LAST]


class Mock(asyncio.Protocol):
    def connection_made(self, transport):
        self.transport, self.buffer, self.loop, self.timer = transport, b"", asyncio.get_running_loop(), None

    def connection_lost(self, exc):
        if self.timer:
            self.timer.cancel()

    def data_received(self, data):
        self.buffer += data
        while True:
            end = self.buffer.find(b"\r\n\r\n")
            if end < 0:
                return
            length = LENGTH.search(self.buffer, 0, end + 2)
            if length:
                stop = end + 4 + int(length[1])
            elif CHUNKED.search(self.buffer, 0, end + 2):
                stop = self.buffer.find(b"0\r\n\r\n", end + 4) + 5
                if stop == 4:
                    return
            else:
                stop = end + 4
            if len(self.buffer) < stop:
                return
            body, self.buffer = self.buffer[end + 4 : stop], self.buffer[stop:]
            self.respond(body)

    def respond(self, body):
        model = MODEL.search(body)
        model = model[1] if model else b""
        n, d = NUM.search(model), DELAY.search(model)
        n, d = int(n[1]) if n else 100, int(d[1]) / 1000 if d else 0
        if not STREAM.search(body):
            if d:
                self.timer = self.loop.call_later(d, self.transport.write, JSON_RESPONSE)
            else:
                self.transport.write(JSON_RESPONSE)
        elif not d:
            if n not in BURSTS:
                BURSTS[n] = SSE_HEAD + b"".join(chunks(n)) + END
            self.transport.write(BURSTS[n])
        else:
            parts = chunks(n)
            self.transport.write(SSE_HEAD + parts[0])
            self.send_from(parts, 1, d, self.loop.time())

    def send_from(self, parts, i, d, start):
        """Wait for the due time of part i, send it, and so on (n >= 2)."""

        def send():
            self.transport.write(parts[i])
            if i + 1 == len(parts):
                self.transport.write(END)
            else:
                self.send_from(parts, i + 1, d, start)

        self.timer = self.loop.call_at(start + i * d, send)


async def main(port):
    server = await asyncio.get_running_loop().create_server(Mock, "127.0.0.1", port, backlog=4096)
    await server.serve_forever()


if __name__ == "__main__":
    uvloop.run(main(int(sys.argv[1])))
