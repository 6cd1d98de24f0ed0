"""What every wire format offers: a reading of its requests, and a reading of its answers into one Tally."""

from dataclasses import dataclass
from typing import Any, Final, Protocol

from msgspec import Struct

from gateway.call import Answer, Usage
from gateway.dialects.reading import NAME, Shape

CHOICES: Final = 128
"""Finish reasons kept: OpenAI's `n` ends at 128."""


class Peek(Struct, frozen=True):
    """What a request says about itself; empty where it does not, or cannot be read."""

    model: str = ""
    stream: bool = False
    parameters: dict[str, Any] = {}
    """Span attributes by their OpenTelemetry name."""


class Request(Struct):
    """The few fields that are read of a request body."""

    def peek(self) -> Peek:
        """Them in OpenTelemetry's words."""
        raise NotImplementedError


class Counts(Struct):
    """A provider's own usage object."""

    def usage(self) -> Usage | None:
        """The same in our classes; None where it counts no tokens."""
        raise NotImplementedError


class Said(Struct):
    """One answer, or one event of a streamed one."""

    def tell(self, tally: "Tally") -> None:
        """Put what it says into the tally."""
        raise NotImplementedError


class Tally:
    """What an answer has said so far."""

    __slots__ = ("counts", "error", "finish", "id", "model", "tier")

    def __init__(self) -> None:
        self.model = ""
        self.id = ""
        self.tier = ""
        self.error = ""
        self.finish: dict[int, str] = {}
        self.counts: Counts | None = None

    def name(self, model: str | None, id: str | None) -> None:
        """Model and response id, unless they are known already."""
        if model and not self.model:
            self.model = model[:NAME]
        if id and not self.id:
            self.id = id[:NAME]

    def finished(self, index: int | None, reason: str | None) -> None:
        """The reason why a choice ended; the last one counts."""
        if reason and len(self.finish) < CHOICES:
            self.finish[index or 0] = reason[:NAME]

    def count(self, counts: Counts | None) -> None:
        """Usage, of which later values win field by field and absent ones change nothing."""
        if counts is None:
            return
        if self.counts is None:
            self.counts = counts
        else:
            merge(self.counts, counts)

    def failed(self, code: str) -> None:
        """The provider's code of an error; the first one is the cause."""
        if code and not self.error:
            self.error = code

    def answer(self) -> Answer:
        """Everything together."""
        finish = self.finish
        reasons = tuple(finish.values()) if len(finish) < 2 else tuple(finish[index] for index in sorted(finish))
        usage = self.counts.usage() if self.counts is not None else None
        return Answer(usage, self.model, self.id, reasons, self.error, self.tier)


def merge(old: Struct, new: Struct) -> None:
    """Write every field that `new` has over `old`'s, inside nested structs too."""
    for name in old.__struct_fields__:
        value = getattr(new, name)
        if value is None:
            continue
        before = getattr(old, name)
        if isinstance(before, Struct) and isinstance(value, Struct):
            merge(before, value)
        else:
            setattr(old, name, value)


def total(*parts: int | None) -> int | None:
    """The sum of the known parts; None where none is known."""
    known = [part for part in parts if part is not None]
    return sum(known) if known else None


def usage(read: int | None, written: int | None, **classes: int | None) -> Usage | None:
    """Usage from tokens in, tokens out and the classes within them; None where nothing was counted."""
    if read is None and written is None:
        return None
    return Usage(read, written, (read or 0) + (written or 0), **classes)


class Reads(Protocol):
    """How a dialect reads a request where a JSON body is not all of it."""

    def __call__(self, body: bytes) -> Peek:
        """What the request says about itself."""


@dataclass(frozen=True, slots=True)
class Dialect:
    """A wire format. `needles` are JSON keys that make an event of a stream worth decoding, written compactly with
    the first byte of their value where that tells null from something.
    """

    name: str
    operation: str
    """gen_ai.operation.name, empty where OpenTelemetry has none."""
    said: Shape[Any]
    needles: tuple[bytes, ...] = ()
    request: Shape[Any] | None = None
    reads: Reads | None = None
    wrapped: str = ""
    """`base64` where events are base64 inside a JSON object inside a frame."""

    def read_request(self, body: bytes) -> Peek:
        """Model, stream and parameters; empty where the body is odd. Never raises."""
        if self.reads is not None:
            return self.reads(body)
        if self.request is None:
            return Peek()
        asked = self.request.read(body)
        return asked.peek() if asked is not None else Peek()

    def models(self, asked: str, answered: str) -> tuple[str, str]:
        """The names by which to look up a price, the surer one first.

        An Azure deployment can be called anything, so what the answer says counts; but on Bedrock only the model asked
        for says whether it runs in one region or across many, which AWS charges differently.
        """
        return (asked, answered) if self.name.startswith("bedrock") else (answered, asked)
