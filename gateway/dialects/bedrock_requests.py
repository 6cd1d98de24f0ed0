"""Requests to Amazon Bedrock; the model stands in the URL, and so does whether to stream."""

from typing import Any, Final

from msgspec import Struct, field

from gateway.dialects.dialect import Peek, Request
from gateway.dialects.parameters import set_number, set_parameters
from gateway.dialects.reading import Shape


class Inference(Struct):
    """InferenceConfiguration of Converse; Nova's own form has the same names and adds topK."""

    max_tokens: int | None = field(default=None, name="maxTokens")
    max_new_tokens: int | None = None
    temperature: float | None = None
    top_p: float | None = field(default=None, name="topP")
    nova_p: float | None = field(default=None, name="top_p")
    top_k: int | None = field(default=None, name="topK")
    stop_sequences: list[str] | None = field(default=None, name="stopSequences")


class Titan(Struct, rename="camel"):
    """textGenerationConfig."""

    max_token_count: int | None = None
    temperature: float | None = None
    top_p: float | None = None
    stop_sequences: list[str] | None = None


class BedrockRequest(Request):
    """Converse's form, and the parameters of every family's own."""

    inference_config: Inference | None = field(default=None, name="inferenceConfig")
    text_generation_config: Titan | None = field(default=None, name="textGenerationConfig")
    max_tokens: int | None = None
    max_tokens_to_sample: int | None = None
    max_gen_len: int | None = None
    temperature: float | None = None
    top_p: float | None = None
    p: float | None = None
    top_k: int | None = None
    k: int | None = None
    frequency_penalty: float | None = None
    presence_penalty: float | None = None
    stop_sequences: list[str] | None = None
    stop: str | list[str] | None = None
    stream: bool | None = None

    def peek(self) -> Peek:
        """As OpenTelemetry names them."""
        found: dict[str, Any] = {}
        if self.inference_config is not None:
            self._converse(self.inference_config)
        elif self.text_generation_config is not None:
            self._titan(self.text_generation_config)
        if self.top_p is None:
            self.top_p = self.p
        if self.top_k is None:
            self.top_k = self.k
        limits = (self.max_tokens, self.max_tokens_to_sample, self.max_gen_len)
        limit = next((one for one in limits if one is not None), None)
        self.stream = None
        set_parameters(found, self, None, self.stop_sequences or self.stop)
        set_number(found, "max_tokens", limit)
        return Peek("", False, found)

    def _converse(self, asked: Inference) -> None:
        """Put inferenceConfig in the place of the body's own fields, Converse's spelling before Nova's."""
        self.max_tokens = asked.max_new_tokens if asked.max_tokens is None else asked.max_tokens
        self.temperature, self.top_k = asked.temperature, asked.top_k
        self.top_p = asked.nova_p if asked.top_p is None else asked.top_p
        self.stop_sequences = asked.stop_sequences

    def _titan(self, asked: Titan) -> None:
        """Put textGenerationConfig, which has no top_k, in the place of the body's own fields."""
        self.max_tokens, self.temperature = asked.max_token_count, asked.temperature
        self.top_p, self.stop_sequences = asked.top_p, asked.stop_sequences


BEDROCK_REQUEST: Final = Shape(BedrockRequest)
