"""One turn of a scripted model, and what all dialects need to say it."""

import json
from dataclasses import dataclass, field
from typing import Any

from tests.world import Says

Json = dict[str, Any]


@dataclass
class Said:
    """One turn of the model's."""

    text: str = ""
    thought: str = ""
    proof: str = ""
    """The signature of the thought, or what it is encrypted to."""
    calls: list[tuple[str, str, Json]] = field(default_factory=list)
    """Id, name, arguments."""


def pieces(text: str) -> list[str]:
    """A text in three parts, as a stream brings it; the cuts heed nothing."""
    third = -(-len(text) // 3) or 1
    return [text[at : at + third] for at in range(0, len(text), third)]


def sse(events: list[Json], *, named: bool = False, done: bool = False) -> Says:
    chunks = []
    for event in events:
        name = f"event: {event['type']}\n" if named else ""
        chunks.append(f"{name}data: {json.dumps(event)}\n\n".encode())
    return Says(
        headers={"content-type": "text/event-stream"},
        chunks=[*chunks, *([b"data: [DONE]\n\n"] if done else [])],
        framing="chunked",
    )


def whole(body: Json) -> Says:
    return Says(headers={"content-type": "application/json"}, chunks=[json.dumps(body).encode()])
