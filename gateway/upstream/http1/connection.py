"""One socket to an origin, carrying one exchange at a time: its waiting, its flow control and its end."""

import asyncio
import os
import socket
from collections.abc import Callable
from math import inf
from typing import Final, Protocol

import httpx2

from gateway.upstream.http1.ends import farewell, last_words, loss, probe
from gateway.upstream.http1.limits import ENDLESS, Limits, Patience
from gateway.upstream.http1.reading import FLAWS, PREFIX, Reading

SLACK: Final = 0.001
"""Seconds a timer may fire early: uvloop's clock counts milliseconds."""


class Home(Protocol):
    """Where a connection goes when it is free, and who must know that it is gone."""

    def welcome(self, connection: "Connection") -> None:
        """Take back a connection that can be used again."""

    def forget(self, connection: "Connection") -> None:
        """Give a dead connection's place to the next in line."""


class Connection(Reading):
    """A connection and the exchange on it.

    `fault` is a class of httpx2's and a sentence, made an exception only where it is raised: a kept exception would
    keep its traceback, and with it this connection. There is one timer, set anew only when it fires or when a
    deadline comes to lie before it, so that a chunk costs one store.
    """

    __slots__ = (
        "armed", "arrived", "backlog", "buffered", "clock", "closed", "deadline", "ear", "fault", "full", "home",
        "live", "loop", "origin", "patience", "paused", "reused", "sending", "since", "sink", "soon", "timer",
        "transport", "unsent", "waiter", "waiting",
    )  # fmt: skip

    def __init__(self, limits: Limits, origin: str) -> None:
        super().__init__(limits)
        self.origin = origin
        self.loop = asyncio.get_running_loop()
        self.clock = self.loop.time
        self.home: Home | None = None
        self.live: set[Connection] = set()
        self.soon: Callable[[Connection], None] = Connection.flush
        self.waiting = b""
        """What is to be written at the end of this turn of the loop."""
        self.waiter: asyncio.Future[None] | None = None
        self.sink: Callable[[], None] | None = None
        """Takes what has come of a body in the moment it comes, instead of a waiter's next step."""
        self.timer: asyncio.TimerHandle | None = None
        self.fault: tuple[type[httpx2.TransportError], str] | None = None
        self.patience: Patience = ENDLESS
        self.armed = self.deadline = inf
        self.since, self.ear = 0.0, -1
        self.buffered = self.backlog = 0
        self.closed = self.full = self.paused = self.reused = self.sending = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Take the socket over; Nagle's algorithm would hold the end of a request back."""
        self.transport: asyncio.Transport = transport  # type: ignore[assignment]  # a stream: both ways
        sock = transport.get_extra_info("socket")
        self.arrived = probe(sock.fileno())
        if sock.family in (socket.AF_INET, socket.AF_INET6):
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def stale(self) -> bool:
        """Whether a resting connection has died or spoken; asks the kernel, for what the loop has not read yet."""
        return self.closed or bool(self.arrived(0))

    def readable(self) -> bool:
        """Whether bytes or an end have come that the loop has not read yet."""
        return not self.closed and bool(self.arrived(0))

    def data_received(self, data: bytes) -> None:
        """Read on, and wake who waits: the hot path of a stream."""
        if not self.status:
            self.head_received(data)
            return
        try:
            self.feed(data)
        except FLAWS as flaw:
            self.flawed(flaw)
        self.deadline = self.clock() + self.patience.idle
        self.buffered += len(data)
        if self.sink is not None and self.chunks:
            self.sink()
        elif self.waiter is not None:
            self.wake()
        elif self.buffered > self.limits.buffer:
            self.pause()

    def head_received(self, data: bytes) -> None:
        """Read on in the head; a head that only drips in does not move the deadline."""
        seen = self.head_size
        self.head_size += len(data)
        if seen < len(PREFIX):
            self.start = (self.start + data)[: len(PREFIX)]
            if not PREFIX.startswith(self.start):
                self.fail(httpx2.RemoteProtocolError, "The provider's answer is not HTTP/1.")
                return
        try:
            self.feed(data)
        except FLAWS as flaw:
            self.flawed(flaw)
        if self.head_size > self.limits.head and self.head_too_long():
            self.status = 0
            self.fail(httpx2.RemoteProtocolError, f"The provider's answer has a head above {self.limits.head} bytes.")
        elif self.status:
            if self.complete and self.chunks and self.method == "HEAD":
                self.keep = False
                self.chunks.clear()
            self.deadline = self.clock() + self.patience.idle
            self.arm()
            self.wake()

    def surplus(self, data: bytes) -> None:
        """Close at bytes that belong to no answer; one that is already whole is not harmed by it."""
        self.abort()

    def flawed(self, flaw: Exception) -> None:
        """Refuse the answer; after its end the flaw is in what came too much."""
        if self.complete:
            self.keep = False
            return
        self.fail(httpx2.RemoteProtocolError, self.sentence or f"The provider's answer is not sound HTTP/1.1: {flaw}.")

    def eof_received(self) -> None:
        """End a body that ends with its connection, unless someone on the way has cut it short."""
        if not self.complete and self.until_close() and farewell(self.transport):
            self.finish()
        self.abort()

    def connection_lost(self, exc: Exception | None) -> None:
        """Tell who waits, and let go of everything that points back here."""
        if self.ear >= 0:
            words, self.ear = last_words(self.ear), -1
            if words and not (self.closed or self.status):
                self.data_received(words)
        self.abort()
        self.live.discard(self)
        if not self.complete and self.fault is None:
            self.fault = loss(self, exc)
        self.parser = None
        self.feed = len
        self.wake()

    def listen(self) -> None:
        """Keep a second way to the socket, for an answer that stands there when a write fails; TLS has none."""
        if self.ear < 0 and not self.closed and self.transport.get_extra_info("ssl_object") is None:
            self.ear = os.dup(self.transport.get_extra_info("socket").fileno())

    def pause_writing(self) -> None:
        """Note that the kernel takes no more for now."""
        self.full = True

    def resume_writing(self) -> None:
        """Let the sender go on."""
        self.full = False
        self.wake()

    def pause(self) -> None:
        """Read no more until the reader has taken what is here."""
        if not self.paused and not self.closed and not self.complete:
            self.paused = True
            self.transport.pause_reading()

    def resume(self) -> None:
        """Read again; the silence that counts begins now."""
        self.paused = False
        self.deadline = self.clock() + self.patience.idle
        if not self.closed:
            self.transport.resume_reading()

    def wake(self) -> None:
        """Let the one task that may wait here look again."""
        waiter = self.waiter
        if waiter is not None:
            self.waiter = None
            if not waiter.done():
                waiter.set_result(None)

    def change(self) -> asyncio.Future[None]:
        """A future that is done at the next change; a waiter that is cancelled need not take it back."""
        waiter = self.waiter = self.loop.create_future()
        return waiter

    def begin(self, method: str, patience: Patience) -> None:
        """Start an exchange; the connection is at rest."""
        self.expect(method)
        self.patience = patience
        self.buffered = 0
        self.unsent = self.sending = False
        if self.ear >= 0:
            # What it would hear belongs to the exchange before.
            os.close(self.ear)
            self.ear = -1

    def write_soon(self, data: bytes) -> None:
        """Write at the end of this turn of the loop, with what others have; until then nothing has been sent."""
        self.waiting, self.unsent = data, True
        self.soon(self)

    def flush(self) -> None:
        """Write what waits, unless the connection was closed meanwhile."""
        data, self.waiting = self.waiting, b""
        # A transport whose last write failed closes before the connection hears of it; uvloop's then raises.
        if not self.closed and not self.transport.is_closing():
            self.transport.write(data)
            # Both loops try to write at once, and close where the kernel refuses: then nothing has been sent.
            self.unsent = self.transport.is_closing()

    def leave(self) -> None:
        """End the exchange: back to the pool when the connection can serve again, else closed at once."""
        home = self.home
        if self.closed or not (self.complete and self.keep) or self.full or self.sending or home is None:
            self.abort()
            return
        if self.chunks:
            self.chunks.clear()
        if self.paused:
            self.resume()
        self.reused = True
        home.welcome(self)

    def fail(self, kind: type[httpx2.TransportError], sentence: str) -> None:
        """Close, and leave the reason to whoever waits or comes to read on."""
        if self.fault is None:
            self.fault = (kind, sentence)
        self.abort()
        self.wake()

    def failure(self) -> httpx2.TransportError:
        """The fault as an exception, with where it happened."""
        assert self.fault is not None
        kind, sentence = self.fault
        return kind(f"{self.origin}: {sentence}")

    def abort(self) -> None:
        """Close now, whatever is still to be sent or read, and give the place in the pool away."""
        if self.closed:
            return
        self.closed = True
        if self.timer is not None:
            self.timer.cancel()
            self.timer = None
        self.transport.abort()
        home, self.home = self.home, None
        if home is not None:
            home.forget(self)

    def arm(self) -> None:
        """See to it that the timer fires no later than the next deadline."""
        when = min(self.deadline, self.patience.until)
        if when < self.armed and not self.closed:
            if self.timer is not None:
                self.timer.cancel()
            self.armed = when
            self.timer = self.loop.call_at(when, self.tick)

    def tick(self) -> None:
        """Look whether a deadline has passed; most times it has moved on, or the connection is at rest."""
        self.timer, self.armed = None, inf
        if self.complete:
            return
        now = self.clock() + SLACK
        if now >= self.patience.until:
            self.fail(httpx2.ReadTimeout, "The answer was not complete within the total time.")
        elif now < self.deadline or self.excused(now):
            self.arm()
        elif self.status:
            self.fail(httpx2.ReadTimeout, f"The provider was silent for {self.patience.idle:g} s amid its answer.")
        elif self.sending:
            self.fail(httpx2.WriteTimeout, f"The provider took no more of the request for {self.patience.write:g} s.")
        else:
            self.fail(httpx2.ReadTimeout, f"The provider did not answer within {self.patience.first_byte:g} s.")

    def excused(self, now: float) -> bool:
        """Whether the silence is ours: a slow reader, or a request that still makes its way out."""
        if self.paused:
            self.deadline = now + self.patience.idle
            return True
        if not self.sending or self.status:
            return False
        size = self.transport.get_write_buffer_size()
        if size and size >= self.backlog:
            return False
        self.backlog = size
        self.deadline = now + self.patience.write
        return True
