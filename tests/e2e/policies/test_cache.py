"""The cache of a real gateway: one upstream call for a thousand, streams byte by byte, and nothing for strangers."""

import json
import os
import socket
import subprocess
import sys
import threading
import time

import pytest

from tests import world
from tests.e2e.acts import leave_after
from tests.e2e.policies.crowd import crowd, post, statuses
from tests.e2e.policies.given import EVENTS, JSON, PRICES, Counting, ask, chat, events, path, wait
from tests.world import Says

A, B = "tenant-a-0123456789", "tenant-b-0123456789"
COST = 10 * 0.0001 + 5 * 0.001
STREAM = events(*(f"word{number} " for number in range(20)))


def says(asked):
    do = asked.header("x-do") or ""
    text = f"answer {len(asked.body)} {asked.header('authorization')}"
    if "stream" in do:
        return Says(headers=EVENTS, chunks=STREAM, framing="chunked", pause=0.05 if "slow" in do else 0.0)
    if do.startswith("status-"):
        return Says(int(do[7:]), JSON, [b'{"error": {"message": "no"}}'])
    return Says(headers=JSON, chunks=[chat(text)], before=0.2 if do == "slow" else 0.0)


@pytest.fixture(scope="module")
def provider():
    one = Counting(says)
    yield one
    one.stop()


TOKENS = f"authentication: {{tokens: [{{name: a, token: {A}}}, {{name: b, token: {B}}}]}}"


def yaml(provider, state):
    return f"""
    server: {{state: "{state}"}}
    {PRICES}
    providers: {{openai: {{base_url: {provider.url}/v1}}}}
    accounts:
      acme:
        gateways:
          main: {{cache: {{ttl: 1h}}}}
          other: {{cache: {{ttl: 1h}}}}
          tenants: {{cache: {{ttl: 1h}}, {TOKENS}}}
          shared: {{cache: {{ttl: 1h, scope: gateway}}, {TOKENS}}}
          limited: {{cache: {{ttl: 1h}}, rate_limit: {{name: few, requests: 3, per: 30d}}}}
          budget: {{cache: {{ttl: 1h}}, spend_limits: [{{name: money, limit: 10, per: 30d}}]}}
      rival: {{gateways: {{main: {{cache: {{ttl: 1h}}}}}}}}
    """


@pytest.fixture(scope="module", params=["memory", "redis"])
def gateway(request, tmp_path_factory, provider, redis):
    redis.ask("FLUSHALL")
    state = "memory" if request.param == "memory" else redis.url()
    with world.gateway(tmp_path_factory.mktemp(request.param), yaml(provider, state)) as one:
        yield one


@pytest.fixture
def who(request):
    """Names the calls of one test at the provider."""
    return request.node.name


def test_a_thousand_identical_calls_at_once_are_one_upstream_call(gateway, provider, who):
    got = crowd(gateway.port, [post(body=ask(who), x_who=who, x_do="slow")] * 1000)
    assert statuses(got) == {200: 1000}
    assert provider.calls[who] == 1
    assert len({one.body for one in got}) == 1
    found = [one.headers["cf-aig-cache-status"] for one in got]
    assert (found.count("MISS"), found.count("HIT")) == (1, 999)
    ids = {one.headers["cf-aig-log-id"] for one in got}
    wait(lambda: ids <= {line["id"] for line in gateway.lines()})
    lines = [line for line in gateway.lines() if line["id"] in ids]
    assert sum(line["cost"] for line in lines) == pytest.approx(COST), "the call was paid for once"
    assert sum(line["decided"].get("cache_saved_cost") == str(COST) for line in lines) == 999
    (again,) = crowd(gateway.port, [post(body=ask(who), x_who=who, x_do="slow")])
    assert (again.headers["cf-aig-cache-status"], provider.calls[who]) == ("HIT", 1)
    assert (again.headers["cf-aig-cost"], again.headers["cf-aig-attempts"]) == ("0", "0")


