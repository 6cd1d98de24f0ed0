"""Ollama's own API (`/api/chat`, `/api/generate`, `/api/embed`); its last line counts the tokens.

https://github.com/ollama/ollama/blob/main/docs/api.md
"""

from typing import Any, Final

from msgspec import Struct

from gateway.call import Usage
from gateway.dialects.dialect import Counts, Peek, Request, Said, Tally, usage
from gateway.dialects.faults import Fault, word
from gateway.dialects.parameters import kind_of, set_number, set_parameters
from gateway.dialects.reading import Count, Shape, named

NEEDLES: Final = (b'"prompt_eval_count":', b'"eval_count":', b'"done_reason":"')


class OllamaCounts(Counts):
    """Tokens evaluated."""

    prompt: Count = None
    written: Count = None

    def usage(self) -> Usage | None:
        """As they are; a prompt found in its cache is not counted at all."""
        return usage(self.prompt, self.written)


class Ollama(Said):
    """An answer, or a line of one."""

    model: str | None = None
    done_reason: str | None = None
    prompt_eval_count: Count = None
    eval_count: Count = None
    error: Fault | str | None = None

    def tell(self, tally: Tally) -> None:
        """Usage, reason and model."""
        tally.name(self.model, None)
        tally.finished(0, self.done_reason)
        if self.prompt_eval_count is not None or self.eval_count is not None:
            tally.count(OllamaCounts(self.prompt_eval_count, self.eval_count))
        if self.error is not None:
            tally.failed(word(self.error))


class Options(Struct):
    """Model parameters."""

    num_predict: int | None = None
    temperature: float | None = None
    top_p: float | None = None
    top_k: int | None = None
    frequency_penalty: float | None = None
    presence_penalty: float | None = None
    seed: int | None = None
    stop: str | list[str] | None = None
    stream: bool | None = None


class OllamaRequest(Request):
    """A request; it streams unless told not to."""

    model: str | None = None
    stream: bool | None = None
    options: Options | None = None
    format: str | None = None

    def peek(self) -> Peek:
        """As OpenTelemetry names them."""
        found: dict[str, Any] = {}
        stream = self.stream is not False
        asked = self.options or Options()
        asked.stream = stream
        set_parameters(found, asked, asked.num_predict, asked.stop)
        set_number(found, "seed", asked.seed)
        if self.format is not None:
            found.update(kind_of(self.format))
        return Peek(named(self.model), stream, found)


class OllamaEmbedRequest(Request):
    """A request for vectors, which never streams."""

    model: str | None = None

    def peek(self) -> Peek:
        """The model."""
        return Peek(named(self.model))


OLLAMA: Final = Shape(Ollama)
OLLAMA_REQUEST: Final = Shape(OllamaRequest)
OLLAMA_EMBED_REQUEST: Final = Shape(OllamaEmbedRequest)
