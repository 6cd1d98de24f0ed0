"""Requests to Google's models; the model stands in the URL, and so does whether to stream."""

from typing import Any, Final

from msgspec import Struct, field

from gateway.dialects.dialect import Peek, Request
from gateway.dialects.parameters import kind_of, set_number, set_parameters
from gateway.dialects.reading import Shape, named


class Generation(Struct, rename="camel"):
    """GenerationConfig; Google reads max_output_tokens too, and that is how the Interactions API spells it."""

    max_output_tokens: int | None = None
    max_tokens: int | None = field(default=None, name="max_output_tokens")
    temperature: float | None = None
    top_p: float | None = None
    top_k: int | float | None = None
    frequency_penalty: float | None = None
    presence_penalty: float | None = None
    seed: int | None = None
    candidate_count: int | None = None
    stop_sequences: list[str] | None = None
    response_mime_type: str | None = None
    response_modalities: list[str] | None = None
    stream: bool | None = None

    def limit(self) -> int | None:
        """The most tokens to write, however spelt."""
        return self.max_tokens if self.max_output_tokens is None else self.max_output_tokens


class GeminiRequest(Request):
    """A request for content."""

    settings: Generation | None = field(default=None, name="generationConfig")
    other: Generation | None = field(default=None, name="generation_config")

    def peek(self) -> Peek:
        """As OpenTelemetry names them."""
        found: dict[str, Any] = {}
        asked = self.settings or self.other
        if asked is None:
            return Peek()
        asked.stream = None
        set_parameters(found, asked, asked.limit(), asked.stop_sequences)
        set_number(found, "seed", asked.seed)
        if asked.candidate_count != 1:
            set_number(found, "choice.count", asked.candidate_count)
        modalities = [one for one in asked.response_modalities or () if one.lower() != "text"]
        found.update(kind_of(modalities[0] if modalities else asked.response_mime_type))
        return Peek("", False, found)


class EmbedRequest(Request, rename="camel"):
    """A request for vectors; a batch of them names the model once for each."""

    model: str | None = None
    output_dimensionality: int | None = None

    def peek(self) -> Peek:
        """As OpenTelemetry names them."""
        size = self.output_dimensionality
        found = {"gen_ai.embeddings.dimension.count": size} if size is not None and 0 < size < 2**63 else {}
        return Peek(named(self.model).removeprefix("models/"), False, dict[str, Any](found))


class InteractionRequest(Request):
    """A request for an interaction."""

    model: str | None = None
    stream: bool | None = None
    settings: Generation | None = field(default=None, name="generation_config")

    def peek(self) -> Peek:
        """As OpenTelemetry names them."""
        found: dict[str, Any] = {"gen_ai.request.stream": True} if self.stream else {}
        asked = self.settings
        if asked is not None:
            set_parameters(found, asked, asked.limit(), asked.stop_sequences)
        return Peek(named(self.model), bool(self.stream), found)


GEMINI_REQUEST: Final = Shape(GeminiRequest)
EMBED_REQUEST: Final = Shape(EmbedRequest)
INTERACTION_REQUEST: Final = Shape(InteractionRequest)
