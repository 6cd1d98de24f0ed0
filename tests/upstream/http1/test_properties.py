"""What holds for every answer there can be, sound or not, however it is cut into segments."""

import asyncio
from itertools import pairwise

import httpx2
import uvloop
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.upstream.http1 import Transport
from tests.upstream.hostile import Peer, hostile, request, whole

NAMES = st.text("abcdefghijklmnopqrstuvwxyzABCXYZ0123456789-_!#$%&'*+.^`|~", min_size=1, max_size=12).filter(
    lambda name: (
        name.lower() not in ("content-length", "transfer-encoding", "connection", "proxy-connection", "upgrade")
    )
)
VALUES = st.binary(max_size=20).map(
    lambda value: bytes(each for each in value if each == 9 or (each >= 32 and each != 127)).strip(b" \t")
)
HEADERS = st.lists(st.tuples(NAMES.map(str.encode), VALUES), max_size=6)
PARTS = st.lists(st.binary(min_size=1, max_size=40), max_size=6)


@st.composite
def answers(draw):
    """An answer as bytes, and what must be read from it: status, headers, body, trailers."""
    status = draw(st.sampled_from([200, 201, 206, 400, 401, 404, 429, 500, 503, 529, 599]))
    headers, parts = draw(HEADERS), draw(PARTS)
    body = b"".join(parts)
    framing = draw(st.sampled_from(["length", "chunked", "close"]))
    interim = draw(
        st.sampled_from([b"", b"HTTP/1.1 100 Continue\r\n\r\n", b"HTTP/1.1 103 Early Hints\r\nlink: x\r\n\r\n"])
    )
    trailers = draw(HEADERS) if framing == "chunked" else []
    lines = list(headers)
    if framing == "length":
        lines.insert(draw(st.integers(0, len(lines))), (b"Content-Length", b"%d" % len(body)))
    elif framing == "chunked":
        lines.insert(draw(st.integers(0, len(lines))), (b"Transfer-Encoding", b"chunked"))
        extension = draw(st.sampled_from([b"", b";a=b", b';a="b c"']))
        body_bytes = b"".join(b"%x%b\r\n%b\r\n" % (len(part), extension, part) for part in parts)
        tail = b"".join(b"%b: %b\r\n" % pair for pair in trailers)
        framed = body_bytes + b"0\r\n" + tail + b"\r\n"
    head = b"HTTP/1.1 %d Reason\r\n" % status + b"".join(b"%b: %b\r\n" % line for line in lines) + b"\r\n"
    wire = interim + head + (framed if framing == "chunked" else body)
    expected = (status, [(n.lower(), v) for n, v in lines], body, [(n.lower(), v) for n, v in trailers])
    return wire, expected, framing


def cut(wire, places):
    """`wire` in pieces, cut at places given as parts of its length."""
    at = sorted({int(place * len(wire)) for place in places} | {0, len(wire)})
    return [wire[a:b] for a, b in pairwise(at)]


CUTS = st.lists(st.floats(0, 1, exclude_max=True), max_size=8)


async def exchange(pieces, then="close"):
    """What the transport makes of one answer, and whether it kept the connection."""

    async def script(peer: Peer):
        await peer.request()
        for piece in pieces:
            await peer.say(piece)
            await asyncio.sleep(0)
        if then == "wait":
            await peer.gone()

    async with hostile(script) as server:
        client = Transport()
        try:
            response = await client.handle_async_request(
                request(server.url, timeout={"first_byte": 1.0, "idle": 1.0, "total": 3.0})
            )
            body = await whole(response)
            kept = client.idle_connections
            return (response.status_code, response.headers.raw, body, response.extensions["trailers"]), kept
        finally:
            await client.aclose()


@given(answers(), CUTS)
@settings(deadline=None, max_examples=150)
def test_a_sound_answer_is_read_the_same_however_it_is_cut(answer, places):
    wire, expected, framing = answer
    got, kept = uvloop.run(exchange(cut(wire, places), "close" if framing == "close" else "wait"))
    assert got == expected
    assert kept == (framing != "close")


STARTS = [b"", b"HTTP/1.1 200 OK\r\n", b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n"]


@given(st.binary(max_size=200), CUTS, st.sampled_from(STARTS))
@settings(deadline=None, max_examples=150)
def test_garbage_raises_nothing_but_httpx_s_errors(garbage, places, start):
    try:
        uvloop.run(exchange(cut(start + garbage, places)))
    except httpx2.TransportError:
        return


@given(answers(), CUTS, st.integers(0, 10_000), st.binary(min_size=1, max_size=3))
@settings(deadline=None, max_examples=150)
def test_an_answer_with_something_wrong_in_it_raises_nothing_but_httpx_s_errors(answer, places, place, wrong):
    wire = bytearray(answer[0])
    place %= len(wire)
    wire[place : place + len(wrong)] = wrong
    try:
        (status, headers, body, _), _ = uvloop.run(exchange(cut(bytes(wire), places)))
    except httpx2.TransportError:
        return
    assert 200 <= status <= 999
    assert not any(byte in name + value for name, value in headers for byte in (10, 13, 0))
    assert isinstance(body, bytes)
