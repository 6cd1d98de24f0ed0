"""Recorded exchanges of real providers, read from ../shared/corpus; tests that need them skip where it is absent."""

import base64
import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pytest

FOLDER = Path(__file__).resolve().parents[2] / "shared" / "corpus"
present = pytest.mark.skipif(not (FOLDER / "dev").is_dir(), reason="the corpus is not beside the project")


@dataclass(frozen=True)
class Exchange:
    """One recorded request and answer; bodies as bytes, as on the wire but for compression."""

    id: str
    provider: str
    surface: str
    model: str
    stream: bool
    features: frozenset[str]
    method: str
    url: str
    request_headers: dict[str, str]
    request_body: bytes
    request_recorded: bool
    status: int
    headers: dict[str, str]
    body: bytes
    chunk_sizes: tuple[int, ...]

    @property
    def chunks(self) -> list[bytes]:
        """The body in the reads the recording client saw, or whole."""
        if not self.chunk_sizes:
            return [self.body] if self.body else []
        chunks, at = [], 0
        for size in self.chunk_sizes:
            chunks.append(self.body[at : at + size])
            at += size
        return chunks


def body_of(part: dict[str, Any]) -> bytes:
    if part.get("body_b64") is not None:
        return base64.b64decode(part["body_b64"])
    return (part.get("body") or "").encode()


def read(path: Path) -> Exchange:
    raw = json.loads(path.read_text(encoding="utf-8"))
    request, response = raw["request"], raw["response"]
    return Exchange(
        id=raw["id"],
        provider=raw["provider"],
        surface=raw["surface"],
        model=raw["model"] or "",
        stream=raw["stream"],
        features=frozenset(raw["features"]),
        method=request["method"],
        url=request["url"],
        request_headers=request["headers"],
        request_body=body_of(request),
        request_recorded=request.get("recorded", True),
        status=response["status"],
        headers=response["headers"],
        body=body_of(response),
        chunk_sizes=tuple(response.get("chunk_sizes") or ()),
    )


@cache
def exchanges() -> tuple[Exchange, ...]:
    """Every recorded exchange, in the order of their ids."""
    return tuple(read(path) for path in sorted((FOLDER / "dev").glob("*.json")))
