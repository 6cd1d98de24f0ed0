"""Redis killed, hung and restarted in mid-load: calls go on, or are refused where their limit says so."""

import asyncio
import contextlib
import json
import statistics
import threading
import time

import pytest

from tests import world
from tests.e2e.policies.crowd import Got, post, statuses, steady
from tests.e2e.policies.given import JSON, PRICES, ask, chat, path, wait
from tests.stores.servers import Server
from tests.world import Says

NAMES = ("lenient", "strict", "kept", "plain")


@pytest.fixture(scope="module")
def provider():
    with world.provider(lambda asked: Says(headers=JSON, chunks=[chat()])) as one:
        yield one


@pytest.fixture(scope="module")
def own(tmp_path_factory):
    server = Server(tmp_path_factory.mktemp("own")).start()
    yield server
    server.stop()


@pytest.fixture(scope="module")
def gateway(tmp_path_factory, provider, own):
    yaml = f"""
    server: {{state: "redis://127.0.0.1:{own.port}/0"}}
    {PRICES}
    providers: {{openai: {{base_url: {provider.url}/v1}}}}
    accounts:
      acme:
        gateways:
          lenient: {{rate_limit: {{name: calls, requests: 1000000, per: 30d}}}}
          strict: {{spend_limits: [{{name: money, limit: 1000000, per: 30d}}]}}
          kept: {{cache: {{ttl: 1h}}}}
          plain: {{}}
    """
    with world.gateway(tmp_path_factory.mktemp("lost"), yaml) as one:
        yield one


class Load:
    """Steady calls through every gateway, from a thread of their own."""

    def __init__(self, port: int) -> None:
        self.seen: dict[str, list[Got | Exception]] = {name: [] for name in NAMES}
        self.port = port

    def since(self, name: str, moment: float) -> list[Got]:
        """What came to calls that began after a moment; a call without an answer is a fault."""
        faults = [one for one in self.seen[name] if isinstance(one, Exception)]
        assert faults == []
        return [one for one in list(self.seen[name]) if one.began > moment]

    async def run(self) -> None:
        self.stop, self.loop = asyncio.Event(), asyncio.get_running_loop()
        body = ask(max_tokens=5)
        async with asyncio.TaskGroup() as group:
            for name in NAMES:
                for _ in range(4):
                    group.create_task(steady(self.port, post(path(name), body), self.seen[name], self.stop))

    @contextlib.contextmanager
    def running(self):
        thread = threading.Thread(target=lambda: asyncio.run(self.run()))
        thread.start()
        try:
            yield self
        finally:
            self.loop.call_soon_threadsafe(self.stop.set)
            thread.join(10)


def p99(got: list[Got]) -> float:
    took = sorted(one.seconds for one in got)
    return took[len(took) * 99 // 100]


def healthy(load, since):
    """Whether every gateway's calls are served with nothing left out, each of the last few."""
    last = {name: load.since(name, since)[-5:] for name in NAMES}
    return all(
        len(some) == 5 and all(one.status == 200 and "cf-aig-degraded" not in one.headers for one in some)
        for some in last.values()
    )


def allowed(load, moment, until):
    """Each limit's calls in a time when there was no Redis are what its settings ask for."""
    some = {name: [one for one in load.since(name, moment) if one.ended < until] for name in NAMES}
    assert all(len(got) > 20 for got in some.values()), {name: len(got) for name, got in some.items()}
    assert statuses(some["plain"]) == {200: len(some["plain"])}
    for name, word in (("lenient", "calls"), ("kept", "cache")):
        assert statuses(some[name]) == {200: len(some[name])}
        assert {one.headers["cf-aig-degraded"] for one in some[name]} == {word}
    assert statuses(some["strict"]) == {503: len(some["strict"])}
    error = json.loads(some["strict"][-1].body)
    assert (error["error"]["code"], error["internalCode"]) == ("limit_unavailable", 2113)
    assert some["strict"][-1].headers["retry-after"] == "1"
    assert max(one.seconds for got in some.values() for one in got) < 1.0


@pytest.mark.parametrize("how", ["killed", "hung"])
def test_redis_goes_and_comes_back_in_mid_load(gateway, own, how):
    away, back = (own.kill, own.start) if how == "killed" else (own.hang, own.wake)
    with Load(gateway.port).running() as load:
        time.sleep(0.2)
        start = time.monotonic()
        wait(lambda: healthy(load, start))
        time.sleep(1.0)
        away()
        # A Redis that hangs is noticed by the first calls, whose deadline passes.
        time.sleep(0.4)
        noticed = time.monotonic()
        time.sleep(1.0)
        allowed(load, noticed, time.monotonic())
        ended = time.monotonic()
        back()
        assert wait(lambda: healthy(load, ended)) < 3.0
        found = {name: load.since(name, 0) for name in NAMES}
    # At no moment a status that no setting asks for, not even while it was being noticed.
    assert set(statuses(found["strict"])) == {200, 503}
    assert all(set(statuses(found[name])) == {200} for name in ("plain", "lenient", "kept"))


def middle(got: list[Got], since: float, until: float) -> float:
    """The median of the p99s of five equal parts of a time: one part may be spoiled by another process's load."""
    width = (until - since) / 5
    parts = [[one for one in got if since + at * width <= one.began < since + (at + 1) * width] for at in range(5)]
    return statistics.median(p99(part) for part in parts if part)


def test_calls_that_need_no_store_hardly_feel_that_redis_hangs(gateway, own):
    moved = []
    for _ in range(4):
        with Load(gateway.port).running() as load:
            time.sleep(0.2)
            start = time.monotonic()
            wait(lambda start=start: healthy(load, start))
            time.sleep(1.5)
            gone = time.monotonic()
            own.hang()
            time.sleep(1.5)
            ended = time.monotonic()
            own.wake()
            wait(lambda ended=ended: healthy(load, ended))
            plain = load.since("plain", 0)
        moved.append(middle(plain, gone, ended) - middle(plain, start, gone))
        if moved[-1] < 0.005:
            break
    print("p99 of calls without limits moved by ms:", [round(one * 1e3, 2) for one in moved])
    assert moved[-1] < 0.005, moved


def test_it_was_told_in_the_log_and_there_is_no_traceback(gateway):
    line = gateway.line(gateway.call(path("lenient"), ask()).log_id)
    assert line["status_code"] == 200
    assert "Traceback" not in gateway.errors()
    assert "Redis does not answer" in gateway.errors()
    assert "Redis answers again" in gateway.errors()
    assert "calls" in {line["decided"].get("degraded") for line in gateway.lines()}
