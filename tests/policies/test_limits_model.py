"""Limiter and budget against the simplest model there is: a list of what happened, looked through again and again."""

from decimal import Decimal

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from gateway.call import Refusal
from gateway.stores.memory import Memory
from tests.policies.limited import LEFT, PRICE, Clock, answered, attempted, budgets, call, header, over, rates

BEGIN = 1_800_000_000.0
USERS = st.sampled_from(["eva", "adam", None])


def now(waiting):
    """What a coroutine gives that has nothing to wait for."""
    try:
        waiting.send(None)
    except StopIteration as stop:
        return stop.value
    raise AssertionError("it waits")


class Driven(RuleBasedStateMachine):
    """Calls that begin and end in any order, on a clock that stands still in between."""

    def __init__(self):
        super().__init__()
        self.clock, self.open = Clock(BEGIN), []

    @rule(seconds=st.sampled_from([0.5, 3, 10, 59.999, 60]))
    def time_passes(self, seconds):
        self.clock.now += seconds

    def begin(self, one):
        try:
            return now(self.policy(one, answered()))
        except Refusal as refusal:
            return refusal


class Limiter(Driven):
    """Two calls a minute for each user, 100 tokens a minute, and three at one time."""

    def __init__(self):
        super().__init__()
        self.policy = rates(
            "[{requests: 2, per: 1m, by: metadata.user}, {tokens: 100, per: 1m}, {concurrent: 3, per: 100h}]",
            Memory(clock=self.clock),
        )
        self.counted = []  # [minute, user, tokens]

    @property
    def minute(self):
        return self.clock.now // 60

    @rule(user=USERS, tokens=st.integers(1, 60))
    def a_call_comes(self, user, tokens):
        same = [entry for entry in self.counted if entry[0] == self.minute]
        mine = sum(entry[1] == user for entry in same)
        used = sum(entry[2] for entry in same)
        fits = mine < 2 and used + tokens <= 100 and len(self.open) < 3
        one = call(max_tokens=tokens, **({"user": user} if user else {}))
        answer = self.begin(one)
        assert answer.status == (200 if fits else 429)
        if fits:
            entry = [self.minute, user, tokens]
            self.counted.append(entry)
            self.open.append((one, entry))
            left = [((1 - mine) / 2, 1 - mine), ((100 - used - tokens) / 100, 100 - used - tokens)]
            left.append(((3 - len(self.open)) / 3, 3 - len(self.open)))
            assert header(answer, b"ratelimit-remaining") == b"%d" % min(left, key=lambda one: one[0])[1]

    @rule(which=st.integers(0, 2), tokens=st.one_of(st.none(), st.integers(0, 120)))
    def a_call_ends(self, which, tokens):
        if which < len(self.open):
            one, entry = self.open.pop(which)
            one.record.attempts = [] if tokens is None else [attempted(tokens, 0)]
            entry[2] = tokens or 0
            now(over(one))


class Sliding(Driven):
    """Three calls in any sixty seconds."""

    def __init__(self):
        super().__init__()
        self.policy = rates("{requests: 3, per: 1m, technique: sliding}", Memory(clock=self.clock))
        self.granted = []

    @rule()
    def a_call_comes(self):
        at = self.clock.now
        exact = sum(at - before < 60 for before in self.granted)
        longer = sum(at - before <= 61 for before in self.granted)
        granted = self.begin(call()).status == 200
        assert exact < 3 if granted else longer >= 3
        if granted:
            self.granted.append(at)


class Budget(Driven):
    """A thousandth of a dollar a minute, in billionths."""

    LIMIT = 1_000_000

    def __init__(self):
        super().__init__()
        self.policy = budgets("[{name: all, limit: 0.001, per: 1m}]", Memory(clock=self.clock))
        self.counted = {}  # minute: [[reserved, settled or None], ...]
        self.allowed = {}  # minute: the calls that were in flight when its last call was let through

    @rule(body=st.integers(0, 400), tokens=st.one_of(st.none(), st.integers(0, 120)))
    def a_call_comes(self, body, tokens):
        minute = self.clock.now // 60
        entries = self.counted.setdefault(minute, [])
        sure = -(-body // 4) * 1000
        wanted = sure + min(self.LIMIT // 10, 4096 * 10000) if tokens is None else sure + tokens * 10000
        used = sum(reserved if settled is None else settled for reserved, settled in entries)
        one = call(body=b"x" * body, max_tokens=tokens)
        answer = self.begin(one)
        assert answer.status == (429 if wanted and used + wanted > self.LIMIT else 200)
        if answer.status == 200:
            entry = [wanted, None]
            entries.append(entry)
            self.open.append((one, entry))
            self.allowed[minute] = [entry for entry in entries if entry[1] is None]
            assert Decimal(header(answer, LEFT).decode()) == Decimal(max(0, self.LIMIT - used - wanted)) / 10**9
        elif wanted > self.LIMIT:
            assert "this call alone" in answer.sentence
            assert header(answer, b"retry-after") is None

    @rule(
        which=st.integers(0, 9),
        end=st.sampled_from(["served", "failed", "refused", "cached", "unseen", "twice"]),
        percent=st.integers(0, 200),
    )
    def a_call_ends(self, which, end, percent):
        if which >= len(self.open):
            return
        one, entry = self.open.pop(which)
        cost = entry[0] * percent // 100
        dollars = Decimal(cost) / 10**9
        tries, settled = {
            "served": ([attempted(1, 1, dollars)], cost),
            "twice": ([attempted(1, 1, dollars), attempted(1, 1, dollars)], 2 * cost),
            "failed": ([attempted(usage=False, status=502, error="unreachable")], 0),
            "refused": ([], 0),
            "cached": ([], 0),
            "unseen": ([attempted(usage=False, error="cancelled")], entry[0]),
        }[end]
        one.record.attempts, one.record.cached = tries, end == "cached"
        entry[1] = settled
        now(over(one))

    @invariant()
    def no_minute_costs_more_than_the_stated_bound(self):
        for minute, entries in self.counted.items():
            spent = sum(settled for _, settled in entries if settled is not None)
            above = sum(max(0, settled - reserved) for reserved, settled in self.allowed.get(minute, []) if settled)
            assert spent <= self.LIMIT + above


assert PRICE.input * 10**9 == 1000
few = settings(max_examples=60, stateful_step_count=40, deadline=None)
TestLimiter, TestSliding, TestBudget = Limiter.TestCase, Sliding.TestCase, Budget.TestCase
TestLimiter.settings = TestSliding.settings = TestBudget.settings = few
