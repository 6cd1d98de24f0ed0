"""Cohere's own API: v2 chat, and v1 with v2's embed and rerank, which report under `meta`.

https://docs.cohere.com/reference/chat. `tokens` is what the model processed, `billed_units` what is charged without the
tokens that Cohere itself adds; the first is recorded where it is given. Rerank counts searches, not tokens.
"""

from typing import Any, Final

from msgspec import Struct, field

from gateway.call import Usage
from gateway.dialects.dialect import Counts, Peek, Request, Said, Tally, total, usage
from gateway.dialects.faults import Fault, word
from gateway.dialects.openai_chat import Format
from gateway.dialects.parameters import kind_of, set_number, set_parameters
from gateway.dialects.reading import Count, Shape, named

NEEDLES: Final = (b'"usage":{', b'"finish_reason":"', b'"meta":{')


class Units(Struct):
    """Either way of counting."""

    input_tokens: Count = None
    output_tokens: Count = None
    image_tokens: Count = None
    reasoning_tokens: Count = None


class CohereCounts(Counts):
    """`usage` of v2, `meta` of v1."""

    tokens: Units | None = None
    billed_units: Units | None = None
    cached_tokens: Count = None

    def usage(self) -> Usage | None:
        """Text and images in; reasoning is within the tokens out."""
        units = self.tokens or self.billed_units
        if units is None:
            return None
        return usage(
            total(units.input_tokens, units.image_tokens),
            units.output_tokens,
            input_cached_tokens=self.cached_tokens,
            output_reasoning_tokens=units.reasoning_tokens,
        )


class Delta(Struct):
    """What v2's message-end says."""

    finish_reason: str | None = None
    usage: CohereCounts | None = None
    error: str | None = None


class Generation(Struct):
    """One text of v1's generate."""

    finish_reason: str | None = None


class Whole(Struct):
    """The whole answer, which v1 repeats in its last event."""

    response_id: str | None = None
    finish_reason: str | None = None
    meta: CohereCounts | None = None


class Cohere(Said):
    """An answer of any of its endpoints, or an event of a stream."""

    id: str | None = None
    response_id: str | None = None
    finish_reason: str | None = None
    usage: CohereCounts | None = None
    meta: CohereCounts | None = None
    delta: Delta | None = None
    response: Whole | None = None
    generations: list[Generation] | None = None
    error: Fault | str | None = None

    def tell(self, tally: Tally) -> None:
        """Usage, finish reasons and the id."""
        tally.name(None, self.response_id or self.id)
        tally.finished(0, self.finish_reason)
        tally.count(self.usage if self.usage is not None else self.meta)
        for index, generation in enumerate(self.generations or ()):
            tally.finished(index, generation.finish_reason)
        if self.delta is not None:
            tally.finished(0, self.delta.finish_reason)
            tally.count(self.delta.usage)
            tally.failed(word(self.delta.error))
        if self.response is not None:
            tally.name(None, self.response.response_id)
            tally.finished(0, self.response.finish_reason)
            tally.count(self.response.meta)
        tally.failed(word(self.error))


class CohereRequest(Request):
    """A request of v1 or v2."""

    model: str | None = None
    stream: bool | None = None
    max_tokens: int | None = None
    temperature: float | None = None
    top_p: float | None = field(default=None, name="p")
    top_k: int | None = field(default=None, name="k")
    frequency_penalty: float | None = None
    presence_penalty: float | None = None
    seed: int | None = None
    stop_sequences: list[str] | None = None
    response_format: Format | None = None
    output_dimension: int | None = None
    embedding_types: list[str] | None = None

    def peek(self) -> Peek:
        """As OpenTelemetry names them."""
        found: dict[str, Any] = {}
        set_parameters(found, self, self.max_tokens, self.stop_sequences)
        set_number(found, "seed", self.seed)
        if self.response_format is not None:
            found.update(kind_of(self.response_format.type))
        if self.output_dimension is not None and 0 < self.output_dimension < 2**63:
            found["gen_ai.embeddings.dimension.count"] = self.output_dimension
        if self.embedding_types:
            found["gen_ai.request.encoding_formats"] = [named(one) for one in self.embedding_types[:16]]
        return Peek(named(self.model), bool(self.stream), found)


COHERE: Final = Shape(Cohere)
COHERE_REQUEST: Final = Shape(CohereRequest)
