"""What a dialect's codec offers: pure functions; no I/O, no settings, nothing kept between calls."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol, TypeAlias

import msgspec

from gateway.call import Headers
from gateway.conversation.answer import Completion, Fault
from gateway.conversation.events import StreamEvent
from gateway.conversation.losses import Losses, Rules
from gateway.conversation.request import Conversation

Json: TypeAlias = dict[str, Any]
"""A decoded JSON object."""


class Quirks(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How a provider's version of its dialect differs, as data in its row; named as in PARAMETERS and FEATURES."""

    limit: str = ""
    """The name of `max_tokens`, where it is not the dialect's own."""
    refuses: tuple[str, ...] = ()
    """What this provider does not take although its dialect has it."""
    renames: Mapping[str, str] = {}
    """Neutral names to this provider's."""
    reasoning: Literal["", "effort", "object", "thinking", "enable_thinking", "none"] = ""
    """How thinking is asked for: `reasoning_effort`, OpenRouter's `reasoning`, `thinking: {type}`, …"""
    thoughts: str = "reasoning_content"
    """The field of a message in which thoughts are sent back; empty where they are not taken."""
    call_ids: Literal["", "nine"] = ""
    """`nine`: tool calls' ids must be nine letters or digits (Mistral)."""
    stream_usage: Literal["", "always", "unasked"] = ""
    """`always`: usage comes unasked, and `stream_options` is not understood; `unasked`: it comes anyway."""
    json_schema: bool = True
    """Whether `response_format: json_schema` is understood."""


class Written(msgspec.Struct):
    """A request in the provider's dialect."""

    body: Json
    path: str = ""
    """Below the provider's base URL, where the dialect decides it: Google's has the model and the method in it."""
    query: str = ""
    headers: Headers = []


class Reader(Protocol):
    """Turns one stream's events into neutral ones; keeps what it must between them."""

    def read(self, name: bytes, text: bytes) -> Iterable[StreamEvent]:
        """The neutral events of one event: `name` is SSE's event name or AWS's :event-type, `text` its data.

        Data that is no JSON, or not of the dialect's form, becomes a Failed event with status 502, never an exception.
        """

    def end(self) -> Iterable[StreamEvent]:
        """What is owed when the provider's stream ends: Close, Finish, Count, End; a Failed where it was cut short."""


class Writer(Protocol):
    """Turns neutral events into one client's stream."""

    def write(self, event: StreamEvent) -> bytes:
        """The bytes for one event; may be empty. After Failed or End nothing more is written."""


@dataclass(frozen=True, slots=True)
class Codec:
    """A dialect, read and written. A side that no client or no provider speaks is None."""

    name: str
    """A key of `gateway.dialects.DIALECTS`."""
    rules: Rules = field(default_factory=dict)
    """What `write_request` does with each parameter and feature."""
    read_request: Callable[[Json], Conversation] | None = None
    """Raises Refusal 400 that names the place of what is not of the dialect's form. `model` is taken as it stands.
    What the dialect has outside the body (Google's model and method) the caller has put in as `model`, `stream`."""
    write_request: Callable[[Conversation, Losses, Quirks], Written] | None = None
    read_answer: Callable[[Json], Completion] | None = None
    write_answer: Callable[[Completion, Conversation], Json] | None = None
    reader: Callable[[], Reader] | None = None
    writer: Callable[[Conversation], Writer] | None = None
    read_fault: Callable[[int, bytes], Fault] | None = None
    """From any body, also one that is no JSON; never raises."""
    write_fault: Callable[[Fault], Json] | None = None
    """An error's body in the client's dialect, in the form its official SDK raises from; its status is the fault's."""
    framing: Literal["sse", "frames"] = "sse"
    answers: frozenset[str] = frozenset()
    """Members of which a whole answer has at least one; an object without is something else."""
