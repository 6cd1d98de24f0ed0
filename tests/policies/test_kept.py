import asyncio
import zlib
from functools import partial

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.call import Answer
from gateway.policies.kept import MAGIC, Kept, complete, lasting, pack, portable, shareable, unpack
from gateway.stores.memory import Memory
from tests.policies.cached import ANSWER, EVENTS, JSON, SSE, STREAM, Upstream, ask, cache, client

DIGEST = b"d" * 32
KEPT = Kept(DIGEST, 1.5, ((b"content-type", b"text/plain"),), (2, 3), False, "0.1", 1, 2, b"abcde")
TYPE = b"content-type"


def test_what_is_packed_comes_out_again():
    assert unpack(pack(KEPT), DIGEST) == KEPT
    assert KEPT.chunks() == [b"ab", b"cde"]


@settings(deadline=None, max_examples=300)
@given(st.integers(0, 10_000), st.integers(1, 255), st.sampled_from(["flip", "cut", "more"]))
def test_bytes_that_were_touched_are_a_miss(place, mask, how):
    packed = bytearray(pack(KEPT))
    place %= len(packed)
    if how == "flip":
        packed[place] ^= mask
    elif how == "cut":
        del packed[place:]
    else:
        packed.append(mask)
    assert unpack(bytes(packed), DIGEST) is None


@settings(deadline=None, max_examples=300)
@given(st.binary(max_size=200), st.booleans())
def test_any_bytes_are_a_miss(junk, sealed):
    value = MAGIC + zlib.crc32(junk).to_bytes(4, "big") + junk if sealed else junk
    assert unpack(value, DIGEST) is None


@pytest.mark.parametrize(
    "change",
    [
        {"digest": b"other"},
        {"sizes": [5, 1]},
        {"sizes": [6, -1]},
        {"sizes": [0, 5]},
        {"sizes": [], "body": b""},
        {"created": float("nan")},
        {"created": float("inf")},
        {"created": -1.0},
        {"cost": "NaN"},
        {"cost": "1e999999999"},
        {"cost": "-1"},
        {"cost": "1\r\nx: y"},
        {"headers": [(b"x", b"a\r\nset-cookie: b")]},
        {"headers": [(b"x\n", b"a")]},
        {"headers": [(b"", b"a")]},
        {"headers": [(b"X-Upper", b"a")]},
        {"headers": [(b"x", b"a\ny:b"), (b"z", b"")]},
        {"headers": [(b"content-length", b"5")]},
        {"headers": [(b"transfer-encoding", b"chunked")]},
        {"headers": [(b"connection", b"close")]},
    ],
)
def test_what_could_not_be_sent_is_a_miss_though_it_is_sealed(change):
    assert unpack(pack(msgspec.structs.replace(KEPT, **change)), DIGEST) is None


def test_a_store_that_was_tampered_with_costs_a_hit_and_nothing_else():
    class Far(Memory):
        """As a store that other processes write to: what comes of it is bytes."""

    async def story():
        store, upstream = Far(), Upstream(ANSWER)
        policy = cache(store=store)
        await client(policy, upstream)
        name = policy.keys.of(ask()).name
        good = await store.get(name)
        seen = []
        for bad in (b"", b"junk", good[:-1], good + b"x", good.replace(b"Hi", b"Ho"), pack(KEPT)):
            await store.put(name, bad, 60)
            seen.append((await client(policy, upstream)).cache)
        return seen, await client(policy, upstream)

    seen, after = asyncio.run(story())
    assert seen == ["MISS"] * 6
    assert after.cache == "HIT"


def shared(status, *headers):
    return shareable(status, dict(headers), list(headers))


@pytest.mark.parametrize(
    ("kind", "kept"),
    [
        (b"application/json", True),
        (b"Application/JSON; charset=utf-8", True),
        (b"text/event-stream", True),
        (b"text/plain", True),
        (b"image/png", True),
        (b"application/vnd.amazon.eventstream", True),
        (b"application/x-ndjson", True),
        (b"application/jsonx", False),
        (b"audio/mpeg", False),
        (b"application/octet-stream", False),
        (b"multipart/form-data", False),
        (b"", False),
    ],
)
def test_kinds_that_are_kept(kind, kept):
    assert shared(200, (TYPE, kind)) is kept
    assert not shared(206, (TYPE, kind))


