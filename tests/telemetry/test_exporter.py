import contextlib
import http.client
import io
import logging
import socket
import threading
import time
from contextlib import contextmanager

import pytest

from gateway.telemetry import complaints, exporter
from gateway.telemetry.delivery import Answered, Post
from gateway.telemetry.environment import Batching, Endpoint
from gateway.telemetry.exporter import Exporter, Spans
from gateway.telemetry.resource import Envelope, scope
from gateway.telemetry.spans import Encoder
from tests.telemetry.collector import collecting
from tests.telemetry.records import record, until

ENVELOPE = Envelope({"service.name": "gateway"})
SCOPE = scope("gateway", "1")
SPANS = Spans(Encoder({}).encode(record(), record().trace), 2, SCOPE)
QUICK = Batching(delay=0.02, queue=100, batch=10, timeout=1.0)


@pytest.fixture(autouse=True)
def _quick(monkeypatch):
    monkeypatch.setattr(exporter, "BACKOFF", (0.02, 0.1))
    complaints._last.clear()


@contextmanager
def exporting(url: str, batching: Batching = QUICK, **endpoint):
    made = Exporter(Post(Endpoint(url, **endpoint)), batching, ENVELOPE.wrap)
    try:
        yield made
    finally:
        made.close()
        made.join(time.monotonic() + 3)


def drip(connection: socket.socket, answer: bytes, pause: float, stop: threading.Event) -> None:
    """A byte now and then, until `stop`."""
    with contextlib.suppress(OSError):
        for byte in answer:
            if stop.wait(pause):
                break
            connection.sendall(bytes([byte]))


@contextmanager
def odd_server(answer: bytes = b"", pause: float = 0.0):
    """A peer that takes connections and then answers with too little, too slowly, or not at all."""
    server, stop, taken = socket.create_server(("127.0.0.1", 0)), threading.Event(), []

    def serve() -> None:
        with contextlib.suppress(OSError):
            while True:
                taken.append(server.accept()[0])
                threading.Thread(target=drip, args=(taken[-1], answer, pause, stop), daemon=True).start()

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.getsockname()[1]}"
    finally:
        stop.set()
        server.shutdown(socket.SHUT_RDWR)
        server.close()
        for connection in taken:
            connection.close()
        thread.join(2)


def closed_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return server.getsockname()[1]


def test_spans_arrive_with_resource_and_scope():
    with collecting() as collector, exporting(f"{collector.url}/v1/traces") as out:
        out.put(SPANS)
        assert until(lambda: out.exported == 2)
        assert [span.name for span in collector.spans] == ["POST /v1/acme/production/demo/{rest}", "chat small-1"]
        (scoped,) = collector.requests[0].resource_spans[0].scope_spans
        assert (scoped.scope.name, scoped.scope.version) == ("gateway", "1")
        assert scoped.schema_url.endswith("1.41.1")
        assert collector.resource == {"service.name": "gateway"}
        assert collector.paths == ["/v1/traces"]
        assert collector.headers[0]["content-type"] == "application/x-protobuf"


def test_batches_are_full_and_share_one_connection():
    with collecting() as collector, exporting(collector.url, Batching(0.05, 1000, 10, 1.0)) as out:
        for _ in range(50):
            out.put(SPANS)
        assert until(lambda: out.exported == 100)
        assert [len(r.resource_spans[0].scope_spans[0].spans) for r in collector.requests] == [10] * 10
        assert collector.connections == 1


def test_a_full_batch_does_not_wait_for_the_delay():
    with collecting() as collector, exporting(collector.url, Batching(30.0, 100, 10, 1.0)) as out:
        for _ in range(5):
            out.put(SPANS)
        assert until(lambda: out.exported == 10, 2.0)


def test_spans_of_two_scopes_stay_apart():
    with collecting() as collector, exporting(collector.url) as out:
        out.put(SPANS)
        out.put(Spans(SPANS.encoded, 2, scope("other", "2")))
        assert until(lambda: out.exported == 4)
        names = [s.scope.name for r in collector.requests for s in r.resource_spans[0].scope_spans]
        assert names == ["gateway", "other"]


def test_gzip_is_sent_where_asked():
    with collecting() as collector, exporting(collector.url, compression="gzip") as out:
        out.put(SPANS)
        assert until(lambda: out.exported == 2)
        assert collector.headers[0]["content-encoding"] == "gzip"
        assert len(collector.spans) == 2


@pytest.mark.parametrize("status", [429, 502, 503, 504])
def test_what_may_be_tried_again_is(status):
    with collecting() as collector, exporting(collector.url) as out:
        collector.statuses = [status, status]
        out.put(SPANS)
        assert until(lambda: out.exported == 2)
        assert out.dropped == 0


@pytest.mark.parametrize("status", [302, 400, 401, 413, 500])
def test_any_other_refusal_costs_the_batch_and_nothing_more(status):
    with collecting() as collector, exporting(collector.url) as out:
        collector.statuses = [status]
        out.put(SPANS)
        assert until(lambda: out.dropped == 2)
        out.put(SPANS)
        assert until(lambda: out.exported == 2)


def test_retry_after_is_kept_to():
    with collecting() as collector, exporting(collector.url) as out:
        collector.statuses, collector.extra = [503], {"Retry-After": "1"}
        out._batching = Batching(0.02, 100, 10, 5.0)
        began = time.monotonic()
        out.put(SPANS)
        assert until(lambda: out.exported == 2)
        assert time.monotonic() - began >= 1


