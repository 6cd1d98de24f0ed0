"""A head that came before leads where it led then: the same call, the same facts, the same refusals."""

import asyncio
import time

import msgspec
import pytest

from gateway.call import Record, Refusal, Trace
from gateway.edge.intake import Gone, Intake
from gateway.edge.leash import EXCHANGE
from gateway.server.cycle import Cycle
from gateway.server.heads import Heads, facts
from tests.edge.stage import ASK, STREAM, Stage

YAML = """
server: {max_request_bytes: 1KiB}
accounts:
  acme:
    gateways:
      main: {}
      full: {logs: {payload: true, max_payload_bytes: 10}}
      closed:
        authentication:
          tokens:
            - {name: web, token: gw-token-0123456789, expires: "2101-01-01", metadata: {team: a}}
            - {name: app, token: gw-token-9876543210}
"""
MAIN = b"/v1/acme/main/demo/chat/completions"
CLOSED = b"/v1/acme/closed/demo/chat/completions"
WEB, APP = ((b"authorization", b"Bearer " + token) for token in (b"gw-token-0123456789", b"gw-token-9876543210"))
TRACEPARENT = (b"traceparent", b"00-" + b"a" * 32 + b"-" + b"b" * 16 + b"-01")
BY_CALL = {"id", "created", "started", "waited"}


@pytest.fixture
def stage(tmp_path):
    return Stage(tmp_path, YAML)


def begin(control, trust):
    """A trace where the caller's own context asks for one."""
    found = control.get(b"traceparent")
    return Trace(found[3:35].decode(), "c" * 16) if found else None


class Server:
    """Our own server's part: requests by head, each head remembered as it is there."""

    def __init__(self, path=MAIN, *headers, method=b"POST"):
        self.path, self.headers, self.method = path, headers, method
        self.heads = Heads()

    def cycle(self, body):
        lines = [(b"host", b"x"), (b"content-length", b"%d" % len(body)), *self.headers]
        raw = b"%b %b HTTP/1.1\r\n" % (self.method, self.path)
        raw += b"".join(b"%b: %b\r\n" % line for line in lines) + b"\r\n"
        scope = {**facts(self.method, self.path, "1.1", lines), "client": ("10.0.0.1", 1), "server": None}
        cycle = Cycle(None, scope)
        cycle.known, cycle.more, cycle.announced = self.heads.learn(raw + body, scope), False, len(body)
        cycle.body.append(body)
        scope["extensions"] = {EXCHANGE: cycle}
        return cycle, scope


def asked(site, server, body=ASK, *, gone=False):
    """A request read: how (at once or not), the call or its refusal, and the record."""
    cycle, scope = server.cycle(body)
    cycle.gone = gone
    record = Record(id="1", created=1, started=time.perf_counter())
    intake = Intake(record, site, begin)
    how = "at once"
    try:
        call = intake.at_once(scope)
        if call is None:
            how, call = "read", asyncio.run(intake.call(scope, cycle.receive))
    except Refusal as refusal:
        call = refusal
    return how, call, record, intake


def told(record):
    return {name: value for name, value in msgspec.structs.asdict(record).items() if name not in BY_CALL}


def said(call):
    if isinstance(call, Refusal):
        return (call.status, call.code, str(call), call.headers)
    fields = msgspec.structs.asdict(call)
    del fields["record"], fields["endings"]
    return fields


@pytest.mark.parametrize(
    "server",
    [
        Server(),
        Server(MAIN, (b"content-type", b"application/json"), (b"user-agent", b"x/1"), (b"x-stainless-os", b"Linux")),
        Server(MAIN + b"?a=b&c=d"),
        Server(MAIN + b"?key=AIza-own&c=d"),
        Server(MAIN, (b"authorization", b"Bearer sk-own")),
        Server(MAIN, (b"cf-aig-metadata", b'{"a": 1}'), (b"cf-aig-event-id", b"e"), (b"cf-aig-collect-log", b"false")),
        Server(MAIN, TRACEPARENT, (b"tracestate", b"v=1")),
        Server(b"/v1/acme/full/demo/chat/completions", (b"content-type", b"application/json")),
        Server(b"/v1/acme/full/demo/chat/completions", (b"cf-aig-collect-log-payload", b"false")),
        Server(CLOSED, WEB),
        Server(CLOSED, APP, (b"cf-aig-metadata", b'{"team": "mine", "b": 2}')),
        Server(CLOSED, (b"cf-aig-authorization", b"Bearer gw-token-0123456789"), (b"authorization", b"Bearer sk-own")),
        Server(b"/v1/acme/main/openai/a%2Fb", method=b"GET"),
    ],
    ids=lambda server: b" ".join([server.path, *(name for name, _ in server.headers)]).decode(),
)  # fmt: skip
def test_the_second_time_is_as_the_first_in_every_fact(stage, server):
    site = stage.process.edge.site
    for body in (ASK, STREAM, b"", b"no JSON"):
        server.heads = Heads()
        how, first, record, intake = asked(site, server, body)
        assert how == "read"
        for _ in range(2):
            how, again, other, later = asked(site, server, body)
            assert how == "at once"
            assert said(again) == said(first)
            assert told(other) == told(record)
            assert (later.content_type, later.place, later.provider) == (
                intake.content_type, intake.place, intake.provider,
            )  # fmt: skip
            assert again.record is other


