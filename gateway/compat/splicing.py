"""Changing one member of a JSON object and no other byte of it."""

import re
from typing import Any, Final

import msgspec

from gateway.call import Refusal

MEMBERS: Final = msgspec.json.Decoder(dict[str, msgspec.Raw])
MODEL: Final = re.compile(rb'"model"(?<!\\"model")[ \t\r\n]*:[ \t\r\n]*("(?:[^"\\]|\\.)*")')
TRIES: Final = 16
"""Places that are tried: the name may stand inside other values too."""


def invalid() -> Refusal:
    """The Refusal for a body that is no JSON object."""
    return Refusal(400, 2111, "invalid_request", "The body must be a JSON object.")


def members(body: bytes) -> dict[str, msgspec.Raw]:
    """The object's members, each value as the bytes it is written in; raises Refusal 400."""
    try:
        return MEMBERS.decode(body)
    except (ValueError, RecursionError):
        raise invalid() from None


def document(body: bytes) -> dict[str, Any]:
    """The object, decoded; raises Refusal 400."""
    try:
        found = msgspec.json.decode(body)
    except (ValueError, RecursionError):
        raise invalid() from None
    if not isinstance(found, dict):
        raise invalid()
    return found


def with_model(body: bytes, model: str) -> bytes:
    """The body with another `model`, every other byte as it was; raises Refusal 400.

    A body that names two models is written anew with one: which of them counts is a matter of taste.
    """
    written = msgspec.json.encode(model)
    for number, found in enumerate(MODEL.finditer(body)):
        if number == TRIES:
            break
        if outermost(body, found):
            return body[: found.start(1)] + written + body[found.end(1) :]
    return msgspec.json.encode({**members(body), "model": model})


def outermost(body: bytes, found: re.Match[bytes]) -> bool:
    """Whether a match is a member of the body itself, and the only one of its name.

    What stands before it and after it must then be halves of an object: one reading of the body, however large it is.
    """
    try:
        before = MEMBERS.decode(body[: found.start()] + b'"":0}')
        MEMBERS.decode(b"{" + found[0] + b"}")
        after = MEMBERS.decode(b'{"":0' + body[found.end() :])
    except (ValueError, RecursionError):
        return False
    return "model" not in before and "model" not in after


def with_member(body: bytes, found: dict[str, msgspec.Raw], name: str, value: object) -> bytes:
    """The body, whose members are known, with one put in before all others, or in place of what it had."""
    if not found or name in found:
        return msgspec.json.encode({**found, name: value})
    at = body.index(b"{") + 1
    return body[:at] + msgspec.json.encode(name) + b":" + msgspec.json.encode(value) + b"," + body[at:]