def test_a_longer_pause_than_a_batch_may_take_costs_the_batch_and_is_kept_to():
    with collecting() as collector, exporting(collector.url) as out:
        collector.statuses, collector.extra = [429], {"Retry-After": "3600"}
        out.put(SPANS)
        assert until(lambda: out.dropped == 2)
        out.put(SPANS)
        time.sleep(0.1)
        assert (out.exported, out.waiting) == (0, 2)
        assert out._pause_until - time.monotonic() < 301


def test_a_collector_that_comes_back_gets_what_waited():
    port = closed_port()
    with exporting(f"http://127.0.0.1:{port}", Batching(0.02, 100, 10, 10.0)) as out:
        out.put(SPANS)
        time.sleep(0.1)
        assert out.exported == 0
        with collecting() as collector:
            out._sender.endpoint = Endpoint(collector.url)
            assert until(lambda: out.exported == 2)


def test_a_dead_collector_drops_the_oldest_and_keeps_memory_bounded():
    with exporting(f"http://127.0.0.1:{closed_port()}") as out:
        slowest = 0.0
        for _ in range(2000):
            began = time.perf_counter()
            out.put(SPANS)
            slowest = max(slowest, time.perf_counter() - began)
        assert out.waiting <= QUICK.queue
        assert len(out._queue) <= QUICK.queue
        assert out.dropped >= 4000 - QUICK.queue - 10 * 10
        assert slowest < 0.5


def test_the_queue_is_bounded_in_bytes_too(monkeypatch):
    monkeypatch.setattr(exporter, "LARGEST", 10 * len(SPANS.encoded))
    with exporting(f"http://127.0.0.1:{closed_port()}", Batching(30.0, 10_000, 1000, 1.0)) as out:
        for _ in range(100):
            out.put(SPANS)
        assert out.waiting <= 20
        assert out.dropped == 200 - out.waiting


@pytest.mark.parametrize(
    ("answer", "pause"), [(b"", 0.0), (b"HTTP/1.1 200 OK\r\n" * 1000, 0.05), (b"not http at all\r\n\r\n", 0.0)]
)
def test_a_collector_that_hangs_drips_or_babbles_is_given_up(answer, pause):
    with odd_server(answer, pause) as url, exporting(url, Batching(0.02, 100, 10, 0.3), timeout=0.2) as out:
        out.put(SPANS)
        assert until(lambda: out.dropped == 2, 3.0)


def test_the_end_is_not_held_up_by_a_collector_that_hangs():
    with odd_server() as url:
        out = Exporter(Post(Endpoint(url, timeout=60.0)), Batching(30.0, 100, 10, 60.0), ENVELOPE.wrap)
        out.put(SPANS)
        began = time.monotonic()
        out.close()
        out.join(time.monotonic() + 2)
        assert time.monotonic() - began < 2.5


def test_what_waits_is_sent_at_the_end():
    with collecting() as collector:
        out = Exporter(Post(Endpoint(collector.url)), Batching(30.0, 100, 50, 5.0), ENVELOPE.wrap)
        out.put(SPANS)
        out.close()
        out.join(time.monotonic() + 2)
        assert len(collector.spans) == 2


def test_a_call_that_outlives_its_configuration_still_has_its_spans():
    with collecting() as collector:
        out = Exporter(Post(Endpoint(collector.url)), QUICK, ENVELOPE.wrap)
        out.put(SPANS)
        out.close()
        assert until(lambda: not out._thread.is_alive())
        out.put(SPANS)
        assert until(lambda: len(collector.spans) == 4)
        out.join(time.monotonic() + 2)


def test_a_kept_connection_that_went_stale_is_no_failure():
    with collecting() as collector:
        post = Post(Endpoint(collector.url))
        assert post.send(b"", time.monotonic() + 2) == Answered(200)
        post._socket.shutdown(socket.SHUT_RDWR)
        assert post.send(b"", time.monotonic() + 2) == Answered(200)
        assert collector.connections == 2
        post.close()


def test_trouble_is_told_once_and_without_secrets(caplog):
    url = f"http://user:SECRET@127.0.0.1:{closed_port()}/path?key=SECRET"
    with caplog.at_level(logging.INFO), exporting(url, headers={"authorization": "SECRET"}) as out:
        for _ in range(3):
            out.put(SPANS)
            time.sleep(0.05)
        assert until(lambda: out.dropped > 0)
    assert [record.name for record in caplog.records] == ["gateway.telemetry"]
    assert "127.0.0.1" in caplog.text
    assert "SECRET" not in caplog.text
    assert "SECRET" not in repr(out._sender.endpoint)


def test_credentials_in_the_url_and_headers_are_sent():
    with collecting() as collector:
        url = collector.url.replace("://", "://me:p%40ss@") + "/v1/traces?tenant=7"
        post = Post(Endpoint(url, {"X-Scope": "a b", "broken": "x\r\nInjected: 1"}))
        assert post.send(b"", time.monotonic() + 2).status == 200
        post.close()
    (headers,) = collector.headers
    assert headers["authorization"] == "Basic bWU6cEBzcw=="
    assert headers["x-scope"] == "a b"
    assert "injected" not in headers
    assert "broken" not in headers
    assert "@" not in headers["host"]
    assert collector.paths == ["/v1/traces?tenant=7"]


def test_http_clients_reading_of_our_request_agrees():
    # A request that our own collector understands might still be odd: the standard library's parser is another opinion.
    message = Post(Endpoint("http://collector.example/v1/traces"))._message(b"body")
    head, _, body = message.partition(b"\r\n\r\n")
    parsed = http.client.parse_headers(io.BytesIO(head.partition(b"\r\n")[2] + b"\r\n\r\n"))
    assert (parsed["host"], parsed["content-length"], body) == ("collector.example", "4", b"body")
