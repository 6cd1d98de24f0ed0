"""A call that its provider fails goes to the next step, and the client sees only the one that serves."""

import asyncio
from functools import partial

import pytest

from gateway.call import Asked, Refusal, Reply
from gateway.policies.fallback import Fallback
from gateway.settings.fallback import FallbackStep
from gateway.settings.units import Deadline
from tests.policies.scripted import DONE, EVENT, GOOD, SSE, STREAM, Script, chunked, says, taken, told, world
from tests.upstream.calls import call, with_headers

DROPPED = {"openai": frozenset((b"authorization", b"openai-organization")), "anthropic": frozenset((b"x-api-key",))}
TO = "cerebras/llama"
LONG = b'{"error":{"message":"This model\'s maximum context length is 8192 tokens.","code":"context_length_exceeded"}}'
FILTERED = b'{"id":"1","choices":[{"index":0,"finish_reason":"content_filter","message":{"content":""}}]}'


def fallback(*steps, total=60.0):
    blocks = [FallbackStep(**{"to": TO} | step) for step in steps or ({},)]
    return Fallback(blocks, total, {"claude": "anthropic"}, DROPPED)


def answered(one, policy, **scripts):
    """Status and body of one call; the last argument are the providers' scripts."""

    async def main():
        async with world(**scripts) as providers:
            return await taken(partial(policy, next=providers.ask), one)

    return asyncio.run(main())


def test_the_next_step_serves_and_the_record_tells_all():
    first, second, one = Script(says(500, b"{}")), Script(says()), call()
    assert answered(one, fallback(), openai=first, cerebras=second) == (200, GOOD)
    assert told(one) == [("openai", 500, ""), ("cerebras", 200, "")]
    record = one.record
    assert (record.step, record.provider, record.asked.model) == (1, "cerebras", "llama")
    assert record.decided == {"fallback": "error"}
    assert [attempt.asked.model for attempt in record.attempts] == ["gpt-4o-mini", "llama"]


def test_a_good_answer_goes_nowhere_else():
    second, one = Script(says()), call()
    assert answered(one, fallback(), openai=Script(says()), cerebras=second) == (200, GOOD)
    assert (second.asked, one.record.step, one.record.decided) == ([], 0, {})


@pytest.mark.parametrize(
    ("answer", "cause"),
    [
        ("reset", "error"),
        (says(500), "error"),
        (says(529), "error"),
        (says(401), "error"),
        (says(404), "error"),
        (says(504), "timeout"),
        (says(408), "timeout"),
        (says(429), "429"),
        (says(400, LONG), "context_length"),
        (says(400, b'{"error":{"code":"content_filter","message":"x"}}'), "content_filter"),
        (says(200, FILTERED), "content_filter"),
    ],
)
def test_each_failure_has_its_word(answer, cause):
    on = (int(cause) if cause.isdigit() else cause,)
    one = call()
    assert answered(one, fallback({"on": on}), openai=Script(answer), cerebras=Script(says())) == (200, GOOD)
    assert one.record.decided == {"fallback": cause}
    others = tuple({"error", "timeout", 429, "context_length", "content_filter"} - set(on))
    if cause != "timeout":
        one = call()
        answered(one, fallback({"on": others}), openai=Script(answer), cerebras=Script(says()))
        assert len(one.record.attempts) == 1


@pytest.mark.parametrize("status", [400, 413, 422])
def test_a_request_that_is_wrong_is_wrong_everywhere(status):
    second = Script(says())
    every = ("error", "timeout", 429, "context_length", "content_filter")
    assert answered(call(), fallback({"on": every}), openai=Script(says(status, b"{}")), cerebras=second)[0] == status
    assert second.asked == []


def test_steps_are_tried_in_order_and_only_those_that_are_for_the_failure():
    steps = ({"to": "groq", "on": ("context_length",)}, {"to": "cerebras/a"}, {"to": "openai/b", "on": (429,)})
    scripts = {"openai": Script(says(500), says()), "groq": Script(says()), "cerebras": Script(says(429))}
    one = call()
    assert answered(one, fallback(*steps), **scripts) == (200, GOOD)
    assert [(attempt.provider, attempt.asked.model) for attempt in one.record.attempts] == [
        ("openai", "gpt-4o-mini"), ("cerebras", "a"), ("openai", "b"),
    ]  # fmt: skip
    assert (one.record.step, one.record.decided) == (3, {"fallback": "error,429"})


def test_when_all_fail_the_last_failure_is_the_answer():
    one = call()
    scripts = {"openai": Script(says(500, b"1")), "cerebras": Script(says(503, b"2"))}
    assert answered(one, fallback(), **scripts) == (503, b"2")
    assert one.record.step == 1


def test_a_step_may_be_for_some_models_only():
    policy = fallback({"only_for": "openai/gpt-5*"})
    second = Script(says())
    assert answered(call(), policy, openai=Script(says(500)), cerebras=second)[0] == 500
    five = call(asked=Asked("chat", "openai_chat", "gpt-5-mini"))
    assert answered(five, policy, openai=Script(says(500)), cerebras=second)[0] == 200


def test_only_what_a_model_answers_can_be_asked_elsewhere():
    second = Script(says())
    for asked in (Asked(), Asked("", "openai_audio", "whisper")):
        assert answered(call(asked=asked), fallback(), openai=Script(says(500)), cerebras=second)[0] == 500
    assert second.asked == []


