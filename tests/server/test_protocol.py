"""One connection's life: sizes, times, reuse, and clients that leave or stall."""

import socket
import struct
import threading
import time

import pytest

from tests import world
from tests.server.raw import PATH, answer, connect, get, post, statuses, talk, until_closed
from tests.world import Says

BIG = b"x" * (8 * 2**20)
EVENTS = {"content-type": "text/event-stream"}
SCRIPTS = {
    "big": Says(headers={"content-type": "application/octet-stream"}, chunks=[BIG]),
    "endless": Says(headers=EVENTS, chunks=[b"data: " + b"x" * 65536 + b"\n\n"] * 2000, framing="chunked"),
    "slow": Says(before=0.5),
    "stream": Says(headers=EVENTS, chunks=[b"data: 1\n\n"] * 3, framing="chunked", pause=0.1),
}
WHOLE = Says(chunks=[b'{"id": "x"}'])


@pytest.fixture(scope="module")
def provider():
    with world.provider(lambda asked: SCRIPTS.get(asked.header("x-do"), WHOLE)) as one:
        yield one


@pytest.fixture(scope="module")
def gateway(tmp_path_factory, provider):
    yaml = f"""
    server: {{header_timeout: 500ms, body_timeout: 500ms, keep_alive: 500ms, max_request_bytes: 1MiB}}
    providers: {{openai: {{base_url: "{provider.url}/v1"}}}}
    accounts: {{acme: {{gateways: {{main: {{}}}}}}}}
    """
    with world.gateway(tmp_path_factory.mktemp("protocol"), yaml) as one:
        yield one


@pytest.fixture(autouse=True)
def still_well(gateway):
    yield
    assert gateway.call("/healthz", None, "GET").status == 200
    assert "Traceback" not in gateway.errors()


def timed(call):
    begun = time.monotonic()
    return call(), time.monotonic() - begun


def test_a_head_that_never_ends_is_answered_408(gateway):
    with connect(gateway.port) as client:
        client.sendall(b"GET /healthz HTTP/1.1\r\n")
        stop = threading.Event()
        threading.Thread(target=drip, args=(client, stop), daemon=True).start()
        got, took = timed(lambda: until_closed(client))
        stop.set()
    assert statuses(got) == [408]
    assert 0.4 < took < 3.5


def drip(client, stop):
    while not stop.wait(0.1):
        try:
            client.sendall(b"X: y\r\n")
        except OSError:
            return


def test_a_client_that_says_nothing_is_hung_up_on(gateway):
    got, took = timed(lambda: talk(gateway.port))
    assert got == b""
    assert 0.4 < took < 2


@pytest.mark.parametrize("begun", [b"", b"{"], ids=["before its first byte", "after it"])
def test_a_body_that_does_not_come_is_answered_408_in_its_dialect(gateway, provider, begun):
    before = len(provider.asked)
    got, took = timed(lambda: talk(gateway.port, post(b"{ }")[:-3] + begun))
    assert statuses(got) == [408]
    assert b'"error":{' in got
    assert b"connection: close" in got
    assert 0.4 < took < 3
    assert len(provider.asked) == before
    log_id = next(line for line in got.decode().split("\r\n") if line.startswith("cf-aig-log-id"))
    assert gateway.line(log_id.split(": ")[1])["status_code"] == 408


def test_a_body_in_pieces_is_whole_upstream(gateway, provider):
    message = post(b'{"a": 1}', "Connection: close")
    assert statuses(talk(gateway.port, message[:-8], message[-8:-3], message[-3:], pause=0.2)) == [200]
    assert provider.asked[-1].body == b'{"a": 1}'


def test_a_chunked_body_is_whole_upstream(gateway, provider):
    head = f"POST {PATH} HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: Chunked\r\nConnection: close\r\n\r\n".encode()
    body = b'4;name="value"\r\n{"a"\r\n4\r\n: 1}\r\n0\r\nx-trailer: y\r\n\r\n'
    assert statuses(talk(gateway.port, head + body)) == [200]
    assert provider.asked[-1].body == b'{"a": 1}'
    assert provider.asked[-1].header("x-trailer") is None


def test_small_chunks_are_not_taken_for_an_attack(gateway, provider):
    head = f"POST {PATH} HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n".encode()
    assert statuses(talk(gateway.port, head + b"1\r\na\r\n" * 100_000 + b"0\r\n\r\n")) == [200]
    assert provider.asked[-1].body == b"a" * 100_000


def test_a_length_over_the_limit_is_refused_before_the_body_comes(gateway):
    with connect(gateway.port) as client:
        client.sendall(post(b"", "Expect: 100-continue").replace(b"Length: 0", b"Length: 1048577"))
        got, took = timed(lambda: answer(client))
        assert got[0] == 413
        assert b"max_request_bytes" in got[2]
        assert took < 0.4


def test_a_client_that_sends_too_much_reads_the_refusal(gateway):
    # Most of it is still under way when the answer goes out: a reset connection would swallow that.
    assert statuses(talk(gateway.port, post(b"x" * 4 * 2**20))) == [413]


def test_chunks_over_the_limit_are_counted(gateway, provider):
    before = len(provider.asked)
    head = f"POST {PATH} HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n".encode()
    got = talk(gateway.port, head, *[b"10000\r\n" + b"x" * 65536 + b"\r\n"] * 20, pause=0)
    assert statuses(got) == [413]
    assert len(provider.asked) == before


def test_a_body_of_the_largest_size_passes(gateway, provider):
    body = b" " * 2**20
    assert statuses(talk(gateway.port, post(body, "Connection: close"))) == [200]
    assert provider.asked[-1].body == body


