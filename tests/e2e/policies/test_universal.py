"""The universal endpoint of a real gateway: native, unified and custom steps, in order, until one answers."""

import json
import threading
from collections import defaultdict

import pytest

from tests import world
from tests.e2e.policies.given import (
    EVENTS,
    JSON,
    PRICES,
    chat,
    events,
    message,
    message_events,
)
from tests.world import Says

URL = "/v1/acme/main"
TOKEN = "gw-token-0123456789"
HELLO = {"max_tokens": 9, "messages": [{"role": "user", "content": "Hi"}]}
STREAM = events("from ", "openai")


class Scripts:
    """What each provider is to answer next, by the test's name in its body, and what it was asked."""

    def __init__(self):
        self.left, self.came = defaultdict(list), defaultdict(list)
        self.lock = threading.Lock()

    def says(self, name, good, stream):
        def answers(asked):
            body = json.loads(asked.body)
            with self.lock:
                self.came[name].append(asked)
                said = self.left[name].pop(0) if self.left[name] else None
            if said is not None:
                return said
            if body.get("stream"):
                return Says(headers=EVENTS, chunks=stream, framing="chunked", pause=0.01)
            return Says(headers=JSON, chunks=[good])

        return answers


@pytest.fixture(scope="module")
def scripts():
    return Scripts()


@pytest.fixture(autouse=True)
def nothing_left(scripts):
    scripts.left.clear()
    scripts.came.clear()


@pytest.fixture(scope="module")
def gateway(tmp_path_factory, scripts):
    with (
        world.provider(scripts.says("openai", chat("from openai"), STREAM)) as openai,
        world.provider(scripts.says("anthropic", message("from anthropic"), message_events("from ", "a"))) as other,
        world.provider(scripts.says("custom", b'{"mine": true}', [b"data: mine\n\n"])) as custom,
    ):
        yaml = f"""
    {PRICES}
    providers:
      openai: {{base_url: {openai.url}/v1}}
      anthropic: {{base_url: {other.url}}}
      mine: {{base_url: {custom.url}/base}}
    accounts:
      acme:
        gateways:
          main: {{}}
          closed: {{authentication: {{tokens: [{{name: web, token: {TOKEN}}}]}}, keys: {{openai: sk-stored}}}}
          limited: {{rate_limit: {{name: few, requests: 2, per: 30d}}}}
        """
        with world.gateway(tmp_path_factory.mktemp("universal"), yaml) as one:
            yield one


def fails(status=500):
    return Says(status, JSON, [b'{"error": {"message": "no"}}'])


def native(provider="openai", endpoint="chat/completions", **more):
    return {"provider": provider, "endpoint": endpoint, "query": {"model": "gpt-4o-mini", **HELLO}} | more


def call(gateway, *steps, url=URL, **headers):
    return gateway.call(url, json.dumps(list(steps)).encode(), **headers)


def test_the_first_step_that_works_answers_and_is_named(gateway, scripts):
    scripts.left["openai"] = [fails()]
    answer = call(
        gateway,
        native(authorization="Bearer sk-openai"),
        native("anthropic", "v1/messages", query={"model": "claude-x", **HELLO}, headers={"X-Api-Key": "sk-ant"}),
        native("custom-mine", "anything?x=1"),
    )
    assert (answer.status, answer.headers["cf-aig-step"], answer.headers["cf-aig-attempts"]) == (200, "1", "2")
    assert answer.json["content"][0]["text"] == "from anthropic"
    assert (scripts.came["openai"][0].header("authorization"), scripts.came["openai"][0].target) == (
        "Bearer sk-openai", "/v1/chat/completions")  # fmt: skip
    (second,) = scripts.came["anthropic"]
    assert (second.header("x-api-key"), second.header("authorization"), second.target) == (
        "sk-ant", None, "/v1/messages")  # fmt: skip
    assert scripts.came["custom"] == []
    line = gateway.line(answer.log_id)
    assert (line["surface"], line["step"], line["provider"], line["model"]) == ("universal", 1, "anthropic", "claude-x")
    assert [(one["provider"], one["status"]) for one in line["attempts"]] == [("openai", 500), ("anthropic", 200)]
    assert line["cost"] == pytest.approx(0.006)


