"""Heads that were read before: only the same bytes mean the same."""

import random
import signal
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.server.heads import LARGEST, MOST, Heads, facts
from tests import world
from tests.server import clients
from tests.server.raw import answer, connect, statuses, talk

HEAD = b"POST /v1/a HTTP/1.1\r\nhost: x\r\nContent-Length: %d\r\nx-b: 1\r\n\r\n"
SCOPE = facts(b"POST", b"/v1/a", "1.1", [(b"host", b"x")])


def learnt(data):
    return Heads().learn(data, SCOPE)


def test_the_same_head_with_another_length_is_known_with_its_body():
    head = learnt(HEAD % 2 + b"{}")
    assert head.body(HEAD % 5 + b"hello") == b"hello"
    assert head.body(HEAD % 0) == b""


def test_a_head_without_a_body_is_known_only_whole():
    data = b"GET /v1/a HTTP/1.1\r\nhost: x\r\n\r\n"
    head = learnt(data)
    assert head.body(data) == b""
    assert head.body(data + b"x") is None
    assert head.body(data[:-1]) is None


@pytest.mark.parametrize(
    "data",
    [
        HEAD % 3 + b"{}",
        HEAD % 2 + b"{}x",
        (HEAD % 2)[:-10],
        (HEAD % 2).replace(b"x-b: 1", b"x-b: 2") + b"{}",
        (HEAD % 2).replace(b"POST", b"PUT ") + b"{}",
        (HEAD % 2).replace(b": 2\r", b": +2\r") + b"{}",
        (HEAD % 2).replace(b": 2\r", b": 2 \r") + b"{}",
        (HEAD % 2).replace(b": 2\r", b": 0x2\r") + b"{}",
        (HEAD % 2).replace(b": 2\r", b": \xc2\xb2\r") + b"{}",
        (HEAD % 2).replace(b": 2\r", b": \r") + b"{}",
        (HEAD % 2).replace(b": 2\r\n", b": 2\n") + b"{}",
        b"",
    ],
)
def test_anything_else_is_read_anew(data):
    assert learnt(HEAD % 2 + b"{}").body(data) is None


def test_a_length_that_is_written_in_an_odd_way_is_not_remembered():
    assert learnt((HEAD % 2).replace(b"Content-Length:", b"Content-Length:\x0b") + b"{}") is None


def test_a_head_that_is_long_or_not_whole_is_not_remembered():
    assert learnt(HEAD.replace(b"x-b: 1", b"x-b: " + b"1" * LARGEST) % 2 + b"{}") is None
    assert learnt((HEAD % 2)[:-2]) is None


def test_connections_share_what_is_remembered_and_its_memory_has_an_end():
    heads = Heads()
    first = heads.learn(HEAD % 2 + b"{}", SCOPE)
    assert heads.learn(HEAD % 3 + b"{ }", SCOPE) is first
    for number in range(2 * MOST):
        heads.learn(HEAD.replace(b"x-b: 1", b"x-b: %d" % number) % 2 + b"{}", SCOPE)
    assert len(heads.known) <= MOST


@given(st.binary(max_size=40), st.integers(0, 120), st.binary(max_size=3))
def test_whatever_differs_from_the_head_is_never_taken_for_it(body, at, other):
    data = HEAD % len(body) + body
    head = learnt(HEAD % 2 + b"{}")
    assert head.body(data) == body
    changed = data[:at] + other + data[at + len(other) :]
    found = head.body(changed)
    assert found is None or changed == HEAD % len(found) + found or changed[: len(head.before)] == head.before


@pytest.fixture(scope="module")
def server():
    with clients.server(keep_alive=2.0, header_timeout=2.0) as one:
        yield one


def head(path="/echo", *lines, pad=""):
    """A POST's head with room for its body's length."""
    more = "".join(f"{line}\r\n" for line in lines)
    return f"POST {path} HTTP/1.1\r\nhost: a\r\n{more}content-length: %d\r\nx-pad: {pad}\r\n\r\n"


def request(head, body):
    return (head % len(body)).encode("latin-1") + body


def known(client, head):
    """Send the head until it is one that was read before."""
    for body in (b"1", b"22"):
        client.sendall(request(head, body))
        assert answer(client)[::2] == (200, body)


