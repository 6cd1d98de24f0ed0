"""What providers speak on the unified endpoints: what a row says, else what its family does.

the client's own dialect    its bytes pass, but for the model's name
else the first that fits    gateway.translation turns one dialect into the other
"""

from collections.abc import Sequence
from typing import Final, Protocol

from gateway.providers.rows import Family, Row, Speech

__all__ = ["EMBEDS", "FAMILIES", "Speech", "speech", "speeches"]

EMBEDS: Final = frozenset(("openai_embeddings", "gemini_embed", "gemini_predict", "cohere_embed", "bedrock_invoke"))
"""Dialects in which vectors are asked for; all others are conversations."""

CHAT: Final = Speech("openai_chat", "chat/completions")
EMBEDDINGS: Final = Speech("openai_embeddings", "embeddings")

CONVERSE: Final = Speech("bedrock_converse", "model/{model}/converse", "model/{model}/converse-stream")
CLAUDE: Final = Speech(
    "anthropic_messages",
    "model/{model}/invoke",
    "model/{model}/invoke-with-response-stream",
    models=r"(?s:.*)anthropic\.claude(?s:.*)",
    wrap="bedrock",
)
INVOKE: Final = Speech(
    "bedrock_invoke",
    "model/{model}/invoke",
    models=r"(?s:.*)(?:amazon\.titan-embed-|amazon\.nova-[\w.-]{0,64}embeddings|cohere\.embed-)(?s:.*)",
)
STUDIO: Final = "v1beta/models/{model}:"
TUNED: Final = "v1beta/tunedModels/{model}:"
STREAM: Final = "streamGenerateContent?alt=sse"
PLAIN: Final = r"(?:models/)?(?P<model>[^/]+)"
MINE: Final = r"tunedModels/(?P<model>[^/]+)"
GEMINI: Final = (
    Speech("gemini_generate", STUDIO + "generateContent", STUDIO + STREAM, STUDIO + "countTokens", PLAIN),
    Speech("gemini_generate", TUNED + "generateContent", TUNED + STREAM, TUNED + "countTokens", MINE),
    Speech("gemini_embed", STUDIO + "batchEmbedContents", models=PLAIN),
)

FAMILIES: Final[dict[Family, tuple[Speech, ...]]] = {
    "openai": (CHAT, EMBEDDINGS),
    "anthropic": (Speech("anthropic_messages", "v1/messages", count_path="v1/messages/count_tokens"),),
    "gemini": GEMINI,
    "cohere": (Speech("cohere_chat", "v2/chat"), Speech("cohere_embed", "v2/embed")),
    # Converse carries what every client asks for; Claude's own form only what Claude's own clients do.
    "bedrock": (CONVERSE, CLAUDE, INVOKE),
    "huggingface": (Speech("openai_chat", "v1/chat/completions"),),
    "workers_ai": (
        Speech("openai_chat", "v1/chat/completions"),
        Speech("openai_embeddings", "v1/embeddings"),
    ),
    "replicate": (),
}


class Speaker(Protocol):
    """A provider, of which nothing else matters here."""

    speeches: tuple[Speech, ...]


def speeches(row: Row) -> tuple[Speech, ...]:
    """Everything a provider speaks, in order of preference."""
    return FAMILIES[row.dialect] if row.speaks is None else row.speaks


def speech(speaker: Row | Speaker, model: str, client: str) -> Speech | None:
    """What to speak with a provider of one model, for a client of one dialect; None where there is nothing."""
    known = speeches(speaker) if isinstance(speaker, Row) else speaker.speeches
    return chosen(known, model, client)


def chosen(known: Sequence[Speech], model: str, client: str) -> Speech | None:
    """The client's own dialect, else the first of its kind, of those that fit the model."""
    vectors = client in EMBEDS
    first = None
    for one in known:
        if (one.dialect in EMBEDS) is vectors and one.fits(model):
            if one.dialect == client:
                return one
            first = first or one
    return first
