"""One request and its answer on a connection, as ASGI sees them."""

import asyncio
import http
import logging
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, Final

from starlette.types import ASGIApp, Message, Scope

from gateway.call import Headers
from gateway.server.heads import Head
from gateway.server.limits import NUDGE

if TYPE_CHECKING:
    from gateway.server.protocol import Connection

log = logging.getLogger("gateway.server")

BODILESS: Final = frozenset((204, 304))
FAILED: Final = b"HTTP/1.1 500 Internal Server Error\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
CONTINUE: Final = b"HTTP/1.1 100 Continue\r\n\r\n"
END: Final = (b"", b"")
LAST: Final = b"0\r\n\r\n"
_line = b": ".join


def _status(status: int) -> bytes:
    """The first line of an answer, its end excepted."""
    try:
        phrase = http.HTTPStatus(status).phrase
    except ValueError:
        phrase = ""
    return b"HTTP/1.1 %d %b" % (status, phrase.encode())


STATUS: Final = {status: _status(status) for status in range(200, 1000)}


class Cycle:
    """Runs the application for one request. It stands in the scope's extensions as `gateway.exchange`.

    The answer's head waits for the first piece of body if that comes at once: one buffer for the kernel instead of two.
    """

    # Defaults stand here and not in __init__: most of them are still true at the end of most calls.
    wants_continue = False
    more = True
    announced = 0
    """Bytes of request body that the head tells of, where it does: the application may refuse before it reads."""
    size = left = 0
    """Bytes of request body that wait, and bytes of answer that the head has announced and that are still to come."""
    head = b""
    nudged = handed = started = complete = gone = chunked = False
    known: Head | None = None
    """The request's head, where it is one that was read before: what was worked out of it then still holds."""
    waiter: asyncio.Future[None] | None = None
    on_gone: Callable[[], None] | None = None
    on_drain: Callable[[], None] | None = None
    task: asyncio.Task[None]

    def __init__(self, connection: "Connection", scope: Scope) -> None:
        # Not the scope itself: that holds us, and a ring of two is work for the garbage collector.
        self.mute = scope["method"] == "HEAD"
        self.chunks = scope["http_version"] == "1.1"
        self.connection = connection
        self.keep = True
        self.body: list[bytes] = []

    async def run(self, app: ASGIApp, scope: Scope) -> None:
        """Serve; an application that fails, or says too little, ends the connection."""
        try:
            await app(scope, self.receive, self.send)
        except asyncio.CancelledError:
            log.debug("a call was cancelled")
        except Exception:
            log.exception("the application failed")
        if not self.complete and not self.gone:
            self.connection.write(b"" if self.started else FAILED)
            self.abort()
        self.connection.done(self)

    def watch(self, on_gone: Callable[[], None] | None, on_drain: Callable[[], None] | None) -> None:
        """Have `on_gone` called when the client leaves, `on_drain` when the time to finish is up; None ends that."""
        self.on_gone, self.on_drain = on_gone, on_drain
        if on_gone is not None and self.gone:
            on_gone()

    def abort(self) -> None:
        """Cut the connection, so that an answer that was not finished cannot be taken for a whole one."""
        self.complete = True
        self.flush()
        self.wake()
        if self.left < 0 and not self.chunked:
            self.connection.reset()
        else:
            self.connection.hang_up()

    def lost(self) -> None:
        """The client has left; that is told once."""
        if self.gone:
            return
        self.gone = True
        self.wake()
        if self.on_gone is not None and not self.complete:
            self.on_gone()

    def take(self, piece: bytes) -> None:
        """A piece of the request's body has arrived."""
        self.body.append(piece)
        self.size += len(piece)
        self.wake()

    def end(self) -> None:
        """The request's body is whole."""
        self.more = False
        self.wake()

    def wake(self) -> None:
        """Let `receive` look again."""
        waiter = self.waiter
        if waiter is not None:
            self.waiter = None
            if not waiter.done():
                waiter.set_result(None)

    def nudge(self) -> None:
        """Hand on an empty part where none has come: from there on the application measures the client's pauses."""
        if self.more and self.waiter is not None:
            self.take(b"")

    async def receive(self) -> Message:
        """The next part of the body; after the last, nothing until the client leaves or the answer is complete."""
        if self.wants_continue and not self.gone:
            self.wants_continue = False
            self.connection.write(CONTINUE)
        while not (self.gone or self.complete):
            if not self.handed and (self.body or not self.more):
                return self.part()
            self.connection.go_on()
            if self.more and not self.nudged:
                self.nudged = True
                self.connection.expect(NUDGE)
            self.waiter = self.connection.loop.create_future()
            await self.waiter
        return {"type": "http.disconnect"}

    def all(self) -> bytes:
        """The whole body, which must have arrived: what `receive` would have handed out."""
        self.handed = True
        body = self.body
        return body[0] if len(body) == 1 else b"".join(body)

    def part(self) -> Message:
        """What has arrived of the body since the last time."""
        body = self.body[0] if len(self.body) == 1 else b"".join(self.body)
        self.body.clear()
        self.size, self.nudged = 0, True
        self.handed = not self.more
        return {"type": "http.request", "body": body, "more_body": self.more}

    async def send(self, message: Any) -> None:  # noqa: ANN401 - ASGI's messages are dicts of many shapes
        """Write the head or a piece of body; waits while the client does not take what was written."""
        if self.connection.full and not self.gone:
            await self.connection.drained()
        if self.gone or self.complete:
            return
        if message["type"] == "http.response.body":
            self.piece(message.get("body", b""), message.get("more_body", False))
        else:
            self.begin(message["status"], message.get("headers", ()))
            self.connection.worker.soon(self)

    @property
    def full(self) -> bool:
        """Whether the client must take something before more is written."""
        return self.connection.full and not self.gone

    async def drained(self) -> None:
        """Return when the client has taken what was written, or has left."""
        await self.connection.drained()

    def answer(self, status: int, headers: Headers, facts: bytes) -> None:
        """Make the head; it is written with the first piece of body, or by itself in this turn of the loop."""
        if not (self.gone or self.complete):
            self.begin(status, headers, facts)
            self.connection.worker.soon(self)

    def put(self, body: bytes, more: object) -> None:
        """Write a piece of body."""
        if not (self.gone or self.complete):
            self.piece(body, more)

    def entire(self, head: tuple[int, Headers, bytes], body: bytes) -> None:
        """Write head and body as one, at the end of this turn of the loop where they are short."""
        if self.gone or self.complete:
            return
        self.begin(*head)
        self.connection.write_soon(self.wrapped(body, None))
        self.finish()

    def begin(self, status: int, headers: Headers, facts: bytes = b"") -> None:
        """Make the head; `facts` are lines that are known to be sound."""
        named = dict(headers)
        lines = [STATUS[status], *map(_line, headers)]
        if b"connection" in named:
            # Only `close` is ever said there, and it is said below.
            self.keep = False
            lines = [STATUS[status], *(_line(pair) for pair in headers if pair[0] != b"connection")]
        lines += self.framed(status, int(named.get(b"content-length", -1)))
        head = b"\r\n".join(lines)
        count = len(lines) - 1
        if head.count(b"\n") != count or head.count(b"\r") != count or b"\0" in head:
            raise ValueError("a response header has a line break or NUL in it")
        self.head, self.started = head[:-2] + facts + b"\r\n" if facts else head, True

    def framed(self, status: int, length: int) -> Sequence[bytes]:
        """The head's last lines: how the body ends, and what becomes of the connection."""
        lines = []
        if self.mute or status in BODILESS:
            self.mute, length = True, 0
        elif length < 0 and self.chunks:
            self.chunked = True
            lines.append(b"transfer-encoding: chunked")
        elif length < 0:
            # HTTP/1.0 knows no chunks: there the connection's end is the body's.
            self.keep = False
        self.left = length
        if self.connection.worker.draining or not self.keep:
            self.keep = False
            lines.append(b"connection: close")
        return (*lines, b"", b"") if lines else END

    def flush(self) -> None:
        """Write the head, if it has not gone out with a piece of body."""
        if self.head:
            head, self.head = self.head, b""
            self.connection.write(head)

    def piece(self, body: bytes, more: object) -> None:
        """Write a piece of body, with the head before it and the end behind it where they are due."""
        if data := self.wrapped(body, more):
            self.connection.write(data)
        if not more:
            self.finish()

    def wrapped(self, body: bytes, more: object) -> bytes:
        """A piece of body as it goes out; raises ValueError where it is not as long as the head says."""
        if self.mute:
            body = b""
        elif self.chunked:
            body = self.chunk(body, b"" if more else LAST)
        elif self.left >= 0:
            self.left -= len(body)
            if self.left < 0 or (self.left and not more):
                raise ValueError("the body is not as long as its content-length says")
        if self.head:
            body, self.head = self.head + body, b""
        return body

    def finish(self) -> None:
        """The answer is whole; who waits in `receive` waits no longer."""
        self.complete = True
        self.wake()

    @staticmethod
    def chunk(body: bytes, end: bytes) -> bytes:
        """A piece as an HTTP chunk, and the last chunk after it at the end."""
        return b"%x\r\n%b\r\n%b" % (len(body), body, end) if body else end
