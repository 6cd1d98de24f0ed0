"""What one gateway knows about one provider: where it is, and with which keys, deadlines and headers it is called."""

from collections.abc import Callable, Mapping

import httpx2
import msgspec

from gateway.call import Call, Headers, Trace
from gateway.providers.provider import Provider
from gateway.upstream.keys import ClientKeys, Ring, choose
from gateway.wire.wishes import milliseconds


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

    def ring(self, call: Call) -> Ring:
        """The keys to try, one after the other; raises Refusal."""
        if not self.rings and b"cf-aig-byok-alias" not in call.control:
            return self.own
        brought = self.provider.client_key(call.headers, call.query)
        return choose(call, self.rings, self.client_keys, brought=brought) or self.own

    def deadlines(self, call: Call) -> Mapping[str, float]:
        """The call's timeouts: those of the configuration, with the call's own first_byte where it sent one."""
        asked = milliseconds(call.control, b"cf-aig-request-timeout")
        return self.timeout if asked is None else {**self.timeout, "first_byte": asked}
