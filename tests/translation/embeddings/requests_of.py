"""Requests and answers that several of the tests need."""

import json

from gateway.conversation.losses import Losses
from gateway.translation.embeddings import CODECS, read_request, ruled
from gateway.translation.embeddings.codec import EmbeddingCodec, Quirks

PNG = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
PICTURE = {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{PNG}"}}
FAR = {"type": "image_url", "image_url": {"url": "https://example.com/cat.png"}}
BOTH = {"content": [{"type": "text", "text": "a cat"}, PICTURE]}

MODELS = {
    "openai_embeddings": "text-embedding-3-small",
    "gemini_embed": "gemini-embedding-2",
    "gemini_predict": "text-embedding-005",
    "cohere_embed": "embed-v4.0",
    "bedrock_invoke": "cohere.embed-v4:0",
}


def wanted(input="hello", model="m", **members):
    return read_request({"model": model, "input": input, **members})


def written(dialect, request, quirks=None):
    """What goes out for a request, and the names of what was left out."""
    codec: EmbeddingCodec = CODECS[dialect]
    quirks = quirks or Quirks()
    losses = Losses(ruled(codec, quirks))
    out = codec.write_request(request, losses, quirks)
    json.dumps(out.body)
    return out, losses.refused, losses.hints


def read(dialect, answer, request, quirks=None):
    """What becomes of an answer, which must be the same whether it is read from bytes or from JSON."""
    codec: EmbeddingCodec = CODECS[dialect]
    quirks = quirks or Quirks()
    text = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
    found = codec.read_answer(text, request, quirks)
    assert codec.read_answer(json.loads(text), request, quirks) == found
    return found
