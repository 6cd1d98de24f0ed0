"""A client's connection: llhttp's callbacks, bounded and strict, in uvicorn's place for a protocol.

llhttp refuses bare CR and LF, folded lines, blanks before a colon, control characters, a length beside a transfer
coding, and repeated or signed lengths; `gateway.server.strict` refuses the rest. Requests that come before the answer
to the one before (pipelining) are not read: the connection closes after that answer. Upgrades are not followed.
"""

import asyncio
from typing import Any, Final

import httptools
from uvicorn.config import Config
from uvicorn.server import ServerState

from gateway.call import Headers, Refusal
from gateway.dialects import errors
from gateway.server import strict
from gateway.server.cycle import STATUS, Cycle
from gateway.server.heads import Head, facts
from gateway.server.limits import AHEAD, CHUNK, IDLE, LINGER, STALL, Worker
from gateway.server.pace import NEVER
from gateway.server.parting import Parting

BLANK: Final = 4
"""Bytes that may come between two requests without being the beginning of one: line ends."""
STRANGERS: Final = 8
"""New heads in a row after which a connection's are no longer remembered: its client sends no two that are alike."""
ERROR: Final = b"%b\r\ncontent-type: application/json\r\ncontent-length: %d\r\nconnection: close\r\n\r\n%b"


class Stop(Exception):  # noqa: N818 - it only tells llhttp to read no further
    """Raised inside a callback once nothing more may be read."""


