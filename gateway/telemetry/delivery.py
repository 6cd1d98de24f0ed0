"""One POST at a time to an OTLP/HTTP collector, over one kept connection, within a deadline for the whole of it.

http.client bounds each read by its timeout, but not their number: a collector that sends a byte now and then would hold
the thread for ever. Here every wait takes what is left until the deadline.
"""

import socket
import ssl
import time
import zlib
from base64 import b64encode
from typing import Final
from urllib.parse import SplitResult, unquote, urlsplit

import httptools
from msgspec import Struct

from gateway.telemetry.environment import Endpoint

LARGEST: Final = 2**20
"""Bytes read of an answer; nobody needs more to say yes."""

MEDIA_TYPES: Final = {"protobuf": "application/x-protobuf", "json": "application/json"}


class Answered(Struct, frozen=True):
    """A collector's answer: its status, and the seconds it asks to be left alone."""

    status: int
    retry_after: float | None = None


class BrokenError(OSError):
    """The answer was cut off or is no HTTP. `silent` when not one byte came."""

    def __init__(self, sentence: str, *, silent: bool) -> None:
        super().__init__(sentence)
        self.silent = silent


class Reading:
    """One answer on its way in; httptools calls it. Interim answers (1xx) make way for the one that follows."""

    def __init__(self) -> None:
        self.headers: dict[bytes, bytes] = {}
        self.headed = self.kept = self._complete = False
        self.parser = httptools.HttpResponseParser(self)

    @property
    def status(self) -> int:
        """The HTTP status."""
        return int(self.parser.get_status_code())

    def feed(self, chunk: bytes) -> None:
        """Parse `chunk`; what is no HTTP raises BrokenError."""
        try:
            self.parser.feed_data(chunk)
        except httptools.HttpParserUpgrade:
            return
        except httptools.HttpParserError as error:
            raise BrokenError("the answer is no HTTP", silent=False) from error

    def on_header(self, name: bytes, value: bytes) -> None:
        """Keep a header, the last of its name."""
        self.headers[name.lower()] = value

    def on_headers_complete(self) -> None:
        """Note that what may still come is the body."""
        self.headed = True

    def complete(self) -> bool:
        """Whether the end was seen."""
        return self._complete

    def on_message_complete(self) -> None:
        """Note the end, and whether another request may follow: llhttp knows that only now."""
        self._complete, self.kept = True, bool(self.parser.should_keep_alive())


class Post:
    """The endpoint's connection; one thread uses it. Every failure to deliver is an OSError or a ValueError."""

    def __init__(self, endpoint: Endpoint) -> None:
        self.endpoint = endpoint
        self._socket: socket.socket | None = None
        self._tls: ssl.SSLContext | None = None

    def send(self, body: bytes, deadline: float) -> Answered:
        """Post `body` before `deadline` (time.monotonic); twice, where a kept connection turns out to be stale."""
        if self.endpoint.compression == "gzip":
            packer = zlib.compressobj(1, wbits=31)
            body = packer.compress(body) + packer.flush()
        message = self._message(body)
        kept = self._socket is not None
        try:
            return self._exchange(message, deadline)
        except (ConnectionError, BrokenError) as error:
            self.close()
            if not kept or not getattr(error, "silent", True):
                raise
            return self._exchange(message, deadline)
        except (OSError, ValueError):
            self.close()
            raise

    def close(self) -> None:
        """Drop the connection."""
        if self._socket is not None:
            self._socket.close()
            self._socket = None

    def _exchange(self, message: bytes, deadline: float) -> Answered:
        """One request and its answer, over the kept connection or a new one."""
        if self._socket is None:
            self._socket = self._connect(deadline)
        self._socket.settimeout(left(deadline))
        self._socket.sendall(message)
        return self._receive(self._socket, deadline)

    def _connect(self, deadline: float) -> socket.socket:
        """A connection, TLS where the URL wants it."""
        parts = urlsplit(self.endpoint.url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ValueError("not an http URL")
        port = parts.port or (443 if parts.scheme == "https" else 80)
        connected = socket.create_connection((parts.hostname, port), left(deadline))
        try:
            connected.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if parts.scheme != "https":
                return connected
            connected.settimeout(left(deadline))
            return self._trust().wrap_socket(connected, server_hostname=parts.hostname)
        except (OSError, ValueError):
            connected.close()
            raise

    def _trust(self) -> ssl.SSLContext:
        """The system's authorities, and the one that OTEL_EXPORTER_OTLP_CERTIFICATE names."""
        if self._tls is None:
            made = ssl.create_default_context()
            if self.endpoint.certificate:
                made.load_verify_locations(self.endpoint.certificate)
            if self.endpoint.client_certificate:
                made.load_cert_chain(self.endpoint.client_certificate, self.endpoint.client_key or None)
            self._tls = made
        return self._tls

    def _message(self, body: bytes) -> bytes:
        """The request as it goes over the wire. A header that would break out of its line is left away."""
        parts = urlsplit(self.endpoint.url)
        target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        headers = {
            "host": parts.netloc.rpartition("@")[2],
            "user-agent": "gateway-otlp",
            "content-type": MEDIA_TYPES[self.endpoint.content_type],
            **authorization(parts),
            **{name.lower(): value for name, value in self.endpoint.headers.items()},
            "content-length": str(len(body)),
        }
        if self.endpoint.compression == "gzip":
            headers["content-encoding"] = "gzip"
        # `join`, not formatting: the value may be a settings Secret, whose str() is a mask.
        lines = [": ".join(pair).encode("utf-8") for pair in headers.items() if not any(map(breaks, pair))]
        return b"\r\n".join([f"POST {target} HTTP/1.1".encode(), *lines, b"", body])

    def _receive(self, connected: socket.socket, deadline: float) -> Answered:
        """Read one answer, interim ones skipped."""
        reading = Reading()
        taken = 0
        while not reading.complete():
            connected.settimeout(left(deadline))
            chunk = connected.recv(65536)
            taken += len(chunk)
            if taken > LARGEST:
                raise BrokenError("the answer is too large", silent=False)
            if not chunk:
                if reading.headed:
                    break
                raise BrokenError("the connection was closed without an answer", silent=not taken)
            reading.feed(chunk)
            if reading.complete() and reading.status < 200:
                reading = Reading()
        if not reading.kept:
            self.close()
        return Answered(reading.status, seconds(reading.headers.get(b"retry-after", b"")))


def left(deadline: float) -> float:
    """Seconds until `deadline`; raises TimeoutError when there are none."""
    rest = deadline - time.monotonic()
    if rest <= 0:
        raise TimeoutError("the collector took too long")
    return rest


def seconds(retry_after: bytes) -> float | None:
    """The header's number of seconds; a date, which OTLP's specification does not ask for, counts as absent."""
    return float(retry_after) if retry_after.isdigit() and len(retry_after) < 7 else None


def authorization(parts: SplitResult) -> dict[str, str]:
    """Basic credentials out of the URL, where it has some."""
    if parts.username is None:
        return {}
    pair = f"{unquote(parts.username)}:{unquote(parts.password or '')}"
    return {"authorization": f"Basic {b64encode(pair.encode()).decode()}"}


def breaks(part: str) -> bool:
    """Whether it holds a control character, or a lone surrogate, that no header line can carry."""
    return any(character < " " or character == "\x7f" or "\ud800" <= character <= "\udfff" for character in part)
