"""What is, and what is not, HTTP/1.1 here: every request below is sent as it stands to a real server."""

import asyncio
import json
import re

import pytest

from tests.server import clients, heads

STATUSES = re.compile(rb"HTTP/1\.1 (\d{3}) ")
SECONDS = 10


async def said(port, raw):
    """Everything that comes back until the server closes."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    got = b""
    try:
        writer.write(raw)
        async with asyncio.timeout(SECONDS):
            while part := await reader.read(65536):
                got += part
    except ConnectionResetError:
        pass
    finally:
        writer.transport.abort()
    return got


def all_said(port, requests):
    """What the server says to each of the requests, asked one beside the other."""

    async def ask():
        return await asyncio.gather(*(said(port, raw) for raw in requests), return_exceptions=True)

    return asyncio.run(ask())


@pytest.fixture(scope="module")
def answers():
    requests = dict(heads.SERVED)
    requests |= {name: raw for name, (_, raw) in heads.REFUSED.items()}
    requests |= {name: raw for name, (_, raw) in heads.SEQUENCES.items()}
    with clients.server(header_timeout=0.5, keep_alive=0.3) as server:
        yield dict(zip(requests, all_said(server.port, requests.values()), strict=True))


def statuses(got):
    assert isinstance(got, bytes), got
    return [int(status) for status in STATUSES.findall(got)]


@pytest.mark.parametrize("name", heads.SERVED)
def test_a_sound_request_is_served(answers, name):
    assert statuses(answers[name]) == [200]


@pytest.mark.parametrize("name", heads.REFUSED)
def test_a_hostile_request_is_refused_and_the_connection_closed(answers, name):
    status, got = heads.REFUSED[name][0], answers[name]
    assert statuses(got) == [status]
    head, _, body = got.partition(b"\r\n\r\n")
    assert b"\r\nconnection: close" in head
    envelope = json.loads(body)
    assert envelope["httpCode"] == status
    assert envelope["success"] is False
    assert envelope["error"]["message"] == envelope["errors"][0]["message"]


@pytest.mark.parametrize("name", heads.SEQUENCES)
def test_each_request_gets_one_answer_and_nothing_is_smuggled(answers, name):
    got = answers[name]
    assert statuses(got) == heads.SEQUENCES[name][0]
    assert b"/admin" not in got.split(b"\r\n\r\n")[0]


def test_the_table_is_as_long_as_it_should_be():
    assert len(heads.REFUSED) >= 80
