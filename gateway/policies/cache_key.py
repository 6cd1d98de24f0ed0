"""When two calls ask the same: the key under which an answer is kept, and what calls share that are asked once.

Everything of a call counts but what is known not to change an answer. A header that nobody here has heard of costs a
hit; the other way round it would cost a wrong answer.
"""

import hashlib
import json
from collections.abc import Mapping
from typing import Any, Final, Literal, TypeAlias

import msgspec

from gateway.call import Call, Headers, Remembered
from gateway.wire.headers import TRACE

Scope: TypeAlias = Literal["token", "gateway"]
Parted: TypeAlias = tuple[Headers, tuple[tuple[bytes, bytes], ...]]
"""Headers that count for the key, and credentials that do not."""

Begun: TypeAlias = tuple["hashlib._Hash", tuple[tuple[bytes, bytes], ...], tuple[bytes | None, ...]]
"""The hash of what stands before a body, and what calls must share to be asked together."""

REMEMBERED: Final = 64
"""Things made of one client's headers that are kept: it may ask for as many models and paths as it likes."""

FORM: Final = b"1"
"""Changes when what counts changes, so that nothing kept under other rules is found."""

LARGEST: Final = 512 * 1024
"""Bytes of a body that is put into canonical form; a larger one counts as it came, since parsing it would hold up the
other calls. One client writes the same thing the same way, so this costs hits between different clients only."""

HARMLESS: Final = frozenset(
    (
        b"user-agent",
        b"x-request-id",
        b"x-client-request-id",
        b"x-correlation-id",
        b"x-amzn-trace-id",
        b"x-cloud-trace-context",
        b"sentry-trace",
        b"amz-sdk-invocation-id",
        b"amz-sdk-request",
        b"x-goog-api-client",
        b"cache-control",
        b"pragma",
        b"priority",
        b"dnt",
    )
)
HARMLESS_BEGINNINGS: Final = (b"x-stainless-", b"sec-fetch-", b"sec-ch-ua")

STEERING: Final = (
    b"cf-aig-request-timeout",
    b"cf-aig-max-attempts",
    b"cf-aig-retry-delay",
    b"cf-aig-backoff",
    b"cf-aig-custom-cost",
)
"""Ours, and without a say in what the answer is, but in whether there is one: a call is never asked on behalf of
another that would have been more patient."""

OURS: Final = frozenset(
    (
        *STEERING,
        b"cf-aig-authorization",
        b"cf-aig-skip-cache",
        b"cf-aig-cache-ttl",
        b"cf-aig-cache-key",
        b"cf-skip-cache",
        b"cf-cache-ttl",
        b"cf-aig-metadata",
        b"cf-aig-event-id",
        b"cf-aig-collect-log",
        b"cf-aig-collect-log-payload",
        b"cf-aig-otel-trace-id",
        b"cf-aig-otel-parent-span-id",
        *TRACE,
    )
)
"""Headers to the gateway that do not change an answer; whatever else is addressed to it counts."""
QUIET: Final = OURS - frozenset(STEERING)


class Source(msgspec.Struct, frozen=True):
    """What keys must know of a provider."""

    credentials: frozenset[bytes] = frozenset()
    """Request headers in which a client may send its key."""
    edition: str = ""
    """Changes with the provider's settings, so that answers of another server are not found."""


UNKNOWN: Final = Source()


class Key(msgspec.Struct, frozen=True):
    """Where a call's answer is kept, and with whom the call may be asked together."""

    name: str
    """The store's key; nothing can be read out of it but the gateway."""
    digest: bytes
    twins: tuple[object, ...]
    """Equal for calls that one upstream call may answer: they share the name, and what may make a call fail."""


