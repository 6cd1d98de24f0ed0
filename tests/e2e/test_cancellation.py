"""A client that leaves is noticed in every phase, and its call to the provider is closed within 250 ms."""

import json
import socket
import struct
import threading
import time

import pytest

from tests import world
from tests.world import Says

WITHIN = 0.25
TIMES = 100
EVENTS = {"content-type": "text/event-stream"}
CHUNK = b'data: {"choices":[{"delta":{"content":"x"}}]}\n\n'

SCRIPTS = {
    "waiting": Says(hang=True),
    "streaming": Says(headers=EVENTS, chunks=[CHUNK] * 2, framing="chunked", pause=60),
    "in a JSON answer": Says(chunks=[b'{"id":', b'"1"}'], framing="chunked", pause=60),
}


@pytest.fixture(scope="module")
def provider():
    with world.provider(lambda asked: SCRIPTS[asked.header("x-do")]) as one:
        yield one


@pytest.fixture(scope="module")
def deaf():
    """A port that takes connections into its backlog and never answers: connects succeed, or hang once it is full."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        one.listen(0)
        filler = [socket.socket() for _ in range(8)]
        for sock in filler:
            sock.setblocking(False)
            sock.connect_ex(one.getsockname())
        yield one.getsockname()[1]
        for sock in filler:
            sock.close()


@pytest.fixture(scope="module")
def gateway(tmp_path_factory, provider, deaf):
    yaml = f"""
    providers:
      openai: {{base_url: {provider.url}/v1}}
      deaf: {{base_url: "http://127.0.0.1:{deaf}/v1"}}
    accounts: {{acme: {{gateways: {{main: {{timeout: {{connect: 30s}}}}}}}}}}
    """
    with world.gateway(tmp_path_factory.mktemp("cancellation"), yaml) as one:
        yield one


def request(slug, do, stream):
    body = json.dumps({"model": "m", "stream": stream, "messages": []}).encode()
    head = (
        f"POST /v1/acme/main/{slug}/chat/completions HTTP/1.1\r\nhost: x\r\nx-do: {do}\r\n"
        f"content-type: application/json\r\ncontent-length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


def leave(client, how):
    if how == "reset":
        client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    client.close()


def once(gateway, provider, do, how):
    """Call, wait until the provider is in the phase, leave; returns how long the provider's side stayed open."""
    before_asked, before_gone = len(provider.asked), len(provider.gone)
    client = socket.create_connection(("127.0.0.1", gateway.port))
    client.sendall(request("openai", do, do == "streaming"))
    until(lambda: len(provider.asked) > before_asked)
    if do == "streaming":
        seen = b""
        while CHUNK not in seen:
            seen += client.recv(4096)
    else:
        time.sleep(0.005)
    leave(client, how)
    left = time.monotonic()
    until(lambda: len(provider.gone) > before_gone)
    return provider.gone[-1] - left


def most(took):
    """What nine of ten took at most."""
    return sorted(took)[len(took) * 9 // 10]


def until(true, within=3.0):
    end = time.monotonic() + within
    while not true():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.001)


@pytest.mark.parametrize("how", ["close", "reset"])
@pytest.mark.parametrize("do", SCRIPTS)
def test_leaving_closes_the_providers_side(gateway, provider, do, how):
    took = [once(gateway, provider, do, how) for _ in range(TIMES // 2)]
    assert most(took) < WITHIN
    assert max(took) < 4 * WITHIN
    assert provider.open == 0


def test_many_leave_at_once_and_no_connection_is_left(gateway, provider):
    clients = []
    for number in range(TIMES):
        client = socket.create_connection(("127.0.0.1", gateway.port))
        client.sendall(request("openai", list(SCRIPTS)[number % 3], number % 3 == 1))
        clients.append(client)
    until(lambda: provider.open == TIMES, 10)
    for client in clients:
        client.close()
    left = time.monotonic()
    until(lambda: provider.open == 0)
    assert time.monotonic() - left < 1


def test_leaving_while_the_gateway_connects_ends_the_call(gateway):
    took = []
    for _ in range(TIMES):
        before = abandoned(gateway)
        client = socket.create_connection(("127.0.0.1", gateway.port))
        client.sendall(request("custom-deaf", "x", False))
        time.sleep(0.02)
        client.close()
        left = time.monotonic()
        until(lambda before=before: abandoned(gateway) > before)
        took.append(time.monotonic() - left)
    # The log line follows up to 20 ms later, the poll too; and a busy machine may hold any of them up.
    assert most(took) < WITHIN + 0.1
    assert max(took) < 4 * WITHIN


def test_leaving_in_the_middle_of_the_request_sends_nothing(gateway, provider):
    asked = len(provider.asked)
    time.sleep(0.1)  # lines of earlier calls are written by then
    before = abandoned(gateway)
    for _ in range(TIMES):
        client = socket.create_connection(("127.0.0.1", gateway.port))
        client.sendall(request("openai", "waiting", False)[:-5])
        client.close()
    until(lambda: abandoned(gateway) >= before + TIMES, 5)
    assert len(provider.asked) == asked


def abandoned(gateway):
    return sum(line["outcome"] == "abandoned" for line in gateway.lines())


def test_an_abandoned_call_is_in_the_log_with_what_is_known(gateway, provider):
    client = socket.create_connection(("127.0.0.1", gateway.port))
    client.sendall(request("openai", "streaming", True))
    head = client.recv(4096).decode()
    client.close()
    log_id = next(one for one in head.split("\r\n") if one.startswith("cf-aig-log-id")).split(": ")[1]
    line = gateway.line(log_id)
    assert line["outcome"] == "abandoned"
    assert (line["provider"], line["status_code"], line["attempts"][0]["error"]) == ("openai", 200, "cancelled")


def test_a_reader_that_stalls_holds_back_the_provider_and_may_leave(gateway, provider):
    SCRIPTS["flood"] = Says(headers=EVENTS, chunks=[CHUNK * 2000] * 2000, framing="chunked")
    client = socket.socket()
    client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    client.connect(("127.0.0.1", gateway.port))
    client.sendall(request("openai", "flood", True))
    until(lambda: provider.open == 1)
    time.sleep(0.5)
    assert provider.open == 1, "a stalled reader must not make the gateway swallow the whole answer"
    client.close()
    until(lambda: provider.open == 0, 2)
    assert threading.active_count() < 50
