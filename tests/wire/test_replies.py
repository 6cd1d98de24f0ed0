"""What was read of a reply to look at it is passed on as if nobody had."""

import asyncio

import pytest

from gateway.call import Broken, Reply, Whole
from gateway.wire import replies
from gateway.wire.replies import Resumed, drop, opening, seen, short


class Pushing:
    """A body that also passes its chunks on by itself, as a provider's does."""

    def __init__(self, *chunks):
        self.chunks, self.closed = list(chunks), 0

    def __aiter__(self):
        return self

    @property
    def ended(self):
        return not self.chunks

    async def __anext__(self):
        if not self.chunks:
            raise StopAsyncIteration
        chunk = self.chunks.pop(0)
        if isinstance(chunk, Exception):
            raise chunk
        if chunk == b"wait":
            await asyncio.sleep(60)
        return chunk

    async def relay(self, taker):
        while self.chunks:
            if taker(self.chunks.pop(0), not self.chunks):
                break
        return True

    async def aclose(self):
        self.closed += 1


class Pulled(Pushing):
    relay = None


def reply(body):
    return Reply(200, [], body, close=getattr(body, "aclose", None))


async def rest(one):
    return [chunk async for chunk in one.body]


def run(coroutine):
    return asyncio.run(coroutine)


def test_a_first_chunk_is_put_back():
    async def main():
        one = reply(Pushing(b"a", b"b", b"c"))
        await opening(one)
        assert (seen(one), one.body.ended) == (b"a", False)
        await opening(one)
        return await rest(one)

    assert run(main()) == [b"a", b"b", b"c"]


def test_comments_are_waited_through_where_that_is_wanted():
    async def main():
        chunks = (b": wait\n\n", b"\n", b": more\n\n", b"data: 1\n\n", b"data: 2\n\n")
        one, other = reply(Pushing(*chunks)), reply(Pushing(*chunks))
        await opening(one, 64)
        await opening(other)
        assert (seen(one), seen(other)) == (b"".join(chunks[:4]), chunks[0])
        few = reply(Pushing(*chunks))
        await opening(few, 2)
        assert seen(few) == b"".join(chunks[:2])
        return b"".join(await rest(one)) == b"".join(chunks)

    assert run(main())


@pytest.mark.parametrize("body", [Pushing(b"a", b"b", b"c"), Pushing(b"a")])
def test_it_still_passes_chunks_on_by_itself(body):
    async def main():
        passed = []
        one = reply(body)
        await opening(one)
        assert await one.body.relay(lambda chunk, last: passed.append((chunk, last)))
        assert one.body.ended
        return passed

    passed = run(main())
    assert [last for _, last in passed] == [False] * (len(passed) - 1) + [True]
    assert passed[0][0] == b"a"


def test_a_client_that_is_slow_is_waited_for_between_chunks():
    async def main():
        passed = []
        one = reply(Pushing(b"a", b"b"))
        await opening(one)
        full = [True, False]
        while await one.body.relay(lambda chunk, last: (passed.append(chunk), full.pop(0))[1]) and not one.body.ended:
            passed.append("drained")
        return passed

    assert run(main()) == [b"a", "drained", b"b"]


def test_a_body_that_must_be_asked_says_so():
    async def main():
        one = reply(Pulled(b"a", b"b"))
        await opening(one)
        assert not await one.body.relay(lambda chunk, last: False)
        return await rest(one)

    assert run(main()) == [b"a", b"b"]


def test_a_short_body_is_read_and_put_back_also_after_closing():
    async def main():
        one = reply(Pushing(b"a", b"b"))
        assert await drop(one) == b"ab"
        assert await drop(one) == b"ab"
        return await rest(one), one.body.rest.closed

    assert run(main()) == ([b"a", b"b"], 2)


def test_a_long_one_is_not_read_to_its_end():
    async def main():
        body = Pushing(b"a" * 40000, b"b" * 40000, b"c")
        one = reply(body)
        assert await short(one) is None
        assert body.chunks == [b"c"]
        return b"".join(await rest(one))

    assert len(run(main())) == 80001


def test_one_that_breaks_breaks_again_when_it_is_passed_on():
    async def main():
        one = reply(Pushing(b"a", Broken("no")))
        assert await short(one) is None
        assert seen(one) == b"a"
        with pytest.raises(Broken):
            await rest(one)
        early = reply(Pushing(Broken("no")))
        with pytest.raises(Broken):
            await opening(early)

    run(main())


def test_what_does_not_come_is_not_waited_for(monkeypatch):
    monkeypatch.setattr(replies, "WITHIN", 0.02)

    async def main():
        body = Pushing(b"a", b"wait")
        assert await drop(reply(body)) is None
        return body.closed

    assert run(main()) == 1


def test_whole_bodies_stay_whole():
    async def main():
        one = Reply.of(200, [], b"abc")
        await opening(one)
        assert (await short(one), seen(one), type(one.body)) == (b"abc", b"abc", Whole)
        return await rest(one)

    assert run(main()) == [b"abc"]


def test_an_empty_body_is_empty():
    async def main():
        one = reply(Pushing())
        await opening(one)
        assert (seen(one), type(one.body)) == (b"", Resumed)
        return await rest(one)

    assert run(main()) == []
