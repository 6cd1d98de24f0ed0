"""SIGTERM, SIGINT and SIGHUP on a real process: nobody who can still be served is cut off, nobody waits for ever."""

import re
import signal
import socket
import subprocess
import sys
import time

import pytest

from tests import world
from tests.e2e.acts import until
from tests.server.raw import answer, connect, get, post, statuses, unchunked, until_closed
from tests.world import Says

EVENTS = {"content-type": "text/event-stream"}
KEY = "sk-never-in-a-log-0123456789abcdef"
SCRIPTS = {
    "stream": Says(headers=EVENTS, chunks=[b"data: 1\n\n"] * 5, framing="chunked", pause=0.1),
    "drawl": Says(headers=EVENTS, chunks=[b"data: 1\n\n"] * 4, framing="chunked", pause=0.9),
    "stuck": Says(headers=EVENTS, chunks=[b"data: 1\n\n", b"data: 2\n\n"], framing="chunked", pause=60),
    "slow": Says(chunks=[b'{"id": "x"}'], before=0.4),
    "silent": Says(hang=True),
    "half": Says(headers={"content-type": "text/plain"}, chunks=[b"a", b"b"], framing="chunked", pause=60),
}
WHOLE = Says(chunks=[b'{"id": "x"}'])
LOG_LINE = re.compile(r"(?:INFO|WARNING|ERROR) gateway\.[a-z.]+: .+")
BANNER = re.compile(r"gateway listens on .+|  .+|try it:")


@pytest.fixture(scope="module")
def provider():
    with world.provider(lambda asked: SCRIPTS.get(asked.header("x-do"), WHOLE)) as one:
        yield one


CLIENTS: list[socket.socket] = []


@pytest.fixture(autouse=True)
def hang_up():
    yield
    while CLIENTS:
        CLIENTS.pop().close()


def serve(folder, provider, drain, *args):
    yaml = f"""
    server: {{drain: {drain}}}
    providers:
      openai: {{base_url: "{provider.url}/v1"}}
      anthropic: {{base_url: "{provider.url}"}}
    accounts: {{acme: {{gateways: {{main: {{keys: {{openai: {KEY}, anthropic: {KEY}}}}}}}}}}}
    """
    return world.gateway(folder, yaml, args=args)


def begin(gateway, message: bytes, seen: bytes = b"") -> socket.socket:
    """A call under way: sent, and its answer read as far as `seen`."""
    client = connect(gateway.port)
    CLIENTS.append(client)
    client.sendall(message)
    got = b""
    while seen not in got:
        got += client.recv(65536)
    time.sleep(0.05)
    return client


def silent(errors: str) -> None:
    """Nothing stood on stderr but the banner and log lines, and no key."""
    lines = errors.splitlines()
    assert all(LOG_LINE.fullmatch(line) or BANNER.fullmatch(line) for line in lines), errors
    assert KEY not in errors
    assert "Traceback" not in errors
    assert "uvicorn" not in errors


def refused(port: int) -> bool:
    try:
        connect(port, 1).close()
    except ConnectionRefusedError:
        return True
    return False


def ended(gateway, within: float = 10) -> int:
    return gateway.process.wait(within)


def test_readyz_turns_503_at_once_and_calls_are_still_accepted_during_the_delay(tmp_path, provider):
    with serve(tmp_path, provider, "{delay: 1s, timeout: 5s}") as gateway, connect(gateway.port) as old:
        old.sendall(get("/readyz"))
        assert answer(old)[0] == 200
        gateway.process.send_signal(signal.SIGTERM)
        time.sleep(0.1)
        begun = time.monotonic()
        old.sendall(get("/readyz"))
        status, headers, _ = answer(old)
        assert (status, headers["connection"], headers["retry-after"]) == (503, "close", "5")
        assert gateway.call("/healthz", None, "GET").status == 200
        late = gateway.call("/v1/acme/main/openai/chat/completions")
        assert (late.status, late.headers["connection"]) == (200, "close")
        assert time.monotonic() - begun < 0.8
        assert ended(gateway) == 0
        assert refused(gateway.port)
        assert gateway.line(late.log_id)["outcome"] == "served"
        silent(gateway.errors())


