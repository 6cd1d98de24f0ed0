"""Where an answer goes out: as ASGI's messages, unless our own server takes it as it is."""

import asyncio

import pytest

from gateway.edge.outlet import Messages, outlet
from gateway.server.cycle import Cycle

HEADERS = [(b"content-type", b"text/plain"), (b"x-a", b"a: b")]
FACTS = b"cf-aig-log-id: 1\r\ncf-aig-model: a: b\r\n"


def sending(*, fails=False):
    sent = []

    async def send(message):
        if fails:
            raise OSError
        sent.append(message)

    return Messages(send), sent


def test_head_and_pieces_are_messages_in_their_order_sent_when_they_are_waited_for():
    out, sent = sending()

    async def main():
        out.answer(201, HEADERS, FACTS)
        out.put(b"a", True)
        assert out.full
        assert sent == []
        await out.drained()
        out.put(b"b", False)
        await out.drained()
        await out.drained()

    asyncio.run(main())
    facts = [(b"cf-aig-log-id", b"1"), (b"cf-aig-model", b"a: b")]
    assert sent == [
        {"type": "http.response.start", "status": 201, "headers": [*HEADERS, *facts]},
        {"type": "http.response.body", "body": b"a", "more_body": True},
        {"type": "http.response.body", "body": b"b", "more_body": False},
    ]


def test_an_answer_that_is_all_there_is_both_messages():
    out, sent = sending()
    out.entire((204, [], b""), b"")
    asyncio.run(out.drained())
    assert [message["type"] for message in sent] == ["http.response.start", "http.response.body"]
    assert sent[0]["headers"] == []
    assert not sent[1]["more_body"]


def test_what_the_server_raises_is_told_and_not_sent_twice():
    out, _ = sending(fails=True)
    out.entire((200, [], b""), b"x")
    with pytest.raises(OSError):
        asyncio.run(out.drained())
    assert [message["type"] for message in out.waiting] == ["http.response.body"]


def test_our_own_servers_cycle_takes_an_answer_itself():
    async def send(message):
        raise AssertionError

    cycle = Cycle(None, {"method": "GET", "http_version": "1.1"})
    assert outlet(cycle, send) is cycle
    assert isinstance(outlet(None, send), Messages)
