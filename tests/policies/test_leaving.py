"""Clients of one flight that leave: who goes on, and who pays."""

import asyncio
import time
from decimal import Decimal

import pytest

from gateway.call import Attempt, Reply
from tests.policies.cached import ANSWER, COST, EVENTS, JSON, SSE, STREAM, Upstream, ask, cache, client, hang_up, until


def stream(**control):
    return ask(asked=STREAM, **control)


def alone_pays(payer, *others):
    assert (payer.cost, len(payer.attempts), payer.cached, payer.decided["cache"]) == (COST, 1, False, "MISS")
    for other in others:
        assert (other.cost, other.attempts) == (Decimal(0), [])


@pytest.mark.parametrize(
    ("moment", "how"), [("before the head", "cancelled"), ("in mid-stream", "cancelled"), ("in mid-stream", "closed")]
)
def test_the_others_survive_the_first_ones_leaving_and_the_next_in_line_pays(moment, how):
    async def story():
        gate, more, policy = asyncio.Event(), asyncio.Event(), cache()
        upstream = Upstream(*EVENTS[:2], more, *EVENTS[2:], headers=SSE, gate=gate)
        calls = [stream() for _ in range(3)]
        first = asyncio.create_task(client(policy, upstream, calls[0], leave_at=2 if how == "closed" else None))
        others = [asyncio.create_task(client(policy, upstream, call)) for call in calls[1:]]
        await until(lambda: upstream.calls)
        if moment == "in mid-stream":
            gate.set()
            await until(lambda: upstream.streams and upstream.streams[0].read == 2)
        await asyncio.sleep(0.01)
        if how == "cancelled":
            hang_up(first)
            await asyncio.sleep(0.01)
            assert first.done() == (moment == "in mid-stream")
        if moment == "in mid-stream":
            await asyncio.wait([first])
        written = calls[0].record.cost, list(calls[0].record.attempts), calls[0].record.decided["cache"]
        gate.set()
        await asyncio.wait([first])
        assert how == "closed" or first.cancelled()
        more.set()
        got = await asyncio.gather(*others)
        return upstream, written, got, await client(policy, upstream, stream())

    upstream, written, got, later = asyncio.run(story())
    assert len(upstream.calls) == 1
    assert written == (Decimal(0), [], "MISS")
    assert [one.chunks for one in got] == [list(EVENTS)] * 2
    alone_pays(got[0].record, got[1].record)
    assert (got[1].record.cached, later.cache) == (True, "HIT")


@pytest.mark.parametrize("begun", [False, True])
def test_the_last_to_leave_ends_the_upstream_call_at_once_and_pays(begun):
    async def story():
        gate, never, policy = asyncio.Event(), asyncio.Event(), cache()
        upstream = Upstream(*EVENTS[:2], never, headers=SSE, gate=None if begun else gate)
        calls = [stream() for _ in range(3)]
        tasks = [asyncio.create_task(client(policy, upstream, call)) for call in calls]
        await until(lambda: upstream.streams and upstream.streams[0].read == 2 if begun else upstream.calls)
        await asyncio.sleep(0.01)
        for task in tasks[:2]:
            hang_up(task)
        await asyncio.wait(tasks[:2] if begun else tasks[1:2])
        assert not upstream.cancelled
        assert not begun or upstream.streams[0].closed is None
        before = time.perf_counter()
        hang_up(tasks[2])
        await asyncio.wait(tasks)
        ended = upstream.streams[0].closed if begun else upstream.cancelled
        assert 0 < ended - before < 0.25
        assert not policy.flights.running
        return [call.record for call in calls]

    records = asyncio.run(story())
    assert [len(record.attempts) for record in records] == [0, 0, 1]
    assert records[2].attempts[0].error == "cancelled"
    assert records[2].decided["cache"] == "MISS"


def test_where_who_led_ran_out_of_time_one_of_the_others_leads_anew():
    async def story():
        gate = asyncio.Event()
        upstream, policy = Upstream(ANSWER, gate=gate), cache()
        tasks = [asyncio.create_task(client(policy, upstream)) for _ in range(4)]
        await until(lambda: upstream.calls)
        await asyncio.sleep(0.01)
        # As a deadline further out does it: this call alone is over, and nobody's client has left.
        tasks[0].cancel()
        await until(lambda: len(upstream.calls) == 2)
        await asyncio.sleep(0.01)
        gate.set()
        got = await asyncio.gather(*tasks[1:])
        return upstream, got, policy

    upstream, got, policy = asyncio.run(story())
    assert (len(upstream.calls), policy.flights.running) == (2, {})
    assert [one.chunks for one in got] == [[ANSWER]] * 3
    alone_pays(got[0].record, got[1].record, got[2].record)


def test_who_led_and_waits_alone_again_ends_with_its_client():
    async def story():
        upstream, policy = Upstream(ANSWER, gate=asyncio.Event()), cache()
        tasks = [asyncio.create_task(client(policy, upstream)) for _ in range(2)]
        await until(lambda: upstream.calls)
        await asyncio.sleep(0.01)
        hang_up(tasks[1])
        await asyncio.wait(tasks[1:])
        assert not upstream.cancelled
        hang_up(tasks[0])
        await asyncio.wait(tasks)
        assert upstream.cancelled
        assert policy.flights.running == {}

    asyncio.run(story())


def test_an_answer_that_comes_whole_goes_to_the_others_though_who_led_has_left():
    gate = asyncio.Event()
    calls = [ask() for _ in range(3)]

    async def ready(call):
        await gate.wait()
        call.record.attempts.append(Attempt("p", call.asked, 0.0, status=200))
        call.record.cost = COST
        return Reply.of(200, list(JSON), ANSWER)

    async def story():
        policy = cache()
        tasks = [asyncio.create_task(client(policy, ready, call)) for call in calls]
        await asyncio.sleep(0.01)
        hang_up(tasks[0])
        await asyncio.sleep(0.01)
        gate.set()
        got = await asyncio.gather(*tasks[1:])
        await asyncio.wait(tasks)
        assert tasks[0].cancelled()
        return got, policy

    got, policy = asyncio.run(story())
    assert [one.chunks for one in got] == [[ANSWER]] * 2
    alone_pays(got[0].record, calls[0].record, got[1].record)
    assert policy.flights.running == {}


def test_a_client_that_leaves_at_once_leaves_nothing_behind():
    async def story():
        upstream, policy = Upstream(ANSWER), cache()
        task = asyncio.create_task(client(policy, upstream))
        await asyncio.sleep(0)
        task.cancel()
        await asyncio.wait([task])
        assert policy.flights.running == {}
        assert upstream.cancelled or not upstream.calls

    asyncio.run(story())
