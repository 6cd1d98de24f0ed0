"""Google's generateContent, embedContent, predict and interactions, on AI Studio and on Vertex AI.

https://ai.google.dev/api/generate-content. Thoughts and the prompts of tools are counted beside candidates and prompt.
Most chunks of a stream carry usage, each time that of everything so far.
"""

from typing import Final

from msgspec import Struct

from gateway.call import Usage
from gateway.dialects.dialect import Counts, Said, Tally, total, usage
from gateway.dialects.faults import Fault, word
from gateway.dialects.reading import Count, Shape, named

NEEDLES: Final = (b'"usageMetadata":{', b'"finishReason":"')
INTERACTION_NEEDLES: Final = (b'"usage":{',)


class Modality(Struct, rename="camel"):
    """Tokens of one modality."""

    modality: str | None = None
    token_count: Count = None


class GeminiCounts(Counts, rename="camel"):
    """UsageMetadata."""

    prompt_token_count: Count = None
    tool_use_prompt_token_count: Count = None
    candidates_token_count: Count = None
    thoughts_token_count: Count = None
    cached_content_token_count: Count = None
    prompt_tokens_details: list[Modality] | None = None
    candidates_tokens_details: list[Modality] | None = None
    service_tier: str | None = None

    def usage(self) -> Usage | None:
        """Prompt and tool prompts in, candidates and thoughts out."""
        return usage(
            total(self.prompt_token_count, self.tool_use_prompt_token_count),
            total(self.candidates_token_count, self.thoughts_token_count),
            input_cached_tokens=self.cached_content_token_count,
            output_reasoning_tokens=self.thoughts_token_count,
            input_audio_tokens=audio(self.prompt_tokens_details),
            output_audio_tokens=audio(self.candidates_tokens_details),
        )


def audio(details: list[Modality] | None) -> int | None:
    """Audio tokens among the modalities; None where there are none."""
    return total(*[one.token_count for one in details if one.modality == "AUDIO"]) if details else None


class Candidate(Struct, rename="camel"):
    """One of the answers."""

    finish_reason: str | None = None
    index: int | None = None


class Generated(Said, rename="camel"):
    """An answer, or a chunk of one; they look the same."""

    candidates: list[Candidate] | None = None
    usage_metadata: GeminiCounts | None = None
    model_version: str | None = None
    response_id: str | None = None
    error: Fault | str | None = None

    def tell(self, tally: Tally) -> None:
        """Usage, finish reasons and names."""
        tally.name(self.model_version, self.response_id)
        for candidate in self.candidates or ():
            tally.finished(candidate.index, candidate.finish_reason)
        counts = self.usage_metadata
        if counts is not None:
            tally.count(counts)
            if counts.service_tier:
                tally.tier = named(counts.service_tier)
        if self.error is not None:
            tally.failed(word(self.error))


class Statistics(Struct):
    """What Vertex AI says of one embedded text."""

    token_count: int | float | None = None


class Vector(Struct):
    """One embedded text."""

    statistics: Statistics | None = None


class Prediction(Struct):
    """One prediction, where it is an embedding."""

    embeddings: Vector | None = None


class PredictCounts(Counts):
    """Tokens in, summed over the predictions."""

    tokens: Count = None

    def usage(self) -> Usage | None:
        """Tokens in; a prediction writes none."""
        return usage(self.tokens, None)


class Predicted(Said):
    """Vertex AI's predict, which counts each text apart."""

    predictions: list[Prediction] | None = None
    error: Fault | str | None = None

    def tell(self, tally: Tally) -> None:
        """The sum of the texts' tokens."""
        if self.error is not None:
            tally.failed(word(self.error))
        statistics = [one.embeddings.statistics for one in self.predictions or () if one.embeddings is not None]
        tokens = total(*[whole(one.token_count) for one in statistics if one is not None])
        if tokens is not None:
            tally.count(PredictCounts(tokens))


def whole(number: float | None) -> int | None:
    """A count that Google and AWS write as 28 or as 28.0."""
    if number is None or not 0 <= number <= 2**53 or number != int(number):
        return None
    return int(number)


class InteractionCounts(Counts):
    """Usage of the Interactions API."""

    total_input_tokens: Count = None
    total_tool_use_tokens: Count = None
    total_output_tokens: Count = None
    total_thought_tokens: Count = None
    total_cached_tokens: Count = None

    def usage(self) -> Usage | None:
        """As generateContent's."""
        return usage(
            total(self.total_input_tokens, self.total_tool_use_tokens),
            total(self.total_output_tokens, self.total_thought_tokens),
            input_cached_tokens=self.total_cached_tokens,
            output_reasoning_tokens=self.total_thought_tokens,
        )


class Metadata(Struct):
    """What an event of an interaction says beside it."""

    usage: InteractionCounts | None = None


class Interaction(Struct):
    """The object of the Interactions API."""

    id: str | None = None
    model: str | None = None
    status: str | None = None
    service_tier: str | None = None
    usage: InteractionCounts | None = None


class Interactions(Said):
    """An interaction, or an event with one inside it."""

    interaction: Interaction | None = None
    metadata: Metadata | None = None
    id: str | None = None
    model: str | None = None
    status: str | None = None
    service_tier: str | None = None
    usage: InteractionCounts | None = None
    error: Fault | str | None = None

    def tell(self, tally: Tally) -> None:
        """Usage, status and names."""
        said: Interaction | Interactions = self if self.interaction is None else self.interaction
        tally.name(said.model, said.id)
        if self.metadata is not None:
            tally.count(self.metadata.usage)
        tally.count(said.usage)
        if said.service_tier:
            tally.tier = named(said.service_tier)
        if said.status and said.status != "in_progress":
            tally.finished(0, said.status)
        if self.error is not None:
            tally.failed(word(self.error))


GENERATED: Final = Shape(Generated)
PREDICTED: Final = Shape(Predicted)
INTERACTIONS: Final = Shape(Interactions)
