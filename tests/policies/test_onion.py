"""Policies around a handler: met in order on the way in, and in reverse order on the way out."""

import asyncio

import pytest
from msgspec.structs import replace

from gateway.call import Refusal, Reply
from gateway.policies.onion import onion
from tests.upstream.calls import call


def noting(name, notes):
    async def policy(call, next):
        notes.append(f"{name} in")
        reply = await next(replace(call, path=call.path + name.encode()))
        notes.append(f"{name} out")
        return reply

    return policy


async def heart(call):
    return Reply.of(200, [(b"path", call.path)], b"")


def asked(handler, one):
    async def run():
        return await handler(one)

    return asyncio.run(run())


def test_the_first_is_outermost():
    notes = []
    handler = onion([noting("a", notes), noting("b", notes)], heart)
    assert asked(handler, call(path=b"/")).header(b"path") == b"/ab"
    assert notes == ["a in", "b in", "b out", "a out"]


def test_without_policies_the_heart_is_the_handler():
    assert onion([], heart) is heart


def test_a_policy_may_answer_by_itself_repeat_or_refuse():
    async def twice(call, next):
        await next(call)
        return await next(call)

    async def closed(call, next):
        raise Refusal(403, 1, "no", "No.")

    async def itself(call, next):
        return Reply.of(204, [], b"")

    notes = []
    asked(onion([twice, noting("a", notes)], heart), call())
    assert notes == ["a in", "a out"] * 2
    assert asked(onion([itself, closed], heart), call()).status == 204
    with pytest.raises(Refusal):
        asked(onion([closed, noting("b", notes)], heart), call())


def test_a_policy_that_refuses_at_once_refuses_like_any_other():
    def at_once(call, next):
        raise Refusal(403, 1, "no", "No.")

    notes = []
    with pytest.raises(Refusal):
        asked(onion([noting("a", notes), at_once], heart), call())
    assert notes == ["a in"]


def test_a_handler_serves_many_calls_at_the_same_time():
    async def slow(call, next):
        await asyncio.sleep(0)
        return await next(call)

    async def run():
        handler = onion([slow, slow], heart)
        replies = await asyncio.gather(*(handler(call(path=b"%d" % number)) for number in range(50)))
        return [reply.header(b"path") for reply in replies]

    assert asyncio.run(run()) == [b"%d" % number for number in range(50)]
