"""A body that passes its pieces on by itself: at once, in order, all of them, and to nobody when it is over."""

import asyncio

import httpx2
import pytest

from tests.upstream.hostile import OK, Peer, answering, fetch, hostile, request, transport
from tests.upstream.http1.test_body import CHUNKED, stepwise

LAST = b"0\r\n\r\n"


def framed(piece: bytes) -> bytes:
    return b"%x\r\n%b\r\n" % (len(piece), piece)


class Taker:
    """Keeps what it is given; has `enough` after every so many pieces, or fails where it is told to."""

    def __init__(self, enough: int = 0, fails: bool = False) -> None:
        self.got: list[tuple[bytes, bool]] = []
        self.enough, self.fails = enough, fails
        self.came = asyncio.Event()

    def __call__(self, piece: bytes, last: bool) -> bool:
        self.got.append((piece, last))
        self.came.set()
        if self.fails:
            raise LookupError("the taker's own")
        return bool(self.enough) and len(self.got) % self.enough == 0

    async def more(self) -> None:
        """Return once another piece has come."""
        self.came.clear()
        async with asyncio.timeout(2):
            await self.came.wait()

    @property
    def pieces(self) -> list[bytes]:
        return [piece for piece, _ in self.got]


async def begun(client, server, **kwargs):
    response = await client.handle_async_request(request(server.url, **kwargs))
    return response.stream


def test_each_piece_is_passed_on_in_the_moment_it_comes(run):
    async def main():
        pieces = [b"a", b"bc", b"d" * 3000]
        script, step = stepwise(CHUNKED, *map(framed, pieces[:2]), framed(pieces[2]) + LAST)
        async with hostile(script) as server, transport() as client:
            step()
            body, taker = await begun(client, server), Taker()
            relaying = asyncio.create_task(body.relay(taker))
            for count in (1, 2, 3):
                step()
                await taker.more()
                assert taker.pieces == pieces[:count]
            await relaying
            assert [last for _, last in taker.got] == [False, False, True]
            assert body.ended
            assert client.idle_connections == 1

    run(main())


def test_what_came_with_the_head_is_passed_on_too(run):
    async def main():
        whole, part = CHUNKED + framed(b"ab") + LAST, CHUNKED + framed(b"ab")
        for pieces, wanted in (
            ([whole], [(b"ab", True)]),
            ([part, framed(b"c") + LAST], [(b"ab", False), (b"c", True)]),
            ([OK + b"content-length: 0\r\n\r\n"], []),
        ):
            async with hostile(answering(*pieces)) as server, transport() as client:
                body, taker = await begun(client, server), Taker()
                await body.relay(taker)
                assert b"".join(taker.pieces) == b"".join(piece for piece, _ in wanted)
                assert [last for _, last in taker.got][-1:] == [last for _, last in wanted][-1:]
                assert body.ended

    run(main())


def test_an_end_in_a_packet_of_its_own_is_no_piece(run):
    async def main():
        script, step = stepwise(CHUNKED, framed(b"a"), LAST)
        async with hostile(script) as server, transport() as client:
            step()
            body, taker = await begun(client, server), Taker()
            relaying = asyncio.create_task(body.relay(taker))
            step()
            await taker.more()
            step()
            await relaying
            assert taker.got == [(b"a", False)]
            assert body.ended
            assert client.idle_connections == 1
            assert [piece async for piece in body] == []

    run(main())


@pytest.mark.parametrize("rest", [[LAST], [framed(b"b")], [framed(b"b") + LAST], [framed(b"b"), framed(b"c"), LAST]])
def test_a_taker_that_has_enough_loses_nothing_of_what_comes_meanwhile(run, rest):
    async def main():
        script, step = stepwise(CHUNKED, framed(b"a"), *rest)
        async with hostile(script) as server, transport() as client:
            step()
            body, taker = await begun(client, server), Taker(enough=1)
            step()
            await body.relay(taker)
            assert taker.got == [(b"a", False)]
            for _ in rest:
                step()
            await asyncio.sleep(0.03)
            assert taker.got == [(b"a", False)]
            complete = rest[-1].endswith(LAST)
            while not body.ended and (complete or len(taker.got) < 2):
                await body.relay(taker)
            assert b"".join(taker.pieces) == b"a" + b"".join(one for one in (b"b", b"c") if one in b"".join(rest))
            assert client.idle_connections == complete
            await body.aclose()

    run(main())


def test_a_taker_that_never_has_room_gets_every_byte_once(run):
    async def main():
        sent = [b"%d;" % number * (number % 50 + 1) for number in range(400)]
        async with hostile(answering(CHUNKED, *map(framed, sent), LAST)) as server, transport() as client:
            body, taker = await begun(client, server), Taker(enough=1)
            async with asyncio.timeout(10):
                while not body.ended:
                    await body.relay(taker)
                    await asyncio.sleep(0)
            assert b"".join(taker.pieces) == b"".join(sent)
            assert client.idle_connections == 1

    run(main())


def test_one_may_relay_first_and_ask_for_the_rest(run):
    async def main():
        script, step = stepwise(CHUNKED, framed(b"a"), framed(b"b"), framed(b"c") + LAST)
        async with hostile(script) as server, transport() as client:
            step()
            body, taker = await begun(client, server), Taker(enough=1)
            step()
            await body.relay(taker)
            step()
            step()
            assert b"".join([piece async for piece in body]) == b"bc"
            assert taker.got == [(b"a", False)]

    run(main())


