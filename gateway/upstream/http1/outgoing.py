"""A request as bytes: its head checked and whole, its body as it is or as pieces still to come."""

import re
from collections.abc import AsyncIterable
from operator import itemgetter
from typing import Final, TypeAlias

import httpx2
import msgspec

from gateway.upstream.http1.request import Request

Raw: TypeAlias = list[tuple[bytes, bytes]]

TOKEN: Final = re.compile(rb"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")
TARGET: Final = re.compile(rb"/[!-~\x80-\xff]*|\*")
IDEMPOTENT: Final = frozenset(("GET", "HEAD", "PUT", "DELETE", "OPTIONS", "TRACE"))
BODY_EXPECTED: Final = frozenset(("POST", "PUT", "PATCH"))
TOGETHER: Final = 65536
"""Bytes of body up to which head and body are one write; copying that much costs 2 us, a second system call 8."""

HOST: Final = b"host"
LENGTH: Final = b"content-length"
CODING: Final = b"transfer-encoding"
FRAMING: Final = frozenset((HOST, LENGTH, CODING))

_known: set[bytes] = set(FRAMING)
_KNOWN_AT_MOST: Final = 4096
_name = itemgetter(0)
_line = b": ".join


class Outgoing(msgspec.Struct, gc=False):
    """What goes out. `body` is what is still to be written after `head`; `pieces` is there when it is not yet whole."""

    method: str
    head: bytes
    body: bytes = b""
    pieces: AsyncIterable[bytes] | None = None
    length: int = -1
    """Bytes that `pieces` will have, -1 when they go out as HTTP chunks."""
    repeatable: bool = True
    """Whether the same bytes can be had a second time."""


def outgoing(request: httpx2.Request) -> Outgoing:
    """`request` ready to be written. Raises httpx2.LocalProtocolError for one that could be read as another."""
    extensions = request.extensions
    target = extensions.get("target") or request.url.raw_path
    if not TARGET.fullmatch(target):
        raise httpx2.LocalProtocolError("The request target is empty or has a blank or control character in it.")
    start = b"%b %b HTTP/1.1" % (_method(request.method), target)
    raw = request.raw if type(request) is Request else request.headers.raw
    names = list(map(_name, raw))
    if not _known.issuperset(names):
        raw = _lower(raw)
        names = list(map(_name, raw))
    found = FRAMING.intersection(names)
    if HOST not in found:
        raw.insert(0, (HOST, request.url.netloc))
    elif names.count(HOST) > 1:
        raise httpx2.LocalProtocolError("The request has more than one Host header.")
    body = extensions.get("body")
    if body is None:
        return _streamed(request, start, raw, found)
    return _whole(request.method, start, _framed(request.method, raw, found, body), body)


def opening(method: str, target: bytes, raw: Raw) -> bytes:
    """A head up to the blank line, to be sent with many bodies: without the line that tells the body's length.

    Raises httpx2.LocalProtocolError as `outgoing` does; `raw` has a Host and nothing else that frames.
    """
    if not TARGET.fullmatch(target):
        raise httpx2.LocalProtocolError("The request target is empty or has a blank or control character in it.")
    raw = _lower(raw)
    names = list(map(_name, raw))
    if [name for name in names if name in FRAMING] != [HOST]:
        raise httpx2.LocalProtocolError("The request has another framing than its one Host and the body's length.")
    return _head(b"%b %b HTTP/1.1" % (_method(method), target), raw)[:-2]


def whole(method: str, opening: bytes, body: bytes) -> "Outgoing":
    """A request with a body that is all there, behind an opening that was made before."""
    if body or method in BODY_EXPECTED:
        head = b"%bcontent-length: %d\r\n\r\n" % (opening, len(body))
    else:
        head = opening + b"\r\n"
    if len(body) > TOGETHER:
        return Outgoing(method, head, body)
    return Outgoing(method, head + body)