class Connection(Parting):
    """One client's connection, one request at a time."""

    cycle: Cycle | None = None
    seen = 0
    """Bytes of a head that is being read; 0 from its end on."""
    spare = 0
    """Bytes of framing and trailers that a body may still bring; each piece of body earns some."""
    head: Head | None = None
    """The head of the last request, once it is remembered."""
    strange = 0
    """Heads in a row that were new: a client whose every head is another one need not be remembered."""

    def __init__(
        self,
        worker: Worker,
        config: Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        self.worker, self.app, self.options = worker, config.loaded_app, worker.options
        self.loop = _loop or asyncio.get_event_loop()
        self.connections, self.tasks = server_state.connections, server_state.tasks
        self.parser: Any = httptools.HttpRequestParser(self)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Take the socket over; a client that says nothing is not waited for long."""
        self.transport = transport  # type: ignore[assignment]  # a stream: both ways
        self.peer, self.here = transport.get_extra_info("peername"), transport.get_extra_info("sockname")
        self.connections.add(self)  # type: ignore[arg-type]  # uvicorn lists its own protocols by name
        self.expect(self.options.header_timeout)

    def connection_lost(self, exc: Exception | None) -> None:
        """Tell the call that its client has left."""
        self.connections.discard(self)
        self.deaf, self.parser = True, None
        self.close()
        if self.cycle is not None:
            self.cycle.lost()

    def eof_received(self) -> None:
        """A client that will send no more has left: what it asked for is not worth paying for. The loop closes."""
        # Only once all is written, though: of a client that does not read either, nothing else would tell the call.
        self.flush()
        if self.cycle is not None:
            self.cycle.lost()
        self.unblock()
        self.expect(LINGER)

    def data_received(self, data: bytes) -> None:
        """Compare with the last request's head, and read where that does not settle it."""
        head = self.head
        # After a reload limits may have changed: then everything is looked at once more.
        if head is not None and self.options is self.worker.options and self.ready():
            body = head.body(data)
            if body is not None:
                self.again(head, body)
                return
        if not self.deaf:
            self.read(data)

    def ready(self) -> bool:
        """Whether the next byte begins a request that may be served."""
        cycle = self.cycle
        idle = cycle is None or (cycle.complete and cycle.keep and not cycle.more)
        return idle and not (self.deaf or self.seen)

    def read(self, data: bytes) -> None:
        """Read on; what is no HTTP/1, or too long, is answered, and the connection closed."""
        fresh, before = not self.seen, self.cycle
        self.seen += len(data)
        if before is not None and before.more:
            self.seen, fresh = 0, False
            self.spare -= len(data)
        try:
            self.parser.feed_data(data)
        except httptools.HttpParserUpgrade as upgrade:
            self.stay(data[upgrade.args[0] :])
        except httptools.HttpParserError:
            self.garbage()
        if self.seen and fresh and not self.deaf:
            self.expect(self.options.header_timeout)
        if (self.seen > self.options.max_header_bytes or self.spare < 0) and not self.deaf:
            self.refuse(strict.too_long(self.options))
        elif fresh and self.cycle is not before and self.strange < STRANGERS:
            self.learn(data)

    def learn(self, data: bytes) -> None:
        """Remember the head of a request that was `data` and that nothing of was out of the ordinary."""
        self.strange += 1
        cycle = self.cycle
        if cycle is None or cycle.more or not cycle.keep or self.deaf or cycle.wants_continue:
            return
        self.head = head = self.worker.heads.learn(data, self.facts)
        if head is not None:
            cycle.known, self.template = head, {**head.scope, "client": self.peer, "server": self.here}

    def again(self, head: Head, body: bytes) -> None:
        """Start a call whose head was read before."""
        self.strange, self.deadline = 0, NEVER
        scope = self.template.copy()
        cycle = self.cycle = Cycle(self, scope)
        cycle.known, cycle.more = head, False
        cycle.keep = self.options.keep_alive > 0
        if body:
            cycle.announced = cycle.size = len(body)
            cycle.body.append(body)
        scope["extensions"] = {"gateway.exchange": cycle}
        cycle.task = task = self.loop.create_task(cycle.run(self.app, scope))
        self.tasks.add(task)

    def on_message_begin(self) -> None:
        """Begin a request, unless the one before is not answered yet, or was the last."""
        cycle = self.cycle
        if cycle is not None and not (cycle.complete and cycle.keep):
            cycle.keep, self.deaf, self.seen = False, True, 0
            raise Stop
        if self.options is not self.worker.options:
            # A reload may have changed limits: what was believed under the old ones is to be read once more.
            self.options, self.head = self.worker.options, None
        self.url = b""
        self.headers: Headers = []

    def on_url(self, url: bytes) -> None:
        """A part of the target."""
        self.url += url

    def on_header(self, name: bytes, value: bytes) -> None:
        """A header, or after a body a trailer: those are not looked at."""
        self.headers.append((name.lower(), value.rstrip()))

    def on_headers_complete(self) -> None:
        """Believe the head or refuse it, and start the call."""
        parser, headers, url = self.parser, self.headers, self.url
        if parser.should_upgrade():
            return
        version = parser.get_http_version()
        framing = dict(headers)
        if refusal := strict.problem(url, headers, framing, version) or self.too_much():
            self.refuse(refusal)
            raise Stop
        # What still comes by `on_header` are trailers.
        self.seen, self.deadline, self.spare, self.headers = 0, NEVER, self.options.max_header_bytes, []
        path = url if url[:1] == b"/" else strict.path_of(url, framing)
        self.facts = facts(parser.get_method(), path, version, headers)
        scope = {**self.facts, "client": self.peer, "server": self.here}
        self.cycle = cycle = Cycle(self, scope)
        scope["extensions"] = {"gateway.exchange": cycle}
        cycle.keep = version == "1.1" and parser.should_keep_alive() and self.options.keep_alive > 0
        cycle.announced = int(framing.get(b"content-length", b"0"))
        if b"expect" in framing:
            cycle.wants_continue = version == "1.1" and framing[b"expect"].lower() == b"100-continue"
        cycle.task = task = self.loop.create_task(cycle.run(self.app, scope))
        self.tasks.add(task)

    def too_much(self) -> Refusal | None:
        """Why this request is not served: its head is too long."""
        limit = self.options.max_header_bytes
        # Only a head that came in one packet with more than its limit needs to be measured.
        if (
            self.seen > limit
            and len(self.url) + sum(len(name) + len(value) + 4 for name, value in self.headers) > limit
        ):
            return strict.too_long(self.options)
        return None

    def on_body(self, body: bytes) -> None:
        """Hand a piece of body on; an application that does not take it stops the reading."""
        self.spare += len(body) + CHUNK
        if self.spare > self.options.max_header_bytes:
            self.spare = self.options.max_header_bytes
        cycle = self.cycle
        if cycle is None or cycle.complete:
            return
        cycle.take(body)
        if cycle.size > AHEAD and not self.paused:
            self.paused = True
            self.transport.pause_reading()

    def on_message_complete(self) -> None:
        """The request is whole."""
        cycle = self.cycle
        if cycle is not None:
            cycle.more, self.spare = False, 0
            cycle.wake()

    def stay(self, rest: bytes) -> None:
        """Read a request that asks for an upgrade as if it did not (RFC 9110, 7.8): llhttp would drop its body."""
        method, version = self.parser.get_method(), self.parser.get_http_version().encode("ascii")
        lines = [b"%b %b HTTP/%b" % (method, self.url, version)]
        lines += [name + b": " + value for name, value in self.headers if name != b"upgrade"]
        if method == b"CONNECT":
            self.refuse(strict.NO_PATH)
            return
        self.parser = httptools.HttpRequestParser(self)
        try:
            self.parser.feed_data(b"\r\n".join([*lines, b"", rest]))
        except (httptools.HttpParserUpgrade, httptools.HttpParserError):
            self.garbage()

    def garbage(self) -> None:
        """Answer what is no HTTP; what follows a whole request is only not read."""
        cycle = self.cycle
        if self.deaf:
            return
        if cycle is None or cycle.complete or cycle.more:
            self.refuse(strict.NOT_HTTP)
        else:
            self.deaf, cycle.keep = True, False

    def done(self, cycle: Cycle) -> None:
        """A call is over: wait for the next on this connection, or close it."""
        self.tasks.discard(cycle.task)
        if cycle is not self.cycle or self.transport.is_closing():
            return
        if self.deaf or cycle.more:
            self.linger()
        elif not cycle.keep:
            self.hang_up()
        elif not self.seen:
            self.go_on()
            # A proxy lets go of idle connections within the drain's delay (the documentation asks that of it).
            options = self.options
            self.expect(max(IDLE, options.drain_delay) if self.worker.leaving else options.keep_alive)

    def refuse(self, refusal: Refusal) -> None:
        """Answer what is not, or no longer, a call, and close."""
        self.deaf = True
        cycle = self.cycle
        # One request, one answer: not where this one's has begun, or where its body goes on after its answer.
        if cycle is None or not (cycle.more if cycle.complete else cycle.started):
            body = errors.body(refusal, "")
            self.write(ERROR % (STATUS[refusal.status], len(body), body))
        if cycle is not None and not cycle.complete:
            cycle.lost()
        self.linger()

    def shutdown(self) -> None:
        """Close soon when idle: a request may be under way. So after an answer that had said it would stay open."""
        cycle = self.cycle
        if (cycle is None or cycle.complete) and not self.deaf and not self.seen:
            self.expect(IDLE)

    def late(self) -> None:
        """The deadline was a head's, a body's first byte's, an idle connection's, or that of a client that stalls."""
        cycle, unsent = self.cycle, self.transport.get_write_buffer_size()
        if unsent and unsent != self.unsent:
            # It takes what it is given, if slowly.
            self.unsent = unsent
            self.expect(STALL)
        elif self.seen > BLANK and not self.deaf:
            self.refuse(strict.LATE)
        elif cycle is not None and not (cycle.complete or cycle.gone or unsent):
            cycle.nudge()
        else:
            self.transport.abort()

    def settle(self) -> None:
        """The client has caught up: what is waited for next?"""
        if self.deaf:
            self.expect(LINGER)
        elif self.cycle is None or self.cycle.complete:
            self.expect(self.options.keep_alive)
