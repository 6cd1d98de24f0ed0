"""An OTLP/HTTP collector inside the test: it parses with OpenTelemetry's own classes and can be told to misbehave."""

import gzip
import json
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest


class Collector:
    """What came in, and what to answer."""

    def __init__(self) -> None:
        self.requests: list[Any] = []
        self.metrics: list[Any] = []
        self.headers: list[dict[str, str]] = []
        self.paths: list[str] = []
        self.documents: list[Any] = []
        self.statuses: list[int] = []
        self.extra: dict[str, str] = {}
        self.connections = 0
        self.delay = 0.0
        self.url = ""

    @property
    def spans(self) -> list[Any]:
        return [
            span for request in self.requests for r in request.resource_spans for s in r.scope_spans for span in s.spans
        ]

    @property
    def resource(self) -> dict[str, str]:
        return {a.key: a.value.string_value for a in self.requests[0].resource_spans[0].resource.attributes}

    def take(self, path: str, headers: dict[str, str], body: bytes) -> None:
        self.headers.append(headers)
        self.paths.append(path)
        if headers.get("content-encoding") == "gzip":
            body = gzip.decompress(body)
        if path.endswith("/metrics"):
            self.metrics.append(ExportMetricsServiceRequest.FromString(body))
        elif headers["content-type"] == "application/json":
            self.documents.append(json.loads(body))
        else:
            self.requests.append(ExportTraceServiceRequest.FromString(body))


def attributes(span: Any) -> dict[str, Any]:
    """A span's attributes as Python values; a key that stands there twice is an error."""
    made = {}
    for pair in span.attributes:
        assert pair.key not in made, f"{pair.key} stands there twice"
        made[pair.key] = plain(pair.value)
    return made


def plain(value: Any) -> Any:
    kind = value.WhichOneof("value")
    if kind == "array_value":
        return [plain(inner) for inner in value.array_value.values]
    if kind == "kvlist_value":
        return {pair.key: plain(pair.value) for pair in value.kvlist_value.values}
    return getattr(value, kind) if kind else None


@contextmanager
def collecting(tls: ssl.SSLContext | None = None) -> Iterator[Collector]:
    """A collector on a free port of the loopback."""
    collector = Collector()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def setup(self) -> None:
            super().setup()
            collector.connections += 1

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            time.sleep(collector.delay)
            status = collector.statuses.pop(0) if collector.statuses else 200
            if status == 200:
                collector.take(self.path, {k.lower(): v for k, v in self.headers.items()}, body)
            self.send_response(status)
            self.send_header("content-length", "0")
            for name, value in collector.extra.items():
                self.send_header(name, value)
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    server.block_on_close = False
    if tls is not None:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    collector.url = f"{'https' if tls else 'http'}://localhost:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield collector
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
