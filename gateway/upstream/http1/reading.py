"""llhttp's callbacks: an answer's head and body as they come off the wire, and what is refused of them.

llhttp in its strict mode refuses bare CR and LF, folded lines, control characters, blanks in or after a name, repeated,
signed or overflowing lengths, and a length beside a transfer coding. What it lets pass and this module refuses: a
transfer coding other than `chunked` alone, versions other than 1.0 and 1.1, RTSP and ICY, statuses below 100, a
switch of protocols, and any number of headers, trailers and interim answers.
"""

import asyncio
from collections.abc import Callable
from typing import Final

import httptools

from gateway.call import Headers
from gateway.upstream.http1.limits import Limits

PREFIX: Final = b"HTTP/1."
CODING: Final = b"transfer-encoding"
LENGTH: Final = b"content-length"
VERSIONS: Final = frozenset(("1.1", "1.0"))
FLAWS: Final = (httptools.HttpParserError, httptools.HttpParserUpgrade)
FRAMING_TRAILERS: Final = frozenset((CODING, LENGTH, b"connection", b"upgrade"))


class Flaw(Exception):  # noqa: N818 - it only tells llhttp to stop; `Reading.sentence` says why
    """What a callback raises when the answer is not one that may be believed."""


class Reading(asyncio.Protocol):
    """One answer after the other, as read from one connection."""

    __slots__ = (
        "chunks",
        "clean",
        "complete",
        "feed",
        "head",
        "head_size",
        "interim",
        "keep",
        "limits",
        "lines",
        "method",
        "on_body",
        "parser",
        "sentence",
        "start",
        "status",
        "trailers",
        "version",
    )

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self.chunks: list[bytes] = []
        # llhttp hands a piece of body straight to the list, with no Python in between.
        self.on_body = self.chunks.append
        self.feed: Callable[[bytes], object] = self.surplus
        self.parser: httptools.HttpResponseParser | None = None
        self.complete = True
        self.clean = False
        """Whether the parser stands at the end of an answer, ready to read another."""
        self.keep = True
        self.status = 0

    def expect(self, method: str) -> None:
        """Be ready for the answer to a request by `method`."""
        parser = self.parser
        if parser is None or not self.clean:
            parser = self.parser = httptools.HttpResponseParser(self)
        self.feed = parser.feed_data
        self.clean = False
        self.method = method
        self.status = self.head_size = self.interim = 0
        self.complete = False
        self.lines: Headers = []
        self.start = b""
        self.sentence = self.version = ""

    def surplus(self, data: bytes) -> None:
        """Bytes that belong to no answer: whatever they are, the connection is not used again."""
        self.keep = False

    def on_message_begin(self) -> None:
        """See an answer begin, and stop where the one that was asked for is already over."""
        if self.complete:
            self.keep = False
            raise Flaw

    def on_header(self, name: bytes, value: bytes) -> None:
        """Keep a header, or after the head a trailer; llhttp leaves blanks at a value's end."""
        self.lines.append((name.lower(), value.rstrip()))

    def on_headers_complete(self) -> None:
        """Believe the head or refuse it; an interim answer (RFC 9110, 15.2) is passed over."""
        parser, lines = self.parser, self.lines
        assert parser is not None
        status = parser.get_status_code()
        version = parser.get_http_version()
        if len(lines) > self.limits.lines or version not in VERSIONS:
            raise self.flaw("has too many headers, or a version that is not HTTP/1's")
        self.lines = []
        if status < 200:
            self.pass_over(status)
            return
        self.keep = parser.should_keep_alive()
        codings = [value for name, value in lines if name == CODING]
        if codings:
            self.check(codings)
        self.trailers: Headers = []
        self.version, self.head, self.status = version, lines, status
        if self.method == "HEAD":
            self.finish()

    def pass_over(self, status: int) -> None:
        """Count an interim answer; a switch of protocols was never asked for."""
        self.interim += 1
        if status == 101 or status < 100 or self.interim > self.limits.interim:
            raise self.flaw("is one interim answer after the other, or a switch of protocols")

    def check(self, codings: list[bytes]) -> None:
        """Refuse every transfer coding but `chunked` alone: two readers may understand any other differently."""
        if len(codings) > 1 or codings[0].lower() != b"chunked":
            raise self.flaw("has a Transfer-Encoding other than chunked")
        parser = self.parser
        assert parser is not None
        if parser.get_http_version() == "1.0":
            # RFC 9112, 6.1: the framing of such an answer is faulty; read it, then close.
            self.keep = False

    def on_message_complete(self) -> None:
        """Know the answer as whole, unless it was only an interim one."""
        if not self.status:
            return
        if self.lines:
            if len(self.lines) > self.limits.lines:
                raise self.flaw("has too many trailers")
            self.trailers += self.lines
            if not FRAMING_TRAILERS.isdisjoint([name for name, _ in self.trailers]):
                self.keep = False
        self.clean = True
        self.finish()

    def finish(self) -> None:
        """End the answer here: every byte after this is too much."""
        self.complete = True
        self.feed = self.surplus

    def flaw(self, what: str) -> Flaw:
        """What to raise within a callback, its sentence kept where llhttp does not lose it."""
        self.sentence = f"The provider's answer {what}."
        return Flaw()

    def until_close(self) -> bool:
        """Whether the answer's body has no end but the connection's (RFC 9112, 6.3, rule 8)."""
        return bool(self.status) and all(name not in (LENGTH, CODING) for name, _ in self.head)

    def head_too_long(self) -> bool:
        """Whether the head is above its limit, once more has come than that: it may have been body."""
        return not self.status or sum(len(name) + len(value) + 4 for name, value in self.head) > self.limits.head
