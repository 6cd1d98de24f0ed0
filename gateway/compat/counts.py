"""Counting the tokens of a request without asking for its answer, where the provider can."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

from gateway.call import Call, Handler, Refusal, Reply
from gateway.compat import letter, whole
from gateway.compat.aim import at, spoken, strict
from gateway.compat.chat import IN_PATH, encode, explained, noted, own, rewritten, text_of, told, understood
from gateway.compat.splicing import with_model
from gateway.conversation.answer import Fault
from gateway.conversation.losses import Losses
from gateway.conversation.request import Conversation
from gateway.providers.provider import Provider
from gateway.translation.anthropic_messages import counting as messages
from gateway.translation.codec import Codec, Json, Quirks, Written
from gateway.translation.codecs import CODECS
from gateway.translation.gemini_generate import counting as generate

Writes = Callable[[Conversation, Losses, Quirks], Written]


@dataclass(frozen=True, slots=True)
class Counts:
    """A dialect in which tokens can be counted."""

    ask: Callable[[Json], Conversation]
    write: Writes
    read: Callable[[Json], int | None]
    tell: Callable[[int], Json]


DIALECTS: Final = {
    "anthropic_messages": Counts(messages.read_count, messages.write_count, messages.read_total, messages.write_total),
    "gemini_generate": Counts(generate.read_count, generate.write_studio, generate.read_total, generate.write_total),
}


async def counted(call: Call, provider: Provider, next: Handler) -> Reply:
    """The number of tokens, in the client's dialect; raises Refusal 400 where the provider does not count."""
    form = call.form.partition(":")[0]
    there = spoken(provider, call.asked.model, form)
    counts = DIALECTS.get(there.dialect)
    if counts is None or there.wrap:
        raise Refusal(400, 2110, "unsupported_endpoint", f"{provider.name} does not count the tokens of a request.")
    path = there.counting(call.asked.model)
    if there.dialect == form:
        body = call.body if form == IN_PATH else with_model(call.body, there.name(call.asked.model))
        headers = letter.passing(call, provider, path, own(form))
        return await next(at(call, provider, (path, letter.query(call, provider, b"")), (headers, body)))
    client = replace(CODECS[form], read_request=DIALECTS[form].ask)
    losses = Losses(CODECS[there.dialect].rules)
    write = generate.write_vertex if provider.row.auth == "google" else counts.write
    written = write(understood(call, client, there), losses, there.quirks or provider.row.quirks)
    dropped = noted(call, losses.settle(provider.name, strict=strict(call)))
    headers = letter.translated(call, provider, path, written.headers)
    reply = await next(at(call, provider, (path, b""), (headers, encode(written.body))))
    if not reply.refusal:
        reply = await back(call, reply, client, CODECS[there.dialect])
    reply.headers = [*reply.headers, *dropped]
    return reply


async def back(call: Call, reply: Reply, client: Codec, theirs: Codec) -> Reply:
    """A provider's count in the client's dialect; raises Refusal 502."""
    if reply.status >= 400:
        return await explained(call, reply, client, theirs)
    found = whole.decoded(await text_of(call, reply, whole.LARGEST_FAULT))
    if isinstance(found, Fault):
        return told(call, reply, client, found)
    total = DIALECTS[theirs.name].read(found)
    if total is None:
        return told(call, reply, client, Fault(502, "The provider's answer holds no count.", "api_error"))
    return rewritten(call, reply, encode(DIALECTS[client.name].tell(total)), reply.status)
