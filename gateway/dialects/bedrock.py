"""Amazon Bedrock: Converse, which is one form for all models, and InvokeModel, where each family keeps its own.

https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_TokenUsage.html. Cache reads and writes are counted
beside the tokens in. A stream of InvokeModel ends with `amazon-bedrock-invocationMetrics`, an answer without a stream
has the same counts in headers; both serve where a family's own form has none. (They may differ: for one recorded tool
call Claude counted 130 tokens out and the metrics 98. The model's own count is the one in AWS's non-streamed headers.)
"""

from collections.abc import Sequence
from typing import Any, Final

from msgspec import Struct, field

from gateway.call import Usage
from gateway.dialects.anthropic import AnthropicCounts, Creation, Delta, Message, Thinking
from gateway.dialects.cohere import Generation
from gateway.dialects.dialect import Counts, Said, Tally, total, usage
from gateway.dialects.faults import Fault, word
from gateway.dialects.gemini import whole
from gateway.dialects.openai_chat import Choice
from gateway.dialects.openai_counts import Details, OpenAICounts, first
from gateway.dialects.reading import Count, Shape, named

CONVERSE_NEEDLES: Final = (b'"usage":{', b'"stopReason":"')
INVOKE_NEEDLES: Final = (
    b'"usage":{',
    b'"amazon-bedrock-invocationMetrics":{',
    b'"stop_reason":"',
    b'"stopReason":"',
    b'"finish_reason":"',
    b'"finishReason":',
    b'"completionReason":"',
    b'"prompt_token_count":',
    b'"inputTextTokenCount":',
    b'"meta":{',
    b'"error":',
)


class Kept(Struct, rename="camel"):
    """Cache writes of one lifetime."""

    ttl: str | None = None
    input_tokens: Count = None


class ConverseCounts(Counts, rename="camel"):
    """TokenUsage; Nova's own form spells the cache fields with `Count`."""

    input_tokens: Count = None
    output_tokens: Count = None
    cache_read_input_tokens: Count = None
    cache_write_input_tokens: Count = None
    cache_read_input_token_count: Count = None
    cache_write_input_token_count: Count = None
    cache_details: list[Kept] | None = None

    def usage(self) -> Usage | None:
        """Tokens in and cache reads and writes together."""
        reads = first(self.cache_read_input_tokens, self.cache_read_input_token_count)
        writes = first(self.cache_write_input_tokens, self.cache_write_input_token_count)
        hour = [kept.input_tokens for kept in self.cache_details or () if kept.ttl == "1h"]
        return usage(
            total(self.input_tokens, reads, writes),
            self.output_tokens,
            input_cached_tokens=reads,
            input_cache_write_tokens=writes,
            input_cache_write_1h_tokens=total(*hour),
        )


class Tier(Struct):
    """The service tier that served the call."""

    type: str | None = None


class Converse(Said, rename="camel"):
    """An answer of Converse, or the payload of one event: message_stop or metadata."""

    stop_reason: str | None = None
    usage: ConverseCounts | None = None
    service_tier: Tier | None = None

    def tell(self, tally: Tally) -> None:
        """Usage, tier and stop reason; Converse repeats neither model nor id."""
        tally.finished(0, self.stop_reason)
        tally.count(self.usage)
        if self.service_tier is not None and self.service_tier.type:
            tally.tier = named(self.service_tier.type)


class Metrics(Struct, rename="camel"):
    """`amazon-bedrock-invocationMetrics`."""

    input_token_count: Count = None
    output_token_count: Count = None
    cache_read_input_token_count: Count = None
    cache_write_input_token_count: Count = None


class InvokeCounts(Counts):
    """Counts of at most one family (`plain`: the two numbers of Titan, Llama, Cohere), and the metrics."""

    own: AnthropicCounts | None = None
    nova: ConverseCounts | None = None
    openai: OpenAICounts | None = None
    plain: ConverseCounts | None = None
    metrics: Metrics | None = None

    def usage(self) -> Usage | None:
        """The family's own counts, with the metrics for what it leaves out."""
        metrics = self.metrics or Metrics()
        last = ConverseCounts(
            metrics.input_token_count,
            metrics.output_token_count,
            metrics.cache_read_input_token_count,
            metrics.cache_write_input_token_count,
        ).usage()
        for counts in (self.own, self.nova, self.openai, self.plain):
            found = counts.usage() if counts is not None else None
            if found is not None and found.input_tokens is not None and found.output_tokens is not None:
                return found
            last = last or found
        return last


class AnyCounts(Struct):
    """`usage` as Anthropic, Nova or the OpenAI-like families (Mistral, DeepSeek, AI21, gpt-oss) write it."""

    input_tokens: Count = None
    output_tokens: Count = None
    cache_read_input_tokens: Count = None
    cache_creation_input_tokens: Count = None
    cache_creation: Creation | None = None
    output_tokens_details: Thinking | None = None
    nova_input: Count = field(default=None, name="inputTokens")
    nova_output: Count = field(default=None, name="outputTokens")
    cache_read_input_token_count: Count = field(default=None, name="cacheReadInputTokenCount")
    cache_write_input_token_count: Count = field(default=None, name="cacheWriteInputTokenCount")
    prompt_tokens: Count = None
    completion_tokens: Count = None
    total_tokens: Count = None
    prompt_tokens_details: Details | None = None
    completion_tokens_details: Details | None = None

    def sort(self) -> InvokeCounts:
        """The same under the family that it belongs to."""
        own = AnthropicCounts(
            self.input_tokens,
            self.output_tokens,
            self.cache_read_input_tokens,
            self.cache_creation_input_tokens,
            self.cache_creation,
            self.output_tokens_details,
        )
        nova = ConverseCounts(
            self.nova_input,
            self.nova_output,
            cache_read_input_token_count=self.cache_read_input_token_count,
            cache_write_input_token_count=self.cache_write_input_token_count,
        )
        openai = OpenAICounts(
            self.prompt_tokens,
            self.completion_tokens,
            total_tokens=self.total_tokens,
            prompt_tokens_details=self.prompt_tokens_details,
            completion_tokens_details=self.completion_tokens_details,
        )
        return InvokeCounts(own, nova, openai)


