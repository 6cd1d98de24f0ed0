import asyncio
import logging
from decimal import Decimal

import httpx2
import pytest

from gateway.call import Answer, Attempt, Broken, Refusal, Reply
from gateway.stores.memory import Memory
from tests.policies.cached import ANSWER, COST, EVENTS, JSON, SSE, STREAM, Upstream, ask, cache, client, until


def stream(**control):
    return ask(asked=STREAM, **control)


def alone_pays(payer, *others):
    assert (payer.cost, len(payer.attempts), payer.cached, payer.decided["cache"]) == (COST, 1, False, "MISS")
    for other in others:
        assert (other.cost, other.attempts) == (Decimal(0), [])


@pytest.mark.parametrize("streamed", [False, True])
def test_a_thousand_equal_calls_at_once_make_one_upstream_call(streamed):
    items, headers = (EVENTS, SSE) if streamed else ((ANSWER,), JSON)

    async def story():
        gate = asyncio.Event()
        upstream, policy = Upstream(*items, headers=headers, gate=gate), cache()
        calls = [client(policy, upstream, stream() if streamed else ask()) for _ in range(1000)]
        tasks = [asyncio.create_task(call) for call in calls]
        await until(lambda: upstream.calls)
        gate.set()
        got = await asyncio.gather(*tasks)
        return upstream, got, await client(policy, upstream, stream() if streamed else ask())

    upstream, got, later = asyncio.run(story())
    assert len(upstream.calls) == 1
    assert all(one.chunks == list(items) and one.status == 200 for one in got)
    alone_pays(got[0].record, *[one.record for one in got[1:]])
    assert [one.cache for one in got] == ["MISS"] + ["HIT"] * 999
    assert all(one.record.cached and one.record.decided["cache"] == "HIT" for one in got[1:])
    assert all(one.record.decided["cache_saved_cost"] == "0.00002" for one in got[1:])
    assert later.cache == "HIT"


def test_a_stream_reaches_all_while_it_comes_also_who_joins_late():
    async def story():
        more, policy = asyncio.Event(), cache()
        upstream = Upstream(*EVENTS[:2], more, *EVENTS[2:], headers=SSE)
        seen = [[], []]

        async def watch(place):
            reply = await policy(stream(), upstream)
            async for chunk in reply.body:
                seen[place].append(chunk)
            await reply.close()

        first = asyncio.create_task(watch(0))
        await until(lambda: len(seen[0]) == 2)
        second = asyncio.create_task(watch(1))
        await until(lambda: len(seen[1]) == 2)
        assert not first.done()
        more.set()
        await asyncio.gather(first, second)
        return upstream, seen

    upstream, seen = asyncio.run(story())
    assert len(upstream.calls) == 1
    assert seen == [list(EVENTS), list(EVENTS)]


def test_a_failure_is_given_to_all_who_wait_and_not_kept():
    async def story():
        gate = asyncio.Event()
        upstream, policy = Upstream(b'{"error":{"message":"no"}}', status=503, gate=gate), cache()
        tasks = [asyncio.create_task(client(policy, upstream)) for _ in range(5)]
        await until(lambda: upstream.calls)
        await asyncio.sleep(0.01)
        gate.set()
        got = await asyncio.gather(*tasks)
        return upstream, got, await client(policy, upstream)

    upstream, got, later = asyncio.run(story())
    assert [one.status for one in [*got, later]] == [503] * 6
    assert {one.cache for one in [*got, later]} == {"MISS"}
    assert len(upstream.calls) == 2
    assert [len(one.record.attempts) for one in got] == [1, 0, 0, 0, 0]
    assert not any(one.record.cached for one in got)


def test_a_stream_that_breaks_breaks_for_all():
    async def story():
        more, policy = asyncio.Event(), cache()
        upstream = Upstream(EVENTS[0], more, httpx2.ReadError("gone"), headers=SSE)
        tasks = [asyncio.create_task(client(policy, upstream, stream())) for _ in range(5)]
        await until(lambda: upstream.streams and upstream.streams[0].read)
        await asyncio.sleep(0.01)
        more.set()
        await asyncio.wait(tasks)
        return upstream, tasks

    upstream, tasks = asyncio.run(story())
    assert all(isinstance(task.exception(), Broken) for task in tasks)
    assert len({id(task.exception()) for task in tasks}) == 5
    assert len(upstream.calls) == 1


def test_a_refusal_is_the_first_ones_own_and_the_others_ask_for_themselves():
    refused, upstream = [], Upstream(ANSWER)

    async def choosy(call):
        await asyncio.sleep(0.01)
        if not refused:
            refused.append(call)
            raise Refusal(400, 2100, "invalid_header", "no")
        return await upstream(call)

    async def story():
        policy = cache()
        return await asyncio.gather(*[client(policy, choosy) for _ in range(3)], return_exceptions=True)

    first, *others = asyncio.run(story())
    assert isinstance(first, Refusal)
    assert [(one.status, one.cache, one.record.cost) for one in others] == [(200, "MISS", COST)] * 2


