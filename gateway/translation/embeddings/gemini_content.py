"""Google's words for what is embedded and what for, on AI Studio and on Vertex AI, and answers of embedContent."""

from collections.abc import Sequence
from typing import Any, Final

from msgspec import Struct

from gateway.conversation.answer import Fault
from gateway.dialects.gemini import GeminiCounts
from gateway.translation.codec import Json
from gateway.translation.embeddings.reading import Answered, Form
from gateway.translation.embeddings.vectors import Vectors, settled
from gateway.translation.embeddings.wanted import Image, Input, Wanted

TASKS: Final = {
    "query": "RETRIEVAL_QUERY",
    "document": "RETRIEVAL_DOCUMENT",
    "similarity": "SEMANTIC_SIMILARITY",
    "classification": "CLASSIFICATION",
    "clustering": "CLUSTERING",
    "question_answering": "QUESTION_ANSWERING",
    "fact_verification": "FACT_VERIFICATION",
    "code_query": "CODE_RETRIEVAL_QUERY",
}

TRUNCATES: Final = {"none": "false", "end": "true"}
"""Vertex AI's autoTruncate cuts the end, and does so unless told not to."""


class Embedding(Struct):
    """One vector."""

    values: list[float] | None = None


class Embedded(Struct, rename="camel"):
    """An answer to embedContent, which has one vector, or to batchEmbedContents."""

    embedding: Embedding | None = None
    embeddings: list[Embedding] | None = None
    usage_metadata: GeminiCounts | None = None


EMBEDDED: Final = Form(Embedded)


def content(one: Input) -> Json:
    """A text, or texts and images in base64, as Content."""
    if isinstance(one, str):
        return {"parts": [{"text": one}]}
    parts: Sequence[str | Image] = [] if isinstance(one, list) else one.parts
    return {"parts": [_part(part) for part in parts]}


def _part(part: str | Image) -> dict[str, Any]:
    """A Part."""
    if isinstance(part, str):
        return {"text": part}
    return {"inlineData": {"mimeType": part.mime, "data": part.data}}


def read_embedded(answer: Answered, wanted: Wanted) -> Vectors | Fault:
    """The vectors as they stand: Google numbers none."""
    embedded = EMBEDDED.read(answer)
    found = embedded.embeddings or ([embedded.embedding] if embedded.embedding is not None else [])
    usage = embedded.usage_metadata.usage() if embedded.usage_metadata is not None else None
    return settled([one.values for one in found], wanted, Vectors([], usage=usage))
