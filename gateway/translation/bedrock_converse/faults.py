"""Bedrock's errors: JSON with a message, whose type stands in a header, or exceptions inside a stream."""

from typing import Final

import msgspec

from gateway.conversation.answer import Fault
from gateway.dialects.errors import EXCEPTIONS
from gateway.translation.codec import Json
from gateway.translation.values import soft

KINDS: Final = {**EXCEPTIONS, 424: "ModelErrorException", 500: "InternalServerException"}
"""The exception that a status most likely was: `x-amzn-errortype`, which says it, is not in the body."""

STATUSES: Final = {
    "accessDeniedException": 403,
    "internalServerException": 500,
    "modelErrorException": 424,
    "modelNotReadyException": 429,
    "modelStreamErrorException": 424,
    "modelTimeoutException": 408,
    "resourceNotFoundException": 404,
    "serviceQuotaExceededException": 400,
    "serviceUnavailableException": 503,
    "throttlingException": 429,
    "validationException": 400,
}
"""What each exception is as a status, as botocore's model of bedrock-runtime has it."""

LONGEST: Final = 2000
"""Characters kept of a body that is no JSON."""


def read_fault(status: int, body: bytes) -> Fault:
    """The error of any body, also one of a proxy before Bedrock."""
    try:
        said = msgspec.json.decode(body)
    except (ValueError, RecursionError):
        said = None
    if not isinstance(said, dict):
        said = {"message": body[:LONGEST].decode("utf-8", "replace").strip()}
    kind = soft(said.get("__type"), str, "").rpartition("#")[2]
    return Fault(status, _message(said) or f"HTTP status {status}", kind or KINDS.get(status, ""))


def read_exception(name: str, payload: Json) -> Fault:
    """The error of an exception event, named as in the event stream: in camel case."""
    plain = name[:1].lower() + name[1:]
    kind = name[:1].upper() + name[1:]
    return Fault(STATUSES.get(plain, 500), _message(payload) or kind, kind)


def _message(said: Json) -> str:
    """What went wrong; some of AWS's services write the name in capitals."""
    own = soft(said.get("message"), str, "") or soft(said.get("Message"), str, "")
    return own or soft(said.get("originalMessage"), str, "")
