"""Unified calls as the edge makes them, and a provider that answers on script: the `next` of a policy."""

import asyncio
import itertools
import time

import msgspec

from gateway.call import Broken, Call, Record, Reply
from gateway.compat.translate import Translate
from gateway.compat.unified import Unified
from gateway.compose import slugs
from gateway.providers.provider import compiled
from gateway.settings.blocks import ProviderBlock

OWN = ProviderBlock(base_url="http://127.0.0.1:9/v1")
REACH = compiled({"own": OWN})
UNIFIED = Unified(REACH, slugs(REACH))

CHAT, MESSAGES, RESPONSES, EMBEDDINGS = b"chat/completions", b"messages", b"responses", b"embeddings"
COUNT = b"messages/count_tokens"
ASK = {"messages": [{"role": "user", "content": "Hi"}]}

DONE = {
    "id": "c1", "object": "chat.completion", "created": 7, "model": "m",
    "choices": [{"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": "Hello"}}],
    "usage": {"prompt_tokens": 2, "completion_tokens": 3, "total_tokens": 5},
}  # fmt: skip
MESSAGE = {
    "id": "m1", "type": "message", "role": "assistant", "model": "m", "stop_reason": "end_turn", "stop_sequence": None,
    "content": [{"type": "text", "text": "Hello"}], "usage": {"input_tokens": 2, "output_tokens": 3},
}  # fmt: skip
GENERATED = {
    "candidates": [{"content": {"role": "model", "parts": [{"text": "Hello"}]}, "finishReason": "STOP", "index": 0}],
    "usageMetadata": {"promptTokenCount": 2, "candidatesTokenCount": 3, "totalTokenCount": 5},
}  # fmt: skip


def chunk(**fields):
    made = {"id": "c1", "object": "chat.completion.chunk", "created": 7, "model": "m"} | fields
    return b"data: " + msgspec.json.encode(made) + b"\n\n"


def delta(text, reason=None):
    return chunk(choices=[{"index": 0, "delta": {"content": text}, "finish_reason": reason}])


USAGE = chunk(choices=[], usage=DONE["usage"])
STREAM = [delta("Hel"), delta("lo"), delta("", "stop"), USAGE, b"data: [DONE]\n\n"]


def unified(path=CHAT, body=None, query=b"", headers=(), method="POST", **control):
    """A call to `compat/…` as the edge hands it to the policies; `body` is JSON, or bytes as they are."""
    sent = body if isinstance(body, bytes) else msgspec.json.encode(ASK if body is None else body)
    asked = UNIFIED.asked(path, query, b"application/json", sent)
    record = Record(id="1", created=time.time_ns(), started=time.perf_counter(), asked=asked)
    named = [(b"content-type", b"application/json"), *headers]
    said = {name.replace("_", "-").encode(): value for name, value in control.items()}
    return Call(method, "compat", path, query, named, said, sent, asked, record)


class Source:
    """A body that plays chunks, by steps, or by relay where `pushes`; it remembers that it was closed."""

    def __init__(self, chunks, pushes=False, knows=False):
        self.left, self.closed, self.knows, self.ended = list(chunks), False, knows, False
        if pushes:
            self.relay = self.push

    def __aiter__(self):
        return self

    async def __anext__(self):
        if not self.left:
            raise StopAsyncIteration
        return self.next()

    def next(self):
        one = self.left.pop(0)
        if isinstance(one, BaseException):
            raise one
        self.ended = self.knows and not self.left
        return one

    async def push(self, taker):
        while self.left:
            await asyncio.sleep(0)
            if taker(self.next(), self.ended):
                break
        self.ended = not self.left
        return True

    async def close(self):
        self.closed = True


class Provider:
    """Answers each call with the next of its replies, and keeps the calls."""

    def __init__(self, *replies):
        self.replies, self.calls = list(replies), []

    async def __call__(self, call):
        self.calls.append(call)
        return self.replies.pop(0)

    @property
    def asked(self):
        """The one call that came."""
        assert len(self.calls) == 1
        return self.calls[0]

    @property
    def body(self):
        return msgspec.json.decode(self.asked.body)


def says(content=None, status=200, kind=b"application/json", chunks=None, **headers):
    """A reply, and the source of its body as `reply.body`."""
    whole = content if isinstance(content, bytes) else msgspec.json.encode(content)
    source = Source([whole] if chunks is None else chunks)
    named = [(name.replace("_", "-").encode(), value) for name, value in headers.items()]
    length = sum(map(len, source.left)) if all(isinstance(one, bytes) for one in source.left) else None
    headers = [(b"content-type", kind), *([(b"content-length", b"%d" % length)] if length is not None else []), *named]
    return Reply(status, headers, source, length, close=source.close)


def streams(*chunks, kind=b"text/event-stream", **headers):
    reply = says(b"", kind=kind, chunks=chunks, **headers)
    reply.length = None
    reply.headers = [pair for pair in reply.headers if pair[0] != b"content-length"]
    return reply


async def served(call, provider, reach=REACH):
    """What the client gets: the reply, and its body read to the end."""
    translate = Translate(reach)
    reply = await translate(UNIFIED.resolved(call), provider)
    try:
        return reply, b"".join([part async for part in reply.body])
    except Broken:
        await reply.close()
        raise


def serve(call, provider, reach=REACH):
    return asyncio.run(served(call, provider, reach))


def names(headers):
    return [name for name, _ in headers]


def events(text):
    """The JSON of server-sent events."""
    lines = [line[5:].strip() for line in text.splitlines() if line.startswith(b"data:")]
    return [msgspec.json.decode(line) for line in lines if line != b"[DONE]"]


def cuts(text, places):
    """A text cut into pieces at some places; none is empty."""
    marks = sorted({0, len(text), *(place % (len(text) + 1) for place in places)})
    return [text[a:b] for a, b in itertools.pairwise(marks)]


def stepped(body):
    """All that a body gives when it is asked chunk by chunk."""

    async def read():
        return b"".join([part async for part in body])

    return asyncio.run(read())


class Taker:
    """Takes what is pushed, and has enough after each `every` pieces."""

    def __init__(self, every=0):
        self.parts, self.every, self.last = [], every, 0

    def __call__(self, part, last):
        self.parts.append(part)
        self.last += last
        return bool(self.every) and len(self.parts) % self.every == 0

    @property
    def text(self):
        return b"".join(self.parts)


def relayed(body, taker):
    """All that a body pushes, asked again each time that the taker had enough; as the edge does it."""

    async def run():
        while await body.relay(taker) and not body.ended:
            pass
        return taker.text

    return asyncio.run(run())


GEMINI = {"contents": [{"role": "user", "parts": [{"text": "Hi"}]}]}
GENERATE = b"v1beta/models/%b:generateContent"
GENERATES = b"v1beta/models/%b:streamGenerateContent"


def ask(model, path=CHAT, query=b"", headers=(), fields=None, **control):
    extra = {"max_tokens": 9} if path == MESSAGES else {}
    given = {"input": "Hi"} if path == RESPONSES else ASK
    body = {**given, "model": model, **extra, **(fields or {})}
    return unified(path, body, query, headers, **control)


def google(model, query=b"", path=GENERATE, body=None):
    return unified(path % model, GEMINI if body is None else body, query)
