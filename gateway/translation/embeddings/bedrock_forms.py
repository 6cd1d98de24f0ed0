"""What each family of embedding models on Amazon Bedrock wants to be told, from the parts of AWS's model parameters."""

from typing import Any, Final

from gateway.conversation.losses import Losses
from gateway.translation.codec import Json
from gateway.translation.embeddings import cohere_form
from gateway.translation.embeddings.codec import unsupported, word
from gateway.translation.embeddings.wanted import Image, Mixed, Wanted
from gateway.translation.values import wrong

PURPOSES: Final = {
    "query": "GENERIC_RETRIEVAL",
    "document": "GENERIC_INDEX",
    "classification": "CLASSIFICATION",
    "clustering": "CLUSTERING",
}
"""Nova's embeddingPurpose, of which it demands one."""

SIDES: Final = {"none": "NONE", "start": "LEFT", "end": "RIGHT"}
"""Cohere v4 on Bedrock names the sides of a line, older models its ends."""


def titan_text(wanted: Wanted, found: dict[str, Any], losses: Losses) -> Json:
    """Titan Text Embeddings: one text; v2 makes vectors of unit length unless told not to, as v1 always does."""
    return {"inputText": wanted.inputs[0], **_size(found, "dimensions")}


def titan_image(wanted: Wanted, found: dict[str, Any], losses: Losses) -> Json:
    """Titan Multimodal Embeddings: one text, one image, or one of each for one vector."""
    one = wanted.inputs[0]
    parts = one.parts if isinstance(one, Mixed) else [one]
    body: Json = {}
    for part in parts:
        name = "inputImage" if isinstance(part, Image) else "inputText"
        if name in body:
            raise unsupported(f"{wanted.model} cannot carry input.mixed: it takes at most one text with one image.")
        body[name] = part.data if isinstance(part, Image) else part
    if size := _size(found, "outputEmbeddingLength"):
        body["embeddingConfig"] = size
    return body


def nova(wanted: Wanted, found: dict[str, Any], losses: Losses) -> Json:
    """Nova Multimodal Embeddings: one text or one image, and all that Nova demands to be told."""
    asked: Json = {"embeddingPurpose": word(found, "input_type", PURPOSES, losses) or "GENERIC_INDEX"}
    asked.update(_size(found, "embeddingDimension"))
    one = wanted.inputs[0]
    end = word(found, "truncate", cohere_form.ENDS, losses) or "NONE"
    if isinstance(one, Mixed):
        image = next(part for part in one.parts if isinstance(part, Image))
        asked["image"] = {"format": image.mime.removeprefix("image/"), "source": {"bytes": image.data}}
    else:
        asked["text"] = {"truncationMode": end, "value": one}
    return {"taskType": "SINGLE_EMBEDDING", "singleEmbeddingParams": asked}


def cohere_v3(wanted: Wanted, found: dict[str, Any], losses: Losses) -> Json:
    """Cohere Embed English and Multilingual: texts, or one image."""
    body = cohere_form.members(wanted, found, losses, cohere_form.ENDS)
    if "inputs" in body:
        raise unsupported(f"{wanted.model} cannot carry input.mixed: it takes texts, or an image of input type image.")
    if len(body.get("images", ())) > 1:
        raise wrong("input", f"{wanted.model} takes at most 1 image per call here.")
    return body


def cohere_v4(wanted: Wanted, found: dict[str, Any], losses: Losses) -> Json:
    """Cohere Embed v4: as on Cohere's own API, but that an image's URL is no object, and `image` no input type."""
    body = cohere_form.members(wanted, found, losses, SIDES)
    for one in body.get("inputs", ()):
        for part in one["content"]:
            if part["type"] == "image_url":
                part["image_url"] = part["image_url"]["url"]
    if body["input_type"] == "image":
        body["input_type"] = cohere_form.DEFAULT
    return body


def _size(found: dict[str, Any], name: str) -> Json:
    """How long a vector shall be, under the family's name, where the client said so."""
    return {name: found["dimensions"]} if "dimensions" in found else {}
