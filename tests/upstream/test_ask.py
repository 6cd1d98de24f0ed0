import asyncio
import json

import httpx2
import pytest

from gateway.call import Asked, Broken, Refusal, Trace
from gateway.prices import Prices
from gateway.upstream.ask import Ask
from gateway.upstream.bill import Bill
from tests.upstream.calls import call, lane, provider, ring
from tests.upstream.hostile import OK, answering, hostile, transport

JSON = OK + b"content-type: application/json\r\n"
BODY = b'{"id":"1","model":"gpt-4o-mini","choices":[],"usage":{"prompt_tokens":10,"completion_tokens":5}}'
WHOLE = JSON + b"content-length: %d\r\n\r\n" % len(BODY) + BODY
REFUSED = b"HTTP/1.1 401 No\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n{}"


def asked(script, one=None, propagate=None, rings=None, **settings):
    """One call over a real transport to a server that plays `script`: the reply, its body or fault, the call."""

    async def main():
        async with hostile(script) as server, transport() as client:
            openai = provider(f"{server.url}v1", propagate=propagate)
            made = {alias: ring(openai, *secrets, alias=alias) for alias, secrets in (rings or {}).items()}
            ask = Ask({"openai": lane(openai, client, made, **settings)}, Bill(Prices({})), lambda: "b" * 16)
            this = one or call()
            reply = await ask(this)
            try:
                return reply, b"".join([chunk async for chunk in reply.body]), this
            except Broken as broken:
                return reply, broken, this
            finally:
                await reply.close()

    return asyncio.run(main())


def noting(heads, *answers):
    """Answers one after the other; the heads of the requests are written down."""
    left = list(answers)

    async def script(peer):
        while True:
            heads.append(await peer.request())
            await peer.say(left.pop(0) if len(left) > 1 else left[0])

    return script


def test_an_answer_is_relayed_metered_and_priced():
    heads = []
    reply, body, one = asked(noting(heads, WHOLE), call(body=b'{"model":"gpt-4o-mini"}'))
    assert (reply.status, body, reply.length) == (200, BODY, len(BODY))
    (attempt,) = one.record.attempts
    assert attempt.answer.usage.input_tokens == 10
    assert one.record.cost == attempt.cost > 0
    assert (attempt.status, attempt.error, attempt.address) == (200, "", "127.0.0.1")
    head, sent = heads[0]
    assert head.startswith(b"POST /v1/chat/completions HTTP/1.1\r\n")
    assert sent == b'{"model":"gpt-4o-mini"}'
    lower = head.lower()
    assert [lower.count(name) for name in (b"\r\nhost: ", b"\r\ncontent-length: ")] == [1, 1]


@pytest.mark.parametrize("propagate", ["none", "traceparent", "traceparent+tracestate"])
def test_trace_context_goes_out_where_the_provider_may_have_it(propagate):
    heads, one = [], call()
    one.record.trace = Trace("a" * 32, "c" * 16, state="v=1", sampled=True)
    asked(noting(heads, WHOLE), one, propagate=propagate)
    head = heads[0][0].decode()
    assert (f"traceparent: 00-{'a' * 32}-{'b' * 16}-01" in head) == (propagate != "none")
    assert ("tracestate: v=1" in head) == (propagate == "traceparent+tracestate")


def test_headers_of_the_settings_replace_the_clients():
    heads = []
    asked(noting(heads, WHOLE), headers=[(b"content-type", b"text/x"), (b"x-added", b"1")])
    head = heads[0][0].lower()
    assert b"content-type: text/x" in head
    assert b"application/json" not in head
    assert b"x-added: 1" in head


def test_each_key_is_tried_until_one_is_not_refused():
    heads = []
    script = noting(heads, REFUSED, REFUSED.replace(b"401", b"429"), WHOLE)
    reply, body, one = asked(script, rings={"default": ["sk-1", "sk-2", "sk-3", "sk-4"]})
    assert (reply.status, body) == (200, BODY)
    assert [attempt.status for attempt in one.record.attempts] == [401, 429, 200]
    assert [f"Bearer sk-{number}".encode() in head for number, (head, _) in enumerate(heads, 1)] == [True] * 3


