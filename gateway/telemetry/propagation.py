"""The caller's trace context: W3C Trace Context level 1, and Cloudflare's pair of headers where that is absent."""

import re
from collections.abc import Mapping
from typing import Final

from msgspec import Struct

from gateway.call import Trace

VERSION_LENGTH: Final = 55
"""Bytes of a version 00 traceparent; later versions may append fields."""

LONGEST: Final = 512
"""What is looked at of a traceparent, and kept of a tracestate: the specification's own bound."""

MEMBERS: Final = 32
LONG_MEMBER: Final = 128
"""The specification lets members over this length go first when a tracestate is too long."""

TRACEPARENT: Final = re.compile(
    rb"(?!ff)([0-9a-f]{2})-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-([0-9a-f]{2})(-.*)?", re.DOTALL
)
MEMBER: Final = re.compile(
    r"([a-z][a-z0-9_\-*/]{0,255}|[a-z0-9][a-z0-9_\-*/]{0,240}@[a-z][a-z0-9_\-*/]{0,13})"
    r"=([\x20-\x2b\x2d-\x3c\x3e-\x7e]{0,255}[\x21-\x2b\x2d-\x3c\x3e-\x7e])"
)
TRACE_ID: Final = re.compile(rb"(?!0{32})[0-9a-fA-F]{32}")
SPAN_ID: Final = re.compile(rb"(?!0{16})[0-9a-fA-F]{16}")
SAMPLED: Final = 0x01


class Parent(Struct, frozen=True, gc=False):
    """The span the caller was in; `span_id` is empty where only its trace is known."""

    trace_id: str
    span_id: str
    flags: int
    state: str


class Passing(Trace):
    """A trace that the gateway records nothing of: what it sends on is what it was sent."""

    flags: int = 0


def parent(headers: Mapping[bytes, bytes]) -> Parent | None:
    """The caller's context, or None where there is none or it breaks the rules."""
    written = headers.get(b"traceparent")
    if written is not None:
        found = traceparent_of(written)
        if found is not None:
            state = headers.get(b"tracestate")
            return Parent(
                found[2].decode(), found[3].decode(), int(found[4], 16), tracestate_of(state) if state else ""
            )
    if b"cf-aig-otel-trace-id" in headers:
        return cloudflare(headers)
    return None


def traceparent_of(written: bytes) -> re.Match[bytes] | None:
    """The header taken apart; anything but a version 00 of 55 bytes, or a later one with more fields, is None."""
    found = TRACEPARENT.fullmatch(written)
    if found is None:
        found = TRACEPARENT.fullmatch(written[:LONGEST].strip(b" \t"))
    if found is None or (found[5] is not None and found[1] == b"00"):
        return None
    return found


def tracestate_of(written: bytes) -> str:
    """The list without its blanks, cut to 512 characters; a list that breaks the rules is dropped whole."""
    if len(written) > 64 * LONGEST:
        return ""
    members = [member for part in written.decode("latin-1").split(",") if (member := part.strip(" \t"))]
    keys = {found[1] for member in members if (found := MEMBER.fullmatch(member))}
    if len(members) > MEMBERS or len(keys) != len(members):
        return ""
    return ",".join(shortened(members))


def shortened(members: list[str]) -> list[str]:
    """As many members, in order, as 512 characters hold; long ones go first, then the last ones."""
    if sum(map(len, members)) + len(members) - 1 <= LONGEST:
        return members
    kept, left = [], LONGEST
    for member in members:
        if len(member) <= LONG_MEMBER:
            left -= len(member) + 1
            if left < -1:
                break
            kept.append(member)
    return kept


def cloudflare(headers: Mapping[bytes, bytes]) -> Parent | None:
    """What cf-aig-otel-trace-id and cf-aig-otel-parent-span-id say; who names a trace wants it recorded."""
    trace, span = headers[b"cf-aig-otel-trace-id"], headers.get(b"cf-aig-otel-parent-span-id", b"")
    if not TRACE_ID.fullmatch(trace):
        return None
    return Parent(trace.decode().lower(), span.decode().lower() if SPAN_ID.fullmatch(span) else "", SAMPLED, "")


def traceparent(trace: Trace, span_id: str = "") -> bytes:
    """The header for what is sent within `span_id`, else within the call; a trace that only passes stays as it came."""
    if isinstance(trace, Passing):
        return b"00-%b-%b-%02x" % (trace.trace_id.encode(), trace.span_id.encode(), trace.flags)
    return b"00-%b-%b-%b" % (
        trace.trace_id.encode(),
        (span_id or trace.span_id).encode(),
        b"01" if trace.sampled else b"00",
    )
