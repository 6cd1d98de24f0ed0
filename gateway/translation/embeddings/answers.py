"""Answers out: OpenAI's list of embeddings."""

from binascii import b2a_base64

from gateway.translation.codec import Json
from gateway.translation.embeddings.vectors import Vector, Vectors, pack, unpack
from gateway.translation.embeddings.wanted import Wanted


def write_answer(vectors: Vectors, wanted: Wanted) -> Json:
    """The vectors in the form that the client asked for; the model is the one asked for where the answer has none."""
    usage = vectors.usage
    read = usage.input_tokens if usage is not None else None
    total = usage.total_tokens if usage is not None else None
    answer: Json = {
        "object": "list",
        "data": [
            {"object": "embedding", "index": index, "embedding": _formed(vector, wanted)}
            for index, vector in enumerate(vectors.vectors)
        ],
        "model": vectors.model or wanted.model,
        # The SDKs want both numbers, also where the provider counted nothing.
        "usage": {"prompt_tokens": read or 0, "total_tokens": total or read or 0},
    }
    if vectors.id:
        answer["id"] = vectors.id
    return answer


def _formed(vector: Vector, wanted: Wanted) -> str | list[float]:
    """Base64 of 32-bit numbers, the lowest byte first, or a list of numbers."""
    if wanted.encoding_format == "base64":
        return b2a_base64(pack(vector), newline=False).decode()
    return unpack(vector)
