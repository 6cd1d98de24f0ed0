import asyncio
import json

import msgspec
import pytest

from gateway.call import Broken, Call, Refusal
from tests.edge.stage import ASK, STREAM, Stage


@pytest.fixture
def stage(tmp_path):
    return Stage(tmp_path)


def test_a_call_is_answered_and_reported_once(stage):
    got = stage.request()
    assert (got.status, json.loads(got.body)["object"]) == (200, "chat.completion")
    (record,) = stage.records
    assert (record.outcome, record.status, record.provider, record.path) == ("served", 200, "demo", "chat/completions")
    assert got.headers[b"cf-aig-log-id"].decode() == record.id
    assert record.response_size == len(got.body) == int(got.headers[b"content-length"])
    assert record.started < record.head_sent <= record.ended
    assert stage.process.edge.in_flight == 0


def test_a_stream_ends_with_an_empty_message(stage):
    got = stage.request(parts=[STREAM])
    assert got.body.endswith(b"data: [DONE]\n\n")
    assert [message.get("more_body", False) for message in got.sent[1:]] == [True] * (len(got.sent) - 2) + [False]


def test_a_body_in_parts_is_one_body(stage):
    assert stage.request(parts=[ASK[:10], ASK[10:30], ASK[30:]]).status == 200
    assert stage.records[0].request_size == len(ASK)


@pytest.mark.parametrize(
    ("parts", "status", "code"),
    [
        ([b"x" * 1025], 413, "request_too_large"),
        ([b"x" * 1000, b"x" * 25, b"never read"], 413, "request_too_large"),
        ([b"x", "stall"], 408, "body_timeout"),
    ],
)
def test_a_body_that_is_too_much_or_too_slow_is_refused(stage, parts, status, code):
    got = stage.request(parts=parts)
    assert (got.status, got.code) == (status, code)
    assert got.headers[b"connection"] == b"close"
    (record,) = stage.records
    assert (record.outcome, record.refusal) == ("refused", code)


@pytest.mark.parametrize("parts", [["gone"], [b"{", "gone"]])
def test_a_client_that_leaves_in_its_body_gets_nothing(stage, parts):
    assert stage.request(parts=parts).sent == []
    (record,) = stage.records
    assert (record.outcome, record.status) == ("abandoned", 499)


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        (b"/v1/acme", 400, "invalid_path"),
        (b"/v1/acme/main//x", 404, "not_found"),
        (b"/v1/acme/none/demo/x", 400, "unknown_gateway"),
        (b"/v1/acme/main/none/x", 400, "invalid_provider"),
        (b"/v1/acme/main/%64emo/x", 400, "invalid_path"),
        (b"/v1/acme/<x>/demo/x", 400, "invalid_path"),
        (b"/v1/acme/main/demo/..%2fx", 400, "invalid_path"),
        (b"/v1/acme/closed/demo/x", 401, "unauthorized"),
        (b"/v1/acme/closed/none/x", 401, "unauthorized"),
    ],
)
def test_what_leads_nowhere_is_refused_and_reported(stage, path, status, code):
    got = stage.request(path)
    assert (got.status, got.code) == (status, code)
    assert [record.refusal for record in stage.records] == [code]


def test_the_door_comes_before_everything_behind_it(stage):
    """An unauthorized caller learns neither which providers there are nor how its body or metadata is wrong."""
    got = stage.request(b"/v1/acme/closed/none/x", [b"x" * 5000], [(b"cf-aig-metadata", b"{")])
    assert got.status == 401


def test_a_body_that_breaks_before_the_head_is_out_is_a_502(stage):
    class Looking:
        async def __call__(self, call: Call):
            raise Broken("The provider broke off in the middle of its answer.")

    key = (b"acme", b"main")
    site = stage.process.edge.site
    gateways = {**site.gateways, key: msgspec.structs.replace(site.gateways[key], handler=Looking())}
    stage.process.edge.site = msgspec.structs.replace(site, gateways=gateways)
    got = stage.request()
    assert (got.status, got.code) == (502, "stream_broken")
    assert [record.outcome for record in stage.records] == ["failed"]


def test_a_fault_of_ours_is_a_500_that_says_nothing(stage, caplog):
    class Broken:
        async def __call__(self, call: Call):
            raise RuntimeError("a secret")

    replace_handler(stage, Broken())
    got = stage.request()
    assert (got.status, got.code) == (500, "internal_error")
    assert b"secret" not in got.body
    assert "a secret" in caplog.text
    assert stage.records[0].outcome == "failed"


def test_an_ending_that_fails_stops_neither_the_others_nor_the_call(stage, caplog):
    ran, handler = [], stage.process.edge.site.gateways[b"acme", b"main"].handler

    async def bad(record):
        ran.append("bad")
        raise RuntimeError

    async def good(record):
        ran.append(record.status)

    class Ending:
        async def __call__(self, call: Call):
            call.at_end(good)
            call.at_end(bad)
            return await handler(call)

    replace_handler(stage, Ending())
    assert stage.request().status == 200
    assert ran == ["bad", 200]
    assert len(stage.records) == 1


def test_a_handlers_refusal_is_answered_in_the_clients_form(stage):
    class No:
        async def __call__(self, call: Call):
            raise Refusal(429, 2003, "rate_limited", "Later.", [(b"retry-after", b"7")])

    replace_handler(stage, No())
    got = stage.request()
    assert (got.status, got.code, got.headers[b"retry-after"]) == (429, "rate_limited", b"7")


def test_payloads_are_kept_up_to_their_bound(stage):
    stage.request(b"/v1/acme/full/demo/chat/completions")
    assert stage.records[0].request_payload == ASK[:10]
    assert len(stage.records[0].response_payload) == 10
    stage.request()
    assert stage.records[1].request_payload is None


def test_a_client_that_leaves_a_running_call_cancels_it(stage):
    began = []

    class Slow:
        async def __call__(self, call: Call):
            began.append(call)
            await asyncio.sleep(3600)

    async def main():
        replace_handler(stage, Slow())
        async with asyncio.timeout(2):
            return await stage.answered(parts=[ASK, "leave"])

    got = asyncio.run(main())
    assert len(began) == 1
    assert got.sent == []
    assert (stage.records[0].outcome, stage.records[0].status) == ("abandoned", 499)


def test_the_process_cancelling_a_call_is_not_swallowed(stage):
    class Slow:
        async def __call__(self, call: Call):
            await asyncio.sleep(3600)

    async def main():
        replace_handler(stage, Slow())
        task = asyncio.create_task(stage.answered())
        await asyncio.sleep(0.02)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(main())
    assert stage.records[0].outcome == "failed"


def replace_handler(stage, handler):
    """Put another handler into the gateway `main`."""
    site = stage.process.edge.site
    key = (b"acme", b"main")
    gateways = {**site.gateways, key: msgspec.structs.replace(site.gateways[key], handler=handler)}
    stage.process.edge.site = msgspec.structs.replace(site, gateways=gateways)
