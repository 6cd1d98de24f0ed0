"""Conversations: the bytes where client and provider speak alike, a translation where they do not."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import msgspec
from msgspec.structs import replace

from gateway.call import Broken, Call, Handler, Headers, Record, Refusal, Reply
from gateway.compat import arrayed, echoed, letter, single, whole
from gateway.compat.aim import at, spoken, strict
from gateway.compat.pieces import Events, Frames
from gateway.compat.rendered import Rendered, Rendering, Renders
from gateway.compat.splicing import document, members, with_member, with_model
from gateway.compat.stripped import Stripped
from gateway.compat.unwrapping import Unwrapping
from gateway.conversation.answer import Completion, Fault
from gateway.conversation.losses import Losses
from gateway.conversation.request import Conversation
from gateway.providers.provider import Provider
from gateway.providers.speech import Speech
from gateway.translation.anthropic_messages import wrapped
from gateway.translation.codec import Codec, Json, Quirks, Writer, Written
from gateway.translation.codecs import CODECS

encode: Final = msgspec.json.Encoder().encode
IN_PATH: Final = "gemini_generate"
"""The dialect whose requests have model and method in their path."""
WRAPS: Final[dict[str, Callable[[Json | bytes, Headers], wrapped.Wrapped]]] = {
    "vertex": wrapped.for_vertex,
    "bedrock": wrapped.for_bedrock,
}
FRAMING: Final = frozenset((b"content-length", b"content-encoding"))


@dataclass(frozen=True, slots=True)
class Pair:
    """Two dialects, and what was asked for in between."""

    client: Codec
    provider: Codec
    conversation: Conversation
    name: str = ""
    """The model as answers shall name it; empty where that is the provider's word."""
    single: bool = False
    """Whether no more than one tool call is passed on."""


async def conversed(call: Call, provider: Provider, next: Handler) -> Reply:
    """The provider's answer to a conversation, in the client's dialect."""
    there = spoken(provider, call.asked.model, call.form)
    if there.dialect == call.form:
        name = echoed.wanted(call, there.name(call.asked.model))
        reply = await passed(call, provider, there, next)
        return await named(call, reply, name) if name else reply
    return await translated(call, provider, there, next)


async def passed(call: Call, provider: Provider, there: Speech, next: Handler) -> Reply:
    """The same dialect on both sides: the client's bytes but for the model's name, and the provider's."""
    path, query = there.place(call.asked.model, call.asked.stream)
    body = call.body if call.form == IN_PATH else with_model(call.body, there.name(call.asked.model))
    more = [] if there.wrap else own(call.form)
    headers = letter.passing(call, provider, path, more, wrapped=bool(there.wrap))
    counted = metered(call, there.quirks or provider.row.quirks, body)
    if counted is not None:
        body, headers = counted, [pair for pair in headers if pair[0] != b"accept-encoding"]
    if there.wrap:
        made = WRAPS[there.wrap](body, headers)
        headers, body = made.headers, encode(made.body)
    place = (path, letter.query(call, provider, query))
    reply = await next(at(call, provider, place, (headers, body)))
    if reply.refusal:
        return reply
    if reply.status >= 400:
        # A cloud's own errors are not of the form that the maker's SDK reads.
        return await explained(call, reply, CODECS[call.form], CODECS[call.form]) if there.wrap else reply
    if call.asked.stream and there.wrap == "bedrock":
        return streamed(
            call, reply, Rendered(reply.body, Frames(), Unwrapping(), whole.inflating(reply)), letter.STREAM
        )
    if counted is not None and reply.header(b"content-type").startswith(b"text/event-stream"):
        reply.body, reply.length = Stripped(reply.body, whole.inflating(reply)), None
        reply.headers = [pair for pair in reply.headers if pair[0] not in FRAMING]
    return reply


