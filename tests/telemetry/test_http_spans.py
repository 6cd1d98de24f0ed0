import asyncio
import contextlib

import httpx2
import pytest

from gateway.call import Trace
from gateway.telemetry import Telemetry
from tests.telemetry.collector import attributes, collecting
from tests.telemetry.records import until

TRACE = Trace("4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b6", sampled=True)
ATTEMPT = "00f067aa0ba902b7"
ORIGIN = httpx2.URL("https://api.example.com")


class Upstream(httpx2.AsyncBaseTransport):
    """Answers as told, and keeps what it was asked."""

    def __init__(self, status: int = 200) -> None:
        self.status = status
        self.requests: list[httpx2.Request] = []
        self.closed = False

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        self.requests.append(request)
        if not self.status:
            raise httpx2.ConnectError("refused")
        return httpx2.Response(self.status, content=b"fine")

    async def aclose(self) -> None:
        self.closed = True


def asked(trace: Trace | None = TRACE, target: bytes = b"/v1/chat?key=SECRET") -> httpx2.Request:
    extensions = {"target": target, "body": b"", "gateway.trace": (trace, ATTEMPT)}
    return httpx2.Request("POST", ORIGIN, headers=[(b"x-a", b"1"), (b"x-a", b"2")], extensions=extensions)


def run(upstream: Upstream, request: httpx2.Request, spans: int = 1):
    with collecting() as collector:
        environ = {"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": collector.url, "OTEL_BSP_SCHEDULE_DELAY": "10"}
        telemetry = Telemetry(environ, {}, "1")
        transport = telemetry.instrumented(upstream, None)
        with contextlib.suppress(httpx2.ConnectError):
            asyncio.run(transport.handle_async_request(request))
        assert until(lambda: len(collector.spans) == spans, 2.0)
        telemetry.close()
        return collector


def test_a_request_is_a_client_span_below_its_attempt():
    upstream = Upstream()
    collector = run(upstream, asked())
    (span,) = collector.spans
    got = attributes(span)
    assert (span.trace_id.hex(), span.parent_span_id.hex(), span.name) == (TRACE.trace_id, ATTEMPT, "POST")
    assert (got["http.request.method"], got["http.response.status_code"]) == ("POST", 200)
    assert (got["server.address"], got["server.port"]) == ("api.example.com", 443)
    (scope,) = collector.requests[0].resource_spans[0].scope_spans
    assert scope.scope.name == "opentelemetry.instrumentation.httpx"


def test_the_query_is_on_no_span():
    collector = run(Upstream(), asked())
    assert attributes(collector.spans[0])["url.full"] == "https://api.example.com/v1/chat"
    assert "SECRET" not in str(collector.requests)


def test_the_provider_gets_the_request_as_it_was():
    upstream, request = Upstream(), asked()
    headers = list(request.headers.raw)
    run(upstream, request)
    assert upstream.requests == [request]
    assert list(upstream.requests[0].headers.raw) == headers
    assert set(request.extensions) == {"target", "body", "gateway.trace"}


@pytest.mark.parametrize("status", [429, 500])
def test_a_refusal_is_an_error(status):
    (span,) = run(Upstream(status), asked()).spans
    assert span.status.code == 2
    assert attributes(span)["error.type"] == str(status)


def test_a_provider_that_cannot_be_reached_is_an_error():
    (span,) = run(Upstream(0), asked()).spans
    assert span.status.code == 2
    assert attributes(span)["error.type"] == "ConnectError"


@pytest.mark.parametrize("trace", [None, Trace(TRACE.trace_id, TRACE.span_id, sampled=False)])
def test_a_call_that_is_not_recorded_has_no_http_span(trace):
    upstream = Upstream()
    assert run(upstream, asked(trace), 0).spans == []
    assert len(upstream.requests) == 1


def test_without_a_collector_nothing_is_wrapped():
    upstream = Upstream()
    assert Telemetry({}, {}, "1").instrumented(upstream, None) is upstream


def test_closing_it_closes_what_it_wraps():
    telemetry = Telemetry({"OTEL_TRACES_EXPORTER": "otlp"}, {}, "1")
    upstream = Upstream()
    asyncio.run(telemetry.instrumented(upstream, None).aclose())
    assert upstream.closed
    telemetry.close()
