"""A real server process for the tests of this folder, and the small raw ASGI application that it serves.

`python -m tests.server.stage JSON` runs one worker, or with `workers` several; it prints the port it listens on.
"""

import asyncio
import contextlib
import json
import logging
import os
import socket
import sys
import time
from urllib.parse import parse_qs

import uvloop

from gateway.server import workers
from gateway.server.limits import Options, Worker
from gateway.server.serving import Serving, listen

SEEN: list[dict] = []
"""What happened to calls, in order, with the time of it."""
ERROR_EVENT = b'data: {"error": "stopping"}\n\n'


def note(what: str, scope) -> None:
    SEEN.append({"what": what, "path": scope["path"], "at": time.monotonic()})


async def whole(receive) -> bytes:
    parts = []
    while True:
        message = await receive()
        if message["type"] != "http.request":
            raise ConnectionError
        parts.append(message["body"])
        if not message["more_body"]:
            return b"".join(parts)


async def answer(send, body: bytes, status: int = 200, headers=()) -> None:
    length = (b"content-length", b"%d" % len(body))
    await send({"type": "http.response.start", "status": status, "headers": [length, *headers]})
    await send({"type": "http.response.body", "body": body})


async def echo(scope, receive, send, query) -> None:
    """The body back, and in headers what of the head arrived."""
    body = await whole(receive)
    names = b",".join(name for name, _ in scope["headers"])
    await answer(
        send, body, 200, [(b"x-path", scope["raw_path"]), (b"x-names", names), (b"x-query", scope["query_string"])]
    )


async def stream(scope, receive, send, query) -> None:
    """`n` events, `pause` seconds apart; an error event when the time to finish is up."""
    exchange, up = scope["extensions"]["gateway.exchange"], asyncio.Event()
    exchange.watch(exchange.task.cancel, up.set)
    await whole(receive)
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"text/event-stream")]})
    try:
        for number in range(int(query.get("n", "3"))):
            if up.is_set():
                await send({"type": "http.response.body", "body": ERROR_EVENT, "more_body": True})
                break
            await send({"type": "http.response.body", "body": b"data: %d\n\n" % number, "more_body": True})
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(up.wait(), float(query.get("pause", "0.1")))
    except asyncio.CancelledError:
        note("cancelled", scope)
        raise
    await send({"type": "http.response.body"})


async def stubborn(scope, receive, send, query) -> None:
    """Goes on whatever it is told, until it is cancelled."""
    await whole(receive)
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b"x", "more_body": True})
    try:
        await asyncio.sleep(60)
    finally:
        note("cancelled", scope)


async def slow(scope, receive, send, query) -> None:
    """Waits before it answers, and notes when the client leaves."""
    left = asyncio.Event()
    scope["extensions"]["gateway.exchange"].watch(lambda: (note("gone", scope), left.set()), None)
    if "unread" not in query:
        await whole(receive)
    note("waiting", scope)
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(left.wait(), float(query.get("for", "30")))
    await answer(send, b"late")
    await asyncio.sleep(float(query.get("after", "0")))


async def big(scope, receive, send, query) -> None:
    """`bytes` of body in pieces of `piece`; notes when the client leaves."""
    scope["extensions"]["gateway.exchange"].watch(lambda: note("gone", scope), None)
    await whole(receive)
    left, piece = int(query["bytes"]), int(query.get("piece", "65536"))
    headers = [] if "chunked" in query else [(b"content-length", b"%d" % left)]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    while left:
        part = b"x" * min(piece, left)
        left -= len(part)
        await send({"type": "http.response.body", "body": part, "more_body": bool(left)})
    note("sent", scope)


async def early(scope, receive, send, query) -> None:
    """Answers before the body has come, and takes its time to end."""
    await answer(send, b"early")
    await asyncio.sleep(float(query.get("after", "0")))


async def raises(scope, receive, send, query) -> None:
    """Fails before, or (`late`) in the middle of, an answer."""
    if "late" in query:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"half", "more_body": True})
    raise RuntimeError("on purpose")


async def says(scope, receive, send, query) -> None:
    """Any status, and any one header."""
    headers = [(query["name"].encode("latin-1"), query["value"].encode("latin-1"))] if "name" in query else []
    await answer(send, query.get("body", "").encode(), int(query.get("status", "200")), headers)


async def twice(scope, receive, send, query) -> None:
    """Listens for the client's leaving beside the answer, as Starlette's streaming does."""
    await whole(receive)
    listening = asyncio.create_task(receive())
    await asyncio.sleep(0)
    await answer(send, b"done")
    note((await listening)["type"], scope)


async def seen(scope, receive, send, query) -> None:
    await answer(send, json.dumps(SEEN).encode())


async def pid(scope, receive, send, query) -> None:
    await answer(send, b"%d" % os.getpid())


async def die(scope, receive, send, query) -> None:
    os._exit(7)


class Application:
    """The paths of this module's coroutines, /readyz, and the lifespan."""

    def __init__(self, worker: Worker) -> None:
        self.worker = worker

    async def __call__(self, scope, receive, send) -> None:
        if scope["type"] == "lifespan":
            await self.lifespan(receive, send)
        elif scope["path"] == "/readyz":
            await answer(send, b"", 503 if self.worker.draining else 200)
        else:
            query = {name: values[-1] for name, values in parse_qs(scope["query_string"].decode(), True).items()}
            await PATHS.get(scope["path"], echo)(scope, receive, send, query)

    async def lifespan(self, receive, send) -> None:
        await receive()
        await send({"type": "lifespan.startup.complete"})
        await receive()
        print("shut down", flush=True)
        await send({"type": "lifespan.shutdown.complete"})


ALL = (stream, stubborn, slow, big, early, raises, says, twice, seen, pid, die)
PATHS = {f"/{one.__name__}": one for one in ALL}


def main() -> None:
    """Run a worker, or the parent of several."""
    logging.basicConfig(stream=sys.stderr, level=logging.INFO, format="%(levelname)s %(name)s: %(message)s")
    options = Options(**json.loads(sys.argv[1]))
    if workers.SOCKET in os.environ:
        if os.environ.get("STAGE_FAILS"):
            sys.exit("this worker cannot start")
        sock = socket.socket(fileno=int(os.environ[workers.SOCKET]))
    elif options.workers > 1:
        parent = workers.Parent(options, [sys.executable, "-m", "tests.server.stage", sys.argv[1]])
        print(parent.port, flush=True)
        sys.exit(parent.run())
    else:
        sock = listen(options)
    worker = Worker(options)
    ready = os.environ.get(workers.INDEX, str(sock.getsockname()[1]))
    serving = Serving(Application(worker), worker, lambda: print(ready, flush=True))
    serving.on_reload = lambda: print("reloaded", flush=True)
    uvloop.run(until_done(serving, sock))


async def until_done(serving: Serving, sock: socket.socket) -> None:
    """As `gateway serve` does: a worker also stops when its parent is gone."""
    if lifeline := os.environ.get(workers.LIFELINE):
        loop = asyncio.get_running_loop()
        loop.add_reader(int(lifeline), lambda: (loop.remove_reader(int(lifeline)), serving.stop()))
    await serving.serve(sockets=[sock])


if __name__ == "__main__":
    main()
