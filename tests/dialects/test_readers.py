"""Answers made to hurt, and streams without end."""

import time
import tracemalloc

import pytest

from gateway import dialects
from gateway.call import Asked, Usage
from tests.dialects.answers import JSON, SSE, STREAM, events, read

HOSTILE = {
    "deep": (b'{"choices":' + b"[" * 10**6, JSON),
    "deep usage": (b'{"usage":' + b'{"a":' * 10**6, JSON),
    "many choices": (b'{"choices":[' + b"{}," * 3 * 10**6 + b'{}],"usage":{"prompt_tokens":5}}', JSON),
    "many numbers": (b'{"choices":[' + b"1," * 5 * 10**6 + b'1],"usage":{"prompt_tokens":5}}', JSON),
    "one long line": (b"data: " + b"x" * 20 * 2**20, SSE),
    "one long event": (b"data: x\n" * 2 * 2**20, SSE),
    "many needles": (b'data: {"usage":{},"finish_reason":"x"}\n\n' * 10**5, SSE),
    "many returns": (b"\r" * 5 * 10**6, SSE),
    "many lines": (b"\n" * 5 * 10**6, b"application/x-ndjson"),
    "open array": (b"[" + b'{"a":"' * 10**5, b""),
    "long array": (b"[" + b'{"usage":{"prompt_tokens":1}},' * 10**5, b""),
    "zero frames": (bytes(10**6), b"application/vnd.amazon.eventstream"),
    "too large": (b'{"a":"' + b"x" * 40 * 2**20 + b'"}', JSON),
}


@pytest.mark.parametrize("name", sorted(HOSTILE))
def test_hostile_answers_cost_bounded_time_and_memory(name):
    body, kind = HOSTILE[name]
    pieces = [body[at : at + 65536] for at in range(0, len(body), 65536)]
    tracemalloc.start()
    begun = time.process_time()
    try:
        answer = read("openai_chat", pieces, kind, stream=kind == b"")
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert time.process_time() - begun < 10
    assert peak < 4 * len(body) + 64 * 2**20
    if name.startswith("many c") or name == "many numbers":
        assert answer.usage == Usage(5, None, 5)


def test_a_long_stream_keeps_next_to_nothing():
    meter = dialects.meter(Asked(dialect="openai_chat", stream=True), 200, SSE, b"")
    chunk = events(STREAM[0])
    tracemalloc.start()
    try:
        for _ in range(100_000):
            meter.feed(bytes(chunk))
        assert tracemalloc.get_traced_memory()[1] < 2**20
    finally:
        tracemalloc.stop()
    meter.feed(events(STREAM[3]))
    assert meter.finish().usage == Usage(5, 7, 12)
