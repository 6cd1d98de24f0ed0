"""OpenAI's usage object, in the spellings of all who copied it."""

from msgspec import Struct

from gateway.call import Usage
from gateway.dialects.dialect import Counts, usage
from gateway.dialects.reading import Count


class Details(Struct):
    """Classes within the tokens in, or within the tokens out."""

    cached_tokens: Count = None
    cache_write_tokens: Count = None
    audio_tokens: Count = None
    reasoning_tokens: Count = None


class OpenAICounts(Counts):
    """chat and completions count prompt_tokens and completion_tokens; responses, images and audio input and output."""

    prompt_tokens: Count = None
    completion_tokens: Count = None
    input_tokens: Count = None
    output_tokens: Count = None
    total_tokens: Count = None
    prompt_tokens_details: Details | None = None
    completion_tokens_details: Details | None = None
    input_tokens_details: Details | None = None
    output_tokens_details: Details | None = None
    prompt_token_details: Details | None = None
    """Mistral's, Writer's and the Assistants API's spelling; audio transcription says input_token_details."""
    completion_token_details: Details | None = None
    input_token_details: Details | None = None
    output_token_details: Details | None = None
    prompt_cache_hit_tokens: Count = None
    """DeepSeek's."""
    num_cached_tokens: Count = None
    """Mistral's."""
    cached_tokens: Count = None
    """Together's."""
    cache_creation_input_tokens: Count = None
    """Vercel's, for Anthropic's models."""
    service_tier: str | None = None
    """Mistral's place for it."""

    def usage(self) -> Usage | None:
        """Tokens in include the cached ones already; reasoning and audio are included or not, as the provider likes."""
        read = self.prompt_tokens if self.prompt_tokens is not None else self.input_tokens
        written = self.completion_tokens if self.completion_tokens is not None else self.output_tokens
        before = self.prompt_tokens_details or self.input_tokens_details
        after = self.completion_tokens_details or self.output_tokens_details
        before = before or self.prompt_token_details or self.input_token_details or EMPTY
        after = after or self.completion_token_details or self.output_token_details or EMPTY
        if read is not None and written is not None:
            beside = (before.audio_tokens or 0, after.reasoning_tokens or 0)
            read, written = whole((read, written), beside, self.total_tokens)
        return usage(
            read,
            written,
            input_cached_tokens=self._cached(before),
            input_cache_write_tokens=first(before.cache_write_tokens, self.cache_creation_input_tokens),
            output_reasoning_tokens=after.reasoning_tokens,
            input_audio_tokens=before.audio_tokens,
            output_audio_tokens=after.audio_tokens,
        )

    def _cached(self, before: Details) -> int | None:
        """Tokens read from a cache: in the details, else where DeepSeek, Mistral or Together put them."""
        if before.cached_tokens is not None:
            return before.cached_tokens
        return first(first(self.prompt_cache_hit_tokens, self.num_cached_tokens), self.cached_tokens)


class Embedded(OpenAICounts):
    """Usage where nothing is written: all that some providers (Voyage, Jina) count is the total."""

    def usage(self) -> Usage | None:
        """The total is what went in, unless tokens in are counted apart."""
        read = first(first(self.prompt_tokens, self.input_tokens), self.total_tokens)
        return usage(read, self.completion_tokens or None)


EMPTY = Details()


def whole(counts: tuple[int, int], beside: tuple[int, int], sum_of_all: int | None) -> tuple[int, int]:
    """Tokens in and out, with `beside`, audio in and reasoning, added where they were counted apart.

    The total tells: it is more by just that much for xAI's reasoning and Mistral's audio. Vercel leaves reasoning of
    Gemini's models out of the total too, but more reasoning than output cannot be a part of it. Google's own
    OpenAI-compatible endpoint names no classes and has its thoughts in the total alone.
    """
    (read, written), (audio, reasoning) = counts, beside
    gap = (sum_of_all or 0) - read - written
    if reasoning and (reasoning > written or gap in (reasoning, reasoning + audio)):
        written += reasoning
        gap -= reasoning
    if audio and gap == audio:
        return read + audio, written
    if gap > 0 and not audio and not reasoning:
        written += gap
    return read, written


def first(one: int | None, other: int | None) -> int | None:
    """The first that is known, 0 included."""
    return one if one is not None else other
