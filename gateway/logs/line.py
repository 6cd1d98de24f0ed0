"""The request log's public schema, and how a Record becomes one line of it.

Field names are Cloudflare's where it has one (its Logs API); what it has no name for is ours.
"""

import time
from decimal import Decimal
from inspect import cleandoc
from typing import Annotated, Any, Final, TypeAlias

import msgspec
from msgspec import Meta, Struct

from gateway.call import Attempt, Outcome, Record, Usage

Milliseconds: TypeAlias = Annotated[float, Meta(ge=0)]


class AttemptLine(Struct, kw_only=True):
    """One try at one provider."""

    provider: Annotated[str, Meta(description="The provider that was asked.")]
    model: Annotated[str | None, Meta(description="The model it was asked for.")]
    key_alias: Annotated[str | None, Meta(description="The stored key's alias; null when the client sent its own.")]
    status: Annotated[int | None, Meta(description="The HTTP status it answered; null when it never did.")]
    duration: Annotated[Milliseconds | None, Meta(description="From the attempt's start to its end, in milliseconds.")]
    ttft_ms: Annotated[
        Milliseconds | None, Meta(description="From the attempt's start to its first chunk, streams only.")
    ]
    error: Annotated[
        str | None,
        Meta(
            description="timeout, unreachable, stream_broken, cancelled, the provider's own code, or the HTTP status"
            " of a failure; null when nothing went wrong."
        ),
    ]
    cost: Annotated[Decimal | None, Meta(description="What it cost, in US dollars; null when that is unknown.")]
    usage: Annotated[Usage | None, Meta(description="Tokens by class, as the provider counted them.")]


class LogLine(Struct, kw_only=True):
    """What happened to one call to the gateway. What is unknown is null, never left out."""

    id: Annotated[str, Meta(description="The log entry's id, a UUIDv7; also the header cf-aig-log-id.")]
    created_at: Annotated[str, Meta(description="When the call arrived: RFC 3339, UTC, milliseconds.")]
    event_id: Annotated[str | None, Meta(description="The client's cf-aig-event-id, else the id.")]
    account: Annotated[str | None, Meta(description="The account in the URL.")]
    gateway: Annotated[str | None, Meta(description="The gateway in the URL.")]
    token: Annotated[str | None, Meta(description="The name of the gateway token; null for an open gateway.")]
    surface: Annotated[str, Meta(description="The kind of endpoint called: native, compat, universal, ...")]
    provider: Annotated[str | None, Meta(description="The provider asked last; without one, the one named in the URL.")]
    model: Annotated[str | None, Meta(description="The model asked for in the last attempt.")]
    operation: Annotated[
        str | None, Meta(description="OpenTelemetry's gen_ai.operation.name: chat, embeddings, ...; null for others.")
    ]
    path: Annotated[str, Meta(description="What follows the provider in the URL, without the query.")]
    method: Annotated[str, Meta(description="The HTTP method.")]
    request_content_type: Annotated[str | None, Meta(description="The request's Content-Type.")]
    response_content_type: Annotated[str | None, Meta(description="The answer's Content-Type.")]
    request_size: Annotated[int, Meta(ge=0, description="The request body's size in bytes.")]
    response_size: Annotated[int, Meta(ge=0, description="Bytes of the answer's body that were sent.")]
    status_code: Annotated[
        int | None, Meta(description="The HTTP status sent; 499 when the client left before one was.")
    ]
    success: Annotated[bool, Meta(description="Whether the answer was relayed to its end with a 2xx or 3xx status.")]
    outcome: Annotated[
        Outcome,
        Meta(
            description="served: relayed to its end, whatever the status; refused: by the gateway itself; failed: the"
            " provider broke it off; abandoned: the client left."
        ),
    ]
    error: Annotated[str | None, Meta(description="The gateway's error code, else the last attempt's error.")]
    cached: Annotated[bool, Meta(description="Whether the answer came from the cache.")]
    stream: Annotated[bool, Meta(description="Whether a stream was asked for.")]
    step: Annotated[int, Meta(ge=0, description="Which step of a universal or routed call served it, from 0.")]
    duration: Annotated[Milliseconds, Meta(description="From arrival to the last byte out, in milliseconds.")]
    ttft_ms: Annotated[
        Milliseconds | None, Meta(description="From arrival to the answer's first chunk, streams only, milliseconds.")
    ]
    overhead_ms: Annotated[
        Milliseconds, Meta(description="Milliseconds the gateway itself spent up to the answer's head.")
    ]
    tokens_in: Annotated[int | None, Meta(description="Input tokens of the last attempt, cached ones included.")]
    tokens_out: Annotated[int | None, Meta(description="Output tokens of the last attempt, reasoning included.")]
    usage_metadata: Annotated[Usage | None, Meta(description="Tokens by class of the last attempt.")]
    cost: Annotated[
        Decimal | None,
        Meta(description="US dollars over all attempts; null when any token went unpriced or nothing was metered."),
    ]
    unpriced: Annotated[bool, Meta(description="Whether tokens were used that no price is known for.")]
    custom_cost: Annotated[bool, Meta(description="Whether the client set the price (cf-aig-custom-cost).")]
    metadata: Annotated[
        dict[str, str | int | float | bool], Meta(description="cf-aig-metadata and the token's own metadata.")
    ]
    decided: Annotated[
        dict[str, str | int | float | bool], Meta(description="What policies decided about the call, by their names.")
    ]
    user_agent: Annotated[str | None, Meta(description="The client's User-Agent.")]
    attempts: Annotated[list[AttemptLine], Meta(description="Every try at a provider, in order.")]
    trace_id: Annotated[str | None, Meta(description="The W3C trace id.")]
    span_id: Annotated[str | None, Meta(description="The W3C id of the call's SERVER span.")]
    config_version: Annotated[str | None, Meta(description="The version of gateways.yaml the call ran under.")]
    request: Annotated[str | None, Meta(description="The request body as text, where payloads are collected.")]
    response: Annotated[str | None, Meta(description="The answer's body as text, where payloads are collected.")]


