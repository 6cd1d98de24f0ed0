"""What goes out to a provider: where to, what of it is signed, and the callables that meet there."""

from collections.abc import Awaitable, Callable
from typing import Protocol, TypeAlias

import msgspec

from gateway.call import Headers

Fetch: TypeAlias = Callable[[str, str, Headers, bytes], Awaitable[tuple[int, bytes]]]
"""Method, URL, headers and body to status and body; an unreachable host is a status of 502 or 504, no exception."""


class Target(msgspec.Struct, frozen=True):
    """Where a call goes. A host that is an IPv6 address stands without brackets."""

    scheme: str
    host: str
    port: int
    path: bytes
    """As on the request line: with the query."""
    region: str = ""
    """Of a host that has one; what AWS signs with."""
    service: str = ""
    """AWS's name of what is called, as it is signed."""


class Outbound(msgspec.Struct):
    """A request about to leave, its credentials still to be settled."""

    method: str
    target: Target
    headers: Headers
    body: bytes


class Signer(Protocol):
    """The credential of one key, ready to be put on any call."""

    @property
    def constant(self) -> bool:
        """Whether the same target and headers are always signed alike, whatever the time and the body."""

    async def sign(self, outbound: Outbound) -> Headers:
        """The headers to send: the client's, with the credential in place of any it brought."""
