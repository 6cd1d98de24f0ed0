"""A provider says when it wants to be asked again: that is waited for, by every call with the same key."""

import asyncio
from functools import partial

import pytest

from gateway.call import Refusal
from gateway.policies.retry import Retry
from gateway.settings.retry import Retry as Block
from tests.policies.scripted import GOOD, Script, Turned, says, taken, told, world
from tests.upstream.calls import call, with_headers

SLOTS = {"openai": frozenset((b"authorization",))}


def retry(clock, configured=True, total=600.0, **block):
    return Retry(Block(**block) if configured else None, total, SLOTS, clock.timing)


def answered(script, one, policy):
    """Status and body of one call through a policy to a provider that plays `script`."""

    async def main():
        async with world(openai=script) as providers:
            return await taken(lambda call: policy(call, providers.ask), one)

    return asyncio.run(main())


@pytest.mark.parametrize(
    ("header", "wait"),
    [
        (b"retry-after: 7", 7),
        (b"retry-after-ms: 1500", 1.5),
        (b"x-ratelimit-reset-requests: 6s", 6),
        (b"anthropic-ratelimit-tokens-reset: 2027-01-15T08:00:09Z", 9),
        (b"retry-after: Fri, 15 Jan 2027 08:00:20 GMT", 20),
    ],
)
def test_what_the_provider_says_is_waited_for(header, wait):
    clock = Turned()
    answered(Script(says(429, b"{}", header), says()), clock.call(), retry(clock))
    assert clock.slept == [wait]


def test_what_google_says_in_the_body_is_waited_for():
    clock = Turned()
    body = b'{"error":{"code":429,"details":[{"@type":"x/google.rpc.RetryInfo","retryDelay":"34s"}]}}'
    assert answered(Script(says(429, body), says()), clock.call(), retry(clock)) == (200, GOOD)
    assert clock.slept == [34]


def test_a_wait_beyond_the_bound_goes_to_the_client_as_it_came():
    clock, script = Turned(), Script(says(429, b"{}", b"retry-after: 61"), says())
    one = clock.call()

    async def main():
        async with world(openai=script) as providers:
            reply = await retry(clock)(one, providers.ask)
            await reply.close()
            return reply

    reply = asyncio.run(main())
    assert (reply.status, reply.header(b"retry-after"), clock.slept) == (429, b"61", [])


def test_no_wait_goes_beyond_the_calls_whole_time():
    clock, script = Turned(), Script(says(503, b"{}", b"retry-after: 30"), says())
    assert answered(script, clock.call(), retry(clock, total=20.0))[0] == 503
    assert clock.slept == []


def test_an_empty_purse_is_no_reason_to_wait():
    clock, script = Turned(), Script(says(429, b'{"error":{"code":"insufficient_quota"}}', b"retry-after: 1"), says())
    one = clock.call()
    assert answered(script, one, retry(clock))[0] == 429
    assert (clock.slept, told(one)) == ([], [("openai", 429, "insufficient_quota")])


def test_calls_with_one_key_wait_together():
    """A 429 with a hint holds for every call with that key: nobody hammers, and they do not return all at once."""
    script = Script(says(429, b"{}", b"retry-after-ms: 300"), says())
    policy = Retry(Block(jitter=0.5), 600.0, SLOTS)

    async def main():
        loop = asyncio.get_running_loop()
        arrived = []

        async def asked(one, ask):
            arrived.append(loop.time())
            return await ask(one)

        async with world(openai=script) as providers:
            handler = partial(policy, next=partial(asked, ask=providers.ask))
            first = asyncio.create_task(taken(handler, call()))
            while not policy.rests.rests:
                await asyncio.sleep(0.001)
            rests_since = loop.time()
            other = with_headers(call(), (b"authorization", b"Bearer another"))
            assert (await taken(handler, other))[0] == 200
            assert loop.time() - rests_since < 0.2
            statuses = await asyncio.gather(first, *(taken(handler, call()) for _ in range(40)))
            assert {status for status, _ in statuses} == {200}
            return [at - rests_since for at in arrived[2:]]

    waits = asyncio.run(main())
    assert len(waits) == len(script.asked) - 2 == 41
    assert min(waits) > 0.28
    assert max(waits) - min(waits) > 0.03


def test_a_key_that_rests_for_long_is_not_asked():
    clock = Turned()
    script = Script(says(429, b"{}", b"retry-after: 3600"), says())

    async def main():
        async with world(openai=script) as providers:
            handler = partial(retry(clock), next=providers.ask)
            assert (await taken(handler, clock.call()))[0] == 429
            with pytest.raises(Refusal) as no:
                await handler(clock.call())
            clock.time += 61
            assert (await taken(handler, clock.call()))[0] == 200
            return no.value

    refusal = asyncio.run(main())
    assert (refusal.status, refusal.code) == (429, "provider_rate_limited")
    assert refusal.headers == [(b"retry-after", b"3600")]
    assert len(script.asked) == 2
