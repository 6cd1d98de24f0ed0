"""An answer's bytes, as an application makes them say."""

import asyncio

import pytest
from uvicorn.config import Config
from uvicorn.server import ServerState

from gateway.server.limits import Options, Worker
from gateway.server.protocol import Connection
from tests.server.raw import answer, connect, get, post, until_closed


def served(application, message: bytes, whole: bool = True):
    """What a client gets from an ASGI application behind our protocol, on a real socket."""

    async def run():
        loop = asyncio.get_running_loop()
        config = Config(application, lifespan="off", log_config=None)
        config.load()
        worker, state = Worker(Options()), ServerState()
        server = await loop.create_server(lambda: Connection(worker, config, state, {}), "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]

        def client():
            with connect(port, 5) as sock:
                sock.sendall(message)
                return until_closed(sock) if whole else answer(sock)

        try:
            return await asyncio.to_thread(client)
        finally:
            server.close()
            for connection in list(state.connections):
                connection.transport.abort()
            await asyncio.sleep(0)
            assert not state.tasks

    return asyncio.run(asyncio.wait_for(run(), 10))


def saying(*messages, pause: float = 0.0):
    async def application(scope, receive, send):
        for message in messages:
            await send(message)
            await asyncio.sleep(pause)

    return application


def start(*headers, status=200):
    return {"type": "http.response.start", "status": status, "headers": list(headers)}


def body(piece=b"", more=False):
    return {"type": "http.response.body", "body": piece, "more_body": more}


LAST = get("/", "Connection: close")


def test_a_head_does_not_wait_for_a_body_that_is_late():
    async def application(scope, receive, send):
        await send(start())
        await asyncio.sleep(3600)

    head = served_head(application)
    assert head.startswith(b"HTTP/1.1 200 OK\r\n")


def served_head(application) -> bytes:
    async def run():
        loop = asyncio.get_running_loop()
        config = Config(application, lifespan="off", log_config=None)
        config.load()
        state = ServerState()
        server = await loop.create_server(lambda: Connection(Worker(Options()), config, state, {}), "127.0.0.1", 0)
        reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
        writer.write(LAST)
        head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 1)
        writer.close()
        for task in state.tasks:
            task.cancel()
        await asyncio.sleep(0.05)
        server.close()
        return head

    return asyncio.run(run())


def test_a_body_without_a_length_is_chunked():
    got = served(saying(start(), body(b"a", more=True), body(b"", more=True), body(b"b")), LAST)
    assert got.endswith(b"transfer-encoding: chunked\r\nconnection: close\r\n\r\n1\r\na\r\n1\r\nb\r\n0\r\n\r\n")


def test_a_body_with_a_length_is_as_it_is():
    got = served(saying(start((b"content-length", b"2")), body(b"a", more=True), body(b"b")), LAST)
    assert got.endswith(b"content-length: 2\r\nconnection: close\r\n\r\nab")


@pytest.mark.parametrize("status", [204, 304])
def test_an_answer_without_body_has_none_and_no_framing(status):
    got = served(saying(start(status=status), body(b"not to be seen")), LAST)
    assert got.endswith(b"connection: close\r\n\r\n")
    assert b"transfer-encoding" not in got


@pytest.mark.parametrize("name", [b"x", b"x\r\ny: z", b"x\0"])
@pytest.mark.parametrize("value", [b"a\r\nset-cookie: b", b"a\nb", b"a\rb", b"a\0"])
def test_a_header_with_a_line_break_is_a_500_and_never_sent(name, value):
    got = served(saying(start((name, value)), body()), LAST)
    assert got.startswith(b"HTTP/1.1 500 ")
    assert b"set-cookie" not in got


@pytest.mark.parametrize("pieces", [(b"abc",), (b"a",)], ids=["too long", "too short"])
def test_a_body_of_another_length_than_announced_cuts_the_connection(pieces):
    got = served(saying(start((b"content-length", b"2")), *(body(piece) for piece in pieces)), get())
    assert not got.endswith(b"abc")
    assert b"200 OK" in got


def test_an_application_that_fails_before_its_head_is_a_500():
    async def application(scope, receive, send):
        raise RuntimeError("secret")

    got = served(application, get())
    assert got.startswith(b"HTTP/1.1 500 ")
    assert b"secret" not in got


def test_an_application_that_fails_after_its_head_leaves_no_whole_answer():
    async def application(scope, receive, send):
        await send(start())
        await send(body(b"a", more=True))
        raise RuntimeError("secret")

    got = served(application, get())
    assert got.endswith(b"1\r\na\r\n")


def test_an_application_that_says_nothing_is_a_500():
    assert served(saying(), get()).startswith(b"HTTP/1.1 500 ")


def test_receive_after_the_body_waits_for_the_end():
    seen = []

    async def application(scope, receive, send):
        assert await receive() == {"type": "http.request", "body": b"{}", "more_body": False}
        waiting = asyncio.ensure_future(receive())
        await asyncio.sleep(0.05)
        seen.append(waiting.done())
        await send(start((b"content-length", b"0")))
        await send(body())
        waiting.cancel()
        seen.append(await receive())

    assert served(application, post(), whole=False)[0] == 200
    assert seen == [False, {"type": "http.disconnect"}]


def test_a_connection_outlives_a_call_that_ends_after_the_next_has_begun():
    calls = []

    async def application(scope, receive, send):
        calls.append(scope["raw_path"])
        await send(start((b"content-length", b"0")))
        await send(body())
        await asyncio.sleep(0.2 if len(calls) == 1 else 0)

    async def run():
        loop = asyncio.get_running_loop()
        config = Config(application, lifespan="off", log_config=None)
        config.load()
        state = ServerState()
        server = await loop.create_server(lambda: Connection(Worker(Options()), config, state, {}), "127.0.0.1", 0)
        reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
        for path in ("/1", "/2", "/3"):
            writer.write(get(path))
            await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 1)
        await asyncio.sleep(0.3)
        writer.write(get("/4"))
        await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 1)
        writer.close()
        await asyncio.sleep(0.01)
        server.close()
        assert not state.tasks

    asyncio.run(run())
    assert calls == [b"/1", b"/2", b"/3", b"/4"]
