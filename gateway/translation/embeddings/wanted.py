"""What a client asks to have embedded, whatever the dialect."""

from typing import Any, Final, Literal, TypeAlias

import msgspec


class Image(msgspec.Struct, frozen=True):
    """A picture: `data` as base64 with its type, or a `url`."""

    mime: str = ""
    data: str = ""
    url: str = ""


class Mixed(msgspec.Struct, frozen=True):
    """Parts that share one vector: a picture, or several texts and pictures."""

    parts: list[str | Image]


Input: TypeAlias = str | list[int] | Mixed
"""What one vector is for: a text, a text as tokens, or pictures with or without text."""

Truncate: TypeAlias = Literal["none", "start", "end"]
"""What to cut off an input that is too long; `none` makes it an error."""


class Wanted(msgspec.Struct):
    """A request for vectors. A field that is None or empty was not given by the client."""

    model: str
    """Without the provider."""
    inputs: list[Input]
    dimensions: int | None = None
    encoding_format: Literal["float", "base64"] = "float"
    user: str = ""
    input_type: str = ""
    """What the vectors are for: a value of INPUT_TYPES, or the client's own word where that has no such."""
    title: str = ""
    """Of the document that the inputs are from."""
    truncate: Truncate | None = None
    extras: dict[str, Any] = msgspec.field(default_factory=dict)
    """What has no neutral name, by its name in the client's request."""


INPUT_TYPES: Final = {
    "query": "query",
    "search_query": "query",
    "retrieval_query": "query",
    "document": "document",
    "passage": "document",
    "search_document": "document",
    "retrieval_document": "document",
    "similarity": "similarity",
    "semantic_similarity": "similarity",
    "classification": "classification",
    "clustering": "clustering",
    "question_answering": "question_answering",
    "fact_verification": "fact_verification",
    "code_retrieval_query": "code_query",
    "image": "image",
}
"""Providers' words in lower case, and what they are called here."""

NAMES: Final = {
    "input.text": "texts",
    "input.tokens": "texts as lists of tokens",
    "input.image": "images as base64",
    "input.image.url": "images by URL",
    "input.mixed": "one vector for several texts and images",
    "dimensions": "how long a vector shall be",
    "encoding_format": "vectors as base64 of 32-bit numbers instead of JSON's",
    "user": "who the client's own user is",
    "input_type": "what the vectors are for: queries, documents, classification, …",
    "title": "the title of the document that the inputs are from",
    "truncate": "whether, and at which end, inputs that are too long are cut",
}
"""What a dialect's rules speak of, in words for the docs."""


def kinds(one: Input) -> list[str]:
    """The names, of those in NAMES, that an input needs to have carried."""
    if isinstance(one, str):
        return ["input.text"]
    if isinstance(one, list):
        return ["input.tokens"]
    found = ["input.mixed"] if len(one.parts) > 1 else []
    pictures = [part for part in one.parts if isinstance(part, Image)]
    return found + ["input.image.url" if picture.url else "input.image" for picture in pictures]
