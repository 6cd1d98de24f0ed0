import asyncio

import pytest

from gateway.call import Asked
from gateway.upstream.gather import LARGEST, gather, worth_it
from tests.upstream.calls import reply

JSON = b"application/json"


def run(one):
    async def main():
        made = await gather(one)
        return made, [chunk async for chunk in made.body]

    return asyncio.run(main())


@pytest.mark.parametrize(
    ("asked", "status", "kind", "worth"),
    [
        (Asked("chat"), 200, JSON, True),
        (Asked("chat"), 200, JSON + b"; charset=utf-8", True),
        (Asked("chat", stream=True), 200, JSON, False),
        (Asked(""), 200, JSON, False),
        (Asked("chat"), 500, JSON, False),
        (Asked("chat"), 200, b"text/event-stream", False),
        (Asked("chat"), 200, b"", False),
    ],
)
def test_what_is_read_whole_is_metered_json_that_is_no_stream(asked, status, kind, worth):
    assert worth_it(asked, status, kind) is worth


def test_a_short_answer_is_whole_and_gets_a_length():
    made, chunks = run(reply(b'{"a"', b": 1}"))
    assert chunks == [b'{"a": 1}']
    assert (made.length, made.headers) == (8, [(b"content-length", b"8")])


def test_a_length_that_was_told_stays():
    made, chunks = run(reply(b"{}", length=2, headers=[(b"content-length", b"2")]))
    assert (made.headers, chunks) == ([(b"content-length", b"2")], [b"{}"])


def test_an_empty_answer_is_empty():
    made, chunks = run(reply())
    assert (made.length, chunks) == (0, [])


def test_a_long_answer_goes_on_as_it_comes():
    big = [b"x" * (LARGEST // 2)] * 4
    one = reply(*big)
    left = len(one.body.script)
    made, chunks = run(one)
    assert left == 4
    assert (made.length, chunks) == (None, big)


def test_blanks_are_passed_on_at_once():
    async def main():
        one = reply(b"\n  \n", b"\n", b"{}")
        body = one.body
        made = await gather(one)
        assert len(body.script) == 2, "nothing more is read than the first blanks"
        return [chunk async for chunk in made.body]

    assert asyncio.run(main()) == [b"\n  \n", b"\n", b"{}"]
