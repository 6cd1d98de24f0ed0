"""The universal endpoint: steps in order, each with its own provider, headers and keys."""

import asyncio
import json

import msgspec
import pytest

from gateway.call import Asked, Refusal
from gateway.policies.access import Access, digest
from gateway.policies.onion import onion
from gateway.policies.retry import Retry
from gateway.policies.universal import Surroundings, Universal
from tests.policies.scripted import DONE, EVENT, GOOD, Script, chunked, says, taken, told, world
from tests.upstream.calls import call, with_headers

TOKEN = "gw-token-0123456789"


def step(provider="openai", **fields):
    return {"provider": provider, "endpoint": "chat/completions", "query": {"model": f"{provider}-m"}} | fields


class Compat:
    """The pseudo-provider of unified calls, as far as a step sees it."""

    name = "compat"

    def asked(self, path, query, content_type, body):
        return Asked("chat", "openai_chat", json.loads(body)["model"])

    def resolved(self, one):
        if one.provider != "compat":
            return one
        provider, _, model = one.asked.model.partition("/")
        if not model:
            raise Refusal(400, 2008, "invalid_provider", "no")
        return msgspec.structs.replace(
            one, provider=provider, asked=msgspec.structs.replace(one.asked, model=model), form="openai_chat"
        )


def asking(steps, total=60.0, request=None, layers=(), **scripts):
    """The answer, the request's call and what was noted of each step."""
    access, compat, noted = Access(None, frozenset((digest(TOKEN.encode()),))), Compat(), []

    def strip(headers, query):
        admission = access.admit(headers, {}, query)
        return admission.headers, admission.query

    async def main():
        async with world(**scripts) as providers:
            rows = {name.encode(): lane.provider for name, lane in providers.ask.lanes.items()}
            rows |= {b"compat": compat, b"google": rows.get(b"groq", compat)}
            around = Surroundings(rows, onion(layers, providers.ask), compat.resolved, strip, noted.append, total)
            return await taken(Universal(around), one)

    one = request or call("", b"", asked=Asked())
    one = msgspec.structs.replace(one, body=steps if isinstance(steps, bytes) else json.dumps(steps).encode())
    return asyncio.run(main()), one, noted


def test_the_first_that_is_answered_is_the_answer():
    scripts = {"openai": Script(says(500)), "cerebras": Script(says()), "groq": Script(says())}
    answer, one, noted = asking([step(), step("cerebras"), step("groq")], **scripts)
    assert answer == (200, GOOD)
    assert told(one) == [("openai", 500, ""), ("cerebras", 200, "")]
    record = one.record
    assert (record.step, record.provider, record.asked.model) == (1, "cerebras", "cerebras-m")
    assert record.path == "chat/completions"
    assert [each.provider for each in noted] == ["openai", "cerebras"]
    assert scripts["groq"].asked == []
    assert scripts["cerebras"].asked[0][1] == b'{"model": "cerebras-m"}'


@pytest.mark.parametrize("answer", [says(400), says(404), says(429), says(503), "reset"])
def test_any_error_goes_to_the_next_step(answer):
    found, one, _ = asking([step(), step("cerebras")], openai=Script(answer), cerebras=Script(says()))
    assert found == (200, GOOD)
    assert one.record.step == 1


def test_a_late_step_goes_to_the_next():
    steps = [step(config={"requestTimeout": 80}), step("cerebras")]
    found, one, _ = asking(steps, openai=Script("hang"), cerebras=Script(says()))
    assert (found, told(one)) == ((200, GOOD), [("openai", 504, "timeout"), ("cerebras", 200, "")])


def test_the_last_failure_is_the_answer():
    found, one, _ = asking([step(), step("cerebras")], openai=Script(says(500, b"1")), cerebras=Script(says(404, b"2")))
    assert (found, one.record.step) == ((404, b"2"), 1)


def test_streams_are_passed_on_and_one_that_begins_with_an_error_is_not():
    error = chunked(b'data: {"error":{"message":"overloaded","type":"server_error"}}\n\n')
    steps = [step(query={"stream": True}), step("cerebras", query={"stream": True})]
    found, one, _ = asking(steps, openai=Script(error), cerebras=Script(chunked(EVENT, DONE)))
    assert (found, one.record.step) == ((200, EVENT + DONE), 1)


