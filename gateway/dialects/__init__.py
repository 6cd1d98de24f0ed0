"""Wire formats by name, and the meter that reads an answer in one of them.

Each dialect's own file says how its requests and answers are read; `gateway.dialects.readers` knows how answers are
framed, `gateway.dialects.meter` how to read a copy without slowing the original.
"""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any, Final

from gateway.call import Answer, Asked
from gateway.dialects import (
    anthropic,
    bedrock,
    bedrock_requests,
    cohere,
    faults,
    gemini,
    gemini_requests,
    ollama,
    openai_chat,
    openai_media,
    openai_responses,
    others,
    workers_ai,
)
from gateway.dialects.blocks import Blocks, tell
from gateway.dialects.dialect import Dialect, Peek, Tally
from gateway.dialects.meter import Meter
from gateway.dialects.readers import Frames, Reader, Sniffed, Whole
from gateway.dialects.reading import Shape
from gateway.wire import compression
from gateway.wire.compression import Inflater

__all__ = ["DIALECTS", "Dialect", "Meter", "Peek", "meter", "whole"]

_chat = (openai_chat.CHAT, openai_chat.NEEDLES, openai_chat.CHAT_REQUEST)
_messages = (anthropic.MESSAGES, anthropic.NEEDLES, anthropic.MESSAGES_REQUEST)
_vectors = (openai_media.EMBEDDINGS, (), openai_media.EMBEDDINGS_REQUEST)
_cohere = (cohere.COHERE, cohere.NEEDLES, cohere.COHERE_REQUEST)

DIALECTS: Final[dict[str, Dialect]] = {
    dialect.name: dialect
    for dialect in (
        Dialect("openai_chat", "chat", *_chat),
        Dialect("openai_completions", "text_completion", *_chat),
        Dialect("openai_assistants", "", *_chat),
        Dialect(
            "openai_responses",
            "chat",
            openai_responses.RESPONSES,
            openai_responses.NEEDLES,
            openai_responses.RESPONSES_REQUEST,
        ),
        Dialect("openai_embeddings", "embeddings", *_vectors),
        Dialect("rerank", "", *_vectors),
        Dialect(
            "openai_audio",
            "",
            openai_media.MEDIA,
            openai_media.AUDIO_NEEDLES,
            reads=openai_media.audio_peek,
        ),
        Dialect(
            "openai_images",
            "generate_content",
            openai_media.MEDIA,
            openai_media.AUDIO_NEEDLES,
            reads=openai_media.images_peek,
        ),
        Dialect("openai_moderations", "", *_vectors),
        Dialect("anthropic_messages", "chat", *_messages),
        Dialect("anthropic_complete", "text_completion", *_messages),
        Dialect(
            "gemini_generate",
            "generate_content",
            gemini.GENERATED,
            gemini.NEEDLES,
            gemini_requests.GEMINI_REQUEST,
        ),
        Dialect("gemini_embed", "embeddings", gemini.GENERATED, gemini.NEEDLES, gemini_requests.EMBED_REQUEST),
        Dialect("gemini_predict", "embeddings", gemini.PREDICTED, (), gemini_requests.EMBED_REQUEST),
        Dialect(
            "gemini_interactions",
            "chat",
            gemini.INTERACTIONS,
            gemini.INTERACTION_NEEDLES,
            gemini_requests.INTERACTION_REQUEST,
        ),
        Dialect("cohere_chat", "chat", *_cohere),
        Dialect("cohere_v1_chat", "chat", *_cohere),
        Dialect("cohere_v1_generate", "text_completion", *_cohere),
        Dialect("cohere_embed", "embeddings", *_cohere),
        Dialect("cohere_rerank", "", *_cohere),
        Dialect(
            "bedrock_converse",
            "chat",
            bedrock.CONVERSE,
            bedrock.CONVERSE_NEEDLES,
            bedrock_requests.BEDROCK_REQUEST,
        ),
        Dialect(
            "bedrock_invoke",
            "chat",
            bedrock.INVOKE,
            bedrock.INVOKE_NEEDLES,
            bedrock_requests.BEDROCK_REQUEST,
            wrapped="base64",
        ),
        Dialect("ollama_chat", "chat", ollama.OLLAMA, ollama.NEEDLES, ollama.OLLAMA_REQUEST),
        Dialect("ollama_generate", "text_completion", ollama.OLLAMA, ollama.NEEDLES, ollama.OLLAMA_REQUEST),
        Dialect("ollama_embed", "embeddings", ollama.OLLAMA, (), ollama.OLLAMA_EMBED_REQUEST),
        Dialect("workers_ai", "chat", workers_ai.WORKERS_AI, workers_ai.NEEDLES, openai_chat.CHAT_REQUEST),
        Dialect("replicate", "", others.REPLICATE, (), others.REPLICATE_REQUEST),
        Dialect("huggingface", "text_completion", others.HUGGINGFACE, others.HUGGINGFACE_NEEDLES, others.NAMED_REQUEST),
        Dialect("watsonx", "text_completion", others.WATSONX, others.WATSONX_NEEDLES, others.NAMED_REQUEST),
        Dialect("aleph_alpha", "text_completion", others.ALEPH_ALPHA, (), others.NAMED_REQUEST),
    )
}

