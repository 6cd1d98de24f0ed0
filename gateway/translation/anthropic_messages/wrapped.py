"""Messages as Vertex AI and Bedrock wrap them: the model leaves the body, a version comes in, betas change place.

https://docs.cloud.google.com/vertex-ai/generative-ai/docs/partner-models/claude/use-claude,
https://docs.aws.amazon.com/bedrock/latest/userguide/model-parameters-anthropic-claude-messages.html; both as the
official SDK does it. The path (`…/models/MODEL:rawPredict`, `/model/MODEL/invoke`) is the caller's, from what is said
here; so is the signature.
"""

from base64 import b64decode
from typing import Any, Final

import msgspec

from gateway.call import Headers
from gateway.translation.codec import Json
from gateway.translation.values import needed, optional, wrong

VERTEX: Final = "vertex-2023-10-16"
BEDROCK: Final = "bedrock-2023-05-31"

VERSION_HEADER: Final = b"anthropic-version"
BETA_HEADER: Final = b"anthropic-beta"


class Wrapped(msgspec.Struct):
    """A request as the platform wants it."""

    body: Json
    model: str
    """For the path."""
    stream: bool
    """For the path: streamRawPredict and invoke-with-response-stream, or rawPredict and invoke."""
    headers: Headers = []
    """The client's, without what moved into the body."""


def for_vertex(messages: Json | bytes, headers: Headers) -> Wrapped:
    """A Messages request for rawPredict: `stream` stays in the body and betas in their header, as Vertex AI reads them.

    Raises Refusal 400 for a body that is no such request.
    """
    body, model, stream = _taken(messages)
    betas = [*_header(headers), *_listed(body)]
    body.setdefault("anthropic_version", VERTEX)
    kept = [(name, value) for name, value in headers if name not in (VERSION_HEADER, BETA_HEADER)]
    if betas:
        kept.append((BETA_HEADER, ",".join(dict.fromkeys(betas)).encode()))
    return Wrapped(body, model, stream, kept)


def for_bedrock(messages: Json | bytes, headers: Headers) -> Wrapped:
    """A Messages request for InvokeModel, which has `stream` in its path alone and betas as a list in the body.

    Raises Refusal 400 for a body that is no such request.
    """
    body, model, stream = _taken(messages)
    body.pop("stream", None)
    betas = [*_header(headers), *_listed(body)]
    body.setdefault("anthropic_version", BEDROCK)
    if betas:
        body["anthropic_beta"] = list(dict.fromkeys(betas))
    kept = [(name, value) for name, value in headers if name not in (VERSION_HEADER, BETA_HEADER)]
    return Wrapped(body, model, stream, kept)


def unwrapped(chunk: bytes) -> bytes:
    """The event inside a `chunk` of InvokeModelWithResponseStream: base64 in a JSON object. Raises ValueError."""
    packed = msgspec.json.decode(chunk)
    return b64decode(packed["bytes"], validate=True) if isinstance(packed, dict) and "bytes" in packed else chunk


def _taken(messages: Json | bytes) -> tuple[Json, str, bool]:
    """A copy of the request without its model, the model, and whether to stream."""
    body: Any = messages
    if isinstance(messages, bytes):
        try:
            body = msgspec.json.decode(messages)
        except (ValueError, RecursionError):
            raise wrong("body", "must be JSON.") from None
    if not isinstance(body, dict):
        raise wrong("body", "must be an object.")
    body = dict(body)
    model = needed(body, "model", str, "")
    del body["model"]
    return body, model, optional(body, "stream", bool, "") or False


def _header(headers: Headers) -> list[str]:
    """The betas of every `anthropic-beta` header."""
    texts = [value.decode("latin-1") for name, value in headers if name == BETA_HEADER]
    return [one.strip() for text in texts for one in text.split(",") if one.strip()]


def _listed(body: Json) -> list[str]:
    """The betas in the body, taken out of it, under either of the names that they have there."""
    found: list[str] = []
    for name in ("anthropic_beta", "betas"):
        found += [one for one in optional(body, name, list, "") or () if isinstance(one, str)]
        body.pop(name, None)
    return found
