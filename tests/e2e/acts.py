"""What the provider of the end-to-end tests does, by the request's x-do header; and requests as bytes."""

import json
import socket
import time

from tests.world import Asked, Says

CHAT = {
    "id": "chatcmpl-1",
    "object": "chat.completion",
    "model": "gpt-4o-mini-2024-07-18",
    "choices": [{"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": "Hello."}}],
    "usage": {
        "prompt_tokens": 100,
        "completion_tokens": 20,
        "total_tokens": 120,
        "prompt_tokens_details": {"cached_tokens": 40},
        "completion_tokens_details": {"reasoning_tokens": 5},
    },
}
COST = 0.000024
"""60 fresh and 40 cached tokens in, 20 out: 60 x 0.15 + 40 x 0.075 + 20 x 0.60 dollars per million."""

ASK = json.dumps({"model": "gpt-4o-mini", "messages": [{"role": "user", "content": "Hi"}]}).encode()
STREAM_ASK = json.dumps({"model": "gpt-4o-mini", "stream": True, "messages": []}).encode()
STREAM = [
    b'data: {"id":"1","model":"gpt-4o-mini","choices":[{"index":0,"delta":{"content":"He"}}]}\n\n',
    b'data: {"id":"1","model":"gpt-4o-mini",'
    b'"choices":[{"index":0,"finish_reason":"stop","delta":{"content":"llo"}}]}\n\n',
    b'data: {"id":"1","model":"gpt-4o-mini","choices":[],"usage":{"prompt_tokens":7,"completion_tokens":2}}\n\n',
    b"data: [DONE]\n\n",
]
EVENTS = {"content-type": "text/event-stream"}
PATH = "/v1/acme/main/openai/chat/completions"

WHOLE = Says(chunks=[json.dumps(CHAT).encode()])
SCRIPTS = {
    "stream": Says(headers=EVENTS, chunks=STREAM, framing="chunked"),
    "slow-stream": Says(headers=EVENTS, chunks=STREAM, framing="chunked", pause=0.1),
    "stuck-stream": Says(headers=EVENTS, chunks=STREAM, framing="chunked", pause=30),
    "cut-stream": Says(headers=EVENTS, chunks=STREAM[:2], framing="chunked", cut=True),
    "silent": Says(hang=True),
    "slow": Says(chunks=[json.dumps(CHAT).encode()], before=0.3),
    "slow-body": Says(
        chunks=[json.dumps(CHAT).encode()[:50], json.dumps(CHAT).encode()[50:]], framing="chunked", pause=0.3
    ),
}


def says(asked: Asked) -> Says:
    """The script that the request asks for; a key that was revoked is refused whatever it asks."""
    if "revoked" in (asked.header("authorization") or ""):
        return Says(401, {"content-type": "application/json"}, [b'{"error":{"message":"bad key","code":"bad_key"}}'])
    do = asked.header("x-do") or ""
    if do.startswith("status-"):
        return Says(int(do[7:]), {"content-type": "application/json"}, [b'{"error":{"message":"no","code":"oh_no"}}'])
    if do.startswith("plain-"):
        return Says(int(do[6:]), {"content-type": "text/plain"}, [b"no"])
    return SCRIPTS.get(do, WHOLE)


def request(do: str, body: bytes = STREAM_ASK, path: str = PATH, more: str = "") -> bytes:
    """A request as bytes; `more` holds whole header lines."""
    head = f"POST {path} HTTP/1.1\r\nhost: x\r\nx-do: {do}\r\ncontent-type: application/json\r\n{more}"
    return f"{head}content-length: {len(body)}\r\n\r\n".encode() + body


def leave_after(port: int, message: bytes, seen: bytes) -> str:
    """Send a request, read until `seen` came, hang up; the call's log id."""
    with socket.create_connection(("127.0.0.1", port), 10) as client:
        client.sendall(message)
        got = b""
        while seen not in got:
            more = client.recv(65536)
            assert more, got
            got += more
    return next(line for line in got.decode().split("\r\n") if line.startswith("cf-aig-log-id")).split(": ")[1]


def until(true, within: float = 5.0) -> None:
    """Wait for `true()`."""
    end = time.monotonic() + within
    while not true():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.01)
