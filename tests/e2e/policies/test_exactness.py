"""Every kind of limit under 1,000 concurrent calls: as many pass as may, and never one more."""

import contextlib

import pytest

from tests import world
from tests.e2e.policies.crowd import crowd, post, statuses
from tests.e2e.policies.given import JSON, PRICES, Counting, ask, chat, path
from tests.world import Says

CALLS = 1000
BODY = ask("x" * 100, max_tokens=50)
IN, OUT = -(-len(BODY) // 4), 50
TOKENS = IN + OUT
COST = (IN * 100 + OUT * 1000) / 1e6
"""The provider meters what was reserved, so that as many calls fit as the limit is worth, whatever comes first."""

LIMITS = {
    "requests-fixed": "rate_limit: {requests: 100, per: 30d}",
    "requests-sliding": "rate_limit: {requests: 100, per: 1h, technique: sliding}",
    "tokens-fixed": f"rate_limit: {{tokens: {100 * TOKENS + 1}, per: 30d}}",
    "tokens-sliding": f"rate_limit: {{tokens: {100 * TOKENS + 1}, per: 1h, technique: sliding}}",
    "spend-fixed": f"spend_limits: [{{name: a, limit: {100 * COST:.7f}, per: 30d}}]",
    "spend-sliding": f"spend_limits: [{{name: a, limit: {100 * COST:.7f}, per: 1h, technique: sliding}}]",
    "spend-month": f"spend_limits: [{{name: a, limit: {100 * COST:.7f}, calendar: month}}]",
    "two-at-once": f"""
            rate_limit: [{{name: a, requests: 400, per: 30d}}, {{name: b, tokens: {100 * TOKENS}, per: 30d, by: token}}]
            spend_limits: [{{name: a, limit: {100 * COST:.7f}, calendar: month}}]""",
}
PARALLEL = "rate_limit: {concurrent: 25}"
SKEW = """
import os, time
real, real_ns = time.time, time.time_ns
seconds = float(os.environ.get("SKEW", "0"))
time.time = lambda: real() + seconds
time.time_ns = lambda: real_ns() + int(seconds * 1e9)
"""
"""Python's `sitecustomize`: a replica whose clock is wrong."""


def says(asked):
    slow = (asked.header("x-who") or "").startswith("parallel")
    return Says(headers=JSON, chunks=[chat("Hello.", IN, OUT)], before=0.06 if slow else 0.0)


@pytest.fixture(scope="module")
def provider():
    one = Counting(says)
    yield one
    one.stop()


def yaml(provider, state="memory"):
    gateways = "\n".join(f"          {name}:\n            {text.strip()}" for name, text in LIMITS.items())
    return f"""
    server: {{state: "{state}"}}
    {PRICES}
    providers: {{openai: {{base_url: {provider.url}/v1}}}}
    accounts:
      acme:
        gateways:
          parallel: {{{PARALLEL}}}
{gateways}
    """


SETUPS = ("one worker", "four workers", "two gateways")


@pytest.fixture(scope="module", params=SETUPS)
def setup(request, tmp_path_factory, provider, redis):
    """Its name and the ports to call."""
    redis.ask("FLUSHALL")
    shared = yaml(provider, redis.url())
    with contextlib.ExitStack() as stack:
        if request.param == "one worker":
            found = [stack.enter_context(world.gateway(tmp_path_factory.mktemp("one"), yaml(provider)))]
        elif request.param == "four workers":
            args = ("--workers", "4")
            found = [stack.enter_context(world.gateway(tmp_path_factory.mktemp("four"), shared, args=args))]
        else:
            found = []
            for skew in ("-90000", "90000"):
                folder = tmp_path_factory.mktemp("two")
                (folder / "sitecustomize.py").write_text(SKEW)
                env = {"PYTHONPATH": str(folder), "SKEW": skew}
                found.append(stack.enter_context(world.gateway(folder, shared, env)))
        yield request.param, found


@pytest.mark.parametrize("kind", LIMITS)
def test_as_many_pass_as_may_and_never_one_more(setup, provider, kind):
    name, gateways = setup
    who = f"{kind} {name}"
    got = crowd([one.port for one in gateways], [post(path(kind), BODY, x_who=who)] * CALLS)
    assert statuses(got) == {200: 100, 429: 900}
    assert provider.calls[who] == 100
    numbers = {one.headers.get("ratelimit-remaining") for one in got if one.status == 200}
    assert all("retry-after" in one.headers for one in got if one.status == 429)
    if kind.startswith("requests"):
        assert numbers == {str(left) for left in range(100)}, "each of them was told another number"


def test_no_more_calls_run_at_one_time_than_may(setup, provider):
    name, gateways = setup
    who = f"parallel {name}"
    for _ in range(2):
        got = crowd([one.port for one in gateways], [post(path("parallel"), BODY, x_who=who)] * CALLS)
        found = statuses(got)
        assert set(found) == {200, 429}
        # Who is refused found 25 others.
        assert found[200] >= 25
    assert 0 < provider.most[who] <= 25


def test_the_clocks_of_two_replicas_really_differ(setup):
    name, gateways = setup
    if name == "two gateways":
        first, second = (one.lines()[0]["created_at"] for one in gateways)
        assert first != second
        assert first[:10] != second[:10]