@pytest.mark.parametrize("ends", [b"", LAST])
def test_what_the_taker_raises_reaches_the_one_who_waits_and_the_connection_is_closed(run, ends):
    async def main():
        script, step = stepwise(CHUNKED, framed(b"a") + ends)
        async with hostile(script) as server, transport() as client:
            step()
            body, taker = await begun(client, server), Taker(fails=True)
            step()
            with pytest.raises(LookupError):
                await body.relay(taker)
            await body.aclose()
            # One that was complete is as good as before.
            assert client.open_connections == bool(ends)
            if not ends:
                await server.all_gone(0.25)

    run(main())


@pytest.mark.parametrize(
    ("then", "fault"),
    [("reset", httpx2.ReadError), ("close", httpx2.RemoteProtocolError), ("wait", httpx2.ReadTimeout)],
)
def test_a_provider_that_breaks_off_or_falls_silent_is_told_of_after_what_it_said(run, then, fault):
    async def main():
        async with hostile(answering(CHUNKED, framed(b"a"), framed(b"b"), then=then)) as server, transport() as client:
            body, taker = await begun(client, server, timeout={"idle": 0.1}), Taker()
            with pytest.raises(fault):
                await body.relay(taker)
            assert b"".join(taker.pieces) == b"ab"
            assert not any(last for _, last in taker.got)
            assert not body.ended
            assert client.open_connections == 0
            await body.aclose()

    run(main())


def test_what_is_no_chunk_is_told_of_after_what_was_sound_before_it(run):
    async def main():
        async with hostile(answering(CHUNKED, framed(b"a") + b"zz\r\n")) as server, transport() as client:
            body, taker = await begun(client, server), Taker()
            with pytest.raises(httpx2.RemoteProtocolError):
                await body.relay(taker)
            assert taker.got == [(b"a", False)]
            assert client.open_connections == 0

    run(main())


def test_framing_without_a_body_is_not_read_for_ever(run):
    async def main():
        async def script(peer: Peer):
            await peer.request()
            await peer.say(CHUNKED)
            await peer.flood(b"1;" + b"x" * 4000)

        async with hostile(script) as server, transport() as client:
            body, taker = await begun(client, server), Taker()
            with pytest.raises(httpx2.RemoteProtocolError):
                await body.relay(taker)

    run(main())


def test_cancelling_closes_the_connection_within_a_quarter_second(run):
    async def main():
        script, step = stepwise(CHUNKED, framed(b"a"))
        async with hostile(script) as server, transport() as client:
            step()
            body, taker = await begun(client, server), Taker()
            relaying = asyncio.create_task(body.relay(taker))
            step()
            await taker.more()
            relaying.cancel()
            with pytest.raises(asyncio.CancelledError):
                await relaying
            await server.all_gone(0.25)
            assert client.open_connections == 0
            await body.aclose()

    run(main())


def test_a_cancellation_in_the_moment_of_the_end_leaves_the_connection_to_the_next_call(run):
    """The client leaves and the last piece comes in one turn of the loop: by then the connection is another call's."""

    async def main():
        async def script(peer: Peer):
            await peer.request()
            await peer.say(CHUNKED + framed(b"a"))
            await peer.request()
            await peer.say(OK + b"content-length: 2\r\n\r\nok")
            await peer.gone()

        async with hostile(script) as server, transport() as client:
            body, taker = await begun(client, server), Taker()
            relaying = asyncio.create_task(body.relay(taker))
            await asyncio.sleep(0.02)
            connection = body.connection
            relaying.cancel()
            connection.data_received(framed(b"b") + LAST)
            following = asyncio.create_task(fetch(client, server.url))
            with pytest.raises(asyncio.CancelledError):
                await relaying
            assert await following == (200, b"ok")
            assert server.accepted == 1
            assert b"".join(taker.pieces) == b"ab"

    run(main())


def test_a_parser_reads_one_answer_after_the_other(run):
    async def main():
        answers = [
            ("GET", b"HTTP/1.1 103 Early\r\nlink: x\r\n\r\n" + OK + b"content-length: 2\r\n\r\nab", (200, b"ab")),
            ("HEAD", OK + b"content-length: 5\r\n\r\n", (200, b"")),
            ("GET", CHUNKED + framed(b"cd") + b"0\r\nx-trailer: 1\r\n\r\n", (200, b"cd")),
            ("HEAD", CHUNKED, (200, b"")),
            ("GET", b"HTTP/1.1 204 No\r\n\r\n", (204, b"")),
            ("GET", b"HTTP/1.1 304 Not\r\ncontent-length: 9\r\n\r\n", (304, b"")),
            ("GET", OK + b"content-length: 0\r\n\r\n", (200, b"")),
            ("POST", b"HTTP/1.1 404 No\r\ncontent-length: 3\r\n\r\nefg", (404, b"efg")),
            ("GET", b"HTTP/1.1 100 Go\r\n\r\n" + CHUNKED + framed(b"h") + LAST, (200, b"h")),
            ("GET", OK + b"connection: close\r\n\r\nij", (200, b"ij")),
        ]

        async def script(peer: Peer):
            for _, answer, _ in answers:
                await peer.request()
                await peer.say(answer)

        async with hostile(script) as server, transport() as client:
            got = [await fetch(client, server.url, method) for method, _, _ in answers]
            assert got == [wanted for _, _, wanted in answers]
            assert server.accepted == 1
            assert client.open_connections == 0

    run(main())