def test_a_stream_is_replayed_byte_by_byte_as_a_stream(gateway, provider, who):
    request = post(body=ask(who, stream=True), x_who=who, x_do="slow-stream")
    live = crowd(gateway.port, [request] * 50)
    (replayed,) = crowd(gateway.port, [request])
    assert {one.body for one in live} == {replayed.body} == {b"".join(STREAM)}
    assert {one.headers["content-type"] for one in [*live, replayed]} == {"text/event-stream"}
    assert "chunked" in replayed.headers["transfer-encoding"]
    assert (provider.calls[who], replayed.headers["cf-aig-cache-status"]) == (1, "HIT")
    # It comes as fast as it can, not as it came.
    assert replayed.seconds < min(one.seconds for one in live)


def test_followers_keep_their_answer_when_the_leader_leaves(gateway, provider, who):
    body = ask(who, stream=True)
    request = post(body=body, x_who=who, x_do="slow-stream")
    leader = leave_after(gateway.port, request, b"word0")
    left = gateway.line(leader)
    assert left["outcome"] == "abandoned"
    # Alone, it took the upstream call with it; a leader with followers does not.
    assert provider.calls[who] == 1
    got = []
    first = threading.Thread(target=lambda: got.append(leave_after(gateway.port, request, b"word12 ")))
    first.start()
    time.sleep(0.1)
    followers = crowd(gateway.port, [request] * 20)
    first.join()
    assert {one.body for one in followers} == {b"".join(STREAM)}
    assert provider.calls[who] == 2
    payers = [gateway.line(one.headers["cf-aig-log-id"]) for one in followers]
    assert sum(line["cost"] or 0 for line in payers) == pytest.approx(COST), "one of them pays for it now"
    assert gateway.line(got[0])["outcome"] == "abandoned"


def test_followers_get_the_one_answer_though_who_led_left_before_it_came(gateway, provider, who):
    event = f"left-{who}"
    request = post(body=ask(who), x_who=who, x_do="slow")
    leaving = post(body=ask(who), x_who=who, x_do="slow", cf_aig_event_id=event)
    with socket.create_connection(("127.0.0.1", gateway.port), 10) as leader:
        leader.sendall(leaving)
        wait(lambda: provider.calls[who] == 1)
        threading.Timer(0.08, leader.close).start()
        followers = crowd(gateway.port, [request] * 20)
    assert (provider.calls[who], statuses(followers)) == (1, {200: 20})
    lines = [gateway.line(one.headers["cf-aig-log-id"]) for one in followers]
    assert sorted(len(line["attempts"]) for line in lines) == [0] * 19 + [1]
    assert sum(line["cost"] or 0 for line in lines) == pytest.approx(COST)
    wait(lambda: [line for line in gateway.lines() if line["event_id"] == event])
    (left,) = [line for line in gateway.lines() if line["event_id"] == event]
    assert (left["outcome"], left["status_code"], left["attempts"], left["cost"]) == ("abandoned", 499, [], 0)


def test_tenants_never_share_what_they_were_answered(gateway, provider, who):
    def asks(where, token, **more):
        headers = {"cf_aig_authorization": f"Bearer {token}", "x_who": who} | more
        return gateway.call(path(where), ask(who), **headers)

    assert asks("tenants", A).headers["cf-aig-cache-status"] == "MISS"
    assert asks("tenants", A).headers["cf-aig-cache-status"] == "HIT"
    probes = [
        asks("tenants", B),
        asks("tenants", B, cf_aig_cache_key="x"),
        asks("tenants", A, authorization="Bearer sk-another"),
        gateway.call(path("other"), ask(who), x_who=who),
        gateway.call(path("main").replace("acme", "rival"), ask(who), x_who=who),
        gateway.call(path("main"), ask(who), x_who=who),
    ]
    assert [one.headers["cf-aig-cache-status"] for one in probes] == ["MISS"] * len(probes)
    # A key of the client's own is no way into another's cache.
    asks("tenants", A, cf_aig_cache_key="mine")
    assert asks("tenants", B, cf_aig_cache_key="mine").headers["cf-aig-cache-status"] == "MISS"
    assert asks("tenants", A, cf_aig_cache_key="mine").headers["cf-aig-cache-status"] == "HIT"
    # Only where the gateway says so.
    assert asks("shared", A).headers["cf-aig-cache-status"] == "MISS"
    assert asks("shared", B).headers["cf-aig-cache-status"] == "HIT"


