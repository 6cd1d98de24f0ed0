"""What a model answers, whole."""

from typing import Any, Literal, TypeAlias

import msgspec

from gateway.call import Usage
from gateway.conversation.parts import Part

Reason: TypeAlias = Literal[
    "stop",
    "stop_sequence",
    "length",
    "tool_use",
    "content_filter",
    "refusal",
    "pause",
    "context_length",
    "malformed",
    "error",
    "other",
]
"""Why an answer ended. `stop`: said all. `stop_sequence`: met one of the client's. `pause`: the provider wants to be
asked again. `malformed`: the model wrote a tool call that cannot be read. `context_length`: no room was left."""


class Candidate(msgspec.Struct):
    """One of the `n` answers."""

    parts: list[Part] = msgspec.field(default_factory=list)
    reason: Reason | None = None
    native_reason: str = ""
    """The provider's own word for it."""
    stop_sequence: str | None = None
    logprobs: Any = None
    """OpenAI's form: {content: [{token, logprob, bytes, top_logprobs}], refusal}."""
    index: int = 0


class Completion(msgspec.Struct):
    """An answer that is whole."""

    id: str = ""
    model: str = ""
    created: int = 0
    """Seconds since 1970; 0 where the provider did not say."""
    candidates: list[Candidate] = msgspec.field(default_factory=list)
    usage: Usage | None = None
    service_tier: str = ""
    fingerprint: str = ""
    extras: dict[str, Any] = msgspec.field(default_factory=dict)
    """What the provider said besides, by its name: for clients that read it, such as `citations` of a search."""


class Fault(msgspec.Struct):
    """A provider's error, whole or in mid-stream."""

    status: int
    """HTTP's, also in mid-stream: what it would have been as a status."""
    message: str
    kind: str = ""
    """The provider's own type or status: `invalid_request_error`, `RESOURCE_EXHAUSTED`, `ThrottlingException`, …"""
    code: str = ""
    param: str = ""
    request_id: str = ""