def test_each_step_has_its_own_headers_and_no_others():
    request = with_headers(
        call("", b"", asked=Asked()),
        (b"authorization", b"Bearer of-the-request"),
        (b"user-agent", b"sdk/1"),
        (b"x-a", b"1"),
    )
    steps = [
        step(headers={"authorization": "Bearer sk-one"}),
        step("cerebras", authorization="Bearer sk-two", headers={"X-B": "2", "cf-aig-cache-ttl": 1}),
    ]
    scripts = {"openai": Script(says(500)), "cerebras": Script(says())}
    asking(steps, request=request, **scripts)
    (first,), (second,) = scripts["openai"].heads, scripts["cerebras"].heads
    assert "bearer sk-one" in first
    assert "bearer sk-two" in second
    assert "x-b: 2" in second
    for head in (first, second):
        assert "user-agent: sdk/1" in head
        assert not [word for word in ("of-the-request", "x-a:", "cf-aig", "connection") if word in head]


def test_a_gateway_token_in_a_step_never_travels():
    for headers in ({"Authorization": f"Bearer {TOKEN}"}, {"x-api-key": TOKEN}, {"cf-aig-authorization": TOKEN}):
        script = Script(says())
        asking([step(headers=headers)], openai=script)
        assert TOKEN not in script.heads[0]
    script = Script(says())
    asking([step(endpoint=f"chat/completions?key={TOKEN}")], openai=script)
    assert TOKEN not in script.heads[0]


def test_a_steps_wishes_win_over_the_requests():
    request = call(
        "", b"", asked=Asked(), cf_aig_max_attempts=b"5", cf_aig_retry_delay=b"1", cf_aig_backoff=b"constant"
    )
    script = Script(says(500))
    layers = (Retry(None, 60.0, {}),)
    _, one, _ = asking([step(config={"maxAttempts": 2}), step()], request=request, layers=layers, openai=script)
    assert len(script.asked) == 2 + 5
    assert one.record.step == 1


def test_a_unified_step_finds_its_provider():
    found, one, _ = asking([step("compat", query={"model": "cerebras/llama"})], cerebras=Script(says()))
    assert found == (200, GOOD)
    assert (one.record.attempts[0].provider, one.record.attempts[0].asked.model) == ("cerebras", "llama")


def test_a_step_that_the_gateway_refuses_is_a_failed_step():
    found, one, _ = asking([step("compat", query={"model": "x"}), step()], openai=Script(says()))
    assert (found, one.record.step) == ((200, GOOD), 1)
    with pytest.raises(Refusal):
        asking([step(), step("compat", query={"model": "x"})], openai=Script(says(500)))


def test_an_alias_is_a_provider_too():
    script = Script(says())
    _, one, _ = asking([step("google")], groq=script)
    assert (one.record.provider, len(script.asked)) == ("groq", 1)


def test_an_unknown_provider_is_refused_before_anything_is_sent():
    script = Script(says())
    with pytest.raises(Refusal, match=r"^\[1\]\.provider: Invalid provider") as no:
        asking([step(), step("nobody\n")], openai=script)
    assert (no.value.status, no.value.number, script.asked) == (400, 2008, [])
    with pytest.raises(Refusal, match=r"^provider: "):
        asking(step("nobody"), openai=script)


def test_all_steps_share_the_calls_time():
    scripts = {"openai": Script("hang"), "cerebras": Script(says())}
    found, one, _ = asking([step(), step("cerebras")], total=0.2, **scripts)
    assert found[0] == 504
    assert told(one) == [("openai", 504, "timeout")]
    assert scripts["cerebras"].asked == []


def test_a_client_that_leaves_ends_it_at_once():
    async def main():
        async with world(openai=Script("hang")) as providers:
            rows = {b"openai": providers.ask.lanes["openai"].provider}
            around = Surroundings(rows, providers.ask, lambda one: one, lambda *all: all, lambda one: None, 60.0)
            one = msgspec.structs.replace(call(), body=json.dumps([step(), step()]).encode())
            task = asyncio.create_task(Universal(around)(one))
            while not one.record.attempts:
                await asyncio.sleep(0.002)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            await providers["openai"].all_gone()
            return one

    assert told(asyncio.run(main())) == [("openai", 0, "cancelled")]


def test_a_hundred_failures_leave_nothing_open():
    script = Script(says(500, b"x" * 3000))
    found, one, _ = asking([step()] * 100, openai=script)
    assert (found[0], len(one.record.attempts), one.record.step) == (500, 100, 99)
