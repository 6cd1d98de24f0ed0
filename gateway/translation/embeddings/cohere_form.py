"""Cohere's form of inputs and vectors, which its own API and Amazon Bedrock share but for spelling."""

from collections.abc import Mapping
from typing import Any, Final

from msgspec import Struct, field

from gateway.conversation.losses import Losses
from gateway.translation.codec import Json
from gateway.translation.embeddings.codec import word
from gateway.translation.embeddings.wanted import Image, Mixed, Wanted

TYPES: Final = {
    "query": "search_query",
    "document": "search_document",
    "classification": "classification",
    "clustering": "clustering",
    "image": "image",
}

DEFAULT: Final = "search_document"
"""The input type where the client names none, for Cohere demands one."""

ENDS: Final = {"none": "NONE", "start": "START", "end": "END"}


class ByType(Struct):
    """Vectors by how they are encoded; only these are asked for."""

    numbers: list[list[float]] | None = field(default=None, name="float")


def members(wanted: Wanted, found: dict[str, Any], losses: Losses, ends: Mapping[str, str]) -> Json:
    """Inputs and what Cohere knows to ask of them; `ends` are its words for what to cut off.

    Images alone go out as `images` and as such, unless the client names another input type, for which `inputs` is
    needed; older models take images in no other way.
    """
    kind = word(found, "input_type", TYPES, losses)
    body: Json = {}
    alone = [one.parts[0] for one in wanted.inputs if isinstance(one, Mixed) and len(one.parts) == 1]
    if all(isinstance(one, str) for one in wanted.inputs):
        body["texts"] = wanted.inputs
    elif len(alone) == len(wanted.inputs) and kind in (None, "image"):
        body["images"] = [url(part) for part in alone if isinstance(part, Image)]
        kind = "image"
    else:
        body["inputs"] = [{"content": [_part(part) for part in _parts(one)]} for one in wanted.inputs]
    body["input_type"] = kind or DEFAULT
    if "dimensions" in found:
        body["output_dimension"] = found["dimensions"]
    if end := word(found, "truncate", ends, losses):
        body["truncate"] = end
    return body


def url(image: Image) -> str:
    """An image as a data URL."""
    return f"data:{image.mime};base64,{image.data}"


def _parts(one: object) -> list[str | Image]:
    """What an input is made of."""
    return one.parts if isinstance(one, Mixed) else [str(one)]


def _part(part: str | Image) -> dict[str, Any]:
    """A part of `inputs`, as Cohere's own API has it."""
    if isinstance(part, str):
        return {"type": "text", "text": part}
    return {"type": "image_url", "image_url": {"url": url(part)}}


def vectors(embeddings: ByType | list[list[float]] | None) -> list[list[float]]:
    """The vectors, by type or, from older models, in a plain list; none where they are missing."""
    if isinstance(embeddings, ByType):
        return embeddings.numbers or []
    return embeddings or []
