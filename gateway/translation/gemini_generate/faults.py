"""Google's errors: google.rpc.Status in an `error` member (AIP-193)."""

from typing import Final

from msgspec import DecodeError

from gateway.conversation.answer import Fault
from gateway.dialects.errors import STATUSES
from gateway.translation.codec import Json
from gateway.translation.gemini_generate.words import decoded
from gateway.translation.values import soft

LONGEST: Final = 2000
"""Characters kept of an error that is no JSON."""

MORE: Final = {409: "ABORTED", 412: "FAILED_PRECONDITION", 416: "OUT_OF_RANGE", 499: "CANCELLED", 501: "UNIMPLEMENTED"}
HTTP: Final = {
    "INVALID_ARGUMENT": 400,
    "FAILED_PRECONDITION": 400,
    "OUT_OF_RANGE": 400,
    "UNAUTHENTICATED": 401,
    "PERMISSION_DENIED": 403,
    "NOT_FOUND": 404,
    "ALREADY_EXISTS": 409,
    "ABORTED": 409,
    "RESOURCE_EXHAUSTED": 429,
    "CANCELLED": 499,
    "UNKNOWN": 500,
    "INTERNAL": 500,
    "DATA_LOSS": 500,
    "UNIMPLEMENTED": 501,
    "UNAVAILABLE": 503,
    "DEADLINE_EXCEEDED": 504,
}
"""HTTP statuses of google.rpc.Code."""


def read_fault(status: int, body: bytes) -> Fault:
    """The error of any body: also an array of one, as streams without SSE have it, and what is no JSON."""
    try:
        said = decoded(body)
    except (DecodeError, RecursionError):
        said = None
    if isinstance(said, list) and said:
        said = said[0]
    error = said.get("error") if isinstance(said, dict) else None
    if error is not None:
        return fault_of(error, status)
    text = body[:LONGEST].decode("utf-8", "replace").strip()
    return Fault(status, text or f"The provider answered with status {status}.")


def fault_of(error: object, status: int = 0) -> Fault:
    """The error of an `error` member; without HTTP's `status`, in mid-stream, its own code is that."""
    said = error if isinstance(error, dict) else {"message": error}
    kind = soft(said.get("status"), str, "")
    code = soft(said.get("code"), int, 0)
    message = soft(said.get("message"), str, "") or kind or "The provider answered with an error."
    known = status or (code if 400 <= code < 600 else HTTP.get(kind, 502))
    reason = _reason(said.get("details"))
    return Fault(known, message, kind, reason, _field(said.get("details")))


def _reason(details: object) -> str:
    """The word of a google.rpc.ErrorInfo, such as API_KEY_INVALID."""
    for one in soft(details, list, []):
        if reason := soft(soft(one, dict, {}).get("reason"), str, ""):
            return reason
    return ""


def _field(details: object) -> str:
    """The field that the first violation of a google.rpc.BadRequest names."""
    for one in soft(details, list, []):
        for violation in soft(soft(one, dict, {}).get("fieldViolations"), list, []):
            if field := soft(soft(violation, dict, {}).get("field"), str, ""):
                return field
    return ""


def write_fault(fault: Fault) -> Json:
    """The error as google-genai raises it."""
    usual = "INTERNAL" if fault.status >= 500 else "FAILED_PRECONDITION"
    word = fault.kind if fault.kind in HTTP else STATUSES.get(fault.status) or MORE.get(fault.status, usual)
    error: Json = {"code": fault.status, "message": fault.message, "status": word}
    if fault.code and fault.kind in HTTP:
        error["details"] = [{"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": fault.code}]
    return {"error": error}
