"""Every recorded exchange that has a native URL goes through the gateway byte for byte, and is metered as it says."""

import pytest

from gateway.call import Usage
from tests import corpus, world
from tests.dialects import independent
from tests.e2e import replay

pytestmark = corpus.present

HAS_BODY = {"POST", "PUT", "PATCH"}


@pytest.fixture(scope="module")
def played(tmp_path_factory):
    """All exchanges through one gateway: what arrived, what came back, and the log lines."""
    exchanges = tuple(e for e in corpus.exchanges() if replay.route(e))
    with (
        world.provider(replay.Player(exchanges)) as provider,
        world.gateway(tmp_path_factory.mktemp("corpus"), replay.yaml(provider.url)) as gateway,
    ):
        answers = {e.id: send(gateway, e) for e in exchanges}
        gateway.line(answers[exchanges[-1].id].log_id)
        asked = {one.header(replay.ID): one for one in provider.asked}
        yield exchanges, answers, asked, {line["id"]: line for line in gateway.lines()}


def send(gateway, exchange):
    path = f"/v1/acme/replay/{replay.route(exchange).slug}/{replay.route(exchange).path}"
    headers = {name: value for name, value in exchange.request_headers.items() if name not in replay.HOP}
    body = exchange.request_body if exchange.method in HAS_BODY or exchange.request_body else None
    return gateway.call(path, body, exchange.method, **{replay.ID: exchange.id}, **headers)


def plain_reading(exchange):
    """The usage that an independent reading of the recorded answer finds, where the call was what caused it."""
    if exchange.surface == "responses-aux" and exchange.method == "GET":
        return None  # a stored answer, read again: its tokens were billed to the call that made it
    if exchange.surface == "inference":
        return None  # somebody's own endpoint with an empty path: nothing tells its form
    name = independent.dialect(exchange.provider, exchange.surface)
    audio = exchange.headers.get("content-type", "").startswith("audio/")
    usage = None if not name or exchange.status >= 400 or audio else independent.usage(name, exchange.body)
    if usage is None and (counted := exchange.headers.get("x-amzn-bedrock-input-token-count")):
        written = exchange.headers.get("x-amzn-bedrock-output-token-count")
        return Usage(input_tokens=int(counted), output_tokens=int(written) if written else None)
    return usage


def test_most_of_the_corpus_has_a_native_url(played):
    exchanges, *_ = played
    assert len(exchanges) >= 850


def test_requests_arrive_as_they_were_sent(played):
    exchanges, _, asked, _ = played
    wrong = []
    for e in exchanges:
        got = asked[e.id]
        if (got.method, got.target, got.body) != (e.method, replay.route(e).target, e.request_body):
            wrong.append((e.id, got.method, got.target, replay.route(e).target))
    assert not wrong


def test_request_headers_travel_on_and_ours_do_not(played):
    exchanges, _, asked, _ = played
    for e in exchanges:
        got = {name.lower(): value for name, value in asked[e.id].headers}
        sent = {n: v for n, v in e.request_headers.items() if n not in replay.HOP and n != "traceparent"}
        assert {n: got.get(n) for n in sent} == sent, e.id
        assert not [name for name in got if name.startswith("cf-aig-")]


def test_answers_come_back_as_they_were_recorded(played):
    exchanges, answers, _, _ = played
    wrong = [e.id for e in exchanges if (answers[e.id].status, answers[e.id].body) != (e.status, e.body)]
    assert not wrong


def test_answer_headers_come_back(played):
    exchanges, answers, _, _ = played
    for e in exchanges:
        sent = {n: v for n, v in e.headers.items() if n not in replay.HOP and not n.startswith("cf-aig-")}
        got = answers[e.id].headers
        assert {n: got.get(n) for n in sent} == sent, e.id


def test_the_log_holds_the_tokens_that_the_answer_holds(played):
    exchanges, answers, _, lines = played
    wrong = []
    for e in exchanges:
        line = lines[answers[e.id].log_id]
        usage = plain_reading(e)
        want = (usage.input_tokens, usage.output_tokens) if usage else (None, None)
        if (line["tokens_in"], line["tokens_out"]) != want:
            wrong.append((e.id, want, (line["tokens_in"], line["tokens_out"])))
    assert not wrong


def test_the_log_tells_how_each_call_went(played):
    exchanges, answers, _, lines = played
    for e in exchanges:
        line = lines[answers[e.id].log_id]
        assert line["outcome"] == "served"
        assert line["status_code"] == e.status
        assert line["success"] == (e.status < 400)
        assert len(line["attempts"]) == 1
