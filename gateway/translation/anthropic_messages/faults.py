"""Errors: Anthropic's own, those of Vertex AI and Bedrock around it, and what a client's SDK raises from.

https://platform.claude.com/docs/en/api/errors
"""

from typing import Any, Final

import msgspec

from gateway.conversation.answer import Fault
from gateway.dialects.errors import EXCEPTIONS, kind
from gateway.translation.codec import Json
from gateway.translation.values import soft

OVERLOADED: Final = 529

STATUSES: Final = {
    "invalid_request_error": 400,
    "authentication_error": 401,
    "billing_error": 402,
    "permission_error": 403,
    "not_found_error": 404,
    "request_too_large": 413,
    "rate_limit_error": 429,
    "api_error": 500,
    "timeout_error": 504,
    "overloaded_error": OVERLOADED,
}
"""The status of an error that comes in mid-stream, by its type."""

# Events of AWS's framing that are errors: named as the exceptions, but with a small first letter.
THROWN: Final = {
    **{name[0].lower() + name[1:]: status for status, name in EXCEPTIONS.items() if status not in (401, 408, 413)},
    "internalServerException": 500,
    "modelStreamErrorException": 424,
}

LONGEST: Final = 2000
"""Characters kept of a body that is no JSON."""


def read_fault(status: int, body: bytes) -> Fault:
    """An error's body of any of the three, or of whatever stands before them."""
    try:
        said = msgspec.json.decode(body)
    except (ValueError, RecursionError):
        said = None
    if isinstance(said, list) and said:
        # Google puts errors of a streaming call into a list.
        said = said[0]
    read = (
        fault(status, said)
        if isinstance(said, dict)
        else Fault(status, body[:LONGEST].decode("utf-8", "replace").strip())
    )
    read.message = read.message or f"HTTP status {status}"
    return read


def fault(status: int, said: dict[str, Any]) -> Fault:
    """An error object: Anthropic's and Google's stand under `error`, AWS's is flat."""
    inner = said.get("error")
    if not isinstance(inner, dict):
        message = soft(said.get("message"), str, "") or soft(said.get("Message"), str, "") or soft(inner, str, "")
        return Fault(status, message, soft(said.get("__type"), str, "").rpartition("#")[2])
    code = inner.get("code")
    return Fault(
        status,
        soft(inner.get("message"), str, ""),
        soft(inner.get("type"), str, "") or soft(inner.get("status"), str, ""),
        str(code) if isinstance(code, str | int) else "",
        request_id=soft(said.get("request_id"), str, ""),
    )


def streamed_fault(said: dict[str, Any]) -> Fault:
    """An error in mid-stream, with the status that it would have had as an answer."""
    read = fault(502, said)
    read.status = STATUSES.get(read.kind, 502)
    if read.status == 502 and read.code.isdigit() and 400 <= int(read.code[:4]) < 600:
        read.status = int(read.code)
    return read


def thrown(name: bytes, text: bytes) -> Fault:
    """An exception in AWS's framing; `name` is its `:event-type` or `:exception-type`."""
    word = name.decode("latin-1")
    read = read_fault(THROWN.get(word, 502), text)
    read.kind = read.kind or word[:1].upper() + word[1:]
    return read


def write_fault(told: Fault) -> Json:
    """An error's body in Anthropic's form."""
    word = "overloaded_error" if told.status == OVERLOADED else kind(told.status)
    said: Json = {"type": "error", "error": {"type": word, "message": told.message}}
    if told.request_id:
        said["request_id"] = told.request_id
    return said
