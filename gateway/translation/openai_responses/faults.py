"""Errors of providers, whole or in a stream, and their form for a client of this dialect."""

from http import HTTPStatus
from typing import Any, Final

import msgspec

from gateway.conversation.answer import Fault
from gateway.dialects.errors import kind
from gateway.translation.codec import Json

LONGEST: Final = 2000
"""Characters kept of a body that is no JSON, such as a proxy's page."""

STATUSES: Final = {
    "invalid_request_error": 400,
    "invalid_prompt": 400,
    "invalid_api_key": 401,
    "authentication_error": 401,
    "billing_error": 402,
    "permission_error": 403,
    "not_found_error": 404,
    "model_not_found": 404,
    "request_too_large": 413,
    "context_length_exceeded": 400,
    "rate_limit_exceeded": 429,
    "rate_limit_error": 429,
    "insufficient_quota": 429,
    "too_many_requests": 429,
    "overloaded_error": 503,
    "server_is_overloaded": 503,
    "service_unavailable": 503,
    "timeout_error": 504,
    "vector_store_timeout": 504,
    "server_error": 500,
}
"""What an error in a stream would have been as an HTTP status, by its code or type."""

INPUT: Final = ("invalid_", "image_", "unsupported_", "empty_image", "failed_to_download")
"""How codes begin that blame the request."""


def read_fault(status: int, body: bytes) -> Fault:
    """The error of a failed call; of a body that is no JSON object its text is the message."""
    try:
        said = msgspec.json.decode(body)
    except (ValueError, RecursionError):
        said = None
    if isinstance(said, dict):
        return fault_in(said, status)
    return Fault(status, body[: 4 * LONGEST].decode("utf-8", "replace").strip()[:LONGEST] or phrase(status))


def fault_in(said: Json, status: int = 0) -> Fault:
    """The error in an object: under `error`, where xAI has a mere sentence, or at the top, as in an `error` event."""
    inner = said.get("error")
    error = inner if isinstance(inner, dict) else said
    code = _word(error.get("code")) or _word(said.get("code"))
    type_ = _word(error.get("type"))
    type_ = "" if type_ == "error" else type_
    status = status or _status(code, type_)
    return Fault(
        status,
        _message(said, error) or phrase(status),
        kind=type_,
        code=code,
        param=_word(error.get("param")),
        request_id=_word(said.get("request_id")) or _word(error.get("request_id")),
    )


def _message(said: Json, error: Json) -> str:
    """What went wrong, in words."""
    found = (error.get("message"), said.get("error"), said.get("message"), said.get("detail"))
    return next((text for text in found if isinstance(text, str) and text), "")


def _word(value: object) -> str:
    """A name or number as text; empty for anything else."""
    return str(value) if type(value) in (str, int) else ""


def _status(code: str, type_: str) -> int:
    """An error's HTTP status where it came in a stream; 500 where its name tells nothing."""
    for word in (code, type_):
        if word in STATUSES:
            return STATUSES[word]
        if word.isdigit() and 400 <= int(word) < 600:
            return int(word)
        if word.startswith(INPUT):
            return 400
    return 500


def phrase(status: int) -> str:
    """What a status is called (RFC 9110), for an error without words."""
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return f"status {status}"


def write_fault(fault: Fault) -> Json:
    """An error's body, as the official SDK raises it."""
    return {"error": write_error(fault)}


def write_error(fault: Fault) -> dict[str, Any]:
    """The `error` member; its type is this dialect's word for the status where the provider gave none."""
    return {
        "message": fault.message,
        "type": fault.kind or kind(fault.status),
        "param": fault.param or None,
        "code": fault.code or None,
    }


def error_event(fault: Fault, sequence: int) -> Json:
    """An `error` event: code and message at the top, as documented, and under `error`, for which the SDKs raise."""
    error = write_error(fault)
    return {
        "type": "error",
        "code": error["code"],
        "message": error["message"],
        "param": error["param"],
        "sequence_number": sequence,
        "error": error,
    }
