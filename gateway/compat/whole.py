"""Answers that are read whole before they are written anew: JSON, and errors."""

from collections.abc import AsyncIterator, Iterator
from time import perf_counter, time
from typing import Final

import msgspec

from gateway.call import Broken, Close, Record, Reply
from gateway.conversation.answer import Completion, Fault
from gateway.conversation.events import (
    Add,
    Cite,
    Count,
    End,
    Finish,
    Logprobs,
    Open,
    Sign,
    Start,
    StreamEvent,
)
from gateway.conversation.events import (
    Close as Closed,
)
from gateway.conversation.parts import Part, Refusing, Text, Thinking, ToolUse
from gateway.translation.codec import Writer
from gateway.wire import compression

LARGEST: Final = 64 * 2**20
"""Bytes of an answer that is translated; images are the only long ones."""
LARGEST_FAULT: Final = 2**20
TOO_LARGE: Final = "The provider's answer is too large to be translated."


async def drained(body: AsyncIterator[bytes], close: Close, most: int) -> bytes:
    """A body read to its end and closed; raises Broken where it breaks off or has more than `most` bytes."""
    parts, size = [], 0
    try:
        async for chunk in body:
            parts.append(chunk)
            size += len(chunk)
            if size > most:
                raise Broken(TOO_LARGE)
    finally:
        await close()
    return b"".join(parts)


async def read(record: Record, reply: Reply, most: int) -> bytes:
    """A reply's body, whole and unpacked; raises Broken where that cannot be."""
    before = perf_counter()
    text = await drained(reply.body, reply.close, most)
    record.waited += perf_counter() - before
    inflater = inflating(reply)
    if inflater is None:
        return text
    parts, size = [], 0
    try:
        for part in inflater.feed(text):
            parts.append(part)
            size += len(part)
            if size > most:
                raise Broken(TOO_LARGE)
    except ValueError:
        raise Broken("The provider's answer cannot be unpacked.") from None
    return b"".join(parts)


def inflating(reply: Reply) -> compression.Inflater | None:
    """What unpacks a reply's body; None where it is not packed, or in a way that nobody asked for."""
    layers = compression.plan(reply.header(b"content-encoding"))
    return compression.Inflater(layers) if layers else None


def decoded(text: bytes) -> dict[str, object] | Fault:
    """A provider's JSON object, or the fault that it is none."""
    try:
        found = msgspec.json.decode(text)
    except (ValueError, RecursionError):
        found = None
    return found if isinstance(found, dict) else Fault(502, "The provider's answer is not JSON.", "api_error")


def filled(completion: Completion) -> Completion:
    """The answer with a moment of its making and a reason for its end, where its provider said neither.

    To a client an answer without a reason is one that still goes on.
    """
    completion.created = completion.created or int(time())
    for candidate in completion.candidates:
        if candidate.reason is None and not candidate.native_reason:
            candidate.reason = "stop"
    return completion


def events(completion: Completion) -> Iterator[StreamEvent]:
    """A whole answer as the events of a stream."""
    yield Start(completion.id, completion.model, completion.created, completion.service_tier, completion.fingerprint)
    for candidate in completion.candidates:
        for at, part in enumerate(candidate.parts):
            yield from opened(candidate.index, at, part)
        if candidate.logprobs is not None:
            yield Logprobs(candidate.index, candidate.logprobs)
        yield Finish(candidate.index, candidate.reason or "stop", candidate.native_reason, candidate.stop_sequence)
    if completion.usage is not None:
        yield Count(completion.usage, completion.service_tier)
    yield End()


def opened(index: int, at: int, part: Part) -> Iterator[StreamEvent]:
    """One part from its beginning to its end."""
    if isinstance(part, Text):
        yield Open(index, at, Text())
        yield Add(index, at, part.text)
        yield from (Cite(index, at, citation) for citation in part.citations)
    elif isinstance(part, Thinking):
        yield Open(index, at, msgspec.structs.replace(part, text="", signature=""))
        yield Add(index, at, part.text)
        if part.signature:
            yield Sign(index, at, part.signature, part.maker)
    elif isinstance(part, ToolUse):
        yield Open(index, at, msgspec.structs.replace(part, arguments=""))
        yield Add(index, at, part.arguments)
    elif isinstance(part, Refusing):
        yield Open(index, at, Refusing())
        yield Add(index, at, part.text)
    else:
        yield Open(index, at, part)
    yield Closed(index, at)


def played(events: Iterator[StreamEvent], writer: Writer) -> bytes:
    """Events as a client's stream, all at once: for one who asked for a stream where the provider sent none."""
    return b"".join([writer.write(event) for event in events])