class Keys:
    """One gateway's keys."""

    def __init__(self, gateway: str, scope: Scope, sources: Mapping[str, Source]) -> None:
        self.gateway, self.scope, self.sources = gateway, scope, sources
        self.prefix = prefix(gateway)

    def of(self, call: Call, chosen: bytes | None = None) -> Key:
        """The key of a call; `chosen` is the client's own, in place of path, model and body and nothing else."""
        hashed, secrets, steering = self.begun(call, chosen)
        if chosen is None:
            hashed.update(canonical(call.body))
        digest = hashed.digest()
        return Key(self.prefix + digest.hex(), digest, (digest, secrets, steering))

    def begun(self, call: Call, chosen: bytes | None) -> Begun:
        """What comes before the body; remembered with a client's headers where it says nothing else to us."""
        headers, asked = call.headers, call.asked
        if type(headers) is not Remembered or chosen is not None or not call.control.keys() <= QUIET:
            return self.beginning(call, chosen)
        mark = (
            self, call.provider, call.record.token, call.method, call.path, call.query, call.form,
            asked.operation, asked.dialect, asked.stream, asked.model,
        )  # fmt: skip
        known = headers.made.get(mark)
        if known is None:
            known = self.beginning(call, None)
            if len(headers.made) < REMEMBERED:
                headers.made[mark] = known
        hashed, secrets, steering = known
        return hashed.copy(), secrets, steering

    def beginning(self, call: Call, chosen: bytes | None) -> Begun:
        """The hash of all that counts but the body, and what only twins must share."""
        asked, control = call.asked, call.control
        headers, secrets = self.headers(call, chosen=chosen is not None)
        head = (
            FORM,
            self.gateway,
            self.scope,
            call.record.token if self.scope == "token" else None,
            call.provider,
            self.sources.get(call.provider, UNKNOWN).edition,
            call.method,
            call.query,
            (asked.operation, asked.dialect, asked.stream, call.form),
            headers,
            sorted((name, value) for name, value in control.items() if name not in OURS),
            (call.path, asked.model) if chosen is None else chosen,
        )
        hashed = hashlib.sha256(msgspec.msgpack.encode(head))
        return hashed, secrets, tuple([control.get(name) for name in STEERING])

    def headers(self, call: Call, *, chosen: bool) -> Parted:
        """The client's headers that count, and its credentials where those do not count; remembered with them."""
        headers = call.headers
        if type(headers) is not Remembered:
            return self.parted(call.provider, headers, chosen=chosen)
        mark = (self, call.provider, chosen)
        made = headers.made.get(mark)
        if made is None:
            made = headers.made[mark] = self.parted(call.provider, headers, chosen=chosen)
        found: Parted = made
        return found

    def parted(self, provider: str, headers: Headers, *, chosen: bool) -> Parted:
        """Headers in the order of their names, repeats in the order they came."""
        apart: frozenset[bytes] = frozenset()
        if self.scope == "gateway":
            apart = self.sources.get(provider, UNKNOWN).credentials
        counted = [
            (name, codings(value) if name == b"accept-encoding" else value)
            for name, value in headers
            if name not in HARMLESS
            and name not in apart
            and not name.startswith(HARMLESS_BEGINNINGS)
            # It describes the body, a multipart boundary for one, and the body does not count there.
            and not (chosen and name == b"content-type")
        ]
        return sorted(counted, key=first), tuple([pair for pair in headers if pair[0] in apart])


def prefix(gateway: str) -> str:
    """What all keys of a gateway ("account/gateway") begin with; names have no slash."""
    return f"cache/{gateway}/"


def first(pair: tuple[bytes, bytes]) -> bytes:
    """A header's name."""
    return pair[0]


def codings(value: bytes) -> bytes:
    """An Accept-Encoding without its order and blanks; it counts, since kept bytes are compressed as they came."""
    return b",".join(sorted(value.lower().replace(b" ", b"").replace(b"\t", b"").split(b",")))


def canonical(body: bytes) -> bytes:
    """A JSON body with its members sorted, without blanks and escapes; any other body as it came, marked as such.

    Numbers keep their digits, so 1 and 1.0 differ. A body that has a member twice is no JSON here: providers do not
    agree on which of the two counts, and so one might be asked for the answer to another question.
    """
    if body[:1] not in (b"{", b"[") or len(body) > LARGEST:
        return b"-" + body
    return quick(body) or careful(body) or b"-" + body


def quick(body: bytes) -> bytes:
    """The canonical form of JSON that comes out of a parser as it went in, the way SDKs write it; nothing otherwise.

    What does so holds no member twice, as one would be lost, and no number that a parser would round.
    """
    try:
        tree = PARSE(body)
        return b"=" + ENCODE(tree) if WRITE(tree) == body else b""
    except (msgspec.DecodeError, ValueError, RecursionError):
        return b""


def careful(body: bytes) -> bytes:
    """The canonical form of any JSON; nothing where it is none, or not the same to everybody."""
    try:
        return b"=" + ENCODE(DECODE(body.decode()))
    except (ValueError, RecursionError):  # no JSON, no UTF-8, or a lone surrogate, which are ValueErrors all
        return b""


def members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object of JSON; raises ValueError where a name stands twice."""
    made = dict(pairs)
    if len(made) != len(pairs):
        raise ValueError("a member stands twice")
    return made


def digits(text: str) -> msgspec.Raw:
    """A number as it was written."""
    return msgspec.Raw(text.encode())


def refuse(text: str) -> None:
    """Refuse NaN and Infinity, which are no JSON."""
    raise ValueError(text)


PARSE: Final = msgspec.json.Decoder().decode
WRITE: Final = msgspec.json.Encoder().encode
# Python's own parser, because it is the one that shows members that stand twice.
DECODE: Final = json.JSONDecoder(object_pairs_hook=members, parse_float=digits, parse_constant=refuse).decode
ENCODE: Final = msgspec.json.Encoder(order="deterministic").encode
