"""How much and how long: what bounds a connection, and how patient one call is."""

from collections.abc import Mapping
from math import inf
from typing import TypeAlias

import msgspec

Timeout: TypeAlias = Mapping[str, float | None]


class Limits(msgspec.Struct, frozen=True):
    """Bounds of a transport; sizes in bytes, times in seconds."""

    connections: int = 1000
    """Open at one time to one origin; further calls wait in line."""
    idle: float = 30.0
    """How long a connection is kept for the next call."""
    head: int = 131072
    """An answer's status line and headers, interim answers included; also its trailers."""
    lines: int = 256
    """Header lines of an answer, and again trailer lines."""
    interim: int = 16
    """Answers 100 to 199 before the one that counts."""
    buffer: int = 262144
    """Body kept for a slow reader; reading pauses above and goes on once the reader has taken it."""


class Patience(msgspec.Struct, frozen=True, gc=False):
    """How long one call may take, phase by phase, in seconds; `until` is a moment on the loop's clock."""

    connect: float = inf
    pool: float = inf
    first_byte: float = inf
    write: float = inf
    idle: float = inf
    until: float = inf

    def starting(self, now: float) -> "Patience":
        """The same for a call that starts `now`, where `until` counted from nought."""
        return Patience(self.connect, self.pool, self.first_byte, self.write, self.idle, now + self.until)


ENDLESS = Patience()


def patience(timeout: Timeout | None, now: float) -> Patience:
    """Patience from a request's `timeout` extension; httpx's read and write stand in for first_byte and idle."""
    if not timeout:
        return ENDLESS
    get = timeout.get
    read = get("read")
    connect = _finite(get("connect"))
    first_byte = _finite(get("first_byte", read))
    return Patience(
        connect,
        _finite(get("pool", connect)),
        first_byte,
        _finite(get("write", first_byte)),
        _finite(get("idle", read)),
        now + _finite(get("total")),
    )


def _finite(seconds: float | None) -> float:
    """The seconds as they are, or inf, which every timer here reads as never, for None."""
    return inf if seconds is None else seconds
