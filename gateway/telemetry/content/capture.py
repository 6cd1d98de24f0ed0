"""From a Record's payloads to attributes: which reader, how large, and valid JSON whatever was cut."""

from collections.abc import Callable, Iterable
from typing import Any, Final

import msgspec
from msgspec import Struct

from gateway.call import Record
from gateway.telemetry import protobuf as pb
from gateway.telemetry.content import chat, generate, messages, parts, responses
from gateway.telemetry.content.parts import Json
from gateway.telemetry.spans import Content

SOURCE: Final = 2**20
"""Bytes of a body that are looked at: parsing more would hold up the event loop."""

LARGEST: Final = 64 * 2**10
"""Bytes of one attribute."""

EVENTS: Final = 20_000
CUTS: Final = (8192, 1024, 128)
"""Characters kept of each text, tried in this order until the whole fits."""

CUT: Final = "… [cut]"


class Reader(Struct, frozen=True):
    """How to read one dialect: a request, a whole answer, a streamed one."""

    asked: Callable[[Json], Json]
    answered: Callable[[Json], list[Json]]
    streamed: Callable[[Iterable[Json]], list[Json]]


CHAT: Final = Reader(chat.asked, chat.answered, chat.streamed)
READERS: Final = {
    "openai_chat": CHAT,
    "openai_completions": Reader(chat.prompted, chat.completed, chat.completing),
    "openai_responses": Reader(responses.asked, responses.answered, responses.streamed),
    "anthropic_messages": Reader(messages.asked, messages.answered, messages.streamed),
    "gemini_generate": Reader(generate.asked, generate.answered, generate.streamed),
}
"""By the names of `gateway.dialects`."""


def capture(record: Record) -> Content:
    """What the client sent and got, as attributes of the last attempt's span; of the call's, where there was none."""
    reader = READERS.get(record.asked.dialect)
    if reader is None:
        return Content()
    found: Json = {}
    if record.request_payload:
        found = reader.asked(question(record, decoded(record.request_payload)))
    if record.response_payload:
        found["output.messages"] = answer(reader, record.response_payload)
    encoded = b"".join([attribute(name, value) for name, value in found.items() if value])
    return Content(attempt=encoded) if record.attempts else Content(server=encoded)


def question(record: Record, body: object) -> Json:
    """The request's own object; of the universal endpoint's steps, the one that was asked last."""
    if record.surface != "universal":
        return parts.mapping(body)
    steps = parts.items(body) or [body]
    return parts.mapping(parts.mapping(steps[record.step]).get("query")) if record.step < len(steps) else {}


def answer(reader: Reader, payload: bytes) -> list[Json]:
    """The answer's messages, be it an object, an array of them, or server-sent events."""
    if payload.lstrip()[:1] not in (b"{", b"["):
        return reader.streamed(events(payload))
    body = decoded(payload)
    return reader.streamed(parts.objects(body)) if isinstance(body, list) else reader.answered(parts.mapping(body))


def decoded(payload: bytes) -> object:
    """The JSON that `payload` is, or None where it is none or too long."""
    if len(payload) > SOURCE:
        return None
    try:
        return parts.shallow(msgspec.json.decode(payload))
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        return None


def events(payload: bytes) -> Iterable[Json]:
    """The objects on the `data:` lines of server-sent events; a line that was cut off is left out."""
    for line in payload[:SOURCE].splitlines()[:EVENTS]:
        if line.startswith(b"data:") and isinstance(event := decoded(line[5:]), dict):
            yield event


def attribute(name: str, value: list[Json]) -> bytes:
    """`gen_ai.{name}` as a JSON string that fits."""
    return pb.keyed(pb.key_head(f"gen_ai.{name}"), pb.field(b"\x0a", fitted(value)))


def fitted(value: list[Json]) -> bytes:
    """`value` as JSON of at most 64 KiB: texts are cut first, then the oldest elements left away."""
    made = msgspec.json.encode(value)
    for limit in CUTS:
        if len(made) <= LARGEST:
            return made
        made = msgspec.json.encode(shortened(value, limit))
    rest: list[Any] = value
    while len(made) > LARGEST and rest:
        rest = rest[(len(rest) + 1) // 2 :]
        made = msgspec.json.encode(shortened(rest, CUTS[-1]))
    return made


def shortened(value: Any, limit: int) -> Any:  # noqa: ANN401 - JSON
    """The same JSON with every string cut to `limit` characters."""
    if isinstance(value, str):
        return value if len(value) <= limit else value[:limit] + CUT
    if isinstance(value, list):
        return [shortened(inner, limit) for inner in value]
    if isinstance(value, dict):
        return {key: shortened(inner, limit) for key, inner in value.items()}
    return value
