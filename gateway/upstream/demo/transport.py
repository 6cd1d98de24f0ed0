"""The demo behind the interface of a real transport: requests in, responses with a body still to come out."""

import asyncio
from collections.abc import Iterator
from typing import Final, NamedTuple, TypeVar

import httpx2
import msgspec

from gateway.upstream.demo import vectors
from gateway.upstream.demo.behaviour import Behaviour, of_model
from gateway.upstream.demo.chat import Answer, Asked, ChatAsked, TextAsked

MODELS: Final = ("demo", "demo-slow-250ms", "demo-drip-100ms", "demo-break", "demo-error-429", "demo-timeout")
KINDS: Final = {401: "authentication_error", 403: "permission_error", 429: "rate_limit_error"}
CODES: Final = {401: "invalid_api_key", 429: "rate_limit_exceeded", 503: "overloaded"}
JSON: Final = (b"content-type", b"application/json")
EVENTS: Final = (b"content-type", b"text/event-stream; charset=utf-8")

B = TypeVar("B", bound=Asked | vectors.Asked)


class Answered(NamedTuple):
    """A response before it becomes one: its status, its pieces and how to send them."""

    status: int
    pieces: Iterator[bytes]
    behaviour: Behaviour = Behaviour()
    length: int | None = None
    """Bytes of a JSON answer; None for a stream."""


class Refused(Exception):  # noqa: N818 - an answer, not a fault
    """An error answer in OpenAI's form."""

    def __init__(self, status: int, message: str, code: str | None = None, param: str | None = None) -> None:
        super().__init__(message)
        kind = KINDS.get(status, "invalid_request_error" if status < 500 else "server_error")
        self.status = status
        self.text = msgspec.json.encode({"error": {"message": message, "type": kind, "param": param, "code": code}})


class DemoTransport(httpx2.AsyncBaseTransport):
    """Answers every request itself."""

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        """The demo's answer; raises httpx2.ReadTimeout when it would come too late, as a real host's."""
        target: bytes = request.extensions.get("target") or request.url.raw_path
        body: bytes | None = request.extensions.get("body")
        if body is None:
            body = await request.aread()
        limits = request.extensions.get("timeout") or {}
        try:
            answered = answer(request.method, target.partition(b"?")[0].decode("latin-1"), body)
        except Refused as no:
            answered = Answered(no.status, iter((no.text,)), length=len(no.text))
        await pause(answered.behaviour.slow, limits.get("first_byte") or limits.get("read"))
        if answered.behaviour.error:
            return failed(answered.behaviour.error)
        idle = limits.get("idle") or limits.get("read")
        return httpx2.Response(answered.status, headers=headers(answered), stream=Pieces(answered, idle))


def headers(answered: Answered) -> list[tuple[bytes, bytes]]:
    """The head of an answer."""
    if answered.length is None:
        return [EVENTS, (b"cache-control", b"no-cache")]
    return [JSON, (b"content-length", str(answered.length).encode())]


def failed(status: int) -> httpx2.Response:
    """The failure a model's name asked for."""
    no = Refused(status, f"The demo was asked to fail with {status}.", CODES.get(status))
    head = [JSON, (b"content-length", str(len(no.text)).encode())]
    if status == 429:
        head.append((b"retry-after", b"1"))
    return httpx2.Response(status, headers=head, stream=Pieces(Answered(status, iter((no.text,))), None))


async def pause(seconds: float, limit: float | None) -> None:
    """Wait; raises httpx2.ReadTimeout at `limit` when that comes first."""
    if seconds <= 0:
        return
    if limit is not None and limit < seconds:
        await asyncio.sleep(limit)
        raise httpx2.ReadTimeout("the demo kept silent for longer than the timeout")
    await asyncio.sleep(seconds)