async def named(call: Call, reply: Reply, name: str) -> Reply:
    """A good answer that names the model as its client does, all else as it came; raises Refusal 502."""
    if reply.refusal or reply.status >= 400:
        return reply
    kept = [pair for pair in reply.headers if pair[0] not in FRAMING]
    kind = reply.header(b"content-type")
    if kind.startswith(b"text/event-stream"):
        body = echoed.Echoed(reply.body, name, whole.inflating(reply))
        return replace(reply, headers=kept, body=body, length=None)
    if kind.startswith(b"application/json"):
        text = echoed.renamed(await text_of(call, reply, whole.LARGEST), name)
        return Reply.of(reply.status, [*kept, (b"content-length", b"%d" % len(text))], text)
    return reply


def own(form: str) -> Headers:
    """What a dialect's provider asks for besides the body."""
    return [letter.VERSION] if form == "anthropic_messages" else []


def metered(call: Call, quirks: Quirks, body: bytes) -> bytes | None:
    """The body with a wish for usage, which streams of chat chunks say only when asked; None where that is needless."""
    if call.form != "openai_chat" or not call.asked.stream or quirks.stream_usage:
        return None
    found = members(body)
    given: Any = msgspec.json.decode(found.get("stream_options", b"null"))
    options = {} if given is None else given
    if not isinstance(options, dict) or options.get("include_usage"):
        # What is no object the provider may judge.
        return None
    return with_member(body, found, "stream_options", {**options, "include_usage": True})


async def translated(call: Call, provider: Provider, there: Speech, next: Handler) -> Reply:
    """Different dialects: read, written anew, and back."""
    client, codec = CODECS[call.form], CODECS[there.dialect]
    name = echoed.wanted(call, "")
    conversation = understood(call, client, there)
    assert codec.write_request is not None
    losses = Losses(codec.rules)
    written = codec.write_request(conversation, losses, there.quirks or provider.row.quirks)
    dropped = noted(call, losses.settle(provider.name, strict=strict(call)))
    place = there.place(call.asked.model, call.asked.stream)
    reply = await next(at(call, provider, place, enveloped(call, provider, (there, place[0]), written)))
    if not reply.refusal:
        reply = await back(call, reply, Pair(client, codec, conversation, name, single.NAME in losses.emulated))
    reply.headers = [*reply.headers, *dropped]
    return reply


def noted(call: Call, names: list[str]) -> Headers:
    """What was left out, written down; and the header that tells the client."""
    if names:
        call.record.decided = {**call.record.decided, "dropped": ", ".join(names)[: letter.LONGEST]}
    return letter.dropped(names)


def understood(call: Call, client: Codec, there: Speech) -> Conversation:
    """The client's request in the neutral form, under the provider's name of the model; raises Refusal 400."""
    body = document(call.body)
    if client.name == IN_PATH:
        body = {**body, "model": call.asked.model, "stream": call.asked.stream}
    assert client.read_request is not None
    conversation = client.read_request(body)
    conversation.model = there.name(call.asked.model)
    return conversation


def enveloped(call: Call, provider: Provider, there: tuple[Speech, bytes], written: Written) -> tuple[Headers, bytes]:
    """Headers and body of a request that was written anew."""
    speech, path = there
    if not speech.wrap:
        return letter.translated(call, provider, path, written.headers), encode(written.body)
    made = WRAPS[speech.wrap](written.body, written.headers)
    return letter.translated(call, provider, path, made.headers), encode(made.body)


async def back(call: Call, reply: Reply, pair: Pair) -> Reply:
    """A provider's answer as the client reads it; raises Refusal 502, and closes what it does not pass on."""
    try:
        if reply.status >= 400:
            return await explained(call, reply, pair.client, pair.provider)
        if not call.asked.stream or reply.header(b"content-type").startswith(b"application/json"):
            return await answered(call, reply, pair)
        assert pair.provider.reader is not None
        pieces = Frames() if pair.provider.framing == "frames" else Events()
        writer, kind = spoke(call, pair)
        renders: Renders = Rendering(pair.provider.reader(), writer, pair.name)
        return streamed(call, reply, Rendered(reply.body, pieces, renders, whole.inflating(reply)), kind)
    except BaseException:
        await reply.close()
        raise


