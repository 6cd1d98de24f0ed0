"""Limits under hot reload, and processes that would each count for themselves."""

import os
import subprocess
import sys

import pytest

from tests import world
from tests.e2e.acts import until
from tests.e2e.policies.given import JSON, ask, chat, path
from tests.server.test_workers import up
from tests.world import Says


@pytest.fixture(scope="module")
def provider():
    with world.provider(lambda asked: Says(headers=JSON, chunks=[chat()])) as one:
        yield one


def yaml(provider, changed=3, state="memory", more=""):
    return f"""
    server: {{state: "{state}"}}
    providers: {{openai: {{base_url: {provider.url}/v1}}}}
    accounts:
      acme:
        gateways:
          same: {{rate_limit: {{name: calls, requests: 3, per: 30d}}, cache: {{ttl: 1h}}}}
          changed: {{rate_limit: {{name: calls, requests: {changed}, per: 30d}}}}
          {more}
    """


@pytest.mark.parametrize("kind", ["memory", "redis"])
def test_a_reload_changes_what_changed_and_forgets_nothing(tmp_path, provider, redis, kind):
    redis.ask("FLUSHALL")
    state = "memory" if kind == "memory" else redis.url()
    with world.gateway(tmp_path, yaml(provider, state=state)) as gateway:

        def left(name):
            answer = gateway.call(path(name), ask("same"))
            return int(answer.headers["ratelimit-remaining"]) if answer.status == 200 else answer.status

        assert [left("same"), left("same")] == [2, 1]
        assert [left("changed"), left("changed"), left("changed"), left("changed")] == [2, 1, 0, 429]
        gateway.file.write_text(yaml(provider, changed=10, state=state, more="added: {}"))
        until(lambda: gateway.call(path("added"), ask()).status == 200)
        assert left("changed") == 6, "the new limit, less what was counted under the old"
        answer = gateway.call(path("same"), ask("same"))
        assert (answer.headers["ratelimit-remaining"], answer.headers["cf-aig-cache-status"]) == ("0", "HIT")
        assert left("same") == 429
        gateway.file.write_text(yaml(provider, changed=2, state=state, more="another: {}"))
        until(lambda: gateway.call(path("another"), ask()).status == 200)
        assert left("changed") == 429


def test_a_reload_that_leaves_a_redis_closes_the_connections_to_it(tmp_path, provider, redis):
    def clients():
        return redis.ask("CLIENT", "LIST").count(b"name=")

    def text(state, more=""):
        quick = "timeout: {total: 1s}, "
        written = yaml(provider, state=state, more=more)
        return written.replace("same: {", "same: {" + quick).replace("changed: {", "changed: {" + quick)

    redis.ask("FLUSHALL")
    alone = 1  # whoever asks
    until(lambda: clients() == alone)
    with world.gateway(tmp_path, text(redis.url())) as gateway:
        assert gateway.call(path("same"), ask("once")).status == 200
        assert clients() > alone
        gateway.file.write_text(text("memory", more="another: {timeout: {total: 1s}}"))
        until(lambda: gateway.call(path("another"), ask()).status == 200)
        until(lambda: clients() == alone)


COUNTING = {
    "rate_limit": "rate_limit: {requests: 3, per: 1h}",
    "spend_limits": "spend_limits: [{name: a, limit: 1, calendar: day}]",
}
REST = {
    "cache": "cache: {ttl: 1h}",
    "retry": "retry: {}",
    "circuit_breaker": "circuit_breaker: {}",
    "fallback": "fallback: [{to: anthropic/claude-x}]",
}


def run(folder, *words, text):
    (folder / "gateways.yaml").write_text(text)
    command = [sys.executable, "-m", "gateway", *words]
    return subprocess.run(command, capture_output=True, text=True, timeout=30, cwd=world.ROOT, env=os.environ)


@pytest.mark.parametrize("name", COUNTING)
def test_workers_that_would_each_count_for_themselves_are_refused(tmp_path, name):
    text = f"accounts: {{acme: {{gateways: {{main: {{{COUNTING[name]}}}}}}}}}"
    file = str(tmp_path / "gateways.yaml")
    assert run(tmp_path, "check", file, text=text).returncode == 0
    checked = run(tmp_path, "check", "--workers", "2", file, text=text)
    served = run(tmp_path, "serve", "--config", file, "--port", str(world.free_port()), "--workers", "2", text=text)
    for done in (checked, served):
        said = done.stdout + done.stderr
        assert done.returncode == 1
        assert "2 workers would each count for themselves" in said
        assert name in said
        assert "Say `server: {state: redis://...}`, or run one worker." in said
    shared = f"server: {{state: redis://127.0.0.1:6379}}\n{text}"
    assert run(tmp_path, "check", "--workers", "2", file, text=shared).returncode == 0


@pytest.mark.parametrize("name", REST)
def test_policies_that_count_nothing_need_no_redis(tmp_path, name):
    text = f"accounts: {{acme: {{gateways: {{main: {{{REST[name]}}}}}}}}}"
    assert run(tmp_path, "check", "--workers", "2", str(tmp_path / "gateways.yaml"), text=text).returncode == 0


def test_an_edit_that_several_workers_could_not_count_is_rejected(tmp_path, provider):
    plain = yaml(provider).replace("rate_limit: {name: calls, requests: 3, per: 30d}", "retry: {}")
    with world.gateway(tmp_path, plain, args=("--workers", "2")) as gateway:
        up(gateway, 2)
        gateway.file.write_text(yaml(provider))
        until(lambda: "would each count for themselves" in gateway.errors())
        for _ in range(5):
            assert gateway.call(path("same"), ask()).status == 200
