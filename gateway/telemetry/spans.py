"""Spans from a Record, made once the call is over: SERVER for the call, below it a CLIENT span per attempt.

    POST /v1/acme/production/demo/{rest}     SERVER   http.*, gateway.*, metadata
    |-- chat small                           CLIENT   gen_ai.*: attempt 1, failed, no usage
    `-- chat large                           CLIENT   gen_ai.*: attempt 2, usage and cost

The names are those of OpenTelemetry's semantic conventions v1.41.1. Tokens and cost stand on attempts alone: backends
that add up a trace would count them twice.
"""

from collections.abc import Mapping
from typing import Final

from msgspec import Struct

from gateway.call import Record, Trace
from gateway.telemetry import ids
from gateway.telemetry import protobuf as pb
from gateway.telemetry.attempts import CANCELLED, ERROR_TYPE, STATUS, Attempts

METHOD: Final = pb.Text("http.request.method")
ROUTE: Final = pb.Text("http.route")
PATH: Final = pb.Fresh("url.path", 1024)
CLIENT_ADDRESS: Final = pb.Text("client.address")
USER_AGENT: Final = pb.Text("user_agent.original")
FIXED: Final = pb.attributes({"url.scheme": "http", "network.protocol.version": "1.1"})
"""The gateway itself speaks HTTP/1.1 in clear; TLS ends before it."""

ACCOUNT: Final = pb.Text("gateway.account")
GATEWAY: Final = pb.Text("gateway.gateway")
TOKEN: Final = pb.Text("gateway.token")
LOG_ID: Final = pb.Fresh("gateway.log_id", 64)
EVENT_ID: Final = pb.Fresh("gateway.event_id", 256)
SURFACE: Final = pb.Text("gateway.surface")
OUTCOME: Final = pb.Text("gateway.outcome")
REFUSAL: Final = pb.Text("gateway.refusal")
VERSION: Final = pb.Text("gateway.config_version")
REQUESTED: Final = pb.Text("gateway.requested_model")
ATTEMPTS: Final = pb.Count("gateway.attempts")
STEP: Final = pb.Count("gateway.step")
OVERHEAD: Final = pb.Real("gateway.overhead")
CACHED: Final = (pb.attribute("gateway.cached", False), pb.attribute("gateway.cached", True))

RESERVED: Final = ("gen_ai.", "gateway.", "http.", "url.", "server.", "client.", "network.", "error.", "user_agent.")
"""Metadata that begins like this keeps our prefix and gets no attribute of its bare name."""

METADATA: Final = 32
MEMO: Final = 1024


class Content(Struct, frozen=True):
    """Prompts and answers as attributes, already encoded; empty where they are not to be shown."""

    server: bytes = b""
    attempt: bytes = b""


SILENT: Final = Content()


def decided(record: Record) -> bytes:
    """What policies decided, under our prefix."""
    return b"".join([pb.attribute(f"gateway.{name}", value) for name, value in record.decided.items()])


