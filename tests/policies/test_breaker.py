"""What keeps failing is left out, and comes back when one call has shown that it works."""

import asyncio
from functools import partial

import pytest

from gateway.call import Asked, Attempt, Broken, Refusal, Reply
from gateway.dialects import errors
from gateway.policies.breaker import MOST, Breaker, Standing
from gateway.settings.breaker import CircuitBreaker
from gateway.settings.units import Deadline
from tests.policies.scripted import EVENT, GOOD, SSE, STREAM, Script, Turned, chunked, taken, world
from tests.upstream.calls import call


def breaker(clock, host=None, **block):
    settings = CircuitBreaker(**{"failures": 3, "per": Deadline(30), "open": Deadline(20)} | block)
    return Breaker(settings, host or (lambda one: "api." + one.provider), clock.timing)


def replying(*statuses):
    """A handler that answers with one status after the other, without a network; 0 is an unreachable provider."""
    left = list(statuses)

    async def handler(one):
        status = left.pop(0) if len(left) > 1 else left[0]
        if not status:
            return errors.reply(Refusal(502, 2005, "provider_unreachable", "no"), "")
        return Reply.of(status, [], b"{}")

    handler.left = left
    return handler


def ask(policy, handler, times=1, model="m", provider="openai"):
    """The statuses of some calls, one after the other; a refusal's code in its place."""

    async def main():
        found = []
        for _ in range(times):
            try:
                found.append((await policy(call(provider, asked=Asked("chat", "openai_chat", model)), handler)).status)
            except Refusal as no:
                found.append(no.code)
        return found

    return asyncio.run(main())


def test_it_opens_and_refuses_at_once():
    clock = Turned()
    policy = breaker(clock)
    assert ask(policy, replying(500), 5) == [500, 500, 500, "circuit_open", "circuit_open"]
    clock.time += 5.5
    with pytest.raises(Refusal, match="openai/m keeps failing") as no:
        asyncio.run(policy(one := call(asked=Asked("chat", "openai_chat", "m")), replying(200)))
    assert (no.value.status, no.value.number, no.value.headers) == (503, 2112, [(b"retry-after", b"15")])
    assert one.record.decided == {"circuit_breaker": "open"}


@pytest.mark.parametrize("status", [400, 401, 404, 429])
def test_the_clients_own_mistakes_do_not_count(status):
    policy = breaker(Turned())
    assert ask(policy, replying(status), 9) == [status] * 9
    assert policy.states() == []


def test_429_counts_where_the_settings_say_so():
    policy = breaker(Turned(), on=("error", 429))
    assert ask(policy, replying(429), 4) == [429, 429, 429, "circuit_open"]


def test_one_models_errors_leave_the_others_in():
    policy = breaker(Turned())
    ask(policy, replying(500), 3, "a")
    assert ask(policy, replying(200), 1, "a") == ["circuit_open"]
    assert ask(policy, replying(200), 1, "b") == [200]
    assert ask(policy, replying(200), 1, "a", "cerebras") == [200]


def test_a_host_that_cannot_be_reached_is_left_out_with_all_its_models():
    policy = breaker(Turned())
    assert ask(policy, replying(0), 3, "a") == [502, 502, 502]
    assert ask(policy, replying(200), 1, "b") == ["circuit_open"]
    assert ask(policy, replying(200), 1, "b", "cerebras") == [200]


def test_one_call_at_a_time_probes_and_a_good_one_closes_it():
    clock = Turned()
    policy = breaker(clock)
    ask(policy, replying(500), 3)
    clock.time += 20

    async def main():
        go = asyncio.Event()

        async def slow(one):
            await go.wait()
            return Reply.of(200, [], GOOD)

        probe = asyncio.create_task(policy(one := call(asked=Asked("chat", "", "m")), slow))
        await asyncio.sleep(0)
        with pytest.raises(Refusal) as no:
            await policy(call(asked=Asked("chat", "", "m")), slow)
        assert no.value.headers == [(b"retry-after", b"1")]
        assert one.record.decided == {"circuit_breaker": "probe"}
        assert [state.state for state in policy.states()] == ["half_open"]
        go.set()
        assert (await probe).status == 200
        assert (await policy(call(asked=Asked("chat", "", "m")), slow)).status == 200

    asyncio.run(main())
    assert policy.states() == []


def test_a_bad_probe_opens_it_again():
    clock = Turned()
    policy = breaker(clock)
    ask(policy, replying(500), 3)
    clock.time += 20
    assert ask(policy, replying(500), 2) == [500, "circuit_open"]
    assert policy.states() == [Standing("model", "openai/m", "open", 0, 2, 20.0)]


def test_a_probe_whose_client_leaves_tells_nothing():
    clock = Turned()
    policy = breaker(clock)
    ask(policy, replying(500), 3)
    clock.time += 20

    async def main():
        async def never(one):
            await asyncio.sleep(60)

        task = asyncio.create_task(policy(call(asked=Asked("chat", "", "m")), never))
        await asyncio.sleep(0.01)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(main())
    assert [state.state for state in policy.states()] == ["half_open"]
    assert ask(policy, replying(200), 2) == [200, 200]


def test_a_few_failures_among_many_good_calls_do_not_open_it():
    policy = breaker(Turned())
    assert ask(policy, replying(*[500, 200, 200] * 20, 200), 61)[-1] == 200


def test_failures_far_apart_do_not_open_it():
    clock = Turned()
    policy = breaker(clock)
    for _ in range(6):
        assert ask(policy, replying(500)) == [500]
        clock.time += 16
    ask(policy, replying(200))
    clock.time += 31
    ask(policy, replying(200))
    assert policy.states() == []


def test_streams_that_break_in_the_middle_count_when_they_do():
    async def breaks(peer):
        await peer.say(SSE + b"%x\r\n%b\r\n" % (len(EVENT), EVENT))

    async def main(script, policy, good):
        async with world(openai=script) as providers:
            for _ in range(3):
                if good:
                    await taken(partial(policy, next=providers.ask), call(asked=STREAM))
                else:
                    with pytest.raises(Broken):
                        await taken(partial(policy, next=providers.ask), call(asked=STREAM))

    policy = breaker(Turned(), ratio=1.0)
    asyncio.run(main(Script(breaks), policy, good=False))
    assert [(state.kind, state.state) for state in policy.states()] == [("model", "open")]
    policy = breaker(Turned())
    asyncio.run(main(Script(chunked(EVENT)), policy, good=True))
    assert policy.states() == []


def test_an_attempt_that_a_fallback_found_late_counts_as_a_timeout():
    policy = breaker(Turned())

    async def main():
        for _ in range(3):
            one = call()

            async def hangs(one):
                one.record.attempts.append(Attempt("openai", one.asked, 0.0, error="cancelled"))
                await asyncio.sleep(60)

            with pytest.raises(TimeoutError):
                async with asyncio.timeout(0.01):
                    await policy(one, hangs)
            one.record.attempts[0].error = "timeout"
            for ending in one.endings:
                await ending(one.record)

    asyncio.run(main())
    assert {(state.kind, state.state) for state in policy.states()} == {("model", "open"), ("host", "open")}


def test_memory_is_bounded():
    clock = Turned()
    policy = breaker(clock)
    for number in range(MOST + 5):
        policy.circuit(("model", f"m{number}"), clock.time).fail(clock.time, probe=False)
    assert len(policy.circuits) == MOST
    clock.time += 31
    policy.circuit(("model", "new"), clock.time)
    assert len(policy.circuits) == 1
