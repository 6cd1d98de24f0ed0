import asyncio

import msgspec
import pytest

from gateway.call import Asked, Call, Record, Refusal, Reply, Whole


def call(body=b"{}"):
    return Call("POST", "p", b"x", b"", [], {}, body, Asked(), Record("1", 0, 0.0))


def test_a_body_is_parsed_once_and_only_when_asked_for():
    one = call(b'{"a": [1]}')
    assert one.json == {"a": [1]}
    assert one.json is one.json
    with pytest.raises(msgspec.DecodeError):
        _ = call(b"{").json


def test_a_call_never_changes():
    with pytest.raises(AttributeError):
        call().body = b"x"


def test_a_whole_body_is_one_chunk_or_none():
    async def chunks(body):
        return [chunk async for chunk in Whole(body)]

    assert asyncio.run(chunks(b"abc")) == [b"abc"]
    assert asyncio.run(chunks(b"")) == []


def test_a_reply_of_bytes_knows_its_length_and_closes_nothing():
    reply = Reply.of(418, [(b"a", b"1"), (b"a", b"2")], b"tea")
    assert (reply.status, reply.length, reply.header(b"a"), reply.header(b"b")) == (418, 3, b"1", b"")
    assert reply.taps == []
    asyncio.run(reply.close())


def test_records_share_no_list_of_attempts():
    first, second = Record("1", 0, 0.0), Record("2", 0, 0.0)
    assert first.attempts is not second.attempts


def test_a_refusal_is_an_exception_with_its_facts():
    refusal = Refusal(429, 2003, "rate_limited", "Wait.", [(b"retry-after", b"1")])
    assert str(refusal) == "Wait."
    assert (refusal.status, refusal.number, refusal.code, refusal.headers) == (
        429, 2003, "rate_limited", [(b"retry-after", b"1")],
    )  # fmt: skip
    assert Refusal(400, 1, "x", "y").headers == []