def test_tenants_do_not_share_a_call_in_flight_either(gateway, provider, who):
    requests = [post(path("tenants"), ask(who), x_who=who, x_do="slow", cf_aig_authorization=t) for t in (A, B) * 50]
    got = crowd(gateway.port, requests)
    assert statuses(got) == {200: 100}
    assert provider.calls[who] == 2


def test_authorization_and_limits_hold_for_hits_too(gateway, provider, who):
    inside = {"cf_aig_authorization": f"Bearer {A}", "x_who": who}
    assert gateway.call(path("tenants"), ask(who), **inside).status == 200
    assert gateway.call(path("tenants"), ask(who), x_who=who).status == 401
    assert gateway.call(path("tenants"), ask(who), cf_aig_authorization="Bearer wrong", x_who=who).status == 401
    found = [gateway.call(path("limited"), ask(who), x_who=f"{who}-limited") for _ in range(5)]
    assert [one.status for one in found] == [200, 200, 200, 429, 429]
    assert [one.headers.get("cf-aig-cache-status") for one in found[:3]] == ["MISS", "HIT", "HIT"]
    assert provider.calls[f"{who}-limited"] == 1


def test_a_hit_costs_a_budget_nothing(gateway, who):
    found = []
    for _ in range(4):
        found.append(gateway.call(path("budget"), ask(who, max_tokens=5), x_who=who))
        # Its line is written once its reservation is settled, which is after its answer.
        gateway.line(found[-1].log_id)
    assert {one.headers["cf-aig-budget-remaining"] for one in found} == {f"{10 - COST:g}"}
    assert [one.headers["cf-aig-cost"] for one in found] == [f"{COST:g}", "0", "0", "0"]


def test_failures_are_not_kept(gateway, provider, who):
    for _ in range(3):
        assert gateway.call(path("main"), ask(who), x_who=who, x_do="status-500").status == 500
    assert provider.calls[who] == 3


def test_clients_may_pass_it_by_or_keep_for_less(gateway, provider, who):
    def status(**headers):
        return gateway.call(path("main"), ask(who), x_who=who, **headers).headers["cf-aig-cache-status"]

    assert status(cf_aig_skip_cache="true") == "BYPASS"
    assert status(cf_aig_cache_ttl="1") == "MISS"
    assert status() == "HIT"
    time.sleep(1.1)
    assert status() == "MISS"
    assert status(cf_skip_cache="true") == "BYPASS"


def test_purge_empties_the_shared_cache(tmp_path, provider, redis):
    redis.ask("FLUSHALL")
    with world.gateway(tmp_path, yaml(provider, redis.url())) as gateway:
        for number in range(5):
            gateway.call(path("main"), ask(f"purged {number}"))
        gateway.call(path("other"), ask("purged"))
        purged = purge(gateway, "--gateway", "acme/main")
        assert (purged.returncode, purged.stdout) == (0, "5 answers forgotten\n")
        assert gateway.call(path("main"), ask("purged 1")).headers["cf-aig-cache-status"] == "MISS"
        assert gateway.call(path("other"), ask("purged")).headers["cf-aig-cache-status"] == "HIT"
        assert purge(gateway).stdout == "2 answers forgotten\n"


def purge(gateway, *more):
    command = [sys.executable, "-m", "gateway", "cache", "purge", "--config", str(gateway.file), *more]
    return subprocess.run(command, capture_output=True, text=True, timeout=30, cwd=world.ROOT, env=os.environ)


def test_answers_are_shared_by_replicas(tmp_path_factory, provider, redis, who):
    redis.ask("FLUSHALL")
    text = yaml(provider, redis.url())
    one, two = (tmp_path_factory.mktemp(name) for name in ("one", "two"))
    with world.gateway(one, text) as first, world.gateway(two, text) as second:
        answer = first.call(path("main"), ask(who), x_who=who)
        hit = second.call(path("main"), ask(who), x_who=who)
    assert (hit.headers["cf-aig-cache-status"], hit.body) == ("HIT", answer.body)
    assert json.loads(hit.body)["usage"]["prompt_tokens"] == 10
    assert provider.calls[who] == 1
