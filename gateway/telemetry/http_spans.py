"""The HTTP client span below an attempt's span, from opentelemetry-instrumentation-httpx; imported only when asked for.

It costs 240 us a request (specification, section 6): hence an option. Three of its habits are undone here: it sends
traceparent and baggage to whoever is called, it puts the query into `url.full`, and it needs the SDK's own exporter.
"""

import os
from collections.abc import Sequence
from typing import Any, Final

import httpx2
from opentelemetry import context as ambient
from opentelemetry.instrumentation.httpx import AsyncOpenTelemetryTransportHttpx2
from opentelemetry.metrics import NoOpMeterProvider
from opentelemetry.sdk.trace import ReadableSpan, SpanProcessor, TracerProvider
from opentelemetry.sdk.trace.sampling import ALWAYS_ON
from opentelemetry.trace import NonRecordingSpan, Span, SpanContext, StatusCode, TraceFlags, set_span_in_context

from gateway.telemetry import protobuf as pb
from gateway.telemetry.exporter import Exporter, Spans
from gateway.telemetry.resource import scope

OPT_IN: Final = "OTEL_SEMCONV_STABILITY_OPT_IN"
PARENT: Final = "gateway.trace"
"""The request extension that names the attempt: its Trace, or None, and its span id."""

HEADERS: Final = "gateway.headers"


class Hand(SpanProcessor):
    """Hands the SDK's finished spans to our own exporters, encoded."""

    def __init__(self, targets: Sequence[Exporter]) -> None:
        self._targets = targets

    def on_end(self, span: ReadableSpan) -> None:
        """Queue it."""
        found = span.instrumentation_scope
        scoped = scope(found.name, found.version or "") if found else scope("gateway", "")
        spans = Spans(encoded(span), 1, scoped)
        for target in self._targets:
            target.put(spans)


class Bare(httpx2.AsyncBaseTransport):
    """Carries a request with the headers it had before the instrumentation added its own."""

    def __init__(self, transport: httpx2.AsyncBaseTransport) -> None:
        self._transport = transport

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        """Send it as it was."""
        request.headers = request.extensions.pop(HEADERS, request.headers)
        return await self._transport.handle_async_request(request)

    async def aclose(self) -> None:
        """Close what it wraps."""
        await self._transport.aclose()


class Traced(httpx2.AsyncBaseTransport):
    """Makes the HTTP span of each request that is part of a recorded trace."""

    def __init__(self, transport: httpx2.AsyncBaseTransport, targets: Sequence[Exporter]) -> None:
        # The SDK reads the variable once per process; without it the span has the names of 2022.
        asked = [word for word in os.environ.get(OPT_IN, "").split(",") if word]
        if not {"http", "http/dup"} & set(asked):
            os.environ[OPT_IN] = ",".join([*asked, "http"])
        self._plain = transport
        provider = TracerProvider(sampler=ALWAYS_ON, shutdown_on_exit=False)
        provider.add_span_processor(Hand(targets))
        bare: Any = Bare(transport)  # the instrumentation's types are httpx's
        self._instrumented: Any = AsyncOpenTelemetryTransportHttpx2(
            bare,
            tracer_provider=provider,
            meter_provider=NoOpMeterProvider(),
            request_hook=describe,
        )

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        """Send it, within its attempt's span."""
        trace, span_id = request.extensions.get(PARENT) or (None, "")
        if not (trace and trace.sampled and span_id):
            return await self._plain.handle_async_request(request)
        place = SpanContext(int(trace.trace_id, 16), int(span_id, 16), is_remote=False, trace_flags=TraceFlags(1))
        request.extensions[HEADERS] = request.headers
        token = ambient.attach(set_span_in_context(NonRecordingSpan(place)))
        try:
            response: httpx2.Response = await self._instrumented.handle_async_request(request)
        finally:
            ambient.detach(token)
        return response

    async def aclose(self) -> None:
        """Close what it wraps."""
        await self._plain.aclose()


def instrumented(transport: httpx2.AsyncBaseTransport, targets: Sequence[Exporter]) -> httpx2.AsyncBaseTransport:
    """`transport` with HTTP spans, which go where the gateway's own spans go."""
    return Traced(transport, targets)


async def describe(span: Span, request: Any) -> None:  # noqa: ANN401 - the instrumentation's RequestInfo
    """The real target without its query, which may carry keys; and the port, which the instrumentation forgets."""
    url = httpx2.URL(str(request.url))
    target: bytes = request.extensions.get("target") or url.raw_path
    path = target.partition(b"?")[0].decode("ascii", "replace")
    port = url.port or (443 if url.scheme == "https" else 80)
    place = url.host if url.port is None else f"{url.host}:{port}"
    span.set_attributes({"url.full": f"{url.scheme}://{place}{path}", "server.port": port})


def encoded(span: ReadableSpan) -> bytes:
    """An SDK span in our encoding."""
    place, parent = span.get_span_context(), span.parent
    assert place is not None
    parts = [
        pb.identity(f"{place.trace_id:032x}", f"{place.span_id:016x}", f"{parent.span_id:016x}" if parent else ""),
        pb.moments(span.start_time or 0, span.end_time or 0),
        pb.ROOT,
        pb.field(b"\x2a", pb.utf8(span.name)),
        pb.CLIENT,
        pb.attributes(dict(span.attributes or {})),
    ]
    if span.status.status_code is StatusCode.ERROR:
        parts.append(pb.ERROR)
    return pb.span(parts)
