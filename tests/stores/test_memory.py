"""The store of one process: exact, bounded, and cheap enough for every call."""

import asyncio
import time
from datetime import UTC, datetime

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from gateway.stores.memory import Memory
from gateway.stores.store import Claim, StoreLost


class Clock:
    def __init__(self, now=2_208_988_800.0):
        self.now = now

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


def reserve(store, *claims):
    return asyncio.run(store.reserve(claims))


def settle(store, claims, receipt, amounts):
    asyncio.run(store.settle(claims, receipt, amounts))


def left(store, claim):
    return reserve(store, Claim(claim.key, claim.limit, 0, claim.window, claim.technique)).left[0]


STEP = 15_625  # microseconds in a 64th of a second, which floats hold exactly


@settings(max_examples=300, deadline=None, database=None)
@given(
    limit=st.integers(1, 8),
    window=st.sampled_from([1.0, 7.5, 60.0, 0.1, 3600.0]),
    start=st.integers(0, 10**6),
    steps=st.lists(st.tuples(st.integers(0, 64 * 90), st.integers(1, 3)), min_size=1, max_size=80),
)
@example(limit=1, window=60.0, start=63, steps=[(0, 1), (64 * 60 - 1, 1), (1, 1), (63, 1), (1, 1)])
def test_sliding_never_exceeds_the_limit_in_a_true_rolling_window_nor_refuses_what_one_a_sixtieth_longer_grants(
    limit, window, start, steps
):
    clock = Clock()
    store = Memory(clock=clock)
    now = 2_208_988_800 * 64 + start
    micros = round(window * 1_000_000)
    longer = -(-micros // 60) * 61
    granted = []
    for pause, amount in steps:
        now += pause if window >= 60 else pause % 64
        clock.now = now / 64
        at = now * STEP
        in_true_window = sum(one for when, one in granted if when > at - micros)
        in_longer_window = sum(one for when, one in granted if when > at - longer)
        said = reserve(store, Claim("acme/p:x", limit, amount, window, "sliding")).granted
        if said:
            granted.append((at, amount))
            assert in_true_window + amount <= limit
        else:
            assert in_longer_window + amount > limit


def test_a_refused_call_counts_nowhere_even_where_two_of_its_claims_share_a_counter(clock):
    store = Memory(clock=clock)
    a, b = Claim("g:a", 5, 2, 60.0), Claim("g:b", 1, 2, 60.0)
    said = reserve(store, a, a, b)
    assert (said.granted, said.over, said.left, said.receipt) == (False, 2, (5, 5, 1), ())
    assert not reserve(store, a, a, a).granted
    assert reserve(store, a, a).left == (1, 1)


def test_a_look_counts_nothing_and_is_never_refused_but_what_it_saw_can_be_settled(clock):
    store = Memory(clock=clock)
    look = Claim("g:a", 5, 0, 60.0)
    seen = reserve(store, look)
    assert (seen.granted, seen.left) == (True, (5,))
    settle(store, [look], seen.receipt, [7])
    settle(store, [look], seen.receipt, [7])
    assert reserve(store, look).left == (0,)
    assert reserve(store, look).granted
    assert not reserve(store, Claim("g:a", 5, 1, 60.0)).granted


def test_settling_puts_what_was_used_in_place_of_what_was_granted_once(clock):
    store = Memory(clock=clock)
    for technique in ("fixed", "sliding", "hour", "day", "week", "month"):
        claim = Claim("g:a", 100, 40, 60.0, technique)
        receipt = reserve(store, claim).receipt
        for amount in (7, 0, 99):
            settle(store, [claim], receipt, [amount])
        assert left(store, claim) == 93
        settle(store, [claim], reserve(store, claim).receipt, [-5])
        assert left(store, claim) == 93


def test_a_window_that_is_over_is_left_alone(clock):
    store = Memory(clock=clock)
    claim = Claim("g:a", 100, 40, 60.0)
    receipt = reserve(store, claim).receipt
    clock.now += 60
    assert left(store, claim) == 100
    settle(store, [claim], receipt, [90])
    assert left(store, claim) == 100


def test_places_come_back_when_settled_or_when_their_time_is_over_and_a_late_receipt_takes_no_others(clock):
    store = Memory(clock=clock)
    place = Claim("g:places", 2, 1, 30.0, "concurrent")
    first, second = reserve(store, place), reserve(store, place)
    refused = reserve(store, place)
    assert (refused.granted, refused.reset) == (False, (30.0,))
    settle(store, [place], first.receipt, [0])
    settle(store, [place], first.receipt, [0])
    assert left(store, place) == 1
    clock.now += 30
    assert left(store, place) == 2
    third = reserve(store, place)
    settle(store, [place], second.receipt, [0])
    assert left(store, place) == 1
    settle(store, [place], third.receipt, [1])
    assert left(store, place) == 2


@pytest.mark.parametrize(
    ("technique", "at", "ends"),
    [
        ("hour", "2028-02-29T13:59:59.5", "2028-02-29T14:00"),
        ("day", "2028-02-29T13:59:59.5", "2028-03-01T00:00"),
        ("week", "2028-02-28T00:00", "2028-03-06T00:00"),  # a Monday
        ("week", "2028-02-27T23:59:59", "2028-02-28T00:00"),
        ("month", "2028-02-29T13:59:59.5", "2028-03-01T00:00"),
        ("month", "2028-12-31T23:59:59.5", "2029-01-01T00:00"),
    ],
)
def test_calendar_windows_end_in_utc_and_weeks_on_sunday(technique, at, ends):
    def moment(text):
        return datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()

    clock = Clock(moment(at))
    store = Memory(clock=clock)
    claim = Claim("g:a", 1, 1, 0.0, technique)
    assert reserve(store, claim).granted
    refused = reserve(store, claim)
    assert refused.reset == (moment(ends) - moment(at),)
    clock.now = moment(ends) - 0.25
    assert not reserve(store, claim).granted
    clock.now = moment(ends)
    assert reserve(store, claim).granted


@pytest.mark.parametrize("technique", ["fixed", "sliding", "day"])
def test_a_clock_that_steps_back_gives_nothing_twice_and_one_that_was_a_year_ahead_blocks_nobody(technique):
    clock = Clock(2_208_988_800.0 + 5)
    store = Memory(clock=clock)
    claim = Claim("g:a", 1, 1, 10.0, technique)
    assert reserve(store, claim).granted
    clock.now -= 6
    assert not reserve(store, claim).granted
    clock.now += 365 * 86400
    assert reserve(store, claim).granted
    clock.now -= 365 * 86400
    assert reserve(store, claim).granted


def test_counters_end_with_their_windows_and_a_flood_of_names_is_a_loss_and_not_a_pardon(clock):
    store = Memory(clock=clock, counters=1000)
    mine = Claim("g:mine", 1, 1, 600.0, "sliding")
    assert reserve(store, mine).granted
    lost = 0
    for number in range(3000):
        try:
            reserve(store, Claim(f"g:{number}", 1, 1, 60.0))
        except StoreLost:
            lost += 1
    assert lost >= 2000
    assert not reserve(store, mine).granted
    assert len(store._counters) <= 1000
    clock.now += 60
    with pytest.raises(StoreLost):
        reserve(store, Claim("g:new", 1, 1, 60.0))
    for number in range(3000):
        reserve(store, Claim(f"g:{number}", 1, 1, 60.0))
        clock.now += 1
    assert len(store._counters) < 900


def test_bytes_are_kept_for_their_time_replaced_and_dropped_by_prefix(clock):
    async def play():
        store = Memory(clock=clock)
        await store.put("a:1", b"one", 10)
        await store.put("a:2", b"two", 20)
        await store.put("b:1", b"", 20)
        await store.put("a:1", b"uno", 10)
        assert [await store.get(key) for key in ("a:1", "a:2", "b:1", "c")] == [b"uno", b"two", b"", None]
        clock.now += 10
        assert await store.get("a:1") is None
        await store.put("a:3", b"three", 5)
        await store.put("a:3", b"three", 0)
        assert await store.drop("a:") == 1
        assert await store.get("b:1") == b""
        await store.aclose()

    asyncio.run(play())


def test_what_was_not_asked_for_the_longest_goes_first_and_the_size_is_never_exceeded(clock):
    async def play():
        store = Memory(10_000, clock=clock)
        for key in "abcd":
            await store.put(key, bytes(2000), 10)
        await store.get("a")
        await store.put("e", bytes(2000), 10)
        assert [key for key in "abcde" if await store.get(key) is not None] == ["a", "c", "d", "e"]
        await store.put("f", bytes(9_000), 10)
        assert [key for key in "abcdef" if await store.get(key) is not None] == ["f"]
        await store.put("f", bytes(20_000), 10)
        assert await store.get("f") is None
        assert store._kept.bytes == 0

    asyncio.run(play())


def test_a_value_of_25_mb_is_kept_and_one_of_40_is_not(clock):
    async def play():
        store = Memory(clock=clock)
        await store.put("a", bytes(25_000_000), 10)
        await store.put("b", bytes(40_000_000), 10)
        assert len(await store.get("a")) == 25_000_000
        assert await store.get("b") is None

    asyncio.run(play())


@settings(max_examples=100, deadline=None, database=None)
@given(
    st.lists(
        st.tuples(st.sampled_from(["put", "get", "drop", "wait"]), st.sampled_from("abcde"), st.integers(0, 900)),
        max_size=60,
    )
)
def test_bytes_against_a_list_in_the_order_of_their_use(steps):
    async def play():
        clock, kept = Clock(), []  # [key, size, ends], the last used last
        store = Memory(2000, clock=clock)
        for what, key, number in steps:
            kept_now = [one for one in kept if one[0] == key]
            if what == "put":
                await store.put(key, bytes(number), 5)
                kept = [one for one in kept if one[0] != key] + [[key, number, clock.now + 5]]
                while sum(size + 204 for _, size, _ in kept) > 2000:
                    kept.pop(0)
            elif what == "get":
                said = await store.get(key)
                alive = [one for one in kept_now if one[2] > clock.now]
                assert (said is None and not alive) or len(said) == alive[0][1]
                kept = [one for one in kept if one[0] != key] + alive
            elif what == "drop":
                assert await store.drop(key) == len([one for one in kept_now if one[2] > clock.now])
                kept = [one for one in kept if one[0] != key]
            else:
                clock.now += number % 3

    asyncio.run(play())


def test_two_claims_cost_a_few_microseconds():
    async def play(technique):
        store = Memory()
        claims = [Claim("g:a", 10**9, 1, 60.0, technique), Claim("g:b", 10**9, 5, 60.0, technique)]
        best = 1.0
        for _ in range(10):
            began = time.perf_counter()
            for _ in range(2000):
                await store.reserve(claims)
            best = min(best, (time.perf_counter() - began) / 2000)
        return best

    for technique in ("fixed", "sliding", "month"):
        assert asyncio.run(play(technique)) < 12e-6  # 3.5 on a quiet core
