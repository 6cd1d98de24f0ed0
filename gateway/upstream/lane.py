"""What one gateway knows about one provider: where it is, and with which keys, deadlines and headers it is called."""

from collections.abc import Callable, Mapping

import httpx2
import msgspec

from gateway.call import Call, Headers, Trace
from gateway.providers.provider import Provider
from gateway.upstream.http1.limits import Patience, patience
from gateway.upstream.keys import ClientKeys, Ring, choose
from gateway.wire.wishes import milliseconds

TIMEOUT = b"cf-aig-request-timeout"


class Lane(msgspec.Struct, frozen=True):
    """A provider as one gateway reaches it."""

    provider: Provider
    transport: httpx2.AsyncBaseTransport
    rings: Mapping[str, Ring]
    """Stored keys by alias."""
    own: Ring
    """A ring of one key without a secret: it sends what the client sent."""
    client_keys: ClientKeys
    timeout: Mapping[str, float]
    """Seconds: connect, first_byte, idle, total."""
    headers: Headers
    """Added to every call."""
    traceparent: Callable[[Trace, str], bytes]
    """The trace context for a span id; empty where none is sent out."""
    phases: Patience = Patience()
    """`timeout` as our own transport reads it."""

    def __post_init__(self) -> None:
        msgspec.structs.force_setattr(self, "phases", patience(self.timeout, 0.0))

    def ring(self, call: Call) -> Ring:
        """The keys to try, one after the other; raises Refusal."""
        if not self.rings and b"cf-aig-byok-alias" not in call.control:
            return self.own
        brought = self.provider.client_key(call.headers, call.query)
        return choose(call, self.rings, self.client_keys, brought=brought) or self.own

    def deadlines(self, call: Call) -> Mapping[str, float]:
        """The call's timeouts: those of the configuration, with the call's own first_byte where it sent one."""
        asked = milliseconds(call.control, TIMEOUT)
        return self.timeout if asked is None else {**self.timeout, "first_byte": asked}

    def patience(self, call: Call) -> Patience:
        """The same as our own transport reads it, its `until` counted from now."""
        return patience(self.deadlines(call), 0.0) if TIMEOUT in call.control else self.phases
