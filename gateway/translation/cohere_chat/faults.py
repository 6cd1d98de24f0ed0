"""Cohere's errors: an object with a message (https://docs.cohere.com/reference/errors)."""

from typing import Final

import msgspec

from gateway.conversation.answer import Fault
from gateway.translation.values import soft

LONGEST: Final = 2000
"""Characters kept of a body that is no JSON."""


def read_fault(status: int, body: bytes) -> Fault:
    """The error of any body, also one of a proxy before Cohere; only some have a type or an id."""
    try:
        said = msgspec.json.decode(body)
    except (ValueError, RecursionError):
        said = None
    if not isinstance(said, dict):
        said = {"message": body[:LONGEST].decode("utf-8", "replace").strip()}
    error = said.get("error")
    nested = error if isinstance(error, dict) else {}
    message = soft(said.get("message"), str, "") or soft(nested.get("message"), str, "") or soft(error, str, "")
    kind = soft(said.get("error_type"), str, "") or soft(nested.get("type"), str, "")
    return Fault(status, message or f"HTTP status {status}", kind, request_id=soft(said.get("id"), str, ""))
