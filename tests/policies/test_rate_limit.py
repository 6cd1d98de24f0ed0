import asyncio

import pytest

from gateway.call import Refusal
from gateway.policies.rate_limit import describe
from gateway.settings.rate_limit import RateLimit
from gateway.stores.memory import Memory
from tests.policies.limited import (
    Clock,
    answered,
    attempted,
    call,
    header,
    over,
    rates,
    read,
    running,
    statuses,
    whole,
)


def test_as_many_calls_as_allowed_and_no_more():
    assert statuses(rates("{requests: 3, per: 1m}"), [call() for _ in range(5)]) == [200, 200, 200, 429, 429]


def test_a_window_that_is_over_counts_no_longer():
    clock = Clock(1_800_000_000.0)
    policy = rates("{requests: 1, per: 1m}", Memory(clock=clock))
    assert statuses(policy, [call(), call()]) == [200, 429]
    clock.now += 60
    assert statuses(policy, [call(), call()]) == [200, 429]


def test_a_sliding_window_forgets_nothing_early():
    clock = Clock(1_800_000_030.0)
    policy = rates("{requests: 2, per: 1m, technique: sliding}", Memory(clock=clock))
    assert statuses(policy, [call(), call()]) == [200, 200]
    clock.now += 59.9
    assert statuses(policy, [call()]) == [429]
    clock.now += 2
    assert statuses(policy, [call()]) == [200]


def test_a_refusal_says_which_rule_and_when_to_come_back():
    clock = Clock(1_800_000_000.5)
    policy = rates("{name: per-user, requests: 1, per: 1m, by: metadata.user}", Memory(clock=clock))

    async def main():
        await whole(policy, call(user="eva"))
        return await whole(policy, call(user="eva"))

    refusal = asyncio.run(main())
    assert (refusal.status, refusal.number, refusal.code) == (429, 2003, "rate_limited")
    assert refusal.sentence == ("Rate limited: rule 'per-user' (1 requests per 60s, fixed); try again in 60 s.")
    assert dict(refusal.headers) == {
        b"retry-after": b"60",
        b"ratelimit-limit": b"1",
        b"ratelimit-remaining": b"0",
        b"ratelimit-reset": b"60",
    }


def test_an_answer_says_what_is_left_of_the_limit_with_the_least_left():
    policy = rates("[{requests: 100, per: 1h}, {requests: 10, per: 1m}, {concurrent: 50}]")
    provider = answered(headers=[(b"ratelimit-limit", b"9"), (b"x-ratelimit-limit", b"9")])

    async def main():
        return await whole(policy, call(), provider)

    reply = asyncio.run(main())
    assert [pair for pair in reply.headers if pair[0] != b"ratelimit-reset"] == [
        (b"x-ratelimit-limit", b"9"),
        (b"ratelimit-limit", b"10"),
        (b"ratelimit-remaining", b"9"),
    ]
    assert 1 <= int(header(reply, b"ratelimit-reset")) <= 60


def test_the_headers_of_a_reply_that_others_share_stay_as_they_are():
    shared = [(b"content-type", b"application/json")]

    async def provider(call):
        reply = await answered()(call)
        reply.headers = shared
        return reply

    reply = asyncio.run(whole(rates("{requests: 5, per: 1m}"), call(), provider))
    assert header(reply, b"ratelimit-limit") == b"5"
    assert shared == [(b"content-type", b"application/json")]


def test_a_call_that_one_limit_refuses_counts_in_none():
    policy = rates("[{requests: 10, per: 1m}, {requests: 1, per: 1m, model: dear}]")
    assert statuses(policy, [call(model="dear"), call(model="dear"), call(model="dear")]) == [200, 429, 429]
    assert statuses(policy, [call() for _ in range(10)]) == [200] * 9 + [429]


def test_calls_at_one_time_are_limited_until_their_last_byte_is_out():
    policy = rates("{concurrent: 2}")

    async def main():
        first, second = call(), call()
        await policy(first, answered())
        await policy(second, answered())
        with pytest.raises(Refusal) as no:
            await policy(call(), answered())
        await over(first)
        assert (await whole(policy, call())).status == 200
        return no.value

    refusal = asyncio.run(main())
    assert header(refusal, b"retry-after") == b"1"
    assert "2 at one time" in refusal.sentence


def test_a_call_that_fails_further_in_gives_its_place_back():
    policy = rates("{concurrent: 1}")

    async def refuses(call):
        raise Refusal(400, 2111, "invalid_request", "No.")

    async def main():
        return [(await whole(policy, call(), provider)).status for provider in (refuses, refuses, answered())]

    assert asyncio.run(main()) == [400, 400, 200]


