"""The line of a call like most: served by one attempt, nothing gone wrong, no bodies kept.

What a client's calls have in common (who calls whom for what) is encoded once and remembered; the rest is put between.
`gateway.logs.line` says what a line holds; a test holds the two equal.
"""

from typing import Final

import msgspec

from gateway.call import Attempt, Record
from gateway.logs.line import ENCODER, money, timestamp

MOST: Final = 512
"""Kinds of calls remembered."""
LARGEST: Final = 2048
"""Bytes of what calls have in common that are worth remembering: a path or a user agent may have many."""
LINE: Final = (
    b'{"id":"%b","created_at":"%b","event_id":%b,%b"request_size":%d,"response_size":%d,"status_code":%d,"success":%b,'
    b'"outcome":"served","error":null,"cached":false,"step":%d,"duration":%.3f,"ttft_ms":%b,"overhead_ms":%.3f,'
    b'"tokens_in":%b,"tokens_out":%b,"usage_metadata":%b,"cost":%b,"unpriced":%b,"custom_cost":%b,"metadata":%b,"decided":%b,'
    b'"attempts":[{%b"status":%d,"duration":%.3f,"ttft_ms":%b,"error":null,"cost":%b,"usage":%b}],'
    b'"trace_id":%b,"span_id":%b,"request":null,"response":null}\n'
)
NULL: Final = b"null"
SAYS: Final = {True: b"true", False: b"false"}


class Common(msgspec.Struct):
    """What is the same for many calls, null where it is unknown; its fields are those of a line."""

    account: str | None
    gateway: str | None
    token: str | None
    surface: str
    provider: str | None
    model: str | None
    operation: str | None
    path: str
    method: str
    request_content_type: str | None
    response_content_type: str | None
    stream: bool
    user_agent: str | None
    config_version: str | None


class Tried(msgspec.Struct):
    """The same of its one attempt."""

    provider: str
    model: str | None
    key_alias: str | None


_known: dict[tuple[object, ...], tuple[bytes, bytes]] = {}


def usual(record: Record) -> bool:
    """Whether a call is one like most."""
    attempts = record.attempts
    if len(attempts) != 1 or record.refusal or record.outcome != "served" or record.cached:
        return False
    attempt = attempts[0]
    plain = record.request_payload is None and record.response_payload is None
    return plain and not attempt.error and 0 < attempt.status < 400 and record.status > 0


def render(record: Record) -> bytes:
    """One line of JSON for a call that is `usual`; raises UnicodeEncodeError for a text with lone surrogates."""
    attempt = record.attempts[0]
    common, tried = pieces(record, attempt)
    answer, trace, stream = attempt.answer, record.trace, attempt.asked.stream
    usage = answer.usage if answer is not None else None
    classes = NULL if usage is None else ENCODER.encode(usage)
    cost = amount(record, attempt)
    return LINE % (
        record.id.encode("ascii"),
        timestamp(record.created).encode("ascii"),
        ENCODER.encode(record.event_id or record.id),
        common,
        record.request_size,
        record.response_size,
        record.status,
        SAYS[200 <= record.status < 400],
        record.step,
        lasted(record.started, record.ended),
        first(record.started, attempt.first_chunk) if stream else NULL,
        record.overhead * 1000 if record.overhead > 0 else 0.0,
        number(usage.input_tokens) if usage else NULL,
        number(usage.output_tokens) if usage else NULL,
        classes,
        cost[0],
        SAYS[record.unpriced],
        SAYS[record.custom_cost],
        ENCODER.encode(record.metadata) if record.metadata else b"{}",
        ENCODER.encode(record.decided) if record.decided else b"{}",
        tried,
        attempt.status,
        lasted(attempt.started, attempt.ended),
        first(attempt.started, attempt.first_chunk) if stream else NULL,
        cost[1],
        classes,
        NULL if trace is None else ENCODER.encode(trace.trace_id),
        NULL if trace is None else ENCODER.encode(trace.span_id),
    )


def pieces(record: Record, attempt: Attempt) -> tuple[bytes, bytes]:
    """What calls like this one have in common, as members of the line and of its attempt."""
    asked = attempt.asked
    key = (
        record.account, record.gateway, record.token, record.surface, attempt.provider, asked.model, asked.operation,
        record.path, record.method, record.request_type, record.response_type, asked.stream, record.user_agent,
        record.config_version, attempt.key_alias,
    )  # fmt: skip
    known = _known.get(key)
    if known is None:
        common = Common(
            account=record.account or None,
            gateway=record.gateway or None,
            token=record.token or None,
            surface=record.surface,
            provider=attempt.provider or None,
            model=asked.model or None,
            operation=asked.operation or None,
            path=record.path,
            method=record.method,
            request_content_type=record.request_type or None,
            response_content_type=record.response_type or None,
            stream=asked.stream,
            user_agent=record.user_agent or None,
            config_version=record.config_version or None,
        )
        tried = Tried(attempt.provider, asked.model or None, attempt.key_alias or None)
        known = (ENCODER.encode(common)[1:-1] + b",", ENCODER.encode(tried)[1:-1] + b",")
        if len(known[0]) <= LARGEST:
            if len(_known) >= MOST:
                _known.clear()
            _known[key] = known
    return known


def amount(record: Record, attempt: Attempt) -> tuple[bytes, bytes]:
    """The cost of the call and of its attempt, which are mostly one and the same."""
    whole = NULL if money(record.cost) is None else ENCODER.encode(record.cost)
    if attempt.cost is record.cost:
        return whole, whole
    return whole, NULL if money(attempt.cost) is None else ENCODER.encode(attempt.cost)


def lasted(start: float, end: float) -> float:
    """Milliseconds between two moments that came."""
    return (end - start) * 1000 if end > start else 0.0


def first(start: float, chunk: float) -> bytes:
    """Milliseconds up to the first chunk; null where none came."""
    return b"%.3f" % lasted(start, chunk) if chunk else NULL


def number(tokens: int | None) -> bytes:
    """A count, or null where there is none."""
    return NULL if tokens is None else b"%d" % tokens
