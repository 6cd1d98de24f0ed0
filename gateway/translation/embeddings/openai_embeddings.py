"""OpenAI's `POST /embeddings`, and the many who copied it: Azure, Mistral, OpenRouter, Voyage, Ollama, vLLM, …

https://platform.openai.com/docs/api-reference/embeddings/create. `float` is never written: it is what all of them do
unasked, and some (Voyage) do not know the word.
"""

from typing import Any, Final

from msgspec import Struct

from gateway.conversation.answer import Fault
from gateway.conversation.losses import CARRIED, REFUSED, Losses, Rule
from gateway.dialects.openai_counts import Embedded
from gateway.dialects.reading import named
from gateway.translation.codec import Json, Written
from gateway.translation.embeddings.codec import EmbeddingCodec, Quirks, admit, given, word
from gateway.translation.embeddings.reading import Answered, Form
from gateway.translation.embeddings.vectors import Vector, Vectors, broken, floats, in_order, settled, signed
from gateway.translation.embeddings.wanted import Image, Input, Wanted

BATCH: Final = 2048
"""Inputs in one call, as OpenAI's reference has it."""

RULES: Final = {
    "input.text": CARRIED,
    "input.tokens": CARRIED,
    "input.image": REFUSED,
    "input.image.url": REFUSED,
    "input.mixed": REFUSED,
    "dimensions": CARRIED,
    "encoding_format": CARRIED,
    "user": CARRIED,
    "input_type": Rule("refused", "the dialect has one kind of vector for all"),
    "title": REFUSED,
    "truncate": Rule("refused", "an input that is too long is an error"),
}

ENDS: Final = {"none": "false", "end": "true"}
"""Copies that know `truncate` have it true or false, and cut the end."""


class Item(Struct):
    """One vector, as numbers or in base64."""

    embedding: list[float] | str | None = None
    index: int | None = None


class Listed(Struct):
    """The answer."""

    data: list[Item] | None = None
    model: str | None = None
    id: str | None = None
    usage: Embedded | None = None


LISTED: Final = Form(Listed)


def write_request(wanted: Wanted, losses: Losses, quirks: Quirks) -> Written:
    """The request with all extras, which are this dialect's own or a copy's."""
    admit(wanted, losses, quirks.batch or BATCH)
    body: Json = {**wanted.extras, "model": wanted.model, "input": [_input(one) for one in wanted.inputs]}
    found = given(wanted, losses)
    if quirks.base64 != "float32":
        found.pop("encoding_format", None)
    if "input_type" in found:
        found["input_type"] = word(found, "input_type", quirks.input_types, losses)
    if "truncate" in found:
        end = word(found, "truncate", ENDS, losses)
        found["truncate"] = None if end is None else end == "true"
    for name, value in found.items():
        if value is not None:
            body[quirks.renames.get(name, name)] = value
    return Written(body, quirks.path)


def _input(one: Input) -> str | list[int] | dict[str, Any]:
    """As the client wrote it."""
    if isinstance(one, str | list):
        return one
    return {"content": [_part(part) for part in one.parts]}


def _part(part: str | Image) -> dict[str, Any]:
    """A part of a content, in the form that parts of a chat message have."""
    if isinstance(part, str):
        return {"type": "text", "text": part}
    url = part.url or f"data:{part.mime};base64,{part.data}"
    return {"type": "image_url", "image_url": {"url": url}}


def read_answer(answer: Answered, wanted: Wanted, quirks: Quirks) -> Vectors | Fault:
    """The vectors by their index, whichever form they have."""
    listed = LISTED.read(answer)
    if listed.data is None:
        return broken("has no vectors")
    unpacked = signed if quirks.base64 == "int8" else floats
    found: list[tuple[int | None, Vector | None]] = [
        (item.index, unpacked(item.embedding) if isinstance(item.embedding, str) else item.embedding)
        for item in listed.data
    ]
    usage = listed.usage.usage() if listed.usage is not None else None
    return settled(in_order(found), wanted, Vectors([], named(listed.model), usage, named(listed.id)))


CODEC: Final = EmbeddingCodec("openai_embeddings", RULES, lambda _: BATCH, write_request, read_answer)