def test_tokens_are_reserved_by_an_estimate_and_settled_with_what_was_metered():
    policy = rates("{tokens: 1000, per: 1m}")
    one = call(body=b"x" * 400, max_tokens=500)  # 100 in, 500 out

    async def main():
        async with running(policy, one, answered(attempted(90, 10), attempted(90, 60))) as reply:
            assert header(reply, b"ratelimit-remaining") == b"400"
            assert (await whole(policy, call(body=b"x" * 400, max_tokens=500))).status == 429
        reply = await whole(policy, call(body=b"x" * 4), answered(attempted(0, 0)))
        return header(reply, b"ratelimit-remaining")

    assert asyncio.run(main()) == b"749"


def test_a_call_that_never_fits_is_told_so():
    refusal = asyncio.run(whole(rates("{tokens: 1000, per: 1m}"), call(body=b"x" * 400, max_tokens=5000)))
    assert refusal.status == 429
    assert "never fits a call that may use 5100 tokens" in refusal.sentence
    assert header(refusal, b"retry-after") is None


@pytest.mark.parametrize(
    ("attempts", "left"),
    [
        ([attempted(50, 50)], 900),
        ([attempted(usage=False, status=500, error="500")], 1000),
        ([attempted(usage=False, status=0, error="unreachable")], 1000),
        ([attempted(usage=False, error="cancelled")], 800),  # hanging up makes no call free
        ([attempted(usage=False)], 800),
        ([], 1000),
    ],
)
def test_what_a_call_used_however_it_ended(attempts, left):
    policy = rates("{tokens: 1000, per: 1m}")

    async def main():
        await whole(policy, call(body=b"x" * 400, max_tokens=100), answered(*attempts))
        return header(await whole(policy, call(), answered(attempted(0, 0))), b"ratelimit-remaining")

    assert asyncio.run(main()) == b"%d" % (left - 1)


def test_an_answer_from_the_cache_costs_no_tokens_but_counts_as_a_call():
    policy = rates("[{name: t, tokens: 1000, per: 1m}, {name: r, requests: 10, per: 1m}]")

    async def cached(call):
        call.record.cached = True
        return await answered(attempted(400, 400))(call)

    async def main():
        for _ in range(10):
            assert (await whole(policy, call(body=b"x" * 400, max_tokens=800), cached)).status == 200
        return await whole(policy, call(body=b"x" * 4))

    assert "rule 'r'" in asyncio.run(main()).sentence


@pytest.mark.parametrize(
    "free", [{"method": "GET", "path": b"v1/models"}, {"path": b"v1/messages/count_tokens"}, {"path": b"v1/files"}]
)
def test_what_uses_no_tokens_passes_a_limit_of_tokens(free):
    policy = rates("{tokens: 1, per: 1m}")
    assert statuses(policy, [call(body=b"x" * 999, operation="", **free)] * 3) == [200, 200, 200]


@pytest.mark.parametrize("bad", [-5, "many", 1.5, True, None, 10**30])
def test_a_hostile_max_tokens_is_bounded(bad):
    policy = rates("{tokens: 100, per: 1m}")
    refusal = asyncio.run(whole(policy, call(body=b"x" * 4, max_tokens=bad), answered(attempted(1, 1))))
    assert refusal.status == (429 if bad == 10**30 else 200)


def test_what_is_decided_is_in_the_record():
    policy = rates("{name: a, requests: 1, per: 1m}")
    second = call()
    assert statuses(policy, [call(), second]) == [200, 429]
    assert second.record.decided == {"rate_limited_by": "a"}


def test_explain_shows_each_limit_in_a_line():
    written = read(
        "[{requests: 600, per: 1m, technique: sliding, by: token}, {name: gpt, tokens: 9, per: 1h, model: [gpt-4*, o1],"
        " metadata: {plan: free}, by: [token, metadata.user]}, {concurrent: 4, provider: groq, on_store_loss: deny}]",
        list[RateLimit],
    )
    assert describe(written) == [
        "rate-1: 600 requests per 60s, sliding, by token; without the store allow",
        "gpt: 9 tokens per 3600s, fixed, for model gpt-4* or o1, plan free, by token and metadata.user;"
        " without the store allow",
        "rate-3: 4 at one time, for provider groq; without the store deny",
    ]
    assert rates("[{requests: 5, per: 1m}, {tokens: 90, per: 1m}]").forecast(call(body=b"x" * 40, max_tokens=7)) == [
        "rate-1: 1 of 5 requests",
        "rate-2: 17 of 90 tokens",
    ]
