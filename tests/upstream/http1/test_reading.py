"""What an answer may look like, and everything that is refused of it."""

import httpx2
import pytest

from tests.upstream.hostile import OK, Peer, answering, fetch, hostile, request, transport, whole

CHUNKED = OK + b"transfer-encoding: chunked\r\n\r\n"
EMPTY = b"content-length: 0\r\n\r\n"

SOUND = {
    "length": (OK + b"content-length: 2\r\n\r\nhi", b"hi"),
    "length with blanks": (OK + b"content-length: \t 2 \t\r\n\r\nhi", b"hi"),
    "length zero": (OK + EMPTY, b""),
    "chunked": (CHUNKED + b"2\r\nhi\r\n3\r\n yo\r\n0\r\n\r\n", b"hi yo"),
    "chunked in capitals": (OK + b"Transfer-Encoding: Chunked \r\n\r\n2\r\nhi\r\n0\r\n\r\n", b"hi"),
    "chunked with upper-case size": (CHUNKED + b"A\r\n0123456789\r\n0\r\n\r\n", b"0123456789"),
    "chunked with leading zeros": (CHUNKED + b"0002\r\nhi\r\n000\r\n\r\n", b"hi"),
    "chunk extensions": (CHUNKED + b'2;a=b;c="d\\"e"\r\nhi\r\n0;z\r\n\r\n', b"hi"),
    "chunked, no body": (CHUNKED + b"0\r\n\r\n", b""),
    "no reason": (b"HTTP/1.1 200\r\ncontent-length: 2\r\n\r\nhi", b"hi"),
    "obs-text in a value": (OK + b"x: \xe9\xff\r\ncontent-length: 2\r\n\r\nhi", b"hi"),
    "empty value": (OK + b"x:\r\ny: \r\ncontent-length: 2\r\n\r\nhi", b"hi"),
    "1.0 kept alive": (b"HTTP/1.0 200 OK\r\nconnection: keep-alive\r\ncontent-length: 2\r\n\r\nhi", b"hi"),
    "100 before": (b"HTTP/1.1 100 Continue\r\n\r\n" + OK + b"content-length: 2\r\n\r\nhi", b"hi"),
    "103 before": (b"HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n" * 3 + OK + b"content-length: 2\r\n\r\nhi", b"hi"),
    "upgrade offered": (OK + b"connection: upgrade\r\nupgrade: h2c\r\ncontent-length: 2\r\n\r\nhi", b"hi"),
}


@pytest.mark.parametrize("name", SOUND)
def test_a_sound_answer_is_read_and_its_connection_kept(run, name):
    answer, body = SOUND[name]

    async def main():
        async with hostile(answering(answer)) as server, transport() as client:
            assert await fetch(client, server.url, "POST", b"x") == (200, body)
            assert await fetch(client, server.url, "POST", b"x") == (200, body)
            assert (server.accepted, client.idle_connections) == (1, 1)

    run(main())


@pytest.mark.parametrize("name", SOUND)
def test_a_sound_answer_may_arrive_byte_by_byte(run, name):
    answer, body = SOUND[name]

    async def main():
        pieces = [answer[i : i + 1] for i in range(len(answer))]
        async with hostile(answering(*pieces)) as server, transport() as client:
            assert await fetch(client, server.url) == (200, body)
            assert client.idle_connections == 1

    run(main())


LAST = {
    "connection: close": OK + b"connection: close\r\ncontent-length: 2\r\n\r\nhi",
    "close in a list": OK + b"connection: foo, Close\r\ncontent-length: 2\r\n\r\nhi",
    "1.0": b"HTTP/1.0 200 OK\r\ncontent-length: 2\r\n\r\nhi",
    "1.0 chunked": b"HTTP/1.0 200 OK\r\nconnection: keep-alive\r\n" + CHUNKED[len(OK) :] + b"2\r\nhi\r\n0\r\n\r\n",
    "garbage after it": OK + b"content-length: 2\r\n\r\nhi\0garbage",
    "a second answer after it": OK + b"content-length: 2\r\n\r\nhi" + OK + b"content-length: 3\r\n\r\nbad",
    "half an answer after it": OK + b"content-length: 2\r\n\r\nhi" + OK,
    "garbage after chunks": CHUNKED + b"2\r\nhi\r\n0\r\n\r\nx",
    "framing in a trailer": CHUNKED + b"2\r\nhi\r\n0\r\ntransfer-encoding: chunked\r\n\r\n",
    "connection in a trailer": CHUNKED + b"2\r\nhi\r\n0\r\nconnection: close\r\n\r\n",
}