def test_a_fault_of_ours_reaches_the_edge():
    async def wrong(call):
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        asyncio.run(client(cache(), wrong))


def test_policies_further_in_see_chunks_and_the_end_once():
    seen, ended = [], []

    async def inner(call):
        async def ending(record):
            ended.append((record.cost, record.status, record.outcome))

        call.at_end(ending)
        call.record.decided = {**call.record.decided, "inner": "yes"}
        reply = await Upstream(*EVENTS, headers=SSE)(call)
        reply.taps.append(seen.append)
        return reply

    async def story():
        policy = cache()
        return await asyncio.gather(*[client(policy, inner, stream()) for _ in range(3)])

    got = asyncio.run(story())
    assert seen == list(EVENTS)
    assert ended == [(COST, 200, "served")]
    assert got[0].record.decided == {"inner": "yes", "cache": "MISS"}
    assert "inner" not in got[1].record.decided


def test_an_ending_that_fails_further_in_fails_nothing_else(caplog):
    async def inner(call):
        async def ending(record):
            raise ZeroDivisionError

        call.at_end(ending)
        return await Upstream(ANSWER)(call)

    async def story():
        policy = cache()
        await client(policy, inner)
        return await client(policy, inner)

    with caplog.at_level(logging.ERROR):
        assert asyncio.run(story()).cache == "HIT"
    assert "an ending of call 1 failed" in caplog.text


def test_a_reply_that_is_whole_at_once_and_one_without_a_body_pass():
    replies = [Reply.of(200, list(JSON), ANSWER), Reply.of(204, [], b"")]

    async def ready(call):
        return replies.pop(0)

    async def story():
        policy = cache()
        return await client(policy, ready, ask(b"1")), await client(policy, ready, ask(b"2"))

    whole, empty = asyncio.run(story())
    assert (whole.chunks, empty.chunks, empty.status) == ([ANSWER], [], 204)


def test_a_call_that_nobody_else_waits_for_makes_no_task():
    tasks = set()

    async def ready(call):
        tasks.update(asyncio.all_tasks())
        return Reply.of(200, list(JSON), ANSWER)

    async def story():
        before = asyncio.all_tasks()
        got = await client(cache(), ready)
        assert asyncio.all_tasks() == before == tasks
        return got

    assert asyncio.run(story()).chunks == [ANSWER]


def test_who_looked_too_early_and_came_too_late_for_the_flight_looks_again():
    class Distant(Memory):
        """Answers a look with what was there when it was asked, some time later."""

        def __init__(self):
            super().__init__()
            self.pauses = [asyncio.Event(), asyncio.Event()]

        async def get(self, key):
            value = await super().get(key)
            if self.pauses:
                await self.pauses.pop(0).wait()
            return value

    async def story():
        store, upstream = Distant(), Upstream(ANSWER)
        soon, late = store.pauses
        policy = cache(store=store)
        tasks = [asyncio.create_task(client(policy, upstream)) for _ in range(2)]
        await asyncio.sleep(0.01)
        soon.set()
        await tasks[0]
        await until(lambda: not policy.flights.running)
        late.set()
        return await tasks[1], upstream

    got, upstream = asyncio.run(story())
    assert (got.cache, len(upstream.calls)) == ("HIT", 1)


def ready(status=200):
    async def heart(call):
        made.append(call)
        call.record.attempts.append(
            Attempt("p", call.asked, 0.0, status=status, answer=Answer(finish_reasons=("stop",)))
        )
        return Reply.of(status, list(JSON), ANSWER)

    made = []
    return heart, made


def test_an_answer_is_in_memory_before_its_own_client_has_it():
    heart, made = ready()

    async def story():
        policy, call = cache(), ask()
        reply = await policy(call, heart)
        assert policy.flights.running == {}
        return reply, await client(policy, heart)

    reply, later = asyncio.run(story())
    assert (reply.header(b"cf-aig-cache-status"), later.cache, len(made)) == (b"MISS", "HIT", 1)


@pytest.mark.parametrize(("waits", "calls", "status"), [(0, 1, "HIT"), (2, 2, "MISS")])
def test_a_client_that_is_slow_keeps_no_answer_in_flight_that_a_far_store_has_not_got(waits, calls, status):
    class Far(Memory):
        """Asked as a store of another process is."""

    heart, made = ready()

    async def story():
        policy = cache(store=Far())
        await policy(ask(), heart)
        (flight,) = policy.flights.running.values()
        flight.record.ended -= waits
        return await client(policy, heart)

    got = asyncio.run(story())
    assert (got.cache, len(made), got.chunks) == (status, calls, [ANSWER])


def test_a_failure_is_not_given_to_who_comes_after_it():
    heart, made = ready(503)

    async def story():
        policy = cache()
        await policy(ask(), heart)
        return await client(policy, heart)

    assert (asyncio.run(story()).status, len(made)) == (503, 2)