def test_streams_and_calls_finish_after_the_listener_has_closed(tmp_path, provider):
    with serve(tmp_path, provider, "10s") as gateway:
        stream = begin(gateway, post(b"{}", "x-do: stream"), b"data: 1")
        slow = begin(gateway, post(b"{}", "x-do: slow"))
        idle = begin(gateway, get(), b"ok\n")
        gateway.process.send_signal(signal.SIGTERM)
        time.sleep(0.1)
        assert refused(gateway.port)
        assert until_closed(stream).endswith(b"data: 1\n\n\r\n0\r\n\r\n")
        assert answer(slow)[0] == 200
        assert until_closed(idle) == b""
        assert ended(gateway) == 0
        assert {line["outcome"] for line in gateway.lines()} == {"served"}
        silent(gateway.errors())


def test_a_request_that_was_under_way_is_still_served(tmp_path, provider):
    with serve(tmp_path, provider, "5s") as gateway:
        used = begin(gateway, get(), b"ok\n")
        fresh = begin(gateway, b"")
        halved = begin(gateway, post(b"{}")[:30])
        gateway.process.send_signal(signal.SIGTERM)
        time.sleep(0.1)
        used.sendall(post())
        fresh.sendall(post())
        halved.sendall(post(b"{}")[30:])
        for client in (used, fresh, halved):
            status, headers, _ = answer(client)
            assert (status, headers["connection"]) == (200, "close")
        assert ended(gateway) == 0
        silent(gateway.errors())


@pytest.mark.parametrize(
    ("drain", "what", "rest"),
    [("5s", "stream", 0), ("{delay: 2s, timeout: 5s}", "stream", 0.1), ("{delay: 2s, timeout: 9s}", "drawl", 0.7)],
    ids=["soon after", "while the listener is open", "within the delay, which proxies keep to"],
)
def test_an_answer_that_did_not_announce_a_close_is_not_followed_by_one(tmp_path, provider, drain, what, rest):
    # A load balancer may send its next call on the connection in the moment the stream on it ends.
    with serve(tmp_path, provider, drain) as gateway:
        stream = begin(gateway, post(b"{}", f"x-do: {what}"), b"data: 1")
        gateway.process.send_signal(signal.SIGTERM)
        got = b""
        while not got.endswith(b"0\r\n\r\n"):
            got += stream.recv(65536)
        time.sleep(rest)
        stream.sendall(post())
        status, headers, _ = answer(stream)
        assert (status, headers["connection"]) == (200, "close")
        assert ended(gateway) == 0
        silent(gateway.errors())


def test_at_the_deadline_every_call_ends_in_its_own_dialect(tmp_path, provider):
    with serve(tmp_path, provider, "500ms") as gateway:
        stuck = begin(gateway, post(b'{"stream": true}', "x-do: stuck"))
        messages = "/v1/acme/main/anthropic/v1/messages"
        claude = begin(gateway, post(b'{"stream": true}', "x-do: stuck", path=messages))
        silent_one = begin(gateway, post(b"{}", "x-do: silent"))
        silent_claude = begin(gateway, post(b"{}", "x-do: silent", path=messages))
        half = begin(gateway, post(b"{}", "x-do: half"))
        begun = time.monotonic()
        gateway.process.send_signal(signal.SIGTERM)
        events = unchunked(until_closed(stuck).partition(b"\r\n\r\n")[2])
        assert events.startswith(b"data: 1\n\ndata: {")
        assert b"gateway_stopping" in events
        assert b"event: error\n" in unchunked(until_closed(claude).partition(b"\r\n\r\n")[2])
        status, headers, body = answer(silent_one)
        assert (status, headers["connection"]) == (503, "close")
        assert b"gateway_stopping" in body
        assert b'"type":"error"' in answer(silent_claude)[2]
        # What cannot say that it is not whole must not look whole.
        assert not until_closed(half).endswith(b"0\r\n\r\n")
        assert ended(gateway) == 0
        assert 0.4 < time.monotonic() - begun < 3
        lines = gateway.lines()
        assert [line["outcome"] for line in lines] == ["failed"] * 5
        assert all("gateway_stopping" in str(line) for line in lines)
        silent(gateway.errors())


