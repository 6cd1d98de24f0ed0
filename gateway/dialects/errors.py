"""The gateway's own errors, in Cloudflare's envelope and readable for each dialect's official SDK at the same time."""

from collections.abc import Callable
from typing import Any, Final

import msgspec

from gateway.call import Headers, Refusal, Reply

encode: Final = msgspec.json.Encoder().encode

# One word per status, as Anthropic and OpenAI use them (their API references, "Errors").
TYPES: Final = {
    400: "invalid_request_error",
    401: "authentication_error",
    402: "billing_error",
    403: "permission_error",
    404: "not_found_error",
    408: "timeout_error",
    413: "request_too_large",
    424: "invalid_request_error",
    429: "rate_limit_error",
    502: "api_error",
    503: "overloaded_error",
    504: "timeout_error",
}

# google.rpc.Code by HTTP status (AIP-193).
STATUSES: Final = {
    400: "INVALID_ARGUMENT",
    401: "UNAUTHENTICATED",
    403: "PERMISSION_DENIED",
    404: "NOT_FOUND",
    408: "DEADLINE_EXCEEDED",
    429: "RESOURCE_EXHAUSTED",
    502: "UNAVAILABLE",
    503: "UNAVAILABLE",
    504: "DEADLINE_EXCEEDED",
}

# Exceptions every Bedrock runtime operation declares (AWS API reference, InvokeModel, "Errors").
EXCEPTIONS: Final = {
    400: "ValidationException",
    401: "AccessDeniedException",
    403: "AccessDeniedException",
    404: "ResourceNotFoundException",
    408: "ModelTimeoutException",
    413: "ValidationException",
    429: "ThrottlingException",
    503: "ServiceUnavailableException",
    504: "ModelTimeoutException",
}


def kind(status: int) -> str:
    """The error's type as OpenAI and Anthropic name it."""
    return TYPES.get(status, "invalid_request_error" if status < 500 else "api_error")


def detail(refusal: Refusal, dialect: str) -> dict[str, Any]:
    """The `error` member that the dialect's SDK looks into."""
    if dialect.startswith("gemini"):
        status = STATUSES.get(refusal.status, "INTERNAL" if refusal.status >= 500 else "FAILED_PRECONDITION")
        return {"code": refusal.status, "message": refusal.sentence, "status": status}
    return {"message": refusal.sentence, "type": kind(refusal.status), "param": None, "code": refusal.code}


def body(refusal: Refusal, dialect: str) -> bytes:
    """Cloudflare's envelope (spec 13.1) with the dialect's own error in it."""
    envelope: dict[str, Any] = {
        "success": False,
        "result": [],
        "messages": [],
        "errors": [{"code": refusal.number, "message": refusal.sentence}],
        "error": detail(refusal, dialect),
        "name": "AiGatewayError",
        "httpCode": refusal.status,
        "internalCode": refusal.number,
        "message": refusal.sentence,
        "description": refusal.sentence,
    }
    if dialect.startswith("anthropic"):
        envelope = {"type": "error", **envelope}
    return encode(envelope)


def reply(refusal: Refusal, dialect: str) -> Reply:
    """The refusal as the client will read it."""
    text = body(refusal, dialect)
    headers: Headers = [
        (b"content-type", b"application/json"),
        (b"content-length", str(len(text)).encode()),
        *refusal.headers,
    ]
    if dialect.startswith("bedrock"):
        name = EXCEPTIONS.get(refusal.status, "InternalServerException")
        headers.append((b"x-amzn-errortype", name.encode()))
    no = Reply.of(refusal.status, headers, text)
    no.refusal = refusal.code
    return no


def _openai_chat(refusal: Refusal) -> bytes:
    """An event without a name whose `error` member the SDK raises; also for dialects that EVENTS lacks."""
    return b"data: " + encode({"error": detail(refusal, "openai")}) + b"\n\n"


def _openai_responses(refusal: Refusal) -> bytes:
    """A named event that has code and message twice: at the top, as documented, and under `error`."""
    said = {
        "type": "error",
        "code": refusal.code,
        "message": refusal.sentence,
        "param": None,
        # The gateway does not count events; clients order by arrival.
        "sequence_number": 0,
        # What api.openai.com really sends (openai-dotnet#881); the SDKs raise only for this one.
        "error": detail(refusal, "openai"),
    }
    return b"event: error\ndata: " + encode(said) + b"\n\n"


def _anthropic(refusal: Refusal) -> bytes:
    """A named event with type and message alone; there is no place for the code."""
    said = {"type": "error", "error": {"type": kind(refusal.status), "message": refusal.sentence}}
    return b"event: error\ndata: " + encode(said) + b"\n\n"


def _gemini(refusal: Refusal) -> bytes:
    """An event without a name that holds a google.rpc status; it ends in CRLF, as Google's own do."""
    return b"data: " + encode({"error": detail(refusal, "gemini")}) + b"\r\n\r\n"


EVENTS: Final[dict[str, Callable[[Refusal], bytes]]] = {
    "openai_responses": _openai_responses,
    "anthropic_messages": _anthropic,
    "anthropic_complete": _anthropic,
    "gemini_generate": _gemini,
}


def event(refusal: Refusal, dialect: str) -> bytes:
    """An error in the middle of an event stream, as the dialect's SDK expects one there."""
    return EVENTS.get(dialect, _openai_chat)(refusal) if not dialect.startswith("cohere") else b""
