"""Four replicas, a thousand calls at once, one limit: never one over, never one too few."""

import json
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@contextmanager
def replicas(url, skews, count):
    started = [
        subprocess.Popen(
            [sys.executable, "-m", "tests.stores.replica", url, str(skew), str(count)],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for skew in skews
    ]
    try:
        assert all(one.stdout.readline() == "ready\n" for one in started)

        def play(*claims):
            for one in started:
                one.stdin.write(json.dumps(claims) + "\n")
                one.stdin.flush()
            return [int(one.stdout.readline()) for one in started]

        yield play
    finally:
        for one in started:
            one.communicate()


@pytest.fixture(scope="module")
def play(shared_server):
    day = 86400.0
    with replicas(shared_server.url("/0?timeout=20000"), [0.0, day, -40 * day, 0.3], 250) as four:
        yield four


TECHNIQUES = [
    ("fixed", 86400.0 * 30),
    ("sliding", 300.0),
    ("concurrent", 300.0),
    ("hour", 0.0),
    ("day", 0.0),
    ("week", 0.0),
    ("month", 0.0),
]


@pytest.mark.parametrize(("technique", "window"), TECHNIQUES)
def test_a_thousand_calls_of_four_replicas_with_wrong_clocks_get_exactly_the_limit(play, server, technique, window):
    assert sum(play(("acme/production:calls", 137, 1, window, technique))) == 137


def test_of_several_limits_the_tightest_decides_and_the_others_count_only_what_was_granted(play, server):
    wide, tight = ("acme/production:wide", 500, 2, 300.0, "sliding"), ("acme/production:tight", 99, 1, 300.0, "fixed")
    assert sum(play(wide, tight)) == 99
    assert sum(play(("acme/production:wide", 500, 2, 300.0, "sliding"))) == 250 - 99


def test_two_gateways_that_share_a_redis_do_not_share_limits(play, server):
    assert sum(play(("acme/one:calls", 30, 1, 300.0, "fixed"))) == 30
    assert sum(play(("acme/two:calls", 30, 1, 300.0, "fixed"))) == 30