FAILURE: Final = Shape(faults.Failure)
UNKNOWN: Final = Dialect("", "", FAILURE)
HEAD: Final = 128
"""Characters of a content type or encoding that are looked at, so that remembering them stays cheap."""


def meter(
    asked: Asked,
    status: int,
    content_type: bytes,
    content_encoding: bytes,
    headers: Sequence[tuple[bytes, bytes]] = (),
) -> Meter | None:
    """What will read the answer to `asked`; None where there is nothing to read.

    `headers` are the answer's, where its provider is known to put counts or an error code there (Bedrock).
    """
    dialect = DIALECTS.get(asked.dialect)
    if status >= 400:
        dialect = dialect or UNKNOWN
    elif dialect is None:
        return None
    framing = frame(content_type[:HEAD])
    if framing == "other":
        return None
    inflater = None
    if content_encoding:
        layers = compression.plan(content_encoding[:HEAD])
        if layers is None:
            return None
        inflater = Inflater(layers) if layers else None
    tally = Tally()
    found = Meter(_reader(dialect, framing, asked, status, tally), tally, inflater)
    if headers:
        found.offer(bedrock.from_headers(headers) if status < 400 else None, faults.from_header(headers))
    return found


def whole(asked: Asked, status: int, content_type: bytes, body: bytes) -> Answer | None:
    """The answer to `asked` read in one go, where it is plain JSON that came whole; None where a meter must read it."""
    dialect = DIALECTS.get(asked.dialect)
    if dialect is None or status >= 400 or asked.stream or content_type != JSON:
        return None
    tally = Tally()
    try:
        return tally.answer() if tell(dialect.said, body, tally) else None
    except Exception:  # noqa: BLE001 - as in Meter.finish: this reads a copy
        return Answer()


def _reader(dialect: Dialect, framing: str, asked: Asked, status: int, tally: Tally) -> Reader:
    """Whatever suits `framing`; failures, and what may not be what it says, are settled by their first byte."""
    shape: Shape[Any] = dialect.said if status < 400 else FAILURE
    if status >= 400:
        return Sniffed(dialect, shape, tally)
    if framing == "sse":
        return Blocks(dialect, tally, b"\n\n")
    if framing == "lines":
        return Blocks(dialect, tally, b"\n")
    if framing == "frames":
        return Frames(dialect, tally)
    if framing == "json" and not asked.stream:
        return Whole(dialect, shape, tally)
    return Sniffed(dialect, shape, tally)


JSON: Final = b"application/json"
FRAMES: Final = {
    b"text/event-stream": "sse",
    b"application/vnd.amazon.eventstream": "frames",
    b"application/x-ndjson": "lines",
    b"application/ndjson": "lines",
    b"application/jsonl": "lines",
    b"application/stream+json": "lines",
}


@lru_cache(256)
def frame(content_type: bytes) -> str:
    """How an answer of this type is framed: sse, frames, lines, json, unsure, or `other` where it has no text."""
    kind = content_type.partition(b";")[0].strip().lower()
    if kind in FRAMES:
        return FRAMES[kind]
    if kind == b"application/json" or kind.endswith(b"+json"):
        return "json"
    return "unsure" if not kind or kind.startswith(b"text/") else "other"