def test_the_clients_key_stays_with_its_provider():
    second = Script(says())
    one = with_headers(
        call(), (b"authorization", b"Bearer sk-mine"), (b"openai-organization", b"o"), (b"x-amz-security-token", b"t"),
        (b"cookie", b"session=1"), (b"x-mine", b"1"),
    )  # fmt: skip
    kept = list(one.headers)
    answered(one, fallback(), openai=Script(says(500)), cerebras=second)
    (head,) = second.heads
    assert "x-mine: 1" in head
    assert not [word for word in ("sk-mine", "organization", "security-token", "cookie") if word in head]
    assert one.headers == kept


def test_with_another_model_of_the_same_provider_it_goes_along():
    first = Script(says(500), says())
    one = with_headers(call(), (b"authorization", b"Bearer sk-mine"))
    assert answered(one, fallback({"to": "openai/b"}), openai=first)[0] == 200
    assert all("sk-mine" in head for head in first.heads)


def test_a_query_with_a_key_in_it_stays_too():
    seen = []

    async def handler(one):
        seen.append(one)
        return Reply.of(500 if len(seen) == 1 else 200, [], b"{}")

    one = call(provider="openai")
    one = one.__class__(*(b"key=secret" if name == "query" else getattr(one, name) for name in one.__struct_fields__))
    assert asyncio.run(fallback()(one, handler)).status == 200
    assert (seen[0].query, seen[1].query, seen[1].form) == (b"key=secret", b"", "openai_chat")
    assert seen[1].record is one.record


def test_a_late_first_byte_goes_to_the_next_step_and_the_late_one_is_closed():
    policy = fallback({"first_byte": Deadline(0.1), "on": (429,)})
    one = call()
    assert answered(one, policy, openai=Script("hang"), cerebras=Script(says())) == (200, GOOD)
    assert told(one) == [("openai", 504, "timeout"), ("cerebras", 200, "")]
    assert one.record.waited > 0.09


def test_a_stream_that_says_nothing_is_late_though_its_head_came():
    async def silent(peer):
        await peer.say(SSE + b"d\r\n: processing\n\r\n")
        await peer.gone()

    policy = fallback({"first_byte": Deadline(0.15)})
    one = call(asked=STREAM)
    assert answered(one, policy, openai=Script(silent), cerebras=Script(chunked(EVENT, DONE))) == (200, EVENT + DONE)
    assert told(one) == [("openai", 200, "timeout"), ("cerebras", 200, "")]


def test_a_stream_that_comes_in_time_is_passed_on_whole():
    async def slow(peer):
        await peer.say(SSE + b"d\r\n: processing\n\r\n")
        for piece in (EVENT, EVENT, DONE):
            await asyncio.sleep(0.08)
            await peer.say(b"%x\r\n%b\r\n" % (len(piece), piece))
        await peer.say(b"0\r\n\r\n")
        await peer.gone()

    policy = fallback({"first_byte": Deadline(0.15)})
    one = call(asked=STREAM)
    assert answered(one, policy, openai=Script(slow))[1] == b": processing\n" + EVENT + EVENT + DONE
    assert told(one) == [("openai", 200, "")]


def test_a_stream_that_begins_with_an_error_goes_to_the_next_step():
    error = b'data: {"error":{"message":"overloaded","type":"server_error"}}\n\n'
    one = call(asked=STREAM)
    scripts = {"openai": Script(chunked(error)), "cerebras": Script(chunked(EVENT, DONE))}
    assert answered(one, fallback(), **scripts) == (200, EVENT + DONE)
    assert told(one) == [("openai", 200, "server_error"), ("cerebras", 200, "")]


def test_what_is_left_out_or_rests_goes_to_the_next_step():
    for status, cause in ((503, "error"), (429, "429")):

        async def handler(one, status=status):
            if one.provider == "openai":
                raise Refusal(status, 2112, "circuit_open", "no")
            return Reply.of(200, [], b"{}")

        one = call()
        assert asyncio.run(fallback()(one, handler)).status == 200
        assert one.record.decided == {"fallback": cause}


def test_the_gateways_no_to_the_first_step_is_the_answer():
    async def handler(one):
        raise Refusal(400, 2040, "unknown_key_alias", "no")

    with pytest.raises(Refusal):
        asyncio.run(fallback()(call(), handler))


def test_a_step_that_cannot_carry_the_call_leaves_the_failure_before_it():
    async def main():
        async with world(openai=Script(says(500, b"mine"))) as providers:

            async def handler(one):
                if one.provider != "openai":
                    raise Refusal(400, 2110, "unsupported_parameter", "no")
                return await providers.ask(one)

            policy = fallback({"to": "cerebras/a"}, {"to": "groq/b"})
            one = call()
            return one, await taken(partial(policy, next=handler), one)

    one, answer = asyncio.run(main())
    assert answer == (500, b"mine")
    assert (one.record.step, len(one.record.attempts), one.record.decided) == (0, 1, {"fallback": "error,error"})


def test_all_steps_share_the_calls_time():
    policy = fallback({"to": "cerebras/a", "on": ("error", "timeout")}, {"to": "groq/b"}, total=0.3)
    one = call()
    scripts = {"openai": Script(says(500)), "cerebras": Script("hang"), "groq": Script(says())}
    assert answered(one, policy, **scripts)[0] == 504
    assert told(one) == [("openai", 500, ""), ("cerebras", 504, "timeout")]
    assert not scripts["groq"].asked


def test_a_client_that_leaves_ends_it_at_once():
    async def main():
        async with world(openai=Script(says(500)), cerebras=Script("hang")) as providers:
            one = call()
            task = asyncio.create_task(fallback()(one, providers.ask))
            while len(one.record.attempts) < 2:
                await asyncio.sleep(0.002)
            await asyncio.sleep(0.02)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            await providers["cerebras"].all_gone()
            return one

    assert told(asyncio.run(main()))[1] == ("cerebras", 0, "cancelled")