class Encoder:
    """Makes a Record's spans; `names` gives each provider's gen_ai.provider.name."""

    def __init__(self, names: Mapping[str, str]) -> None:
        self._attempts = Attempts(names)
        self._tags: dict[tuple[str, str], tuple[bytes, bytes]] = {}

    def encode(self, record: Record, trace: Trace, content: Content = SILENT) -> bytes:
        """The call's spans, each an element of ScopeSpans' field `spans`."""
        owner = self._owner(record)
        ours, bare = self._metadata(record) if record.metadata else (b"", b"")
        offset = record.created - int(record.started * 1e9)
        end = offset + int((record.ended or latest(record)) * 1e9)
        made = [self._server(record, trace, end, owner + ours + bare + decided(record) + content.server)]
        for number, attempt in enumerate(record.attempts, 1):
            ended = offset + int(attempt.ended * 1e9) if attempt.ended else end
            fields = self._attempts.encode(record, attempt, number)
            fields += (
                pb.identity(trace.trace_id, attempt.span_id or ids.span_id(), trace.span_id),
                pb.moments(offset + int(attempt.started * 1e9), ended),
                pb.ROOT,
                owner,
                bare,
            )
            if number == len(record.attempts):
                fields.append(content.attempt)
            made.append(pb.span(fields))
        return b"".join(made)

    def _owner(self, record: Record) -> bytes:
        """Whose call it was: on every span, so that cost can be summed by it."""
        made = ACCOUNT(record.account) + GATEWAY(record.gateway)
        return made + TOKEN(record.token) if record.token else made

    def _metadata(self, record: Record) -> tuple[bytes, bytes]:
        """Metadata under our prefix, and, as Cloudflare shows it, bare."""
        pairs = [self._tag(key, value) for key, value in list(record.metadata.items())[:METADATA]]
        return b"".join([ours for ours, _ in pairs]), b"".join([bare for _, bare in pairs])

    def _tag(self, key: str, value: object) -> tuple[bytes, bytes]:
        """One entry under our prefix and bare."""
        known = self._tags.get((key, value)) if isinstance(value, str) else None
        if known is None:
            bare = b"" if not key or key.startswith(RESERVED) else pb.attribute(key, value)
            known = pb.attribute(f"gateway.metadata.{key}", value), bare
            if isinstance(value, str) and len(self._tags) < MEMO and len(value) + len(key) < 256:
                self._tags[key, value] = known
        return known

    def _server(self, record: Record, trace: Trace, end: int, more: bytes) -> bytes:
        """The SERVER span."""
        route = route_of(record)
        failure = failed(record)
        parts = [
            pb.identity(trace.trace_id, trace.span_id, trace.parent_id),
            pb.field(b"\x1a", pb.utf8(trace.state)) if trace.state else b"",
            pb.moments(record.created, end),
            pb.REMOTE if trace.parent_id else pb.ROOT,
            pb.field(b"\x2a", pb.utf8(f"{record.method} {route}")),
            pb.SERVER,
            METHOD(record.method),
            ROUTE(route),
            PATH(path_of(record)),
            FIXED,
            STATUS(record.status) if record.status else b"",
            CLIENT_ADDRESS(record.client_address) if record.client_address else b"",
            USER_AGENT(record.user_agent) if record.user_agent else b"",
            LOG_ID(record.id),
            more,
            self._outcome(record),
        ]
        if failure:
            parts += (ERROR_TYPE(failure), pb.ERROR)
        return pb.span(parts)

    def _outcome(self, record: Record) -> bytes:
        """What the gateway decided and did."""
        parts = [
            SURFACE(record.surface),
            OUTCOME(record.outcome),
            ATTEMPTS(len(record.attempts)),
            CACHED[record.cached],
            OVERHEAD(record.overhead),
            VERSION(record.config_version) if record.config_version else b"",
            REQUESTED(record.asked.model) if record.asked.model else b"",
        ]
        if record.event_id:
            parts.append(EVENT_ID(record.event_id))
        if record.refusal:
            parts.append(REFUSAL(record.refusal))
        if record.step:
            parts.append(STEP(record.step))
        if record.outcome == "abandoned":
            parts.append(CANCELLED("client"))
        return b"".join(parts)


def failed(record: Record) -> str:
    """The SERVER span's error.type; empty where the call is no error of the server's, as every 4xx is not."""
    if record.status < 500 and record.outcome != "failed":
        return ""
    last = record.attempts[-1].error if record.attempts else ""
    return record.refusal or last or str(record.status or "_OTHER")


def latest(record: Record) -> float:
    """The last moment known of a call that was never seen to end."""
    return max([record.started, record.head_sent, *[attempt.ended for attempt in record.attempts]])


def route_of(record: Record) -> str:
    """The low-cardinality route: names that stand in gateways.yaml, everything else as a placeholder."""
    if not record.gateway:
        return "/v1/{account}/{gateway}/{rest}"
    start = f"/v1/{record.account}/{record.gateway}"
    if record.surface == "native":
        return f"{start}/{named(record) or '{provider}'}/{{rest}}"
    return start if record.surface == "universal" else f"{start}/{record.surface}/{{rest}}"


def named(record: Record) -> str:
    """The provider in the URL: after a fallback the record's is another, and who was asked first was it."""
    return record.attempts[0].provider if record.step and record.attempts else record.provider


def path_of(record: Record) -> str:
    """The URL's path, without the query: queries carry keys."""
    if record.surface == "universal":
        # What the record has of one is the step's.
        head = path = ""
    else:
        head = named(record) if record.surface == "native" else record.surface
        path = record.path.partition("?")[0].removeprefix(f"{head}/" if record.surface != "native" else "/")
    return "/".join(["/v1", *[part for part in (record.account, record.gateway, head, path) if part]])
