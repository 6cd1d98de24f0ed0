"""What every batch of spans begins with: who sends them."""

import os
import platform
import uuid
from collections.abc import Iterable, Mapping
from itertools import groupby
from typing import Final

from gateway.telemetry import protobuf as pb
from gateway.telemetry.exporter import Spans

SCHEMA: Final = "https://opentelemetry.io/schemas/1.41.1"


def resource(written: Mapping[str, str], version: str) -> dict[str, str]:
    """The resource's attributes; those of OTEL_RESOURCE_ATTRIBUTES win, and each process has an id of its own."""
    return {
        "service.version": version,
        "service.instance.id": str(uuid.uuid4()),
        "host.name": platform.node(),
        "process.pid": str(os.getpid()),
        "telemetry.sdk.language": "python",
        "telemetry.sdk.name": "gateway",
        "telemetry.sdk.version": version,
        **written,
    }


def scope(name: str, version: str) -> bytes:
    """ScopeSpans' field `scope`."""
    content = pb.field(b"\x0a", pb.utf8(name)) + pb.field(b"\x12", pb.utf8(version))
    return pb.field(b"\x0a", content)


class Envelope:
    """Wraps spans into an ExportTraceServiceRequest."""

    def __init__(self, attributes: Mapping[str, str]) -> None:
        pairs = [pb.key_head(key) + pb.field(b"", pb.any_value(value)) for key, value in attributes.items()]
        self._resource = pb.field(b"\x0a", b"".join(pb.field(b"\x0a", pair) for pair in pairs))
        self._schema = pb.field(b"\x1a", SCHEMA.encode())

    def wrap(self, batch: Iterable[Spans]) -> bytes:
        """The request's bytes."""
        scopes = [
            pb.field(b"\x12", name + b"".join([spans.encoded for spans in group]) + self._schema)
            for name, group in groupby(batch, key=lambda spans: spans.scope)
        ]
        return pb.field(b"\x0a", self._resource + b"".join(scopes))