ENCODER: Final = msgspec.json.Encoder(decimal_format="number")
_no_attempts: Final[list[AttemptLine]] = []


class Clock:
    """The text of the second that lines are being made in, kept because making it costs more than all else."""

    second: int = -1
    text: str = ""


def timestamp(nanoseconds: int) -> str:
    """RFC 3339 in UTC with milliseconds."""
    second, rest = divmod(nanoseconds, 1_000_000_000)
    if second != Clock.second:
        Clock.text, Clock.second = time.strftime("%Y-%m-%dT%H:%M:%S.", time.gmtime(second)), second
    return f"{Clock.text}{rest // 1_000_000:03d}Z"


def between(start: float, end: float) -> float | None:
    """Milliseconds to three places, or None where one of the two moments never came."""
    if not (start and end):
        return None
    return round((end - start) * 1000, 3) if end > start else 0.0


def money(amount: Decimal | None) -> Decimal | None:
    """`amount` where JSON has a number for it: it has none for NaN and infinity."""
    return amount if amount is not None and amount.is_finite() else None


def text(payload: bytes | None) -> str | None:
    """A collected body as text; bytes that are no UTF-8, also where it was cut, show as U+FFFD."""
    return None if payload is None else payload.decode("utf-8", "replace")


def fault(attempt: Attempt) -> str:
    """What went wrong with an attempt: its error, or the status of a failure that its provider did not name."""
    return attempt.error or (str(attempt.status) if attempt.status >= 400 else "")


def tried(attempt: Attempt) -> AttemptLine:
    """One attempt as the log shows it."""
    asked, answer = attempt.asked, attempt.answer
    return AttemptLine(
        provider=attempt.provider,
        model=asked.model or None,
        key_alias=attempt.key_alias or None,
        status=attempt.status or None,
        duration=between(attempt.started, attempt.ended),
        ttft_ms=between(attempt.started, attempt.first_chunk) if asked.stream else None,
        error=fault(attempt) or None,
        cost=money(attempt.cost),
        usage=answer.usage if answer else None,
    )