@pytest.mark.parametrize("name", LAST)
def test_an_answer_after_which_the_connection_is_not_used_again(run, name):
    async def main():
        async with hostile(answering(LAST[name])) as server, transport() as client:
            for calls in (1, 2):
                assert await fetch(client, server.url, "POST", b"x") == (200, b"hi")
                assert (client.open_connections, server.accepted) == (0, calls)
            await server.all_gone()

    run(main())


def test_bytes_that_come_after_the_answer_end_the_connection(run):
    async def main():
        async def script(peer: Peer):
            await peer.request()
            await peer.say(OK + b"content-length: 2\r\n\r\nhi")
            await peer.say(b"x")
            await peer.gone()

        async with hostile(script) as server, transport() as client:
            assert await fetch(client, server.url) == (200, b"hi")
            await server.all_gone()
            assert client.open_connections == 0

    run(main())


UNTIL_CLOSE = {
    "1.1": OK + b"\r\n",
    "1.0": b"HTTP/1.0 200 OK\r\n\r\n",
    "with close": OK + b"connection: close\r\n\r\n",
}


@pytest.mark.parametrize("name", UNTIL_CLOSE)
def test_a_body_without_length_ends_with_the_connection(run, name):
    async def main():
        async with (
            hostile(answering(UNTIL_CLOSE[name], b"a" * 1000, b"b" * 1000, then="close")) as server,
            transport() as client,
        ):
            assert await fetch(client, server.url) == (200, b"a" * 1000 + b"b" * 1000)
            assert client.open_connections == 0

    run(main())


def test_a_body_without_length_that_ends_in_a_reset_is_an_error(run):
    async def main():
        async with hostile(answering(OK + b"\r\nabc", then="reset")) as server, transport() as client:
            with pytest.raises(httpx2.ReadError, match="ConnectionResetError"):
                await fetch(client, server.url)

    run(main())


BODYLESS = {
    "HEAD with length": ("HEAD", OK + b"content-length: 500\r\n\r\n"),
    "HEAD chunked": ("HEAD", OK + b"transfer-encoding: chunked\r\n\r\n"),
    "204": ("POST", b"HTTP/1.1 204 No Content\r\n\r\n"),
    "204 with length": ("POST", b"HTTP/1.1 204 No Content\r\ncontent-length: 5\r\n\r\n"),
    "304 with length": ("GET", b"HTTP/1.1 304 Not Modified\r\ncontent-length: 5\r\n\r\n"),
    "304 chunked": ("GET", b"HTTP/1.1 304 Not Modified\r\ntransfer-encoding: chunked\r\n\r\n"),
}


@pytest.mark.parametrize("name", BODYLESS)
def test_an_answer_that_has_no_body_ends_with_its_head(run, name):
    method, answer = BODYLESS[name]

    async def main():
        async with hostile(answering(answer)) as server, transport() as client:
            for _ in range(2):
                response = await client.handle_async_request(request(server.url, method))
                assert response.stream.ended
                assert await whole(response) == b""
            assert (server.accepted, client.idle_connections) == (1, 1)

    run(main())


