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


class Relaying(Played):
    """A stream that gives its script to a taker; `ended` once the last of it is out."""

    ended = False

    async def relay(self, taker):
        while self.script:
            one = self.script.pop(0)
            if isinstance(one, BaseException):
                raise one
            self.ended = not self.script
            if taker(one, self.ended):
                return


def relaying(*script):
    settled = []
    meter, one = Fed(), attempt()
    return Metered(Relaying(*script), one, meter, settled.append), meter, one, settled


def test_a_relayed_chunk_is_metered_and_passed_on_and_the_last_one_settles():
    body, meter, one, settled = relaying(b"a", b"b")
    taken = []

    async def main():
        assert await body.relay(lambda chunk, last: taken.append((chunk, last, list(settled))))
        await body.aclose()

    asyncio.run(main())
    assert taken == [(b"a", False, []), (b"b", True, [])]
    assert meter.chunks == [b"a", b"b"]
    assert settled == [one]
    assert one.started <= one.first_chunk <= one.ended
    assert one.error == ""


def test_a_relay_goes_on_where_its_taker_had_enough():
    body, meter, one, settled = relaying(b"a", b"b", b"c")
    taken = []

    async def main():
        while not body.ended:
            assert await body.relay(lambda chunk, last: taken.append(chunk) or True)
            assert settled == ([one] if body.ended else [])

    asyncio.run(main())
    assert taken == meter.chunks == [b"a", b"b", b"c"]


def test_a_stream_that_cannot_relay_says_so_and_loses_nothing():
    body, meter, _, settled = metered(b"a")

    async def main():
        assert not await body.relay(lambda chunk, last: pytest.fail("nothing is relayed"))
        assert await drained(body) == [b"a"]

    asyncio.run(main())
    assert meter.chunks == [b"a"]
    assert len(settled) == 1


@pytest.mark.parametrize(
    ("fault", "error"), [(httpx2.ReadTimeout("secret"), "timeout"), (httpx2.ReadError("secret"), "stream_broken")]
)
def test_a_fault_amid_a_relay_is_put_into_our_own_words(fault, error):
    body, meter, one, settled = relaying(b"a", fault)

    async def main():
        with pytest.raises(Broken) as broken:
            await body.relay(lambda chunk, last: False)
        assert "secret" not in str(broken.value)
        assert settled == []
        await body.aclose()

    asyncio.run(main())
    assert (one.error, meter.chunks, settled) == (error, [b"a"], [one])


def test_what_a_taker_raises_is_its_own_and_the_attempt_is_settled_when_the_body_is_closed():
    body, _, one, settled = relaying(b"a", b"b")

    def fails(chunk, last):
        raise LookupError

    async def main():
        with pytest.raises(LookupError):
            await body.relay(fails)
        await body.aclose()

    asyncio.run(main())
    assert (one.error, settled, body.stream.closed) == ("cancelled", [one], True)
