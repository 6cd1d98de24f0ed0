import asyncio

import pytest

from gateway.upstream import fetch as fetching
from gateway.upstream.fetch import LARGEST, fetch_over
from tests.upstream.hostile import OK, hostile, transport


def fetched(script, patience=None, monkeypatch=None):
    async def main():
        async with hostile(script) as server, transport() as client:
            return await fetch_over(client)("POST", str(server.url), [(b"x-a", b"1")], b"body")

    return asyncio.run(main())


def saying(*pieces, hang=False):
    async def script(peer):
        head, body = await peer.request()
        assert (b"x-a: 1" in head.lower(), body) == (True, b"body")
        await peer.say(*pieces)
        if hang:
            await peer.gone()

    return script


def test_status_and_body_come_back():
    assert fetched(saying(b"HTTP/1.1 403 No\r\ncontent-length: 3\r\n\r\n", b"abc")) == (403, b"abc")


def test_a_body_over_the_bound_is_a_502():
    assert fetched(saying(OK + b"content-length: %d\r\n\r\n" % LARGEST, b"x" * LARGEST))[0] == 200
    endless = OK + b"content-length: %d\r\n\r\n" % (LARGEST * 100)
    assert fetched(saying(endless, b"x" * (LARGEST + 1), hang=True)) == (502, b"")


def test_a_body_that_breaks_off_is_a_502():
    assert fetched(saying(OK + b"content-length: 10\r\n\r\n", b"abc")) == (502, b"")


def test_nobody_there_is_a_502():
    async def main():
        async with transport() as client:
            return await fetch_over(client)("GET", "http://127.0.0.1:9/", [], b"")

    assert asyncio.run(main()) == (502, b"")


@pytest.mark.parametrize("pieces", [(), (OK + b"content-length: 3\r\n\r\n", b"a")], ids=["no answer", "half an answer"])
def test_silence_is_bounded(monkeypatch, pieces):
    monkeypatch.setattr(fetching, "TIMEOUT", fetching.TIMEOUT | {"first_byte": 0.1, "idle": 0.1})
    assert fetched(saying(*pieces, hang=True))[0] in (502, 504)


@pytest.mark.parametrize("url", ["nonsense", "ftp://127.0.0.1/", "http://", "http://[::"])
def test_a_url_that_leads_nowhere_is_a_502(url):
    async def main():
        async with transport() as client:
            return await fetch_over(client)("GET", url, [], b"")

    assert asyncio.run(main())[0] == 502