def test_another_body_behind_the_same_head_is_another_call(stage):
    site, server = stage.process.edge.site, Server()
    calls = [asked(site, server, body) for body in (ASK, STREAM, ASK[:20])]
    assert [how for how, *_ in calls] == ["read", "at once", "at once"]
    assert [call.body for _, call, *_ in calls] == [ASK, STREAM, ASK[:20]]
    assert [record.request_size for *_, record, _ in calls] == [len(ASK), len(STREAM), 20]
    assert [call.asked.stream for _, call, *_ in calls] == [False, True, False]


def test_clients_whose_heads_differ_by_their_token_alone_are_never_taken_for_one_another(stage):
    site = stage.process.edge.site
    heads = Heads()
    servers = [Server(CLOSED, WEB), Server(CLOSED, APP), Server(CLOSED, (b"authorization", b"Bearer gw-token-none"))]
    for server in servers:
        server.heads = heads
    for turn in range(3):
        (how, _, web, _), (_, _, app, _), (_, refused, nobody, _) = (asked(site, server) for server in servers)
        assert how == ("at once" if turn else "read")
        assert (web.token, web.metadata) == ("web", {"team": "a"})
        assert (app.token, app.metadata) == ("app", {})
        assert (refused.code, nobody.token) == ("unauthorized", "")


def test_no_call_changes_what_the_next_one_finds(stage):
    site, server = stage.process.edge.site, Server(CLOSED, WEB, (b"cf-aig-metadata", b'{"b": 1}'))
    asked(site, server)
    _, _, record, _ = asked(site, server)
    record.metadata["b"] = "changed"
    record.asked = None
    _, again, other, _ = asked(site, server)
    assert other.metadata == {"b": 1, "team": "a"}
    assert again.endings == []


def test_a_token_that_has_expired_meanwhile_is_refused_as_it_is_the_first_time(stage, monkeypatch):
    site, server = stage.process.edge.site, Server(CLOSED, WEB, TRACEPARENT)
    assert asked(site, server)[0] == "read"
    monkeypatch.setattr(time, "time", lambda: 4_200_000_000.0)
    how, again, record, _ = asked(site, server)
    fresh = Server(CLOSED, WEB, TRACEPARENT)
    _, first, other, _ = asked(site, fresh)
    assert how == "at once"
    assert again.code == "token_expired"
    assert said(again) == said(first)
    assert told(record) == told(other)
    monkeypatch.undo()
    assert asked(site, server)[1].record.token == "web"


def test_a_configuration_that_is_new_meanwhile_is_asked_anew(stage):
    site, server = stage.process.edge.site, Server(CLOSED, WEB)
    asked(site, server)
    file = stage.process.watcher.path
    file.write_text(YAML.replace("name: web", "name: renamed"))
    asyncio.run(stage.process.apply(stage.process.watcher.read()))
    new = stage.process.edge.site
    how, _, record, _ = asked(new, server)
    assert (how, record.token, record.config_version) == ("read", "renamed", "")
    assert asked(new, server)[0] == "at once"
    # A call that began under the old one is read by the old one.
    assert asked(site, server)[2].token == "web"
    file.write_text(YAML.replace("gw-token-0123456789", "gw-token-0123456780"))
    asyncio.run(stage.process.apply(stage.process.watcher.read()))
    assert asked(stage.process.edge.site, server)[1].code == "unauthorized"
    assert asked(stage.process.edge.site, server)[1].code == "unauthorized"


def test_a_body_that_is_too_large_is_refused_as_it_is_the_first_time(stage):
    site, server = stage.process.edge.site, Server()
    _, first, record, _ = asked(site, server, b"x" * 1025)
    asked(site, server)
    how, again, other, _ = asked(site, server, b"x" * 1025)
    assert how == "at once"
    assert (again.status, again.headers) == (413, [(b"connection", b"close")])
    assert said(again) == said(first)
    assert told(other) == told(record)
    assert asked(site, server, b"x" * 1024)[1].body == b"x" * 1024


def test_each_call_begins_a_trace_of_its_own(stage):
    site, server = stage.process.edge.site, Server(MAIN, TRACEPARENT)
    calls = [asked(site, server)[1] for _ in range(3)]
    traces = [call.record.trace for call in calls]
    assert len({id(trace) for trace in traces}) == 3
    assert {trace.trace_id for trace in traces} == {"a" * 32}
    assert all(name != b"traceparent" for call in calls for name, _ in call.headers)


@pytest.mark.parametrize(
    ("path", "headers", "code"),
    [
        (b"/v1/acme/none/demo/x", (), "unknown_gateway"),
        (b"/v1/acme/main/none/x", (), "invalid_provider"),
        (CLOSED, (), "unauthorized"),
        (MAIN, ((b"cf-aig-metadata", b"{"),), "invalid_header"),
        (b"/v1/acme/main/demo/../x", (), "invalid_path"),
    ],
)
def test_a_head_that_is_refused_is_refused_each_time_alike(stage, path, headers, code):
    site, server = stage.process.edge.site, Server(path, *headers)
    reads = [asked(site, server) for _ in range(3)]
    assert [refused.code for _, refused, *_ in reads] == [code] * 3
    assert told(reads[0][2]) == told(reads[2][2])


def test_a_client_that_is_gone_by_then_gets_no_call(stage):
    site, server = stage.process.edge.site, Server()
    asked(site, server)
    with pytest.raises(Gone):
        asked(site, server, gone=True)


def test_a_request_whose_body_is_still_to_come_is_read_the_long_way(stage):
    site, server = stage.process.edge.site, Server()
    asked(site, server)
    cycle, scope = server.cycle(ASK)
    cycle.more = True
    assert Intake(Record(id="1", created=1, started=1.0), site, begin).at_once(scope) is None
    assert Intake(Record(id="1", created=1, started=1.0), site, begin).at_once({"client": None}) is None
