"""Any order of reserving, settling and waiting, against a list of all that happened; and Redis against memory."""

import asyncio

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test

from gateway.stores.address import parse
from gateway.stores.memory import Memory
from gateway.stores.redis import RedisStore
from gateway.stores.store import Claim
from tests.stores.model import Model

LIMITS = [
    ("acme/one:fixed", 5, 10.0, "fixed"),
    ("acme/one:sliding", 5, 7.5, "sliding"),
    ("acme/one:sliding", 9, 60.0, "sliding"),
    ("acme/one:places", 4, 20.0, "concurrent"),
    ("acme/one:hour", 6, 0.0, "hour"),
    ("acme/one:day", 7, 0.0, "day"),
    ("acme/one:week", 8, 0.0, "week"),
    ("acme/one:month", 9, 0.0, "month"),
]
claims = st.lists(
    st.builds(
        lambda limit, amount: Claim(limit[0], limit[1], amount, limit[2], limit[3]),
        st.sampled_from(LIMITS),
        st.integers(0, 4),
    ),
    min_size=1,
    max_size=4,
)
# In 64ths of a second, which floats and microseconds both hold exactly; from a glance to a month.
pauses = st.one_of(
    st.integers(0, 64), st.integers(0, 64 * 30), st.integers(0, 64 * 3600), st.integers(0, 64 * 86400 * 32)
)
STEP = 15_625
NEW_YEAR_2040 = 2_208_988_800 * 64


class AgainstTheList(RuleBasedStateMachine):
    @initialize(start=st.integers(0, 64 * 86400 * 400))
    def begin(self, start):
        self.now = NEW_YEAR_2040 + start
        self.store, self.model = Memory(clock=lambda: self.now / 64), Model()
        self.held = []

    @property
    def micros(self):
        return self.now * STEP

    @rule(pause=pauses)
    def wait(self, pause):
        self.now += pause

    @rule(wanted=claims)
    def reserve(self, wanted):
        said = asyncio.run(self.store.reserve(wanted))
        over, left = self.model.reserve(wanted, self.micros)
        assert (said.granted, said.over, said.left) == (over == -1, over, left)
        if said.granted:
            self.model.received(said.receipt)
            self.held.append((wanted, said.receipt, self.model.events[-len(wanted) :]))
        else:
            self.soon_enough_and_no_sooner(wanted[over], said.reset[over])

    def soon_enough_and_no_sooner(self, claim, reset):
        if claim.amount > claim.limit or self.model.fits(claim, self.micros):
            return  # it can never fit, or only an earlier claim of the same call was in its way
        moment = self.micros + round(reset * 1_000_000)
        assert self.model.fits(claim, moment)
        assert reset == 0 or self.model.used(claim, moment) < self.model.used(claim, moment - 1)

    @rule(which=st.integers(0, 10**6), amounts=st.lists(st.integers(0, 9), min_size=4, max_size=4), again=st.booleans())
    def settle(self, which, amounts, again):
        if self.held:
            wanted, receipt, events = self.held[which % len(self.held)]
            self.model.settle(events, amounts[: len(events)])
            asyncio.run(self.store.settle(wanted, receipt, amounts[: len(wanted)]))
            if again:
                asyncio.run(self.store.settle(wanted, receipt, [one + 1 for one in amounts[: len(wanted)]]))


def test_memory_says_what_a_list_of_all_that_happened_says():
    run_state_machine_as_test(
        AgainstTheList,
        settings=settings(max_examples=150, stateful_step_count=40, deadline=None, database=None),
    )


CLOCK = "{redis.call('GET', 'clock:seconds'), redis.call('GET', 'clock:micros')}"


@pytest.fixture(scope="module")
def loop():
    loop = asyncio.new_event_loop()
    yield loop
    loop.close()


class RedisAgainstMemory(RuleBasedStateMachine):
    server = loop = None

    @initialize(start=st.integers(0, 64 * 86400 * 400))
    def begin(self, start):
        self.now = NEW_YEAR_2040 + start
        self.server.ask("FLUSHALL")
        self.memory = Memory(clock=lambda: self.now / 64)
        self.redis = RedisStore(parse(self.server.url()), clock=CLOCK)
        self.held = []
        self.tell()

    def tell(self):
        micros = self.now * STEP
        self.server.ask("MSET", "clock:seconds", micros // 1_000_000, "clock:micros", micros % 1_000_000)

    @rule(pause=pauses)
    def wait(self, pause):
        self.now += pause
        self.tell()

    @rule(wanted=claims)
    def reserve(self, wanted):
        ours = self.loop.run_until_complete(self.memory.reserve(wanted))
        theirs = self.loop.run_until_complete(self.redis.reserve(wanted))
        assert (ours.granted, ours.over, ours.left) == (theirs.granted, theirs.over, theirs.left)
        assert ours.reset == theirs.reset
        if ours.granted:
            self.held.append((wanted, ours.receipt, theirs.receipt))

    @rule(
        which=st.integers(0, 10**6),
        amounts=st.lists(st.integers(0, 9), min_size=4, max_size=4),
        times=st.integers(1, 2),
    )
    def settle(self, which, amounts, times):
        if self.held:
            wanted, ours, theirs = self.held[which % len(self.held)]
            for _ in range(times):
                self.loop.run_until_complete(self.memory.settle(wanted, ours, amounts[: len(wanted)]))
                self.loop.run_until_complete(self.redis.settle(wanted, theirs, amounts[: len(wanted)]))

    def teardown(self):
        if hasattr(self, "redis"):
            self.loop.run_until_complete(self.redis.aclose())


def test_redis_says_what_memory_says(server, loop):
    RedisAgainstMemory.server, RedisAgainstMemory.loop = server, loop
    run_state_machine_as_test(
        RedisAgainstMemory,
        settings=settings(max_examples=150, stateful_step_count=40, deadline=None, database=None),
    )


@pytest.mark.parametrize("technique", ["fixed", "sliding", "day"])
def test_the_clock_of_redis_may_step_back_as_that_of_memory_may(server, loop, technique):
    def turn_to(seconds):
        server.ask("MSET", "clock:seconds", seconds, "clock:micros", 0)

    def granted():
        return loop.run_until_complete(store.reserve([Claim("g:a", 1, 1, 10.0, technique)])).granted

    start = NEW_YEAR_2040 // 64 + 5
    store = RedisStore(parse(server.url()), clock=CLOCK)
    said = []
    for moment in (start, start - 6, start + 365 * 86400, start):
        turn_to(moment)
        said.append(granted())
    assert said == [True, False, True, True]
    loop.run_until_complete(store.aclose())