@pytest.mark.parametrize("first", [signal.SIGTERM, signal.SIGINT])
@pytest.mark.parametrize("second", [signal.SIGTERM, signal.SIGINT])
def test_a_second_signal_ends_at_once_and_still_properly(tmp_path, provider, first, second):
    with serve(tmp_path, provider, "{delay: 30s, timeout: 30s}") as gateway:
        stuck = begin(gateway, post(b'{"stream": true}', "x-do: stuck"), b"data: 1")
        gateway.process.send_signal(first)
        # Two signals of a kind that come before the first was noticed are one, to the kernel.
        until(lambda: gateway.call("/readyz", None, "GET").status == 503)
        assert gateway.process.poll() is None
        begun = time.monotonic()
        gateway.process.send_signal(second)
        rest = until_closed(stuck)
        assert b"gateway_stopping" in rest
        assert rest.endswith(b"\r\n0\r\n\r\n")
        assert ended(gateway) == 0
        assert time.monotonic() - begun < 2
        assert [line["outcome"] for line in gateway.lines()] == ["failed"]
        silent(gateway.errors())


def test_ctrl_c_in_mid_stream_lets_the_stream_finish(tmp_path, provider):
    with serve(tmp_path, provider, "10s") as gateway:
        stream = begin(gateway, post(b"{}", "x-do: stream"), b"data: 1")
        gateway.process.send_signal(signal.SIGINT)
        assert until_closed(stream).endswith(b"0\r\n\r\n")
        assert ended(gateway) == 0
        silent(gateway.errors())


def test_an_idle_process_ends_at_once(tmp_path, provider):
    with serve(tmp_path, provider, "30s") as gateway:
        time.sleep(0.5)
        begun = time.monotonic()
        assert gateway.stop() == 0
        assert time.monotonic() - begun < 2


def test_a_client_that_takes_nothing_does_not_hold_the_process_for_longer_than_the_drain(tmp_path, provider):
    with serve(tmp_path, provider, "500ms") as gateway:
        client = begin(gateway, get()[:10])
        begun = time.monotonic()
        gateway.process.send_signal(signal.SIGTERM)
        assert ended(gateway) == 0
        assert time.monotonic() - begun < 3
        client.close()


def test_sighup_reads_the_file_again(tmp_path, provider):
    with serve(tmp_path, provider, "1s") as gateway:
        missing = "/v1/acme/other/openai/chat/completions"
        assert gateway.call(missing).status == 400
        text = gateway.file.read_text()
        gateway.file.write_text(text.replace("main:", "other:"))
        gateway.process.send_signal(signal.SIGHUP)
        until = time.monotonic() + 3
        while gateway.call(missing).status != 200:
            assert time.monotonic() < until
            time.sleep(0.02)


def test_a_port_that_is_taken_is_one_sentence_and_exit_1(tmp_path, provider):
    with serve(tmp_path, provider, "1s") as gateway:
        for more in ((), ("--workers", "2")):
            command = [sys.executable, "-m", "gateway", "serve", "--config", str(gateway.file)]
            run = subprocess.run(
                [*command, "--port", str(gateway.port), *more], capture_output=True, text=True, cwd=world.ROOT
            )
            assert run.returncode == 1
            assert run.stderr == f"Cannot listen on 127.0.0.1:{gateway.port}: Address already in use.\n"


@pytest.mark.parametrize("host", ["no.such.host.invalid", "127.0.0.1.5", "a" * 70, "300.0.0.1"])
def test_a_host_that_is_none_is_one_sentence_and_exit_1(tmp_path, host):
    file = tmp_path / "gateways.yaml"
    file.write_text("accounts: {acme: {gateways: {main: {authentication: none}}}}")
    command = [sys.executable, "-m", "gateway", "serve", "--config", str(file), "--host", host, "--port", "0"]
    run = subprocess.run(command, capture_output=True, text=True, cwd=world.ROOT, timeout=60)
    assert run.returncode == 1
    assert run.stderr.startswith(f"Cannot listen on {host}:0: ")
    assert run.stderr.count("\n") == 1


def test_an_ipv6_address_is_listened_on(tmp_path):
    file = tmp_path / "gateways.yaml"
    file.write_text("accounts: {acme: {gateways: {main: {}}}}")
    command = [sys.executable, "-m", "gateway", "serve", "--config", str(file), "--host", "::1", "--port", "0"]
    with subprocess.Popen(command, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, cwd=world.ROOT) as process:
        port = int(process.stderr.readline().rpartition(b":")[2])
        with socket.create_connection(("::1", port), 5) as client:
            client.sendall(get("/healthz", "Connection: close"))
            assert statuses(until_closed(client)) == [200]
        process.terminate()
        process.stderr.read()
        assert process.wait(5) == 0