def spoke(call: Call, pair: Pair) -> tuple[Writer, tuple[bytes, bytes]]:
    """What writes the client's stream, and its content type."""
    assert pair.client.writer is not None
    writer = pair.client.writer(pair.conversation)
    if pair.single:
        writer = single.Single(writer)
    if call.form == IN_PATH and arrayed.wanted(call.query):
        return arrayed.Arrayed(writer), letter.JSON
    return writer, letter.STREAM


def streamed(call: Call, reply: Reply, body: Rendered, kind: tuple[bytes, bytes]) -> Reply:
    """A stream around the provider's."""
    attempts = call.record.attempts

    async def blame(record: Record) -> None:
        """An ending: a stream that we closed because its provider failed was not cancelled by anybody."""
        if attempts and body.renders.failed and attempts[-1].error == "cancelled":
            answer = attempts[-1].answer
            attempts[-1].error = (answer.error if answer is not None else "") or "stream_broken"

    call.at_end(blame)
    call.record.response_type = kind[1].decode()
    return replace(reply, headers=letter.answered(reply.headers, kind), body=body, length=None)


async def text_of(call: Call, reply: Reply, most: int) -> bytes:
    """A reply's body, whole, and the reply closed; raises Refusal 502 where the provider breaks off."""
    try:
        return await whole.read(call.record, reply, most)
    except Broken as broken:
        raise Refusal(502, 2005, "stream_broken", str(broken)) from None


async def explained(call: Call, reply: Reply, client: Codec, provider: Codec) -> Reply:
    """A provider's error in the client's words, its status kept; raises Refusal 502."""
    assert provider.read_fault is not None
    text = await text_of(call, reply, whole.LARGEST_FAULT)
    return told(call, reply, client, replace(provider.read_fault(reply.status, text), status=reply.status))


def told(call: Call, reply: Reply, client: Codec, fault: Fault) -> Reply:
    """A fault as a reply."""
    assert client.write_fault is not None
    return rewritten(call, reply, encode(client.write_fault(fault)), fault.status)


def rewritten(call: Call, reply: Reply, body: bytes, status: int) -> Reply:
    """JSON of ours in place of a provider's body, which has been read."""
    call.record.response_type = letter.JSON[1].decode()
    headers = [*letter.answered(reply.headers, letter.JSON), (b"content-length", b"%d" % len(body))]
    return Reply.of(status, headers, body)


async def answered(call: Call, reply: Reply, pair: Pair) -> Reply:
    """A whole answer, read and written anew; raises Refusal 502."""
    client, codec = pair.client, pair.provider
    assert codec.read_answer is not None
    assert codec.read_fault is not None
    text = await text_of(call, reply, whole.LARGEST)
    found = whole.decoded(text)
    if isinstance(found, Fault):
        return told(call, reply, client, found)
    completion = whole.filled(codec.read_answer(found))
    if failing(found, completion):
        return told(call, reply, client, replace(codec.read_fault(reply.status, text), status=502))
    if found.keys().isdisjoint(codec.answers):
        return told(call, reply, client, Fault(502, "The provider's answer is none of its API.", "api_error"))
    completion.model = pair.name or completion.model
    if pair.single:
        single.first_alone(completion)
    if not call.asked.stream:
        assert client.write_answer is not None
        return rewritten(call, reply, encode(client.write_answer(completion, pair.conversation)), reply.status)
    writer, kind = spoke(call, pair)
    body = whole.played(whole.events(completion), writer)
    call.record.response_type = kind[1].decode()
    headers = [*letter.answered(reply.headers, kind), (b"content-length", b"%d" % len(body))]
    return Reply.of(reply.status, headers, body)


def failing(found: Json, completion: Completion) -> bool:
    """Whether an answer with a good status is an error: it holds one, and nothing that a model said."""
    said = any(candidate.parts for candidate in completion.candidates)
    error = found.get("error") or "error" in completion.extras or isinstance(found.get("message"), str)
    return bool(error) and not said