@pytest.mark.parametrize(
    ("cookie", "kept"),
    [(b"__cf_bm=x; path=/", True), (b"AWSALBCORS=x", True), (b"session=x", False), (b"my__cf_bm=x", False)],
)
def test_a_cookie_that_is_not_a_balancers_keeps_an_answer_from_being_kept(cookie, kept):
    assert shared(200, (TYPE, b"application/json"), (b"set-cookie", b"GCLB=1"), (b"set-cookie", cookie)) is kept


def test_headers_about_another_callers_account_stay_away():
    ours = [b"openai-organization", b"openai-project", b"anthropic-organization-id", b"x-amzn-requestid", b"request-id"]
    assert portable([(name, b"1") for name in (*ours, b"traceparent", b"cf-aig-step")]) == []
    assert portable([(b"content-encoding", b"gzip"), (b"openai-version", b"1")]) == [
        (b"content-encoding", b"gzip"),
        (b"openai-version", b"1"),
    ]


DONE = Answer(finish_reasons=("stop",))


@pytest.mark.parametrize(
    ("kind", "body", "answer", "whole"),
    [
        (b"text/event-stream", b"data: {}\n\ndata: [DONE]\n\n", Answer(), True),
        (b"text/event-stream", b"event: message_stop\n\n", DONE, True),
        (b"text/event-stream", b"data: {}\n\n", Answer(), False),
        (b"text/event-stream", b"data: {}\n\n", None, False),
        (b"application/vnd.amazon.eventstream", b"\x00", DONE, True),
        (b"application/json", b'{"data":[]}', Answer(), True),
        (b"application/json", b'{"data":[', Answer(), False),
        (b"application/json", b'{"status":"completed"}', Answer(), True),
        (b"application/json", b'{"status":"in_progress"}', Answer(), False),
        (b"application/json", b'{"status":1}', Answer(), True),
        (b"application/json", b"{}", Answer(finish_reasons=("Failed",)), False),
        (b"application/json", b"[" * 100_000, Answer(), False),
        (b"image/png", b"\x89", None, False),
    ],
)
def test_an_answer_says_in_its_own_words_that_it_is_whole(kind, body, answer, whole):
    assert complete({TYPE: kind}, body, answer, measured=False, streamed=False) is whole


def test_what_has_no_words_must_have_come_with_its_length():
    assert complete({TYPE: b"image/png"}, b"\x89", None, measured=True, streamed=False)
    packed = [(TYPE, b"application/json"), (b"content-encoding", b"gzip")]
    assert complete(dict(packed), b"\x1f", None, measured=True, streamed=False)
    assert not complete(dict(packed), b"\x1f", None, measured=False, streamed=False)


def test_answers_share_what_their_heads_have_in_common():
    one, other = [
        lasting([(TYPE, b"application/json"), (b"content-length", length), (b"date", length), (b"server", b"x")])
        for length in (b"10", b"20")
    ]
    assert one == ((TYPE, b"application/json"), (b"server", b"x"))
    assert one is other


@pytest.mark.parametrize("streamed", [False, True])
def test_a_hit_has_the_length_that_its_answer_had_and_no_other(streamed):
    items, headers, length = (EVENTS, SSE, None) if streamed else ((ANSWER,), JSON, len(ANSWER))

    async def story():
        policy, call = cache(), partial(ask, asked=STREAM) if streamed else ask
        told = [(b"content-length", b"%d" % length)] if length else []
        upstream = Upstream(*items, headers=[*headers, *told], length=length)
        return [await client(policy, upstream, call()) for _ in range(2)]

    miss, hit = asyncio.run(story())
    assert (miss.cache, hit.cache, hit.body) == ("MISS", "HIT", miss.body)
    assert hit.headers.get(b"content-length") == miss.headers.get(b"content-length")