def test_a_custom_provider_may_be_a_step(gateway, scripts):
    scripts.left["openai"] = [fails(404)]
    answer = call(gateway, native(), native("custom-mine", "anything?x=1", query={"any": "thing"}))
    assert (answer.json, answer.headers["cf-aig-step"]) == ({"mine": True}, "1")
    (asked,) = scripts.came["custom"]
    assert (asked.target, asked.body) == ("/base/anything?x=1", b'{"any": "thing"}')


def test_a_unified_step_reaches_its_provider_in_that_ones_dialect(gateway, scripts):
    scripts.left["openai"] = [fails()]
    unified = {"provider": "compat", "endpoint": "chat/completions", "headers": {"authorization": "Bearer sk-ant"}}
    answer = call(gateway, native(), unified | {"query": {"model": "anthropic/claude-x", **HELLO}})
    assert (answer.headers["cf-aig-step"], answer.json["object"]) == ("1", "chat.completion")
    assert answer.json["choices"][0]["message"]["content"] == "from anthropic"
    (asked,) = scripts.came["anthropic"]
    assert (asked.target, asked.header("x-api-key")) == ("/v1/messages", "sk-ant")


def test_a_step_streams_and_one_that_begins_with_an_error_is_left(gateway, scripts):
    error = b'data: {"error": {"message": "overloaded", "type": "server_error"}}\n\n'
    scripts.left["openai"] = [Says(headers=EVENTS, chunks=[error], framing="chunked")]
    streamed = native(query={"model": "gpt-4o-mini", "stream": True, **HELLO})
    answer = call(gateway, streamed, streamed)
    assert (answer.headers["cf-aig-step"], answer.body) == ("1", b"".join(STREAM))
    assert answer.headers["content-type"].startswith("text/event-stream")


def test_a_steps_config_repeats_it(gateway, scripts):
    scripts.left["openai"] = [fails(), fails()]
    answer = call(gateway, native(config={"maxAttempts": 3, "retryDelay": 5, "backoff": "constant"}))
    assert (answer.status, answer.headers["cf-aig-step"], answer.headers["cf-aig-attempts"]) == (200, "0", "3")


def test_a_steps_deadline_leaves_it(gateway, scripts):
    scripts.left["openai"] = [Says(hang=True)]
    answer = call(gateway, native(config={"requestTimeout": 150}), native())
    assert (answer.status, answer.headers["cf-aig-step"]) == (200, "1")
    line = gateway.line(answer.log_id)
    assert [(one["status"], one["error"]) for one in line["attempts"]] == [(504, "timeout"), (200, None)]


def test_the_last_failure_is_the_clients(gateway, scripts):
    scripts.left["openai"] = [fails(500), fails(418)]
    answer = call(gateway, native(), native())
    assert (answer.status, answer.headers["cf-aig-step"]) == (418, "1")


def test_authorization_is_the_requests_and_keys_are_the_gateways(gateway, scripts):
    assert call(gateway, native(), url="/v1/acme/closed").status == 401
    answer = call(gateway, native(), url="/v1/acme/closed", cf_aig_authorization=f"Bearer {TOKEN}")
    assert answer.status == 200
    assert scripts.came["openai"][-1].header("authorization") == "Bearer sk-stored"
    # A gateway token that strays into a step goes nowhere.
    call(
        gateway, native(headers={"authorization": f"Bearer {TOKEN}"}), url="/v1/acme/closed",
        cf_aig_authorization=f"Bearer {TOKEN}",
    )  # fmt: skip
    assert TOKEN not in str(scripts.came["openai"])


def test_limits_hold_for_each_step(gateway, scripts):
    scripts.left["openai"] = [fails()]
    first = call(gateway, native(), native("anthropic", "v1/messages"), url="/v1/acme/limited")
    assert (first.status, first.headers["cf-aig-step"]) == (200, "1")
    assert call(gateway, native(), url="/v1/acme/limited").status == 429


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"[]", "1 to 1000 steps"),
        (b'[{"provider": "openai"}]', "[0]"),
        (b'[{"provider": "none", "endpoint": "x", "query": {}}]', "[0].provider"),
        (b'[{"provider": "openai", "endpoint": "../x", "query": {}}]', "[0].endpoint"),
        (b"nonsense", "JSON array of steps"),
    ],
)
def test_what_is_no_universal_call_is_told_its_place(gateway, scripts, body, said):
    answer = gateway.call(URL, body)
    assert answer.status == 400
    assert said in answer.json["error"]["message"]
    assert dict(scripts.came) == {}
