"""A provider that fails is asked again: how often, after what wait, and never once too often."""

import asyncio

import pytest

from gateway.call import Asked, Broken, Refusal
from gateway.policies.retry import Retry
from gateway.settings.retry import Retry as Block
from gateway.settings.units import Duration
from tests.policies.scripted import DONE, EVENT, GOOD, SSE, STREAM, Script, Turned, chunked, says, taken, told, world

SLOTS = {"openai": frozenset((b"authorization",))}
ERROR = b'data: {"error":{"message":"down","type":"server_error","code":"server_error"}}\n\n'


def retry(clock, configured=True, total=600.0, **block):
    return Retry(Block(**block) if configured else None, total, SLOTS, clock.timing)


def answered(script, one, policy):
    """Status and body of one call through a policy to a provider that plays `script`."""

    async def main():
        async with world(openai=script) as providers:
            return await taken(lambda call: policy(call, providers.ask), one)

    return asyncio.run(main())


@pytest.mark.parametrize("status", [408, 409, 429, 500, 502, 503, 504, 529])
def test_a_failure_is_tried_again(status):
    clock, script = Turned(), Script(says(status, b"{}"), says())
    one = clock.call()
    assert answered(script, one, retry(clock)) == (200, GOOD)
    assert [attempt.status for attempt in one.record.attempts] == [status, 200]
    assert clock.slept == [0.5]
    assert one.record.decided == {"retry": 1, "retry_wait_ms": 500}


@pytest.mark.parametrize("status", [400, 401, 403, 404, 413, 422])
def test_what_another_try_cannot_mend_is_the_answer(status):
    clock, script = Turned(), Script(says(status, b"{}"))
    assert answered(script, clock.call(), retry(clock)) == (status, b"{}")
    assert (len(script.asked), clock.slept) == (1, [])


def test_the_last_failure_is_the_providers_own_answer():
    clock, script = Turned(), Script(says(500, b"1"), says(502, b"2"), says(503, b"3"), says())
    one = clock.call()
    assert answered(script, one, retry(clock)) == (503, b"3")
    assert len(script.asked) == 3
    assert told(one) == [("openai", 500, ""), ("openai", 502, ""), ("openai", 503, "")]


def test_a_provider_that_hangs_up_is_tried_again():
    clock, script = Turned(), Script("reset", "reset", says())
    one = clock.call()
    assert answered(script, one, retry(clock)) == (200, GOOD)
    assert [error for _, _, error in told(one)] == ["unreachable", "unreachable", ""]


def test_a_late_one_is_tried_again():
    clock, script = Turned(), Script("hang", says())
    one = clock.call(cf_aig_request_timeout=b"80")
    assert answered(script, one, retry(clock)) == (200, GOOD)
    assert told(one) == [("openai", 504, "timeout"), ("openai", 200, "")]


@pytest.mark.parametrize(
    ("backoff", "waits"),
    [("constant", [1, 1, 1, 1]), ("linear", [1, 2, 3, 4]), ("exponential", [1, 2, 4, 5])],
)
def test_waits_grow_as_the_settings_say(backoff, waits):
    clock, script = Turned(), Script(says(500))
    answered(script, clock.call(), retry(clock, attempts=5, delay=Duration(1), backoff=backoff, max_delay=Duration(5)))
    assert (clock.slept, len(script.asked)) == (waits, 5)


def test_chance_lengthens_a_wait_and_never_shortens_it():
    clock = Turned(draw=0.8)
    answered(Script(says(500)), clock.call(), retry(clock, attempts=2, delay=Duration(1), jitter=0.5))
    assert clock.slept == [1.4]


@pytest.mark.parametrize("configured", [True, False])
def test_headers_win_over_the_settings(configured):
    clock, script = Turned(), Script(says(500))
    headers = {"cf_aig_max_attempts": b"4", "cf_aig_retry_delay": b"100", "cf_aig_backoff": b"linear"}
    answered(script, clock.call(**headers), retry(clock, configured=configured))
    assert (clock.slept, len(script.asked)) == ([0.1, 0.2, 0.3], 4)


def test_without_settings_and_headers_nothing_is_tried_again():
    clock, script = Turned(), Script(says(500))
    assert answered(script, clock.call(), retry(clock, configured=False))[0] == 500
    assert len(script.asked) == 1


