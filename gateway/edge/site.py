"""One loaded configuration, composed: everything a call needs, reached in one look-up."""

from collections.abc import Mapping
from typing import Any, Literal, Protocol

import msgspec

from gateway.call import Asked, Handler
from gateway.edge.letterhead import Letterheads


class Reads(Protocol):
    """The part of a provider that the edge needs."""

    name: str

    def asked(self, path: bytes, query: bytes, content_type: bytes, body: bytes) -> Asked:
        """What a native request is about."""


class Logging(msgspec.Struct, frozen=True):
    """What a gateway's request log holds, before a call's own headers have their say."""

    collect: bool = True
    payload: bool = False
    content: bool = False
    """Bodies are also kept for the spans."""
    limit: int = 65536


class Gateway(msgspec.Struct, frozen=True):
    """One gateway, ready to run."""

    account: str
    name: str
    letterheads: Letterheads
    handler: Handler
    """Its policies composed, with the way to the provider in the middle."""
    providers: Mapping[bytes, Reads]
    """By every slug and alias that may stand in a URL."""
    logging: Logging
    layers: tuple[Any, ...] = ()
    """What `handler` is composed of, from the outside in, for those who tell of it."""
    sink: Any = None
    """Where this gateway's spans go besides the process-wide exporter; telemetry's own type."""


class Site(msgspec.Struct, frozen=True):
    """A configuration at work; a call keeps the one it began with."""

    version: str
    gateways: Mapping[tuple[bytes, bytes], Gateway]
    max_request_bytes: int
    body_timeout: float
    trust: Literal["trust", "sample", "ignore"]
    known: dict[object, Any] = {}
    """What heads led to that our own server has read before (`edge.intake`); it goes with the configuration."""
