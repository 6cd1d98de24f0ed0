"""Anthropic's Messages and the older text completions, also as Vertex AI, Bedrock and Azure serve them.

https://docs.anthropic.com/en/api/messages. Cache reads and writes are counted beside input_tokens, and a stream tells
usage twice: in message_start, then in message_delta with totals up to there.
"""

from typing import Any, Final

from msgspec import Struct

from gateway.call import Usage
from gateway.dialects.dialect import Counts, Peek, Request, Said, Tally, total, usage
from gateway.dialects.faults import Fault, word
from gateway.dialects.openai_chat import Format
from gateway.dialects.parameters import kind_of, set_parameters
from gateway.dialects.reading import Count, Shape, named

NEEDLES: Final = (b'"usage":{', b'"stop_reason":"')


class Creation(Struct):
    """Cache writes by how long they are kept."""

    ephemeral_5m_input_tokens: Count = None
    ephemeral_1h_input_tokens: Count = None


class Thinking(Struct):
    """Classes within the tokens out."""

    thinking_tokens: Count = None


class AnthropicCounts(Counts):
    """Tokens of one message."""

    input_tokens: Count = None
    output_tokens: Count = None
    cache_read_input_tokens: Count = None
    cache_creation_input_tokens: Count = None
    cache_creation: Creation | None = None
    output_tokens_details: Thinking | None = None
    service_tier: str | None = None

    def usage(self) -> Usage | None:
        """Tokens in and cache reads and writes together."""
        writes, hour = self.cache_creation_input_tokens, None
        if self.cache_creation is not None:
            hour = self.cache_creation.ephemeral_1h_input_tokens
            if writes is None:
                writes = total(self.cache_creation.ephemeral_5m_input_tokens, hour)
        details = self.output_tokens_details
        return usage(
            total(self.input_tokens, self.cache_read_input_tokens, writes),
            self.output_tokens,
            input_cached_tokens=self.cache_read_input_tokens,
            input_cache_write_tokens=writes,
            input_cache_write_1h_tokens=hour,
            output_reasoning_tokens=details.thinking_tokens if details is not None else None,
        )


class Message(Struct):
    """The message as message_start begins it."""

    id: str | None = None
    model: str | None = None
    stop_reason: str | None = None
    usage: AnthropicCounts | None = None


class Delta(Struct):
    """What message_delta changes."""

    stop_reason: str | None = None


class Messages(Said):
    """A message, a text completion, or one event of either's stream."""

    id: str | None = None
    model: str | None = None
    stop_reason: str | None = None
    usage: AnthropicCounts | None = None
    message: Message | str | None = None
    delta: Delta | None = None
    error: Fault | str | None = None

    def tell(self, tally: Tally) -> None:
        """Usage, stop reason and names, whether on the message or around it."""
        message = self.message
        if isinstance(message, Message):
            tally.name(message.model, message.id)
            tally.finished(0, message.stop_reason)
            self._count(tally, message.usage)
        tally.name(self.model, self.id)
        tally.finished(0, self.delta.stop_reason if self.delta is not None else self.stop_reason)
        self._count(tally, self.usage)
        if self.error is not None:
            tally.failed(word(self.error))

    def _count(self, tally: Tally, counts: AnthropicCounts | None) -> None:
        """Tokens and service tier of one usage object; None changes nothing."""
        tally.count(counts)
        if counts is not None and counts.service_tier:
            tally.tier = named(counts.service_tier)


class OutputConfig(Struct):
    """How the answer is to be written."""

    format: Format | None = None


class MessagesRequest(Request):
    """A request for a message or a text completion."""

    model: str | None = None
    stream: bool | None = None
    max_tokens: int | None = None
    max_tokens_to_sample: int | None = None
    temperature: float | None = None
    top_p: float | None = None
    top_k: int | None = None
    frequency_penalty: float | None = None
    presence_penalty: float | None = None
    stop_sequences: list[str] | None = None
    output_format: Format | None = None
    output_config: OutputConfig | None = None

    def peek(self) -> Peek:
        """As OpenTelemetry names them."""
        found: dict[str, Any] = {}
        limit = self.max_tokens_to_sample if self.max_tokens is None else self.max_tokens
        set_parameters(found, self, limit, self.stop_sequences)
        form = self.output_format or (self.output_config.format if self.output_config is not None else None)
        if form is not None:
            found.update(kind_of(form.type))
        return Peek(named(self.model), bool(self.stream), found)


MESSAGES: Final = Shape(Messages)
MESSAGES_REQUEST: Final = Shape(MessagesRequest)