@pytest.mark.parametrize("name", BODYLESS)
def test_a_body_where_none_may_be_is_dropped_with_its_connection(run, name):
    method, answer = BODYLESS[name]

    async def main():
        for body in (b"5\r\nhello\r\n0\r\n\r\n", b"zz", b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n"):
            async with hostile(answering(answer + body)) as server, transport() as client:
                response = await client.handle_async_request(request(server.url, method))
                assert await whole(response) == b""
                assert client.open_connections == 0

    run(main())


def bad(*lines: bytes) -> bytes:
    return OK + b"".join(lines) + EMPTY


REFUSED = {
    "length and coding": OK + b"content-length: 2\r\ntransfer-encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n",
    "coding and length": OK + b"transfer-encoding: chunked\r\ncontent-length: 2\r\n\r\n2\r\nhi\r\n0\r\n\r\n",
    "two lengths": bad(b"content-length: 5\r\n"),
    "the same length twice": bad(b"content-length: 0\r\n"),
    **{
        f"length {value!r}": OK + b"content-length: " + value + b"\r\n\r\nhi"
        for value in (b"-1", b"+2", b"0x2", b"2,2", b"2, 2", b"1 2", b"", b"two", b"2;", b"9" * 30, b"\x0b2", b"2.0")
    },
    **{
        f"coding {value!r}": OK + b"transfer-encoding: " + value + b"\r\n\r\n2\r\nhi\r\n0\r\n\r\n"
        for value in (
            b"identity",
            b"gzip, chunked",
            b"chunked, gzip",
            b"chunked, chunked",
            b"chunked, identity",
            b"xchunked",
            b"chunked;q=1",
            b"",
            b"\x0bchunked",
            b'"chunked"',
        )
    },
    "two codings": OK + b"transfer-encoding: chunked\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n",
    "identity then chunked": OK + b"transfer-encoding: identity\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n",
    "folded line": bad(b"x: a\r\n b\r\n"),
    "folded with a tab": bad(b"x: a\r\n\tb\r\n"),
    "folded first line": bad(b" x: a\r\n"),
    "bare LF after the status line": b"HTTP/1.1 200 OK\n" + EMPTY,
    "bare LF after a header": bad(b"x: a\n"),
    "bare LF at the end": OK + b"content-length: 0\r\n\n",
    "bare CR in a value": bad(b"x: a\rb\r\n"),
    "bare CR before CRLF": bad(b"x: a\r\r\n"),
    "bare CR in the status line": b"HTTP/1.1 200 O\rK\r\n" + EMPTY,
    "NUL in a value": bad(b"x: a\0b\r\n"),
    "control character in a value": bad(b"x: a\x01b\r\n"),
    "DEL in a value": bad(b"x: a\x7fb\r\n"),
    "blank in a name": bad(b"x y: a\r\n"),
    "blank after a name": bad(b"x : a\r\n"),
    "blank after content-length": OK + b"content-length : 0\r\n\r\n",
    "empty name": bad(b": a\r\n"),
    "control character in a name": bad(b"x\x01y: a\r\n"),
    "high byte in a name": bad(b"x\xe9: a\r\n"),
    "no colon": bad(b"xa\r\n"),
    **{
        f"version {version.decode()}": version + b" 200 OK\r\n" + EMPTY
        for version in (
            b"HTTP/0.9",
            b"HTTP/1.2",
            b"HTTP/2.0",
            b"HTTP/3",
            b"http/1.1",
            b"HTTP/1",
            b"RTSP/1.0",
            b"ICE/1.0",
        )
    },
    **{
        f"status {status!r}": b"HTTP/1.1 " + status + b" OK\r\n" + EMPTY
        for status in (b"000", b"099", b"99", b"2000", b"-200", b"2x0", b"", b" 200", b"200OK")
    },
    "101": b"HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: x\r\n\r\nraw",
    "101 without upgrade": b"HTTP/1.1 101 Switching Protocols\r\n\r\nraw",
    "1xx with a body": b"HTTP/1.1 100 Continue\r\ncontent-length: 2\r\n\r\nhi" + OK + EMPTY,
    "1xx without end": b"HTTP/1.1 100 Continue\r\n\r\n" * 17 + OK + EMPTY,
    "empty lines first": b"\r\n\r\n" + OK + EMPTY,
    "another protocol": b"SSH-2.0-OpenSSH_9.2\r\n",
    "HTML": b"<html>\r\n\r\n</html>",
    "one byte of something": b"x",
    "too many headers": bad(b"x: y\r\n" * 256),
    "a long head at once": bad(b"x: " + b"y" * 140000 + b"\r\n"),
    "TLS": bytes.fromhex("16030100a5010000a10303"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_an_answer_that_may_be_read_in_two_ways_is_refused(run, name):
    async def main():
        async with hostile(answering(REFUSED[name])) as server, transport() as client:
            with pytest.raises(httpx2.RemoteProtocolError):
                await fetch(client, server.url, "POST", b"x")
            assert client.open_connections == 0
            await server.all_gone()

    run(main())
