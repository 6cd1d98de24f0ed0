import asyncio
from decimal import Decimal

import msgspec
import pytest

from gateway.call import Broken, Refusal
from gateway.policies.cache import purge
from gateway.stores.memory import Memory
from tests.policies.cached import ANSWER, CHAT, COST, EVENTS, JSON, SSE, STREAM, Lost, Upstream, ask, cache, client

EMBED = msgspec.structs.replace(CHAT, operation="embeddings", dialect="openai_embeddings")


def twice(policy, upstream, first=None, second=None):
    async def both():
        return await client(policy, upstream, first or ask()), await client(policy, upstream, second or ask())

    return asyncio.run(both())


def test_the_second_of_two_equal_calls_is_answered_from_the_cache():
    upstream = Upstream(ANSWER)
    miss, hit = twice(cache(), upstream)
    assert (miss.cache, hit.cache, len(upstream.calls)) == ("MISS", "HIT", 1)
    assert miss.body == hit.body == ANSWER
    assert hit.headers[b"content-type"] == b"application/json"


def test_a_hit_costs_nothing_and_says_what_it_saved():
    miss, hit = twice(cache(), Upstream(ANSWER))
    assert (miss.record.cost, miss.record.cached, len(miss.record.attempts)) == (COST, False, 1)
    assert miss.record.decided == {"cache": "MISS"}
    assert (hit.record.cost, hit.record.cached, hit.record.attempts) == (Decimal(0), True, [])
    assert hit.record.decided == {
        "cache": "HIT",
        "cache_saved_cost": "0.00002",
        "cache_saved_tokens_in": 10,
        "cache_saved_tokens_out": 5,
    }
    assert hit.headers[b"cf-aig-cache-saved"] == b"0.00002"
    assert hit.record.response_type == "application/json"


def test_a_hit_says_how_old_it_is_and_ends_with_its_time():
    now = [1_800_000_000.0]
    policy, upstream = cache("60s", clock=lambda: now[0]), Upstream(ANSWER)
    twice(policy, upstream)
    now[0] += 59
    assert asyncio.run(client(policy, upstream)).headers[b"age"] == b"59"
    now[0] += 2
    assert asyncio.run(client(policy, upstream)).cache == "MISS"


def test_a_stream_comes_again_as_a_stream_in_the_same_chunks():
    miss, hit = twice(cache(), Upstream(*EVENTS, headers=SSE), ask(asked=STREAM), ask(asked=STREAM))
    assert hit.cache == "HIT"
    assert hit.chunks == miss.chunks == list(EVENTS)
    assert hit.headers[b"content-type"] == b"text/event-stream"
    assert b"content-length" not in hit.headers
    assert miss.record.cost == COST
    assert hit.record.decided["cache_saved_cost"] == "0.00002"


def test_a_stream_is_kept_when_its_client_hangs_up_at_the_end_mark():
    never = asyncio.Event()
    upstream, policy = Upstream(*EVENTS, never, headers=SSE), cache()

    async def calls():
        first = await client(policy, upstream, ask(asked=STREAM), leave_at=4)
        return first, await client(policy, upstream, ask(asked=STREAM))

    first, second = asyncio.run(calls())
    assert second.cache == "HIT"
    assert (first.record.attempts[0].error, first.record.cost) == ("", COST)


@pytest.mark.parametrize(
    "upstream",
    [
        Upstream(ANSWER, status=500),
        Upstream(ANSWER, status=201),
        Upstream(ANSWER[:-1], length=len(ANSWER) - 1),
        Upstream(ANSWER, headers=[*JSON, (b"set-cookie", b"session=1")], length=len(ANSWER)),
        Upstream(ANSWER, headers=[(b"content-type", b"audio/mpeg")], length=len(ANSWER)),
        Upstream(*EVENTS[:1], headers=SSE),
        Upstream(b'data: {"error":{"code":"overloaded","message":"no"}}\n\n', headers=SSE),
        Upstream(b'data: {"choices":[{"index":0,"delta":{},"finish_reason":"error"}]}\n\n', headers=SSE),
        Upstream(b'{"id":"r","status":"queued"}'),
        Upstream(b""),
    ],
    ids=lambda one: f"{one.status} {one.headers[-1][1].decode()} {b''.join(one.items)[-20:]}",
)
def test_only_whole_and_sound_answers_are_kept(upstream):
    asked = STREAM if upstream.headers is SSE else CHAT
    first, second = twice(cache(), upstream, ask(asked=asked), ask(asked=asked))
    assert (first.cache, second.cache, len(upstream.calls)) == ("MISS", "MISS", 2)
    assert second.body == first.body


def test_an_answer_larger_than_the_limit_passes_and_is_not_kept():
    upstream = Upstream(ANSWER)
    first, second = twice(cache(max_bytes=len(ANSWER) - 1), upstream)
    assert (first.body, second.body, second.cache) == (ANSWER, ANSWER, "MISS")
    assert twice(cache(max_bytes=len(ANSWER)), upstream)[1].cache == "HIT"


