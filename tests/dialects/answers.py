"""Answers written by hand, and the meter run over them."""

import json

from gateway import dialects
from gateway.call import Answer, Asked, Usage

SSE = b"text/event-stream; charset=utf-8"
JSON = b"application/json"


def read(dialect, body, content_type=JSON, encoding=b"", status=200, stream=False, headers=()):
    pieces = [body] if isinstance(body, bytes) else body
    meter = dialects.meter(Asked(dialect=dialect, stream=stream), status, content_type, encoding, headers)
    for piece in pieces:
        meter.feed(piece)
    return meter.finish()


def events(*documents, end=b"\n\n", separators=(",", ":")):
    return b"".join(b"data: " + json.dumps(one, separators=separators).encode() + end for one in documents)


CHAT = {
    "id": "c1",
    "model": "m1",
    "choices": [{"index": 0, "finish_reason": "stop", "message": {"content": "hi"}}],
    "usage": {"prompt_tokens": 5, "completion_tokens": 7, "total_tokens": 12},
    "service_tier": "flex",
}
STREAM = [
    {
        "id": "c1",
        "model": "m1",
        "choices": [{"index": 0, "delta": {"content": "a"}, "finish_reason": None}],
        "usage": None,
    },
    {"id": "c1", "model": "m1", "choices": [{"index": 1, "delta": {}, "finish_reason": "length"}], "usage": None},
    {"id": "c1", "model": "m1", "choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}], "usage": None},
    {"id": "c1", "model": "m1", "choices": [], "usage": {"prompt_tokens": 5, "completion_tokens": 7}},
]
SEEN = Answer(Usage(5, 7, 12), "m1", "c1", ("stop", "length"))