def test_a_refused_key_is_no_cancelled_attempt():
    """Its body may come after its head, and the provider's code is in it."""
    left = [REFUSED.replace(b": 2", b": 29") + b"", WHOLE]

    async def script(peer):
        await peer.request()
        if len(left) == 2:
            await peer.say(left.pop(0)[:-2])
            await asyncio.sleep(0.05)
            await peer.say(b'{"error":{"code":"bad_key"}}\n')
            await peer.request()
        await peer.say(WHOLE)
        await peer.gone()

    _, _, one = asked(script, rings={"default": ["sk-1", "sk-2"]})
    assert next(attempt.error for attempt in one.record.attempts) in ("bad_key", "401", "")


def test_the_last_refusal_is_the_providers_own_answer():
    reply, body, one = asked(noting([], REFUSED), rings={"default": ["sk-1", "sk-2"]})
    assert (reply.status, body, len(one.record.attempts)) == (401, b"{}", 2)


@pytest.mark.parametrize("status", [400, 403, 404, 500, 503])
def test_no_other_failure_uses_up_keys(status):
    reply, _, one = asked(noting([], REFUSED.replace(b"401", b"%d" % status)), rings={"default": ["sk-1", "sk-2"]})
    assert (reply.status, len(one.record.attempts)) == (status, 1)


async def silent(peer):
    await peer.request()
    await peer.gone()


def test_late_is_a_504_reply():
    reply, body, one = asked(silent, timeout={"first_byte": 0.1})
    assert (reply.status, reply.refusal) == (504, "provider_timeout")
    assert json.loads(body)["error"]["code"] == "provider_timeout"
    assert one.record.attempts[0].error == "timeout"
    assert one.record.waited > 0.09


def test_nobody_there_is_a_502_reply():
    async def main():
        async with transport() as client:
            ask = Ask({"openai": lane(provider("http://127.0.0.1:9/v1"), client)}, Bill(Prices({})), lambda: "b" * 16)
            one = call()
            return await ask(one), one

    reply, one = asyncio.run(main())
    assert (reply.status, reply.refusal, one.record.attempts[0].error) == (502, "provider_unreachable", "unreachable")


def test_json_that_breaks_off_is_a_502_reply():
    reply, _, one = asked(answering(JSON + b"content-length: 99\r\n\r\n{", then="close"))
    assert (reply.status, reply.refusal) == (502, "stream_broken")
    assert one.record.attempts[0].error == "stream_broken"


def test_a_stream_that_breaks_off_raises_broken():
    head = OK + b"content-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n"
    one = call(asked=Asked("chat", "openai_chat", "m", stream=True))
    reply, fault, _ = asked(answering(head + b"9\r\ndata: {}\n\r\n", then="close"), one)
    assert reply.status == 200
    assert isinstance(fault, Broken)
    assert one.record.attempts[0].error == "stream_broken"


def test_waiting_for_the_body_of_a_short_answer_is_the_providers_time():
    async def script(peer):
        await peer.request()
        await peer.say(WHOLE[:-10])
        await asyncio.sleep(0.2)
        await peer.say(WHOLE[-10:])

    _, body, one = asked(script)
    assert body == BODY
    assert one.record.waited > 0.19


def test_what_cannot_be_sent_is_refused_before_it_is():
    heads = []
    for said in ({"cf_aig_request_timeout": b"x"}, {"cf_aig_custom_cost": b"x"}, {"cf_aig_byok_alias": b"x"}):
        with pytest.raises(Refusal):
            asked(noting(heads, WHOLE), call(**said))
    assert heads == []


def test_a_cancelled_attempt_is_in_the_record():
    async def main():
        async with hostile(silent) as server, transport() as client:
            one = call()
            ask = Ask({"openai": lane(provider(f"{server.url}v1"), client)}, Bill(Prices({})), lambda: "b" * 16)
            task = asyncio.create_task(ask(one))
            while not one.record.attempts or not server.accepted:
                await asyncio.sleep(0.005)
            await asyncio.sleep(0.02)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            await server.all_gone()
            return one

    (attempt,) = asyncio.run(main()).record.attempts
    assert attempt.error == "cancelled"
    assert attempt.ended > attempt.started


def test_origins_are_remembered_within_bounds():
    ask = Ask({}, Bill(Prices({})), lambda: "")
    target = provider("http://x/v1").target(call(), None)
    for number in range(5000):
        host = httpx2.URL(f"http://h{number}.example/").host
        ask.origin(target.__class__("https", host, 8443, b"/"))
    assert len(ask.origins) <= 4097
    _, host = ask.origin(target.__class__("https", "::1", 443, b"/"))
    assert b"[::1]" in host
