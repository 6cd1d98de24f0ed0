"""Embeddings of every provider in OpenAI's form."""

from gateway.call import Call, Handler, Reply
from gateway.compat import letter, whole
from gateway.compat.aim import at, spoken, strict
from gateway.compat.chat import encode, explained, noted, rewritten, text_of, told
from gateway.compat.splicing import document, with_model
from gateway.conversation.answer import Fault
from gateway.conversation.losses import Losses
from gateway.dialects import bedrock
from gateway.providers.provider import Provider
from gateway.providers.speech import Speech
from gateway.translation.codec import Written
from gateway.translation.codecs import CODECS as CHAT
from gateway.translation.embeddings import CODECS, Quirks, Wanted, read_request, ruled, write_answer
from gateway.translation.embeddings.codec import EmbeddingCodec

FAMILY = {
    "openai_embeddings": "openai_chat",
    "gemini_embed": "gemini_generate",
    "gemini_predict": "gemini_generate",
    "cohere_embed": "cohere_chat",
    "bedrock_invoke": "bedrock_converse",
}
"""Whose errors a provider of embeddings sends."""
UNCHANGED = Quirks()


async def embedded(call: Call, provider: Provider, next: Handler) -> Reply:
    """Vectors for the client's inputs."""
    there = spoken(provider, call.asked.model, call.form)
    quirks = provider.row.embedding_quirks
    if there.dialect == call.form and quirks == UNCHANGED:
        path, query = there.place(call.asked.model, False)
        body = with_model(call.body, there.name(call.asked.model))
        place = (path, letter.query(call, provider, query))
        return await next(at(call, provider, place, (letter.passing(call, provider, path, []), body)))
    codec = CODECS[there.dialect]
    wanted = read_request(document(call.body))
    wanted.model = there.name(call.asked.model)
    losses = Losses(ruled(codec, quirks))
    written = codec.write_request(wanted, losses, quirks)
    dropped = noted(call, losses.settle(provider.name, strict=strict(call)))
    place = placed(call, there, written)
    sent = (letter.translated(call, provider, place[0], written.headers), encode(written.body))
    reply = await next(at(call, provider, place, sent))
    if not reply.refusal:
        reply = await back(call, reply, codec, wanted, quirks)
    reply.headers = [*reply.headers, *dropped]
    return reply


def placed(call: Call, there: Speech, written: Written) -> tuple[bytes, bytes]:
    """Path and query: the dialect's where it decides them, else the provider's; raises Refusal 400."""
    if written.path and there.dialect != call.form:
        return there.below(written.path), written.query.encode()
    return there.place(call.asked.model, False)


async def back(call: Call, reply: Reply, codec: EmbeddingCodec, wanted: Wanted, quirks: Quirks) -> Reply:
    """A provider's answer in OpenAI's form; raises Refusal 502."""
    client = CHAT["openai_chat"]
    if reply.status >= 400:
        return await explained(call, reply, client, CHAT[FAMILY[codec.name]])
    found = codec.read_answer(await text_of(call, reply, whole.LARGEST), wanted, quirks)
    if isinstance(found, Fault):
        return told(call, reply, client, found)
    if found.usage is None:
        found.usage = bedrock.from_headers(reply.headers)
    return rewritten(call, reply, encode(write_answer(found, wanted)), reply.status)