def test_expect_100_continue_is_answered_once_the_body_is_wanted(gateway, provider):
    with connect(gateway.port) as client:
        message = post(b'{"a": 2}', "Expect: 100-Continue")
        client.sendall(message[:-8])
        assert client.recv(1024) == b"HTTP/1.1 100 Continue\r\n\r\n"
        client.sendall(message[-8:])
        assert answer(client)[0] == 200
    assert provider.asked[-1].body == b'{"a": 2}'


def test_expect_100_continue_of_an_unknown_gateway_is_refused_without_it(gateway):
    message = post(b'{"a": 2}', "Expect: 100-continue", path="/v1/acme/nobody/openai/chat/completions")
    assert statuses(talk(gateway.port, message[:-8])) == [400]


def test_an_upgrade_is_not_followed_and_its_body_not_lost(gateway, provider):
    body = b'{"a": 3}'
    upgrade = ("Connection: Upgrade, HTTP2-Settings", "Upgrade: h2c", "HTTP2-Settings: AAMAAABk")
    with connect(gateway.port) as client:
        for _ in range(3):
            client.sendall(post(body, *upgrade)[:-4])
            time.sleep(0.02)
            client.sendall(body[-4:])
            assert answer(client)[0] == 200
            assert provider.asked[-1].body == body
    assert provider.asked[-1].header("upgrade") is None
    assert provider.asked[-1].header("http2-settings") is None


def test_head_has_a_length_and_no_body(gateway):
    with connect(gateway.port) as client:
        client.sendall(get("/healthz").replace(b"GET", b"HEAD"))
        head = client.recv(4096)
        assert b"content-length: 3\r\n" in head
        assert head.endswith(b"\r\n\r\n")
        client.sendall(get("/healthz"))
        assert answer(client)[2] == b"ok\n"


@pytest.mark.parametrize("lines", [(), ("Connection: keep-alive",)], ids=["plain", "keep-alive"])
def test_http_1_0_gets_a_body_without_chunks_and_a_close(gateway, lines):
    got = talk(gateway.port, post(b"{}", "x-do: stream", *lines).replace(b"HTTP/1.1\r\n", b"HTTP/1.0\r\n"))
    head, _, body = got.partition(b"\r\n\r\n")
    assert b"transfer-encoding" not in head
    assert b"connection: close" in head
    assert body == b"data: 1\n\n" * 3


def test_http_1_0_needs_no_host(gateway):
    assert statuses(talk(gateway.port, b"GET /healthz HTTP/1.0\r\n\r\n")) == [200]


def test_a_thousand_requests_go_over_one_connection(gateway):
    with connect(gateway.port) as client:
        ports = set()
        for number in range(1000):
            client.sendall(post(b"%d" % number))
            assert answer(client)[0] == 200
            ports.add(client.getsockname()[1])
    assert len(ports) == 1


def test_an_idle_connection_is_closed_after_keep_alive(gateway):
    with connect(gateway.port) as client:
        client.sendall(get())
        assert answer(client)[0] == 200
        time.sleep(0.3)
        client.sendall(get())
        assert answer(client)[0] == 200
        got, took = timed(lambda: client.recv(1))
        assert got == b""
        assert 0.4 < took < 1.5


def test_a_long_call_outlives_keep_alive_and_header_timeout(gateway):
    with connect(gateway.port) as client:
        client.sendall(get())
        answer(client)
        client.sendall(post(b"{}", "x-do: slow"))
        assert answer(client)[0] == 200


def test_a_client_that_stops_reading_does_not_fill_the_memory(gateway, provider):
    before = rss(gateway.process.pid)
    with connect(gateway.port) as client:
        client.sendall(post(b"{}", "x-do: endless"))
        time.sleep(0.7)
        assert rss(gateway.process.pid) - before < 40 * 2**20
        assert gateway.call("/healthz", None, "GET").status == 200
        # What it missed is still there.
        whole = 0
        while whole < 50 * 2**20:
            whole += len(client.recv(2**20))


def rss(pid: int) -> int:
    with open(f"/proc/{pid}/statm") as file:
        return int(file.read().split()[1]) * 4096


def test_a_slow_reader_gets_the_whole_of_a_last_answer(gateway):
    with connect(gateway.port) as client:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65536)
        client.sendall(post(b"{}", "x-do: big", "Connection: close"))
        got = client.recv(65536)
        # Longer than a refused client is waited for.
        time.sleep(2.5)
        got += until_closed(client)
    assert got.partition(b"\r\n\r\n")[2] == BIG


LEAVING = {
    "before a word": b"",
    "in the request line": b"GET /hea",
    "in a header": b"GET /healthz HTTP/1.1\r\nHos",
    "before its body": post(b"{}")[:-2],
    "in its body": post(b"{}")[:-1],
    "in a chunk": f"POST {PATH} HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab".encode(),
    "while the provider thinks": post(b"{}", "x-do: slow"),
    "in a stream": post(b"{}", "x-do: endless"),
    "before reading": post(b"{}", "x-do: big"),
}


@pytest.mark.parametrize("reset", [False, True], ids=["closing", "resetting"])
@pytest.mark.parametrize("phase", LEAVING)
def test_a_client_may_leave_at_any_time(gateway, provider, phase, reset):
    with connect(gateway.port) as client:
        client.sendall(LEAVING[phase])
        time.sleep(0.05)
        if reset:
            client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    until = time.monotonic() + 3
    while not quiet(gateway.call("/metrics", None, "GET").body.decode()):
        assert time.monotonic() < until
        time.sleep(0.02)


def quiet(text: str) -> bool:
    """Whether no call is in flight any more."""
    (line,) = (line for line in text.splitlines() if line.startswith("gateway_calls_in_flight"))
    return float(line.split()[-1]) == 0
