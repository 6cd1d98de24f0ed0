"""Cohere's `POST /v2/embed` (https://docs.cohere.com/reference/embed)."""

from typing import Final

from msgspec import Struct

from gateway.conversation.answer import Fault
from gateway.conversation.losses import CARRIED, REFUSED, Losses, Rule
from gateway.dialects.cohere import CohereCounts
from gateway.dialects.reading import named
from gateway.translation.codec import Json, Written
from gateway.translation.embeddings.codec import (
    PACKED,
    WHO,
    EmbeddingCodec,
    Quirks,
    admit,
    bare,
    given,
)
from gateway.translation.embeddings.cohere_form import DEFAULT, ENDS, ByType, members, vectors
from gateway.translation.embeddings.reading import Answered, Form
from gateway.translation.embeddings.vectors import Vectors, settled
from gateway.translation.embeddings.wanted import Wanted

BATCH: Final = 96
"""Texts or inputs in one call."""

RULES: Final = {
    "input.text": CARRIED,
    "input.tokens": Rule("refused", "only texts: tokens are the model's own affair"),
    "input.image": CARRIED,
    "input.image.url": Rule("refused", "only images that are sent along"),
    "input.mixed": CARRIED,
    "dimensions": Rule("renamed", "output_dimension"),
    "encoding_format": PACKED,
    "user": WHO,
    "input_type": Rule("carried", f"{DEFAULT} where none is given, image for images alone: one is demanded"),
    "title": REFUSED,
    "truncate": CARRIED,
}


class Embed(Struct):
    """The answer; it does not name the model."""

    id: str | None = None
    embeddings: ByType | list[list[float]] | None = None
    meta: CohereCounts | None = None


EMBED: Final = Form(Embed)


def write_request(wanted: Wanted, losses: Losses, quirks: Quirks) -> Written:
    """The request, for numbers whatever the client wants, since nothing says how Cohere's base64 is laid out."""
    admit(wanted, losses, quirks.batch or BATCH)
    bare(wanted, losses)
    body: Json = {"model": wanted.model, **members(wanted, given(wanted, losses), losses, ENDS)}
    body["embedding_types"] = ["float"]
    return Written(body, "v2/embed")


def read_answer(answer: Answered, wanted: Wanted, _: Quirks) -> Vectors | Fault:
    """The vectors as they stand: Cohere numbers none."""
    embed = EMBED.read(answer)
    usage = embed.meta.usage() if embed.meta is not None else None
    return settled(vectors(embed.embeddings), wanted, Vectors([], usage=usage, id=named(embed.id)))


CODEC: Final = EmbeddingCodec("cohere_embed", RULES, lambda _: BATCH, write_request, read_answer)
