"""Embeddings: OpenAI's form in, every provider's out, through `Wanted` and `Vectors`.

wanted, vectors                                            the neutral form
requests, answers                                          the client's side, OpenAI's form
codec                                                      what a provider's dialect offers, and its quirks
openai_embeddings, gemini_embed, gemini_predict, cohere_embed, bedrock_invoke
                                                           the providers' dialects
gemini_content, cohere_form, bedrock_forms                 what dialects of one maker share
"""

from collections.abc import Mapping
from typing import Final

from gateway.translation.embeddings import bedrock_invoke, cohere_embed, gemini_embed, gemini_predict, openai_embeddings
from gateway.translation.embeddings.answers import write_answer
from gateway.translation.embeddings.codec import EmbeddingCodec, Quirks, ruled
from gateway.translation.embeddings.requests import read_request
from gateway.translation.embeddings.vectors import Vectors
from gateway.translation.embeddings.wanted import NAMES, Wanted

__all__ = ["CODECS", "NAMES", "EmbeddingCodec", "Quirks", "Vectors", "Wanted", "read_request", "ruled", "write_answer"]

CODECS: Final[Mapping[str, EmbeddingCodec]] = {
    codec.name: codec
    for codec in (
        openai_embeddings.CODEC,
        gemini_embed.CODEC,
        gemini_predict.CODEC,
        cohere_embed.CODEC,
        bedrock_invoke.CODEC,
    )
}
