"""A request made once for many calls: the same client sends the same headers to the same place, again and again.

Where a signature does not depend on time or body, everything before the body's length is the same bytes each time. They
are kept with the headers they were made of (`gateway.call.Remembered`), so they are forgotten when those are.
"""

from functools import lru_cache
from typing import Final

import httpx2
import msgspec

from gateway.call import Call, Headers
from gateway.providers.outbound import Outbound, Target
from gateway.upstream.http1.outgoing import Outgoing, opening, whole
from gateway.upstream.http1.pool import Place
from gateway.upstream.keys import Key
from gateway.upstream.lane import Lane

MOST: Final = 16
"""Requests remembered with one set of headers."""
LARGEST: Final = 8192
"""Bytes of a request's head that is worth remembering."""
PORTS: Final = {"http": 80, "https": 443}


class Ready(msgspec.Struct, frozen=True):
    """Where a request goes, and its head up to the blank line, but for what differs by call."""

    key: Key
    """Keeps the key alive: a remembered request is found by it."""
    place: Place
    address: str
    port: int
    opening: bytes

    def message(self, call: Call, context: Headers) -> Outgoing:
        """The request for one call, with its own trace context."""
        start = self.opening
        for pair in context:
            start += b"%b: %b\r\n" % pair
        return whole(call.method, start, call.body)


def host_of(target: Target) -> bytes:
    """A target's Host header."""
    name = f"[{target.host}]" if ":" in target.host else target.host
    return (name if target.port == PORTS.get(target.scheme) else f"{name}:{target.port}").encode("ascii")


@lru_cache(1024)
def place(scheme: str, host: str, port: int) -> Place:
    """Where to connect, as httpx2 has a URL's host: IDNA, and no port that is the scheme's own; raises InvalidURL."""
    url = httpx2.URL(scheme=scheme, host=host, port=port)
    return url.scheme, url.raw_host, url.port


def known(call: Call, key: Key) -> Ready | None:
    """What was made of the same headers for the same place and key."""
    made = getattr(call.headers, "made", None)
    return made.get((call.method, call.path, call.query, id(key))) if made else None


async def ready(call: Call, lane: Lane, key: Key) -> Ready:
    """The request made and, where it may be, remembered; raises Refusal, and httpx2.TransportError for an odd one."""
    target = lane.provider.target(call, key.secret)
    headers = replaced(call.headers, lane.headers)
    signed = await key.signer.sign(Outbound(call.method, target, headers, call.body))
    head = opening(call.method, target.path, [(b"host", host_of(target)), *signed])
    one = Ready(key, place(target.scheme, target.host, target.port), target.host, target.port, head)
    made = getattr(call.headers, "made", None)
    if made is not None and key.signer.constant and len(head) <= LARGEST:
        if len(made) >= MOST:
            made.clear()
        made[call.method, call.path, call.query, id(key)] = one
    return one


def replaced(headers: Headers, settings: Headers) -> Headers:
    """The client's headers, with those of the settings in place of any of the same name."""
    if not settings:
        return headers
    names = frozenset(name for name, _ in settings)
    return [pair for pair in headers if pair[0] not in names] + settings


def context(call: Call, lane: Lane, span_id: str) -> Headers:
    """The trace context, where the provider may have it."""
    propagate, trace = lane.provider.propagate, call.record.trace
    if propagate == "none" or trace is None:
        return []
    found = lane.traceparent(trace, span_id)
    if not found:
        return []
    if trace.state and propagate == "traceparent+tracestate":
        return [(b"traceparent", found), (b"tracestate", trace.state.encode("ascii"))]
    return [(b"traceparent", found)]
