"""The ASGI callable behind /v1/."""

from collections.abc import Awaitable, Callable
from typing import TypeAlias

from starlette.types import Receive, Scope, Send

from gateway.call import Record
from gateway.edge.exchange import Exchange
from gateway.edge.intake import Begin
from gateway.edge.site import Gateway, Site

Report: TypeAlias = Callable[[Record, Gateway | None], None]
"""Takes each call's record once, when its last byte is out; it must neither block nor raise."""


class Edge:
    """Serves every call from the configuration of its first moment; `site` may be exchanged at any time."""

    def __init__(self, site: Site, begin: Begin, report: Report) -> None:
        self.site, self.begin, self.report = site, begin, report
        self.running: set[Exchange] = set()

    @property
    def in_flight(self) -> int:
        """Calls that run now."""
        return len(self.running)

    @property
    def streams(self) -> int:
        """Calls among them that asked for a stream."""
        return sum(exchange.record.asked.stream for exchange in self.running)

    def __call__(self, scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
        """Serve one request, and account for it whatever happens."""
        return Exchange(self.site, self.begin).run(scope, receive, send, self)

    def entered(self, exchange: Exchange) -> None:
        """A call has begun."""
        self.running.add(exchange)

    def left(self, exchange: Exchange) -> None:
        """A call is over."""
        self.running.discard(exchange)
        self.report(exchange.record, exchange.intake.gateway)