def test_a_head_that_came_before_brings_bodies_of_any_length(server):
    with server.connect() as client:
        for size in (2, 1, 0, 999, 1000, 70_000, 3, 10_000_000, 1):
            body = bytes(97 + number % 26 for number in range(min(size, 1000))) * (size // 1000 or 1)
            client.sendall(request(head("/echo?a=b"), body))
            status, headers, got = answer(client)
            assert (status, got == body) == (200, True)
            assert (headers["x-path"], headers["x-query"]) == ("/echo", "a=b")


def test_another_head_after_it_is_another_request(server):
    with server.connect() as client:
        for path, line in (("/a", "x-a: 1"), ("/a", "x-a: 1"), ("/b", "x-b: 1"), ("/a", "x-a: 1"), ("/a", "x-aa: 1")):
            for body in (b"1", b"22"):
                client.sendall(request(head(path, line), body))
                _, headers, got = answer(client)
                assert (headers["x-path"], got) == (path, body)
                assert headers["x-names"] == f"host,{line.partition(':')[0]},content-length,x-pad"


def test_three_hundred_heads_on_one_connection_are_each_read_for_what_they_are(server):
    choose = random.Random(7)
    with server.connect() as client:
        for number in range(300):
            path = f"/p{choose.randrange(4)}" if choose.random() < 0.5 else f"/n{number}"
            body = b"x" * choose.randrange(30)
            lines = [f"x-{choose.randrange(3)}: {choose.randrange(3)}" for _ in range(choose.randrange(3))]
            client.sendall(request(head(path, *lines), body))
            status, headers, got = answer(client)
            assert (status, headers["x-path"], got) == (200, path, body)
            names = [line.partition(":")[0] for line in lines]
            assert headers["x-names"] == ",".join(["host", *names, "content-length", "x-pad"])


def test_requests_without_a_body_come_again_too(server):
    with server.connect() as client:
        for path in ("/a", "/a", "/a", "/b", "/a"):
            client.sendall(clients.get(path))
            assert answer(client)[1]["x-path"] == path


@pytest.mark.parametrize("cut", [1, 30, -12, -5, -1])
def test_a_known_head_whose_request_comes_in_two_packets_is_whole(server, cut):
    with server.connect() as client:
        known(client, head())
        for _ in range(2):
            raw = request(head(), b"0123456789")
            client.sendall(raw[:cut])
            time.sleep(0.03)
            client.sendall(raw[cut:])
            assert answer(client)[::2] == (200, b"0123456789")
        known(client, head())


@pytest.mark.parametrize("again", [True, False])
def test_what_follows_a_known_request_in_its_packet_is_not_served(server, again):
    """One answer, then the connection closes: as with any request that comes before the answer to the one before."""
    follows = request(head(), b"copy") if again else b"x"
    with server.connect() as client:
        known(client, head())
        client.sendall(request(head(), b"first") + follows)
        got = clients.everything(client)
    assert statuses(got) == [200]
    assert got.endswith(b"first")


def test_a_known_head_that_comes_before_the_answer_is_not_served(server):
    with server.connect() as client:
        client.sendall(clients.get("/slow?for=0.01"))
        assert clients.until(client, b"late").startswith(b"HTTP/1.1 200 ")
        client.sendall(clients.get("/slow?for=0.3"))
        time.sleep(0.05)
        client.sendall(clients.get("/slow?for=0.3"))
        assert statuses(clients.everything(client)) == [200]


def test_a_known_head_with_less_body_than_announced_waits_for_the_rest(server):
    with server.connect() as client:
        known(client, head())
        client.sendall(request(head(), b"0123456789")[:-4])
        client.settimeout(0.2)
        with pytest.raises(TimeoutError):
            client.recv(1)
        client.settimeout(10)
        # Bytes of a body that look like a known request are a body.
        client.sendall(b"6789")
        assert answer(client)[::2] == (200, b"0123456789")
        inner = request(head(), b"inner")
        outer = request(head(), inner)
        client.sendall(outer[: -len(inner)])
        time.sleep(0.03)
        client.sendall(inner)
        assert answer(client)[::2] == (200, inner)


def test_a_body_that_nobody_read_is_not_taken_for_the_next_request(server):
    with server.connect() as client:
        known(client, head())
        inner = request(head(), b"inner")
        client.sendall(request(head("/early"), inner)[: -len(inner)])
        assert clients.until(client, b"early").startswith(b"HTTP/1.1 200 ")
        client.sendall(inner)
        assert clients.everything(client) == b""


def test_blank_lines_between_requests_are_passed_over(server):
    with server.connect() as client:
        known(client, head())
        client.sendall(b"\r\n" + request(head(), b"one"))
        assert answer(client)[::2] == (200, b"one")
        client.sendall(b"\r\n")
        time.sleep(0.02)
        client.sendall(request(head(), b"two"))
        assert answer(client)[::2] == (200, b"two")


@pytest.mark.parametrize("line", ["connection: close", "expect: 100-continue"])
def test_a_head_with_a_say_over_its_connection_is_read_each_time(server, line):
    for _ in range(2):
        with server.connect() as client:
            client.sendall(request(head("/echo", line), b"body"))
            if line.startswith("expect"):
                assert clients.until(client, b"\r\n\r\n", 1) == b"HTTP/1.1 100 Continue\r\n\r\n"
            status, headers, got = answer(client)
            assert (status, got) == (200, b"body")
            assert ("connection" in headers) == line.startswith("connection")


def test_without_keep_alive_each_connection_serves_one():
    with clients.server(keep_alive=0) as server:
        for _ in range(3):
            got = server.ask(request(head(), b"body") + request(head(), b"more"))
            assert statuses(got) == [200]
            assert b"\r\nconnection: close\r\n" in got


def test_a_known_request_to_a_server_that_drains_is_served_and_told_to_close():
    with clients.server(drain_delay=1.0) as server, server.connect() as client:
        known(client, head())
        server.signal(signal.SIGTERM)
        assert clients.waited(lambda: server.get("/readyz")[0] == 503)
        client.sendall(request(head(), b"last"))
        status, headers, got = answer(client)
        assert (status, headers["connection"], got) == (200, "close", b"last")
        assert clients.everything(client) == b""
        assert server.end()[0] == 0


YAML = "server: {max_header_bytes: %s}\naccounts: {acme: {gateways: {main: {}}}}\n"


@pytest.mark.parametrize("between", [b"", b"two"], ids=["at once", "after a request that came in two packets"])
def test_a_reload_that_shrinks_the_limit_is_heeded_for_known_heads_too(tmp_path, between):
    ask = b'{"model": "demo", "messages": [{"role": "user", "content": "Hi"}]}'
    path = "/v1/acme/main/demo/chat/completions"
    long, short, once = head(path, pad="x" * 3000), head(path), head(path, "connection: close", pad="x" * 3000)
    with world.gateway(tmp_path, YAML % "64KiB") as gateway, connect(gateway.port) as client:
        for _ in range(2):
            client.sendall(request(long, ask))
            assert answer(client)[0] == 200
        gateway.file.write_text(YAML % "2KiB")
        gateway.process.send_signal(signal.SIGHUP)
        assert clients.waited(lambda: statuses(talk(gateway.port, request(once, ask))) == [431])
        if between:
            raw = request(short, ask)
            client.sendall(raw[:-3])
            time.sleep(0.03)
            client.sendall(raw[-3:])
            assert answer(client)[0] == 200
        client.sendall(request(long, ask))
        assert statuses(clients.everything(client)) == [431]


def test_clients_with_the_same_headers_but_their_keys_reach_the_provider_as_themselves(tmp_path):
    yaml = "providers: {openai: {base_url: %s/v1}}\naccounts: {acme: {gateways: {main: {}}}}\n"
    with (
        world.provider(lambda asked: world.Says()) as provider,
        world.gateway(tmp_path, yaml % provider.url) as gateway,
    ):
        lines = [f"authorization: Bearer sk-{number}" for number in range(3)]
        heads = [head("/v1/acme/main/openai/chat/completions", line) for line in lines]
        with connect(gateway.port) as one, connect(gateway.port) as two:
            for turn in range(60):
                for client, number in ((one, turn % 3), (two, turn // 3 % 3)):
                    client.sendall(request(heads[number], b'{"user": "%d"}' % number))
                    assert answer(client)[0] == 200
        assert len(provider.asked) == 120
        for asked in provider.asked:
            assert asked.header("authorization") == f"Bearer sk-{asked.body[10:11].decode()}"
            assert asked.header("content-length") == str(len(asked.body))