class Pieces(httpx2.AsyncByteStream):
    """A body that comes piece by piece; closing it ends it, also while it waits."""

    def __init__(self, answered: Answered, idle: float | None) -> None:
        self.pieces, self.behaviour, self.idle = answered.pieces, answered.behaviour, idle
        self.drips = answered.length is None
        self.closed = False

    def __aiter__(self) -> "Pieces":
        return self

    async def __anext__(self) -> bytes:
        if self.closed:
            raise StopAsyncIteration
        piece = next(self.pieces, b"")
        if not piece:
            raise StopAsyncIteration
        if self.drips:
            await pause(self.behaviour.drip, self.idle)
        if piece is BROKEN:
            raise httpx2.RemoteProtocolError("the demo broke off in the middle of its answer, as its model's name says")
        return piece

    async def aclose(self) -> None:
        """Let go of the rest."""
        self.closed = True
        self.pieces = iter(())


BROKEN: Final = b"\0"
"""Stands in a list of pieces where the answer breaks off."""


def answer(method: str, path: str, body: bytes) -> Answered:
    """What the demo says to a request; raises Refused for what OpenAI would refuse."""
    ending = path.rstrip("/").removeprefix("/v1").strip("/")
    if method == "GET" and (ending == "models" or ending.startswith("models/")):
        return models(ending.removeprefix("models").strip("/"))
    if ending not in ("chat/completions", "completions", "embeddings"):
        raise Refused(404, f"Invalid URL ({method} {path[:200]})")
    if method != "POST":
        raise Refused(405, f"Not allowed to {method} on /v1/{ending}.", "method_not_supported")
    if ending == "embeddings":
        return embeddings(body)
    asked: Asked = read(body, ChatAsked if ending == "chat/completions" else TextAsked)
    behaviour = known(asked.model)
    if isinstance(asked, ChatAsked) and not asked.messages:
        raise Refused(400, "Missing required parameter: 'messages'.", "missing_required_parameter", "messages")
    made = Answer(body, asked)
    if asked.stream:
        return Answered(200, halved(list(made.events())) if behaviour.breaks else made.events(), behaviour)
    return document(made.whole(), behaviour)


def document(text: bytes, behaviour: Behaviour) -> Answered:
    """A JSON answer."""
    pieces = iter((text[: len(text) // 2], BROKEN)) if behaviour.breaks else iter((text,))
    return Answered(200, pieces, behaviour, len(text))


def halved(events: list[bytes]) -> Iterator[bytes]:
    """The first half of the events, and then the break."""
    return iter((*events[: len(events) // 2], BROKEN))


def models(name: str) -> Answered:
    """The list of models, or one of them."""
    listed = [{"id": one, "object": "model", "created": 1767225600, "owned_by": "gateway"} for one in MODELS]
    if not name:
        return document(msgspec.json.encode({"object": "list", "data": listed}), Behaviour())
    known(name)
    return document(msgspec.json.encode({**listed[0], "id": name}), Behaviour())


def embeddings(body: bytes) -> Answered:
    """The answer to a body of the embeddings endpoint."""
    asked = read(body, vectors.Asked)
    behaviour = known(asked.model)
    texts = vectors.inputs(asked)
    if not texts:
        raise Refused(
            400, "'input' must be a non-empty text, or a list of such.", "missing_required_parameter", "input"
        )
    if not 0 < (asked.dimensions or vectors.DIMENSIONS) <= 4096:
        raise Refused(400, "'dimensions' must lie between 1 and 4096.", "invalid_value", "dimensions")
    if len(texts) * (asked.dimensions or vectors.DIMENSIONS) > vectors.NUMBERS:
        raise Refused(400, f"The demo makes at most {vectors.NUMBERS} numbers at a time.", "invalid_value", "input")
    return document(vectors.answer(asked, texts), behaviour)


def read(body: bytes, kind: type[B]) -> B:
    """The body as the fields that matter here; raises Refused 400 for one that is not JSON or not of this form."""
    try:
        return msgspec.json.decode(body, type=kind)
    except msgspec.ValidationError as wrong:
        raise Refused(400, f"Invalid body: {wrong}.", "invalid_type") from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise Refused(400, "We could not parse the JSON body of your request.") from None


def known(model: str) -> Behaviour:
    """What a model's name asks for; raises Refused for none and for one there is not."""
    if not model:
        raise Refused(400, "you must provide a model parameter", "missing_required_parameter", "model")
    behaviour = of_model(model)
    if behaviour is None:
        raise Refused(
            404, f"The model `{model[:100]}` does not exist: the demo has {', '.join(MODELS)}.", "model_not_found"
        )
    return behaviour
