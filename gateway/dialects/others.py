"""Small dialects of providers that are neither OpenAI nor its likes: Replicate, Hugging Face, watsonx, Aleph Alpha."""

from typing import Final

from msgspec import Struct, field

from gateway.call import Usage
from gateway.dialects.dialect import Counts, Peek, Request, Said, Tally, total, usage
from gateway.dialects.faults import Fault, word
from gateway.dialects.reading import Count, Shape, named

HUGGINGFACE_NEEDLES: Final = (b'"details":{',)
WATSONX_NEEDLES: Final = (b'"results":[', b'"errors":[')


class Plain(Counts):
    """Two numbers."""

    read: Count = None
    written: Count = None

    def usage(self) -> Usage | None:
        """As they are."""
        return usage(self.read, self.written)


class Metrics(Struct):
    """Replicate's, for language models."""

    input_token_count: Count = None
    output_token_count: Count = None


class Replicate(Said):
    """A prediction; its stream is plain text and counts nothing."""

    id: str | None = None
    model: str | None = None
    status: str | None = None
    metrics: Metrics | None = None
    error: Fault | str | None = None

    def tell(self, tally: Tally) -> None:
        """Names, tokens, and how it ended."""
        tally.name(self.model, self.id)
        if self.metrics is not None:
            tally.count(Plain(self.metrics.input_token_count, self.metrics.output_token_count))
        if self.status in ("succeeded", "failed", "canceled"):
            tally.finished(0, self.status)
        tally.failed(word(self.error))


class ReplicateRequest(Request):
    """A request for a prediction; `version` may be a model's name too."""

    version: str | None = None
    model: str | None = None
    stream: bool | None = None

    def peek(self) -> Peek:
        """The model."""
        return Peek(named(self.model or self.version), bool(self.stream))


class Details(Struct):
    """What text-generation-inference says of a text."""

    finish_reason: str | None = None
    generated_tokens: Count = None


class HuggingFace(Said):
    """A text of text-generation-inference, or a token of its stream."""

    details: Details | None = None
    error: str | None = None
    error_type: str | None = None

    def tell(self, tally: Tally) -> None:
        """The tokens written; those read are not counted there."""
        if self.details is not None:
            tally.finished(0, self.details.finish_reason)
            tally.count(Plain(None, self.details.generated_tokens))
        tally.failed(named(self.error_type) or word(self.error))


class Text(Struct):
    """One text of watsonx."""

    input_token_count: Count = None
    generated_token_count: Count = None
    stop_reason: str | None = None


class Watsonx(Said):
    """A generation, or an event of one: tokens out grow, tokens in stand in the first and are 0 in the others."""

    model: str | None = field(default=None, name="model_id")
    results: list[Text] | None = None
    errors: list[Fault] | None = None

    def tell(self, tally: Tally) -> None:
        """Names, reasons and tokens."""
        tally.name(self.model, None)
        texts = self.results or ()
        for index, text in enumerate(texts):
            if text.stop_reason != "not_finished":
                tally.finished(index, text.stop_reason)
        if texts:
            read = total(*[text.input_token_count for text in texts])
            tally.count(Plain(read or None, total(*[text.generated_token_count for text in texts])))
        if self.errors:
            tally.failed(word(self.errors[0]))


class Ended(Struct):
    """One text of Aleph Alpha."""

    finish_reason: str | None = None


class AlephAlpha(Said):
    """A completion."""

    completions: list[Ended] | None = None
    model: str | None = field(default=None, name="model_version")
    read: Count = field(default=None, name="num_tokens_prompt_total")
    written: Count = field(default=None, name="num_tokens_generated")

    def tell(self, tally: Tally) -> None:
        """Reasons and tokens; its `model_version` is a date, no model."""
        for index, text in enumerate(self.completions or ()):
            tally.finished(index, text.finish_reason)
        tally.count(Plain(self.read, self.written))


class NamedRequest(Request):
    """A request of which only the model is read."""

    model: str | None = None
    model_id: str | None = None
    stream: bool | None = None

    def peek(self) -> Peek:
        """The model."""
        return Peek(named(self.model or self.model_id), bool(self.stream))


REPLICATE: Final = Shape(Replicate)
REPLICATE_REQUEST: Final = Shape(ReplicateRequest)
HUGGINGFACE: Final = Shape(HuggingFace)
WATSONX: Final = Shape(Watsonx)
ALEPH_ALPHA: Final = Shape(AlephAlpha)
NAMED_REQUEST: Final = Shape(NamedRequest)