def test_what_belongs_to_one_exchange_does_not_come_again():
    own = [
        (b"date", b"now"),
        (b"x-request-id", b"1"),
        (b"cf-ray", b"1"),
        (b"x-ratelimit-remaining-tokens", b"1"),
        (b"anthropic-ratelimit-requests-limit", b"1"),
        (b"openai-organization", b"org"),
        (b"set-cookie", b"__cf_bm=secret; path=/"),
        (b"age", b"7"),
    ]
    upstream = Upstream(ANSWER, headers=[*JSON, *own, (b"openai-version", b"2020-10-01")], length=len(ANSWER))
    miss, hit = twice(cache(), upstream)
    assert hit.cache == "HIT"
    assert {name for name, _ in own} <= miss.headers.keys()
    assert hit.headers[b"openai-version"] == b"2020-10-01"
    assert {name for name, _ in own} & hit.headers.keys() == {b"age"}


def test_off_it_does_nothing_and_leaves_no_trace():
    upstream = Upstream(ANSWER)
    first, second = twice(cache("0s"), upstream, ask(cf_aig_cache_ttl=b"60"), ask(cf_aig_skip_cache=b"true"))
    assert (first.cache, second.cache, len(upstream.calls)) == ("", "", 2)
    assert second.record.decided == {}


def test_a_client_opts_in_with_a_key_of_its_own():
    now = [1_800_000_000.0]
    policy, upstream = cache("0s", clock=lambda: now[0]), Upstream(ANSWER)
    keyed = {"cf_aig_cache_key": b"mine"}
    first, second = twice(policy, upstream, ask(b'{"a":1}', **keyed), ask(b'{"a":2}', **keyed))
    assert (first.cache, second.cache) == ("MISS", "HIT")
    now[0] += 299
    assert asyncio.run(client(policy, upstream, ask(**keyed))).cache == "HIT"
    now[0] += 2
    assert asyncio.run(client(policy, upstream, ask(**keyed, cf_aig_cache_ttl=b"600"))).cache == "MISS"
    now[0] += 599
    assert asyncio.run(client(policy, upstream, ask(**keyed))).cache == "HIT"


@pytest.mark.parametrize(
    "control",
    [
        {"cf_aig_skip_cache": b"true"},
        {"cf_skip_cache": b"true"},
        {"cf_aig_cache_ttl": b"0"},
        {"cf_cache_ttl": b"0"},
        {"cf_aig_cache_key": b"mine", "cf_aig_skip_cache": b"true"},
    ],
)
def test_a_call_may_pass_the_cache_by(control):
    upstream = Upstream(ANSWER)
    policy = cache()
    _, second = twice(policy, upstream, ask(), ask(**control))
    assert (second.cache, len(upstream.calls), second.record.decided) == ("BYPASS", 2, {"cache": "BYPASS"})
    assert twice(cache(), upstream, ask(**control))[1].cache == "MISS"


@pytest.mark.parametrize("call", [ask(asked=msgspec.structs.replace(CHAT, operation="")), None])
def test_what_is_no_inference_passes_it_by(call):
    call = call or msgspec.structs.replace(ask(), method="GET")
    upstream = Upstream(ANSWER)
    assert [one.cache for one in twice(cache(), upstream, call, call)] == ["BYPASS", "BYPASS"]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("cf-aig-cache-ttl", b"-1"),
        ("cf-aig-cache-ttl", b"1.5"),
        ("cf-aig-cache-ttl", b"2592001"),
        ("cf-aig-cache-ttl", b"9" * 5000),
        ("cf-cache-ttl", b"soon"),
        ("cf-aig-skip-cache", b"yes"),
        ("cf-aig-cache-key", b""),
        ("cf-aig-cache-key", b"x" * 1025),
    ],
)
def test_a_header_that_cannot_be_read_is_refused(name, value):
    with pytest.raises(Refusal, match=name) as refused:
        asyncio.run(client(cache(), Upstream(ANSWER), ask(**{name: value})))
    assert refused.value.status == 400


@pytest.mark.parametrize("asked", [CHAT, EMBED])
def test_a_store_that_is_lost_fails_no_call(asked):
    upstream, store = Upstream(ANSWER), Lost("get")
    first, second = twice(cache(store=store), upstream, ask(asked=asked), ask(asked=asked))
    assert (first.cache, second.cache, second.status) == ("BYPASS", "BYPASS", 200)
    assert second.headers[b"cf-aig-degraded"] == b"cache"
    assert second.record.decided == {"cache": "BYPASS", "degraded": "cache"}
    assert second.record.cost == COST


def test_a_store_that_is_lost_when_an_answer_is_to_be_kept_fails_no_call():
    store = Lost()
    assert [one.cache for one in twice(cache(store=store), Upstream(ANSWER))] == ["MISS", "MISS"]
    assert store.tried == ["get", "put", "get", "put"]


def test_a_broken_stream_is_broken_for_its_client_and_not_kept():
    import httpx2

    upstream, policy = Upstream(EVENTS[0], httpx2.ReadError("gone"), headers=SSE), cache()
    for _ in range(2):
        with pytest.raises(Broken):
            asyncio.run(client(policy, upstream, ask(asked=STREAM)))
    assert len(upstream.calls) == 2


def test_a_purge_empties_one_gateway():
    store, upstream = Memory(), Upstream(ANSWER)
    mine, other = cache(store=store), cache(store=store, name="acme/main2")

    async def story():
        for policy in (mine, other):
            await client(policy, upstream, ask(b'{"a":1}'))
            await client(policy, upstream, ask(b'{"a":2}'))
        gone = await purge(store, "acme", "main")
        return (
            gone,
            (await client(mine, upstream, ask(b'{"a":1}'))).cache,
            (await client(other, upstream, ask(b'{"a":1}'))).cache,
        )

    assert asyncio.run(story()) == (2, "MISS", "HIT")
