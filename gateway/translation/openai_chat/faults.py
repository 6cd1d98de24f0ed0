"""Errors: as an `error` member in the body, in the many ways in which providers say theirs."""

from typing import Any, Final

import msgspec

from gateway.conversation.answer import Fault
from gateway.dialects import errors
from gateway.translation.codec import Json
from gateway.translation.values import soft

LONGEST: Final = 2000
"""Characters kept of an error that is no JSON, such as a proxy's page."""

WORDS: Final = {
    "invalid_request_error": 400,
    "authentication_error": 401,
    "permission_error": 403,
    "not_found_error": 404,
    "request_too_large": 413,
    "rate_limit_error": 429,
    "rate_limit_exceeded": 429,
    "insufficient_quota": 429,
    "server_error": 500,
    "internal_server_error": 500,
    "api_error": 500,
    "overloaded_error": 503,
    "service_unavailable": 503,
}
"""HTTP's status for the types and codes of errors that come inside an answer."""


def read_fault(status: int, body: bytes) -> Fault:
    """The error in a body of any form; a `status` below 400 is that of an answer that only looked like one."""
    try:
        said = msgspec.json.decode(body)
    except (ValueError, RecursionError):
        return fault(status, body.decode("utf-8", "replace").strip()[:LONGEST])
    return fault(status, said)


def fault(status: int, said: object) -> Fault:
    """The error in a decoded body, or in an `error` member of a stream."""
    if isinstance(said, list):
        # Google's compatible endpoint wraps its errors so.
        said = said[0] if said else ""
    if not isinstance(said, dict):
        message = said if isinstance(said, str) else ""
        return Fault(status if status >= 400 else 502, message or "The provider gave no reason.")
    inner = _inner(said)
    kind = word(inner, "type") or word(inner, "status") or word(inner, "error_type")
    code = word(inner, "code") or word(said, "code")
    found = Fault(_status(status, inner), _message(inner) or _message(said) or "The provider gave no reason.", kind)
    # Where it is HTTP's status once more, it is no code.
    found.code = "" if code.isdecimal() and len(code) == len("400") else code
    found.param = word(inner, "param")
    found.request_id = word(said, "request_id") or word(inner, "request_id")
    return found


def _inner(said: Json) -> Json:
    """The object that describes the error: `error`, the first of Cloudflare's `errors`, or the body itself."""
    error = said.get("error")
    if isinstance(error, dict):
        return error
    first = next(iter(soft(said.get("errors"), list, [])), None)
    return first if isinstance(first, dict) and error is None else said


def word(holder: Json, name: str) -> str:
    """A member that is a word or a number, as text."""
    value = holder.get(name)
    if isinstance(value, int) and type(value) is not bool:
        return str(value)
    return soft(value, str, "")


def _message(holder: Json) -> str:
    """What is wrong, in words: of the provider, and of the one behind it where OpenRouter quotes it."""
    value: Any = holder.get("message") or holder.get("error") or holder.get("detail")
    if isinstance(value, dict | list) and value:
        value = msgspec.json.encode(value).decode()[:LONGEST]
    message = soft(value, str, "")
    raw = soft(holder.get("metadata"), dict, {}).get("raw")
    return f"{message}: {raw[:LONGEST]}" if isinstance(raw, str) and raw else message


def _status(status: int, inner: Json) -> int:
    """HTTP's status: the answer's, or the one the error names where it comes inside an answer."""
    if status >= 400:
        return status
    for name in ("status_code", "code", "http_code"):
        value = inner.get(name)
        if isinstance(value, str) and value.isdecimal() and len(value) == 3:
            value = int(value)
        if isinstance(value, int) and 400 <= value <= 599:
            return value
    said = (word(inner, "type"), word(inner, "code"))
    return next((WORDS[one] for one in said if one in WORDS), 502)


def write_fault(fault: Fault) -> Json:
    """The body from which the official SDK makes its exception: the class by the status, the rest from `error`."""
    kind = fault.kind if fault.kind.endswith("_error") else errors.kind(fault.status)
    code = fault.code or (fault.kind if fault.kind != kind else "")
    return {"error": {"message": fault.message, "type": kind, "param": fault.param or None, "code": code or None}}