def test_a_call_can_forgo_retries():
    clock, script = Turned(), Script(says(500))
    answered(script, clock.call(cf_aig_max_attempts=b"1"), retry(clock))
    assert len(script.asked) == 1


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *(("cf_aig_max_attempts", value) for value in (b"0", b"6", b"x", b"", b"1.5", b"-1")),
        *(("cf_aig_retry_delay", value) for value in (b"60001", b"-1", b"x", b"", b"1e3", b"\xb2")),
        *(("cf_aig_backoff", value) for value in (b"quadratic", b"", b"Linear")),
    ],
)
def test_a_header_that_makes_no_sense_is_refused_before_anything_is_sent(name, value):
    clock, script = Turned(), Script(says())
    with pytest.raises(Refusal, match=name.replace("_", "-")) as no:
        answered(script, clock.call(**{name: value}), retry(clock))
    assert (no.value.status, no.value.code, script.asked) == (400, "invalid_header", [])


def test_a_provider_may_forbid_it():
    clock, script = Turned(), Script(says(500, b"{}", b"x-should-retry: false"), says())
    assert answered(script, clock.call(), retry(clock))[0] == 500


def test_only_the_failures_that_the_settings_name():
    clock, script = Turned(), Script(says(500), says(503), says())
    assert answered(script, clock.call(), retry(clock, on=(503,)))[0] == 500
    assert answered(script, clock.call(), retry(clock, on=(503,)))[0] == 200


@pytest.mark.parametrize(("answer", "times"), [(says(500), 1), (says(409), 1), ("reset", 1), (says(429), 3)])
def test_what_leaves_something_behind_is_not_done_twice(answer, times):
    clock, script = Turned(), Script(answer)
    answered(script, clock.call(path=b"batches", asked=Asked()), retry(clock))
    assert len(script.asked) == times


def test_unless_the_client_made_it_idempotent():
    clock, script = Turned(), Script(says(500), says())
    one = clock.call(path=b"batches", asked=Asked())
    one.headers.append((b"idempotency-key", b"1"))
    assert answered(script, one, retry(clock))[0] == 200


def test_a_stream_that_begins_with_an_error_is_tried_again():
    clock, script = Turned(), Script(chunked(ERROR), chunked(EVENT, DONE))
    one = clock.call(asked=STREAM)
    assert answered(script, one, retry(clock)) == (200, EVENT + DONE)
    assert told(one) == [("openai", 200, "server_error"), ("openai", 200, "")]


def test_a_stream_that_breaks_before_its_first_event_is_tried_again():
    async def breaks(peer):
        await peer.say(SSE)
        await asyncio.sleep(0.02)

    clock, script = Turned(), Script(breaks, chunked(EVENT, DONE))
    one = clock.call(asked=STREAM)
    assert answered(script, one, retry(clock)) == (200, EVENT + DONE)
    assert told(one) == [("openai", 200, "stream_broken"), ("openai", 200, "")]


def test_and_is_a_502_when_it_was_the_last_try():
    async def breaks(peer):
        await peer.say(SSE)
        await asyncio.sleep(0.02)

    clock, script = Turned(), Script(breaks)
    status, body = answered(script, clock.call(asked=STREAM), retry(clock, attempts=2))
    assert (status, b"stream_broken" in body, len(script.asked)) == (502, True, 2)


def test_after_the_first_event_it_is_too_late():
    async def breaks(peer):
        await peer.say(SSE + b"%x\r\n%b\r\n" % (len(EVENT), EVENT))
        await asyncio.sleep(0.05)

    clock, script = Turned(), Script(breaks, chunked(EVENT, DONE))
    with pytest.raises(Broken):
        answered(script, clock.call(asked=STREAM), retry(clock))
    assert len(script.asked) == 1


def test_leaving_during_a_wait_ends_at_once():
    async def main():
        async with world(openai=Script(says(500))) as providers:
            one = Turned().call()
            policy = Retry(Block(delay=Duration(50)), 600.0, SLOTS)
            one.record.started = policy.timing.now()
            task = asyncio.create_task(policy(one, providers.ask))
            while len(one.record.attempts) < 1 or not one.record.attempts[0].ended:
                await asyncio.sleep(0.005)
            await asyncio.sleep(0.02)
            before = asyncio.get_running_loop().time()
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            assert asyncio.get_running_loop().time() - before < 0.05
            return one

    assert told(asyncio.run(main())) == [("openai", 500, "")]
