"""A client's connection: llhttp's callbacks, bounded and strict, in uvicorn's place for a protocol.

llhttp refuses bare CR and LF, folded lines, blanks before a colon, control characters, a length beside a transfer
coding, and repeated or signed lengths; `gateway.server.strict` refuses the rest. Requests that come before the answer to
the one before (pipelining) are not read: the connection closes after that answer. Upgrades are not followed.
"""

import asyncio
from typing import Any, Final
from urllib.parse import unquote

import httptools
from uvicorn.config import Config
from uvicorn.server import ServerState

from gateway.call import Headers, Refusal
from gateway.dialects import errors
from gateway.server import strict
from gateway.server.cycle import STATUS, Cycle
from gateway.server.limits import AHEAD, LINGER, STALL, Worker

NEVER: Final = float("inf")
SLACK: Final = 0.001
"""Seconds a timer may fire early: uvloop's clock counts milliseconds."""
ASGI: Final = {"version": "3.0", "spec_version": "2.3"}
ERROR: Final = b"%b\r\ncontent-type: application/json\r\ncontent-length: %d\r\nconnection: close\r\n\r\n%b"


class Stop(Exception):  # noqa: N818 - it only tells llhttp to read no further
    """Raised inside a callback once nothing more may be read."""


class Connection(asyncio.Protocol):
    """One client's connection, one request at a time.

    There is one timer, set anew only when it fires or when a deadline comes to lie before it.
    """

    def __init__(
        self,
        worker: Worker,
        config: Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        self.worker, self.app = worker, config.loaded_app
        self.loop = _loop or asyncio.get_event_loop()
        self.connections, self.tasks = server_state.connections, server_state.tasks
        self.parser: Any = httptools.HttpRequestParser(self)
        self.cycle: Cycle | None = None
        self.timer: asyncio.TimerHandle | None = None
        self.deadline = self.armed = NEVER
        self.seen = 0
        """Bytes read while a head is read; 0 from its end on."""
        self.deaf = self.full = self.paused = False
        self.unblocked: asyncio.Future[None] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Take the socket over; a client that says nothing is not waited for long."""
        self.transport: asyncio.Transport = transport  # type: ignore[assignment]  # a stream: both ways
        self.peer, self.here = transport.get_extra_info("peername"), transport.get_extra_info("sockname")
        self.connections.add(self)  # type: ignore[arg-type]  # uvicorn lists its own protocols by name
        self.expect(self.worker.options.header_timeout)

    def connection_lost(self, exc: Exception | None) -> None:
        """Tell the call that its client has left."""
        self.connections.discard(self)  # type: ignore[arg-type]  # as above
        self.deaf, self.parser = True, None
        if self.timer is not None:
            self.timer.cancel()
        self.resume_writing()
        if self.cycle is not None:
            self.cycle.lost()

    def eof_received(self) -> None:
        """A client that will send no more has left: what it asked for is not worth paying for. The loop closes."""

    def data_received(self, data: bytes) -> None:
        """Read on; what is no HTTP/1, or too long, is answered, and the connection closed."""
        if self.deaf:
            return
        cycle = self.cycle
        if cycle is None or (cycle.complete and not cycle.more):
            if not self.seen:
                self.expect(self.worker.options.header_timeout)
            self.seen += len(data)
        try:
            self.parser.feed_data(data)
        except httptools.HttpParserUpgrade:
            self.deaf = True
        except httptools.HttpParserError:
            if not self.deaf:
                self.refuse(strict.NOT_HTTP)
        if self.seen > self.worker.options.max_header_bytes and not self.deaf:
            self.refuse(strict.too_long(self.worker.options))

    def on_message_begin(self) -> None:
        """Begin a request, unless the one before is not answered yet."""
        cycle = self.cycle
        if cycle is not None and not cycle.complete:
            cycle.keep, self.deaf = False, True
            raise Stop
        self.url = b""
        self.headers: Headers = []
        self.framing: Headers = []

    def on_url(self, url: bytes) -> None:
        """A part of the target."""
        self.url += url

    def on_header(self, name: bytes, value: bytes) -> None:
        """A header; trailers, which come when no head is being read, end here."""
        if self.seen:
            pair = (name.lower(), value.rstrip())
            self.headers.append(pair)
            if pair[0] in strict.FRAMING:
                self.framing.append(pair)

    def on_headers_complete(self) -> None:
        """Believe the head or refuse it, and start the call."""
        version = self.parser.get_http_version()
        if refusal := self.problem(version):
            self.refuse(refusal)
            raise Stop
        self.seen, self.deadline = 0, NEVER
        path, _, query = (strict.path_of(self.url, self.framing) or b"").partition(b"?")
        text = path.decode("ascii")
        scope = {
            "type": "http",
            "asgi": ASGI,
            "http_version": version,
            "server": self.here,
            "client": self.peer,
            "scheme": "http",
            "root_path": "",
            "method": self.parser.get_method().decode("ascii"),
            "path": unquote(text) if "%" in text else text,
            "raw_path": path,
            "query_string": query,
            "headers": self.headers,
        }
        self.cycle = cycle = Cycle(self, scope)
        scope["extensions"] = {"gateway.exchange": cycle}
        cycle.keep = version == "1.1" and self.parser.should_keep_alive()
        cycle.wants_continue = version == "1.1" and (b"expect", b"100-continue") in self.framing
        cycle.task = task = self.loop.create_task(cycle.run(self.app))
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)

    def problem(self, version: str) -> Refusal | None:
        """Why this request is not served."""
        limit = self.worker.options.max_header_bytes
        if self.seen > limit and sum(len(name) + len(value) + 4 for name, value in self.headers) > limit:
            return strict.too_long(self.worker.options)
        refusal = strict.problem(self.url, self.headers, self.framing, version)
        return refusal or strict.too_large(self.framing, self.worker.options)

    def on_body(self, body: bytes) -> None:
        """Hand a piece of body on; an application that does not take it stops the reading."""
        cycle = self.cycle
        if cycle is None or cycle.complete:
            return
        cycle.take(body)
        if cycle.size > AHEAD and not self.paused:
            self.paused = True
            self.transport.pause_reading()

    def on_message_complete(self) -> None:
        """The request is whole."""
        if self.cycle is not None:
            self.cycle.end()

    def go_on(self) -> None:
        """Read again what comes of a body."""
        if self.paused and not self.transport.is_closing():
            self.paused = False
            self.transport.resume_reading()

    def done(self, cycle: Cycle) -> None:
        """A call is over: wait for the next on this connection, or close it."""
        if self.transport.is_closing():
            return
        if self.deaf or cycle.more or self.worker.draining or not cycle.keep:
            self.linger()
            return
        self.go_on()
        self.expect(self.worker.options.keep_alive)

    def refuse(self, refusal: Refusal) -> None:
        """Answer what is not, or no longer, a call, and close."""
        self.deaf = True
        cycle = self.cycle
        if cycle is None or cycle.complete or not cycle.started:
            body = errors.body(refusal, "")
            self.write(ERROR % (STATUS[refusal.status], len(body), body))
        if cycle is not None and not cycle.complete:
            cycle.lost()
        self.linger()

    def linger(self) -> None:
        """Close without the reset that bytes still under way would cause: it can swallow the answer."""
        self.deaf = True
        if self.transport.is_closing():
            return
        self.go_on()
        if self.transport.can_write_eof():
            self.transport.write_eof()
            self.expect(LINGER)
        else:
            self.transport.close()

    def hang_up(self) -> None:
        """Cut the connection; what was written before still goes out."""
        self.deaf = True
        self.transport.close()

    def shutdown(self) -> None:
        """Close when idle; a running call closes when it is over."""
        if self.cycle is None or self.cycle.complete:
            self.transport.close()
        else:
            self.cycle.keep = False

    def write(self, data: bytes) -> None:
        """Write, unless there is nobody to write to."""
        if not self.transport.is_closing():
            self.transport.write(data)

    def pause_writing(self) -> None:
        """The client takes nothing for now; not for ever."""
        self.full = True
        self.expect(STALL)

    def resume_writing(self) -> None:
        """Let who waits in `drained` go on."""
        self.full, self.deadline = False, NEVER
        unblocked, self.unblocked = self.unblocked, None
        if unblocked is not None and not unblocked.done():
            unblocked.set_result(None)

    async def drained(self) -> None:
        """Return when the client has taken what was written, or has left."""
        while self.full and not self.transport.is_closing():
            if self.unblocked is None or self.unblocked.done():
                self.unblocked = self.loop.create_future()
            await self.unblocked

    def expect(self, seconds: float) -> None:
        """Close in `seconds` unless something changes that."""
        self.deadline = when = self.loop.time() + seconds
        if when < self.armed:
            if self.timer is not None:
                self.timer.cancel()
            self.armed, self.timer = when, self.loop.call_at(when, self.tick)

    def tick(self) -> None:
        """Look whether the deadline has passed; most times it has moved on."""
        self.timer, self.armed = None, NEVER
        if self.loop.time() + SLACK >= self.deadline:
            self.transport.abort()
        elif self.deadline < NEVER:
            self.expect(self.deadline - self.loop.time())