class Stop(Struct, rename="camel"):
    """Nova's message_stop."""

    stop_reason: str | None = None


class NovaMetadata(Struct):
    """Nova's last event."""

    usage: AnyCounts | None = None


class Result(Struct, rename="camel"):
    """Titan's text, with its count of tokens out, sometimes written as 28.0."""

    token_count: int | float | None = None
    completion_reason: str | None = None


class Output(Struct):
    """Mistral's text, of which a chunk calls the reason stop_reason too."""

    stop_reason: str | None = None


class Ended(Struct):
    """AI21's older wrapping of a reason."""

    reason: str | None = None


class Completion(Struct, rename="camel"):
    """AI21's older text."""

    finish_reason: Ended | None = None


class Invoke(Said):
    """An answer of any family, or one event of its stream."""

    id: str | None = None
    model: str | None = None
    usage: AnyCounts | None = None
    metrics: Metrics | None = field(default=None, name="amazon-bedrock-invocationMetrics")
    message: Message | str | None = None
    delta: Delta | None = None
    stop_reason: str | None = None
    nova_reason: str | None = field(default=None, name="stopReason")
    message_stop: Stop | None = field(default=None, name="messageStop")
    metadata: NovaMetadata | None = None
    choices: list[Choice] | None = None
    outputs: list[Output] | None = None
    generations: list[Generation] | None = None
    completions: list[Completion] | None = None
    results: list[Result] | None = None
    completion_reason: str | None = field(default=None, name="completionReason")
    finish_reason: str | None = None
    input_text_token_count: int | float | None = field(default=None, name="inputTextTokenCount")
    total_output_text_token_count: int | float | None = field(default=None, name="totalOutputTextTokenCount")
    prompt_token_count: Count = None
    generation_token_count: Count = None
    error: Fault | str | None = None

    def tell(self, tally: Tally) -> None:
        """Usage, reasons and names, whichever family it is."""
        self._names(tally)
        self._reasons(tally)
        for said in (self.usage, self.metadata.usage if self.metadata is not None else None):
            if said is not None:
                tally.count(said.sort())
        plain = ConverseCounts(*self._plain())
        tally.count(InvokeCounts(plain=plain, metrics=self.metrics))
        if self.error is not None:
            tally.failed(word(self.error))

    def _names(self, tally: Tally) -> None:
        """Model and response id, which Claude has inside message_start, and the usage that stands beside them there."""
        if isinstance(self.message, Message):
            tally.name(self.message.model, self.message.id)
            tally.count(InvokeCounts(self.message.usage))
        tally.name(self.model, self.id)

    def _reasons(self, tally: Tally) -> None:
        """Why the answer ended, or each of its choices, wherever the family says so."""
        ended = self.delta or self.message_stop
        reason = self.stop_reason or self.nova_reason or self.completion_reason or self.finish_reason
        if ended is not None:
            reason = ended.stop_reason or reason
        tally.finished(0, reason)
        for choice in self.choices or ():
            tally.finished(choice.index, choice.finish_reason)
        for index, reason in enumerate(self._listed()):
            tally.finished(index, reason)

    def _listed(self) -> list[str | None]:
        """Reasons in the order of the texts, of families that do not number them (Mistral, Cohere, Titan, AI21)."""
        reasons = [one.stop_reason for one in self.outputs or ()]
        reasons += [one.finish_reason for one in self.generations or ()]
        reasons += [one.completion_reason for one in self.results or ()]
        return reasons + [one.finish_reason.reason for one in self.completions or () if one.finish_reason is not None]

    def _plain(self) -> tuple[int | None, int | None]:
        """Tokens in and out that stand in no usage object; Titan's results are summed where it gives no total."""
        read = first(self.prompt_token_count, whole(self.input_text_token_count))
        written = first(self.generation_token_count, whole(self.total_output_text_token_count))
        if written is None:
            written = total(*[whole(one.token_count) for one in self.results or ()])
        return read, written


CONVERSE: Final = Shape(Converse)
INVOKE: Final = Shape(Invoke)

HEADERS: Final = {
    b"x-amzn-bedrock-input-token-count": 0,
    b"x-amzn-bedrock-output-token-count": 1,
    b"x-amzn-bedrock-cache-read-input-token-count": 2,
    b"x-amzn-bedrock-cache-write-input-token-count": 3,
}


def from_headers(headers: Sequence[tuple[bytes, bytes]]) -> Usage | None:
    """The counts that AWS puts into the headers of an answer to InvokeModel."""
    counts: list[Any] = [None, None, None, None]
    for key, value in headers:
        if key in HEADERS and value.isdigit() and len(value) <= 16 and int(value) <= 2**53:
            counts[HEADERS[key]] = int(value)
    return ConverseCounts(*counts).usage()
