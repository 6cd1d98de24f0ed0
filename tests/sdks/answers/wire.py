"""Bodies as providers write them: JSON, server-sent events in chunks, and what a limited or dropped call looks like."""

import json

from tests.world import Says

EVENT_STREAM = {"content-type": "text/event-stream; charset=utf-8", "cache-control": "no-cache"}


def packed(value) -> bytes:
    return json.dumps(value, separators=(",", ":")).encode()


def whole(value, status=200, **headers) -> Says:
    named = {name.replace("_", "-"): text for name, text in headers.items()}
    return Says(status, {"content-type": "application/json", **named}, [packed(value)])


def data(value, end=b"\n\n") -> bytes:
    """An event without a name, as OpenAI's chat and Gemini write it."""
    return b"data: " + packed(value) + end


def named(value) -> bytes:
    """An event named by its own type, as OpenAI's Responses, Anthropic and Cohere write it."""
    return b"event: " + value["type"].encode() + b"\ndata: " + packed(value) + b"\n\n"


DONE = b"data: [DONE]\n\n"


def stream(chunks, model="", cut_after=0) -> Says:
    """Events as HTTP chunks. For a model called cut the connection is reset after `cut_after` of them, for one called
    lingering the body ends 0.3 s after its last event.
    """
    if "lingering" in model:
        return Says(headers=EVENT_STREAM, chunks=[b"".join(chunks), b": bye\n\n"], framing="chunked", pause=0.3)
    cut = "cut" in model
    said = chunks[:cut_after] if cut else chunks
    return Says(headers=EVENT_STREAM, chunks=said, framing="chunked", pause=0.005, cut=cut)
