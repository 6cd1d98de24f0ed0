"""OTLP's JSON form, made from its protobuf form in the exporter's thread; imported only where an exporter wants it."""

import sys
from base64 import b64decode
from typing import Any, Final

import msgspec
from google.protobuf.json_format import MessageToDict
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from gateway.telemetry.delivery import Answered
from gateway.telemetry.environment import Endpoint

IDS: Final = ("traceId", "spanId", "parentSpanId")


def convert(body: bytes) -> bytes:
    """The same ExportTraceServiceRequest as JSON: ids in hex, not base64, as OTLP's specification wants it."""
    made: dict[str, Any] = MessageToDict(ExportTraceServiceRequest.FromString(body), use_integers_for_enums=True)
    for resource in made.get("resourceSpans", ()):
        for scope in resource.get("scopeSpans", ()):
            for span in scope.get("spans", ()):
                span.update({name: b64decode(span[name]).hex() for name in IDS if name in span})
    return msgspec.json.encode(made)


class Console:
    """Writes batches to standard error, one JSON line each: standard output is the request log's."""

    endpoint = Endpoint("console:")

    def send(self, body: bytes, deadline: float) -> Answered:
        """Write it; there is nothing to wait for."""
        sys.stderr.write(convert(body).decode() + "\n")
        return Answered(200)

    def close(self) -> None:
        """Standard error stays open."""