def _whole(method: str, start: bytes, raw: Raw, body: bytes) -> Outgoing:
    """The request whose body is all there: one write up to TOGETHER bytes, two beyond."""
    head = _head(start, raw)
    if len(body) > TOGETHER:
        return Outgoing(method, head, body)
    return Outgoing(method, head + body)


def _framed(method: str, raw: Raw, found: frozenset[bytes], body: bytes) -> Raw:
    """The headers with the one Content-Length that is the body's, where one belongs."""
    if CODING in found:
        raw = [pair for pair in raw if pair[0] != CODING]
    if LENGTH in found:
        # Two lengths, or a wrong one, is how a request is smuggled behind another.
        if [value for name, value in raw if name == LENGTH] != [b"%d" % len(body)]:
            raise httpx2.LocalProtocolError("The request's Content-Length is not that of its body.")
    elif body or method in BODY_EXPECTED:
        raw.append((LENGTH, b"%d" % len(body)))
    return raw


def _streamed(request: httpx2.Request, start: bytes, raw: Raw, found: frozenset[bytes]) -> Outgoing:
    """The request whose body is its stream: with the length its header tells, in HTTP chunks where it tells none."""
    stream = request.stream
    if not isinstance(stream, httpx2.AsyncByteStream):
        raise httpx2.LocalProtocolError("The request's body cannot be read asynchronously.")
    whole = isinstance(stream, httpx2.ByteStream)
    if CODING in found:
        if [value.lower() for name, value in raw if name == CODING] != [b"chunked"]:
            raise httpx2.LocalProtocolError("The request's Transfer-Encoding is not chunked alone.")
        raw = [pair for pair in raw if pair[0] != LENGTH]
        return Outgoing(request.method, _head(start, raw), pieces=stream, repeatable=whole)
    if LENGTH in found:
        length = _length([value for name, value in raw if name == LENGTH])
        return Outgoing(request.method, _head(start, raw), pieces=stream, length=length, repeatable=whole)
    if request.method in BODY_EXPECTED:
        raw.append((CODING, b"chunked"))
        return Outgoing(request.method, _head(start, raw), pieces=stream, repeatable=whole)
    # httpx2 gives every request a stream; without framing headers it is the empty one.
    return Outgoing(request.method, _head(start, raw), pieces=stream, length=0, repeatable=whole)


def _length(values: list[bytes]) -> int:
    """Bytes by Content-Length. Raises httpx2.LocalProtocolError unless it is there once, in at most 18 digits."""
    if len(values) != 1 or not values[0].isdigit() or len(values[0]) > 18:
        raise httpx2.LocalProtocolError("The request's Content-Length is not one number.")
    return int(values[0])


def _head(start: bytes, raw: Raw) -> bytes:
    """The whole head, certain to have as many lines as were meant."""
    lines = len(raw) + 2
    head = b"\r\n".join((start, *map(_line, raw), b"", b""))
    if head.count(b"\n") != lines or head.count(b"\r") != lines or b"\0" in head:
        raise httpx2.LocalProtocolError("A request header has a line break or NUL in it.")
    return head


def _lower(raw: Raw) -> Raw:
    """The headers under lower-case names, each name checked and then remembered."""
    lowered = [(name.lower(), value) for name, value in raw]
    for name, _ in lowered:
        if name in _known:
            continue
        if not TOKEN.fullmatch(name):
            raise httpx2.LocalProtocolError("A request header's name is empty or has a character that none may have.")
        # Names come from clients: what is remembered of them must stay bounded.
        if len(_known) < _KNOWN_AT_MOST and len(name) <= 64:
            _known.add(name)
    return lowered


def _method(method: str) -> bytes:
    """The verb in bytes. Raises httpx2.LocalProtocolError for CONNECT and for what is no token (RFC 9110 9.1)."""
    if method == "POST":
        return b"POST"
    verb = method.encode("ascii", "replace")
    # A CONNECT answer turns the connection into something else.
    if verb == b"CONNECT" or not TOKEN.fullmatch(verb):
        raise httpx2.LocalProtocolError("The request's method is not one that can be sent.")
    return verb
