"""What of a request's head llhttp lets pass and is refused all the same."""

import re
from typing import Final, TypeAlias

from gateway.call import Headers, Refusal
from gateway.server.limits import LONGEST_TARGET, MOST_HEADERS, Options

HOST: Final = re.compile(rb"(?:[A-Za-z0-9._~-]{1,255}|\[[0-9A-Fa-f:.]{2,45}\])(?::[0-9]{1,5})?")
TARGET: Final = re.compile(rb"/[!\"$-~]*")
"""Printable ASCII; a fragment is no part of a request."""
VERSIONS: Final = ("1.1", "1.0")
Named: TypeAlias = dict[bytes, bytes]

FRAMING: Final = frozenset((b"host", b"transfer-encoding", b"content-length", b"expect"))
"""Headers that say where a request goes and where it ends; none may come twice."""

AMBIGUOUS: Final = Refusal(
    400, 2108, "ambiguous_request", "The request's Host, length or transfer coding can be read in two ways."
)
NO_PATH: Final = Refusal(400, 2108, "invalid_target", "The request's target must be a path on this host.")
LATE: Final = Refusal(408, 2102, "header_timeout", "The request's head took too long (server.header_timeout).")
NOT_HTTP: Final = Refusal(400, 2108, "invalid_http", "This is not HTTP/1.1 as RFC 9112 has it.")


def too_long(options: Options) -> Refusal:
    """A Refusal 431 that names the limit."""
    limit = options.max_header_bytes
    return Refusal(
        431, 2109, "header_too_large", f"The request's head is over {limit} bytes (server.max_header_bytes)."
    )


def path_of(url: bytes, named: Named) -> bytes:
    """The target as a path: as it is, or of a whole URL on the host that Host names (RFC 9112, 3.2.2); else empty."""
    if TARGET.fullmatch(url):
        return url
    start = b"http://" + named.get(b"host", b"\0")
    rest = url[len(start) :]
    return rest if url.startswith(start) and TARGET.fullmatch(rest) else b""


def problem(url: bytes, headers: Headers, framing: Headers | Named, version: str) -> Refusal | None:
    """Why this head is not one to act on, its size and its body's length apart; `framing` is `headers` by name."""
    named = framing if isinstance(framing, dict) else dict(framing)
    if len(url) > LONGEST_TARGET:
        return Refusal(414, 2109, "target_too_long", f"The request's target is over {LONGEST_TARGET} bytes.")
    if len(headers) > MOST_HEADERS:
        return Refusal(431, 2109, "too_many_headers", f"The request has more than {MOST_HEADERS} headers.")
    if version not in VERSIONS:
        return Refusal(505, 2108, "http_version", "HTTP/1.1 and HTTP/1.0 are spoken here.")
    if not path_of(url, named):
        return NO_PATH
    if len(named) != len(headers) and doubled(headers):
        return AMBIGUOUS
    return None if framed(named, version) else AMBIGUOUS


def doubled(headers: Headers) -> bool:
    """Whether a header that may come once comes twice."""
    names = [name for name, _ in headers]
    return any(names.count(name) > 1 for name in FRAMING)


def framed(named: Named, version: str) -> bool:
    """Whether every reader of this head agrees on where it goes and where it ends."""
    host, coding = named.get(b"host"), named.get(b"transfer-encoding")
    if host is None:
        if version == "1.1":
            return False
    elif not HOST.fullmatch(host):
        return False
    if coding is None:
        return True
    return coding.lower() == b"chunked" and b"content-length" not in named and version == "1.1"