def line(record: Record) -> LogLine:
    """A Record as the log shows it."""
    last = record.attempts[-1] if record.attempts else None
    asked = last.asked if last else record.asked
    usage = last.answer.usage if last and last.answer else None
    trace = record.trace
    return LogLine(
        id=record.id,
        created_at=timestamp(record.created),
        event_id=record.event_id or record.id,
        account=record.account or None,
        gateway=record.gateway or None,
        token=record.token or None,
        surface=record.surface,
        provider=(last.provider if last else record.provider) or None,
        model=asked.model or None,
        operation=asked.operation or None,
        path=record.path,
        method=record.method,
        request_content_type=record.request_type or None,
        response_content_type=record.response_type or None,
        request_size=record.request_size,
        response_size=record.response_size,
        status_code=record.status or None,
        success=200 <= record.status < 400 and record.outcome == "served",
        outcome=record.outcome,
        error=record.refusal or (fault(last) if last else "") or None,
        cached=record.cached,
        stream=asked.stream,
        step=record.step,
        duration=between(record.started, record.ended) or 0.0,
        ttft_ms=between(record.started, last.first_chunk) if last and asked.stream else None,
        overhead_ms=round(record.overhead * 1000, 3) if record.overhead > 0 else 0.0,
        tokens_in=usage.input_tokens if usage else None,
        tokens_out=usage.output_tokens if usage else None,
        usage_metadata=usage,
        cost=money(record.cost),
        unpriced=record.unpriced,
        custom_cost=record.custom_cost,
        metadata=record.metadata,
        decided=record.decided,
        user_agent=record.user_agent or None,
        attempts=[tried(attempt) for attempt in record.attempts] if last else _no_attempts,
        trace_id=trace.trace_id if trace else None,
        span_id=trace.span_id if trace else None,
        config_version=record.config_version or None,
        request=text(record.request_payload),
        response=text(record.response_payload),
    )


def scrub(value: object) -> object:
    """The same JSON value without lone surrogates, which have no UTF-8; they become U+FFFD."""
    if isinstance(value, str):
        return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    if isinstance(value, dict):
        return {scrub(key): scrub(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [scrub(inner) for inner in value]
    return value


def render(record: Record) -> bytes:
    """One line of JSON, newline included."""
    made = line(record)
    try:
        return ENCODER.encode(made) + b"\n"
    except UnicodeEncodeError:
        return ENCODER.encode(scrub(msgspec.to_builtins(made, builtin_types=(Decimal,)))) + b"\n"


TOKENS: Final = {
    "input_tokens": "Input tokens, cache reads and writes included.",
    "output_tokens": "Output tokens, reasoning included.",
    "total_tokens": "The provider's own total.",
    "input_cached_tokens": "Input tokens read from the provider's cache.",
    "input_cache_write_tokens": "Input tokens written to the provider's cache.",
    "input_cache_write_1h_tokens": "Of those written, the ones to be kept for an hour.",
    "output_reasoning_tokens": "Output tokens spent on reasoning.",
    "input_audio_tokens": "Input tokens that were audio.",
    "output_audio_tokens": "Output tokens that were audio.",
}
"""What the fields of Usage mean in a log line; left out where the provider did not say."""


def schema() -> dict[str, Any]:
    """The JSON Schema of a line, as schemas/log.schema.json holds it."""
    (made,), definitions = msgspec.json.schema_components([LogLine], ref_template="#/$defs/{name}")
    for name, field in definitions["Usage"]["properties"].items():
        field["description"] = TOKENS[name]
    for definition in definitions.values():
        # Python 3.13 takes a docstring's indentation away, those before it leave it.
        definition["description"] = cleandoc(definition["description"])
        if cost := definition["properties"].get("cost"):
            # msgspec describes a Decimal as a string, whatever the encoder does with it.
            cost["anyOf"] = [{"type": "number"}, {"type": "null"}]
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "A line of the request log",
        **made,
        "$defs": definitions,
    }
