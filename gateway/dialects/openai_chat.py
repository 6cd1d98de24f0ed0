"""OpenAI's chat completions and completions, and all the providers that speak them.

Requests: https://platform.openai.com/docs/api-reference/chat/create. Usage comes in a chunk of its own with empty
`choices`, on the chunk that carries the finish reason, or (Groq) under `x_groq`; each may hold it, and repeat it.
"""

from typing import Any, Final

from msgspec import Struct

from gateway.dialects.dialect import Peek, Request, Said, Tally
from gateway.dialects.faults import Fault, word
from gateway.dialects.openai_counts import OpenAICounts
from gateway.dialects.parameters import kind_of, set_number, set_parameters
from gateway.dialects.reading import Shape, named

NEEDLES: Final = (b'"usage":{', b'"finish_reason":"')


class Choice(Struct):
    """One of the `n` answers, or what a chunk adds to it."""

    finish_reason: str | None = None
    index: int | None = None


class Groq(Struct):
    """Groq's extension."""

    usage: OpenAICounts | None = None


class Chat(Said):
    """A chat completion, one chunk of it, or a text completion: all have the same frame."""

    id: str | None = None
    model: str | None = None
    choices: list[Choice] | None = None
    usage: OpenAICounts | None = None
    x_groq: Groq | None = None
    service_tier: str | None = None
    error: Fault | str | None = None

    def tell(self, tally: Tally) -> None:
        """Usage, finish reasons and names."""
        tally.name(self.model, self.id)
        for choice in self.choices or ():
            if choice.finish_reason:
                tally.finished(choice.index, choice.finish_reason)
        if self.usage is not None:
            tally.count(self.usage)
            tally.tier = named(self.usage.service_tier) or tally.tier
        elif self.x_groq is not None:
            tally.count(self.x_groq.usage)
        if self.service_tier:
            tally.tier = named(self.service_tier)
        if self.error is not None:
            tally.failed(word(self.error))


class Format(Struct):
    """The form asked for: text, json_object, json_schema."""

    type: str | None = None


class ChatRequest(Request):
    """A request for a chat completion or a text completion."""

    model: str | None = None
    stream: bool | None = None
    max_completion_tokens: int | None = None
    max_tokens: int | None = None
    temperature: float | None = None
    top_p: float | None = None
    top_k: int | None = None
    frequency_penalty: float | None = None
    presence_penalty: float | None = None
    seed: int | None = None
    random_seed: int | None = None
    """Mistral's."""
    n: int | None = None
    stop: str | list[str] | None = None
    response_format: Format | str | None = None
    modalities: list[str] | None = None

    def peek(self) -> Peek:
        """As OpenTelemetry names them."""
        found: dict[str, Any] = {}
        limit = self.max_completion_tokens
        set_parameters(found, self, self.max_tokens if limit is None else limit, self.stop)
        seed = self.random_seed if self.seed is None else self.seed
        set_number(found, "seed", seed)
        if self.n != 1:
            set_number(found, "choice.count", self.n)
        if self.response_format is not None or self.modalities is not None:
            self._output(found)
        return Peek(named(self.model), bool(self.stream), found)

    def _output(self, found: dict[str, Any]) -> None:
        """Add gen_ai.output.type: speech where audio is among the modalities, else what response_format says."""
        form = self.response_format
        if self.modalities and "audio" in self.modalities:
            found["gen_ai.output.type"] = "speech"
        elif form is not None:
            found.update(kind_of(form if isinstance(form, str) else form.type))


CHAT: Final = Shape(Chat)
CHAT_REQUEST: Final = Shape(ChatRequest)
