"""One attempt out of several: looked at before its answer is passed on, ended when its time is up."""

import asyncio
from time import perf_counter
from typing import TypeAlias

from gateway.call import Broken, Call, Handler, Refusal, Reply
from gateway.dialects import errors
from gateway.wire import replies

Outcome: TypeAlias = Reply | Refusal

LATE = "The answer did not begin in time."
UNFINISHED = "The provider failed, and its error could not be read."


def dialect(call: Call) -> str:
    """The wire format that the client speaks."""
    return call.form or call.asked.dialect


def streams(call: Call, reply: Reply) -> bool:
    """Whether a reply is a stream of which nobody knows yet how it begins."""
    return call.asked.stream and reply.status == 200


async def look(call: Call, reply: Reply, most: int = 1) -> Reply:
    """A stream up to its first chunk, which stays in it; a 502 in its place where it broke off before."""
    before = perf_counter()
    try:
        await replies.opening(reply, most)
    except Broken as broken:
        await reply.close()
        return errors.reply(Refusal(502, 2005, "stream_broken", str(broken)), dialect(call))
    except BaseException:
        await reply.close()
        raise
    finally:
        call.record.waited += perf_counter() - before
    return reply


async def within(call: Call, next: Handler, limit: float | None, most: int = 1) -> Reply:
    """What `next` answers, a stream up to its first chunk; a 504 where that takes longer than `limit` seconds."""
    if limit is None:
        reply = await next(call)
        return await look(call, reply, most) if streams(call, reply) else reply
    return await timed(call, next, limit, most)


async def timed(call: Call, next: Handler, limit: float, most: int) -> Reply:
    """The same with a limit."""
    before = len(call.record.attempts)
    reply: Reply | None = None
    try:
        async with asyncio.timeout(limit) as watch:
            reply = await next(call)
            if streams(call, reply):
                reply = await look(call, reply, most)
            return reply
    except TimeoutError:
        if not watch.expired():
            raise
        if reply is not None:
            await reply.close()
        return late(call, before)


async def tried(call: Call, next: Handler, limit: float | None, most: int = 1) -> Outcome:
    """The same, where the gateway's own no is an outcome like any other."""
    try:
        return await within(call, next, limit, most)
    except Refusal as refusal:
        return refusal


def late(call: Call, before: int) -> Reply:
    """A 504; what was cut off of the attempts from number `before` on is written down as late."""
    record = call.record
    for attempt in record.attempts[before:]:
        if attempt.error == "cancelled":
            attempt.error = "timeout"
            if not attempt.status:
                attempt.status = 504
                record.waited += attempt.ended - attempt.started
    return errors.reply(Refusal(504, 2005, "provider_timeout", LATE), dialect(call))


async def hold(call: Call, outcome: Outcome) -> Outcome:
    """An outcome that is set aside while another is tried: closed, and still fit to be sent."""
    if isinstance(outcome, Refusal) or await replies.drop(outcome) is not None:
        return outcome
    return errors.reply(Refusal(502, 2005, "provider_failed", UNFINISHED), dialect(call))


def answer(outcome: Outcome) -> Reply:
    """The reply that an outcome is; raises the Refusal that it is."""
    if isinstance(outcome, Refusal):
        raise outcome
    return outcome
