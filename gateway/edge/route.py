"""The path's first segments, read from its raw bytes: which account, gateway and provider a call is for.

Nothing here looks at `request.url` or at Host: a path rebuilt from them is a known way round a check (CVE-2026-48710).
"""

import re
from typing import Final, NamedTuple

from gateway.call import Refusal
from gateway.wire.paths import unclear

NAME: Final = re.compile(rb"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
PLAIN: Final = b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_/:@"
"""Bytes of which no path can mean anything but itself; most paths hold no others."""


class Place(NamedTuple):
    """Where a call is going, as raw bytes of its path."""

    account: bytes
    gateway: bytes
    provider: bytes
    rest: bytes


NOWHERE: Final = Place(b"", b"", b"", b"")


def read(raw_path: bytes) -> Place:
    """Split `/v1/{account}/{gateway}/{provider}/{rest}`; raises Refusal 400 for a path that could mean two things."""
    parts = raw_path.split(b"/", 5)
    if len(parts) < 6:
        parts += [b""] * (6 - len(parts))
    before, version, account, gateway, provider, rest = parts
    if before or version != b"v1":
        raise Refusal(404, 2105, "not_found", "Calls go to /v1/{account}/{gateway}/{provider}/….")
    if rest.translate(None, PLAIN):
        check(rest)
    return Place(account, gateway, provider, rest)


def check(rest: bytes) -> None:
    """Refuse dot segments, plain or encoded, and bytes that no URL holds."""
    if unclear(rest):
        raise Refusal(
            400, 2103, "invalid_path", "The path holds a dot segment or a byte that is not allowed: send it resolved."
        )


def named(segment: bytes, what: str) -> str:
    """A routing segment as text; raises Refusal 400 when it is not a plain name."""
    if not NAME.fullmatch(segment):
        raise Refusal(
            400,
            2103,
            "invalid_path",
            f"The {what} in the path must be 1 to 64 letters, digits, dots, hyphens or underscores, unencoded.",
        )
    return segment.decode("ascii")
