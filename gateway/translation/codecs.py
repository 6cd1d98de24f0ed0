"""Every dialect's codec by its name."""

from collections.abc import Mapping
from typing import Final

from gateway.translation import (
    anthropic_messages,
    bedrock_converse,
    cohere_chat,
    gemini_generate,
    openai_chat,
    openai_responses,
)
from gateway.translation.codec import Codec

CODECS: Final[Mapping[str, Codec]] = {
    codec.name: codec
    for codec in (
        openai_chat.CODEC,
        openai_responses.CODEC,
        anthropic_messages.CODEC,
        gemini_generate.CODEC,
        bedrock_converse.CODEC,
        cohere_chat.CODEC,
    )
}
