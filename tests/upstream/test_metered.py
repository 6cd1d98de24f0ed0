import asyncio

import httpx2
import pytest

from gateway.call import Broken
from gateway.upstream.metered import Metered
from tests.upstream.calls import Played, attempt


class Fed:
    def __init__(self):
        self.chunks = []

    def feed(self, chunk):
        self.chunks.append(chunk)


def metered(*script):
    settled = []
    meter, one = Fed(), attempt()
    return Metered(Played(*script), one, meter, settled.append), meter, one, settled


async def drained(body):
    return [chunk async for chunk in body]


def test_chunks_pass_untouched_and_are_settled_once():
    body, meter, one, settled = metered(b"a", b"b")

    async def main():
        assert await drained(body) == [b"a", b"b"]
        await body.aclose()
        await body.aclose()

    asyncio.run(main())
    assert meter.chunks == [b"a", b"b"]
    assert settled == [one]
    assert one.started <= one.first_chunk <= one.ended
    assert one.error == ""
    assert body.stream.closed


@pytest.mark.parametrize(
    ("fault", "error", "sentence"),
    [
        (httpx2.ReadTimeout("secret in here"), "timeout", "fell silent"),
        (httpx2.ReadError("secret in here"), "stream_broken", "broke off"),
        (httpx2.RemoteProtocolError("secret in here"), "stream_broken", "broke off"),
        (httpx2.StreamClosed(), "stream_broken", "broke off"),
    ],
)
def test_a_fault_is_put_into_our_own_words(fault, error, sentence):
    body, _, one, settled = metered(b"a", fault)

    async def main():
        with pytest.raises(Broken, match=sentence) as broken:
            await drained(body)
        assert "secret" not in str(broken.value)
        await body.aclose()

    asyncio.run(main())
    assert one.error == error
    assert settled == [one]
    assert one.ended > 0


def test_closing_before_the_end_is_a_cancellation():
    body, _, one, settled = metered(b"a", b"b")

    async def main():
        await anext(body)
        await body.aclose()

    asyncio.run(main())
    assert one.error == "cancelled"
    assert settled == [one]
    assert body.stream.closed


def test_closing_what_was_never_begun_settles_it_too():
    body, _, one, settled = metered(b"a")
    asyncio.run(body.aclose())
    assert settled == [one]
    assert one.first_chunk == 0
    assert body.stream.closed


def test_a_body_that_nobody_meters_still_counts_time():
    one = attempt()
    assert asyncio.run(drained(Metered(Played(b"a"), one, None, lambda _: None))) == [b"a"]
    assert one.first_chunk > 0
