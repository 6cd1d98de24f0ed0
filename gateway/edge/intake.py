"""From an ASGI request to a Call: which gateway, who calls, what body."""

import asyncio
from collections.abc import Callable
from time import perf_counter
from typing import Final, Literal, TypeAlias

import msgspec
from starlette.types import Receive, Scope

from gateway.call import Asked, Call, Lease, Record, Refusal, Trace
from gateway.edge import route, wishes
from gateway.edge.leash import EXCHANGE
from gateway.edge.letterhead import Letterhead
from gateway.edge.site import Gateway, Reads, Site
from gateway.policies.access import in_date
from gateway.wire.headers import incoming

Begin: TypeAlias = Callable[[dict[bytes, bytes], Literal["trust", "sample", "ignore"]], Trace | None]
"""Begin a trace from the call's own headers and the configured trust in them."""

UNREAD: Final = Asked()
MOST: Final = 512
"""Heads of which it is known where they lead: all that a worker remembers, and as many of single connections."""


class Gone(Exception):  # noqa: N818 - named as what happened
    """The client left before its request was whole."""


class Known(msgspec.Struct, frozen=True, gc=False):
    """What a head that was read before led to."""

    gateway: Gateway
    provider: Reads
    place: route.Place
    path: str
    letterhead: Letterhead


class Intake:
    """Reads one request; what was found so far stays readable when a Refusal ends it."""

    __slots__ = ("begin", "content_type", "gateway", "lease", "place", "provider", "record", "site")

    def __init__(self, record: Record, site: Site, begin: Begin) -> None:
        self.record, self.site, self.begin = record, site, begin
        self.gateway: Gateway | None = None
        self.provider: Reads | None = None
        self.place = route.NOWHERE
        self.content_type = b""
        self.lease: Lease | None = None
        record.asked = UNREAD

    def at_once(self, scope: Scope) -> Call | None:
        """The request, where its head was seen before and its body came with it; None otherwise. Raises as `call`."""
        exchange = scope["extensions"].get(EXCHANGE) if "extensions" in scope else None
        if exchange is None or exchange.more or exchange.known is None:
            return None
        known: Known | None = self.site.known.get(exchange.known)
        if known is None:
            return None
        self.come_from(scope)
        head = self.again(known)
        if exchange.gone:
            raise Gone
        return self.made(head, self.measured(exchange.all(), perf_counter()))

    async def call(self, scope: Scope, receive: Receive) -> Call:
        """The whole request; raises Refusal, or Gone."""
        self.come_from(scope)
        exchange = scope["extensions"].get(EXCHANGE) if "extensions" in scope else None
        head = self.first(scope, exchange.known if exchange is not None else None)
        if exchange is not None and exchange.announced > self.site.max_request_bytes:
            raise too_large(self.site.max_request_bytes)
        return self.made(head, await self.body(receive))

    def come_from(self, scope: Scope) -> None:
        """Write down the method and the client's address."""
        record = self.record
        record.method = scope["method"]
        client = scope["client"]
        record.client_address = client[0] if client else ""

    def made(self, head: Letterhead, body: bytes) -> Call:
        """The Call of a request that is whole."""
        record, provider, place = self.record, self.provider, self.place
        assert provider is not None
        record.asked = asked = provider.asked(place.rest, head.query, head.content_type, body)
        return Call(
            method=record.method,
            provider=provider.name,
            path=place.rest,
            query=head.query,
            headers=head.headers,
            control=head.control,
            body=body,
            asked=asked,
            record=record,
            lease=self.lease,
        )

    def first(self, scope: Scope, seen: object) -> Letterhead:
        """Where a head leads and what it says, noted where it is one that may come again (`seen`); raises Refusal."""
        gateway = self.find(scope)
        head = self.head(gateway, scope)
        if self.provider is None:
            raise unknown_provider(self.place)
        if seen is not None:
            known = self.site.known
            if len(known) >= MOST:
                known.clear()
            known[seen] = Known(gateway, self.provider, self.place, self.record.path, head)
        return head

    def again(self, known: Known) -> Letterhead:
        """The same from what was noted; raises Refusal where a token has expired since."""
        record, gateway, head = self.record, known.gateway, known.letterhead
        self.gateway, self.provider, self.place = gateway, known.provider, known.place
        record.account, record.gateway, record.path = gateway.account, gateway.name, known.path
        record.provider, self.content_type = known.provider.name, head.content_type
        if head.holder is not None:
            try:
                in_date(head.holder)
            except Refusal:
                record.trace = self.begin(head.control, self.site.trust)
                raise
        self.note(gateway, head)
        return head

    def find(self, scope: Scope) -> Gateway:
        """The gateway that the path names; its provider is looked up too, and is missed only after the door."""
        record = self.record
        try:
            self.place = place = route.read(scope["raw_path"])
            gateway = self.site.gateways.get((place.account, place.gateway))
            if gateway is None:
                raise unknown_gateway(place)
        except Refusal:
            record.trace = self.begin(incoming(scope["headers"])[1], self.site.trust)
            raise
        record.path = place.rest.decode("latin-1")
        self.gateway, record.account, record.gateway = gateway, gateway.account, gateway.name
        self.provider = provider = gateway.providers.get(place.provider)
        if provider is not None:
            record.provider = provider.name
        return gateway

    def head(self, gateway: Gateway, scope: Scope) -> Letterhead:
        """Who calls and what its headers ask for, written down; raises Refusal 401, or 400 for a header of ours."""
        record = self.record
        try:
            head = gateway.letterheads.read(scope["headers"], scope["query_string"])
        except Refusal:
            passing, control = incoming(scope["headers"])
            record.trace = self.begin(control, self.site.trust)
            self.content_type = dict(passing).get(b"content-type", b"")
            raise
        self.content_type = head.content_type
        self.note(gateway, head)
        return head

    def note(self, gateway: Gateway, head: Letterhead) -> None:
        """Write down who calls and what for; raises Refusal 400 for a header of ours that cannot be read."""
        record = self.record
        record.trace = self.begin(head.control, self.site.trust)
        record.request_type, record.user_agent = head.request_type, head.user_agent
        wishes.note(record, head.control, gateway.logging)
        if holder := head.holder:
            record.token = holder.name
            if holder.metadata:
                record.metadata = {**record.metadata, **holder.metadata}

    async def body(self, receive: Receive) -> bytes:
        """The request's body, bounded in size and in the client's pauses."""
        before = perf_counter()
        message = await receive()
        if message["type"] != "http.request":
            raise Gone
        body: bytes = message.get("body", b"")
        if message.get("more_body", False):
            body = await self.rest_of(body, receive)
        return self.measured(body, before)

    def measured(self, body: bytes, before: float) -> bytes:
        """The body, unless it is too large; how long was waited for it since `before` is written down."""
        limit = self.site.max_request_bytes
        if len(body) > limit:
            raise too_large(limit)
        record = self.record
        record.waited += perf_counter() - before
        record.request_size = len(body)
        if record.keep_payload:
            assert self.gateway is not None
            record.request_payload = body[: self.gateway.logging.limit]
        return body

    async def rest_of(self, first: bytes, receive: Receive) -> bytes:
        """What follows the first part of a body; raises Refusal 413 or 408."""
        parts, size, limit = [first], len(first), self.site.max_request_bytes
        while size <= limit:
            try:
                async with asyncio.timeout(self.site.body_timeout):
                    message = await receive()
            except TimeoutError:
                raise Refusal(
                    408, 2102, "body_timeout", "The request's body stopped coming.", [(b"connection", b"close")]
                ) from None
            if message["type"] != "http.request":
                raise Gone
            parts.append(message.get("body", b""))
            size += len(parts[-1])
            if not message.get("more_body", False):
                return b"".join(parts)
        raise too_large(limit)

    def dialect(self) -> str:
        """The wire format the client speaks, as far as its path tells when the body was never read."""
        if self.record.asked is UNREAD and self.provider is not None:
            self.record.asked = self.provider.asked(self.place.rest, b"", self.content_type, b"")
        return self.record.asked.dialect


def too_large(limit: int) -> Refusal:
    """A Refusal 413; the connection closes, since the rest of the body is not read."""
    return Refusal(
        413,
        2101,
        "request_too_large",
        f"The request's body is larger than {limit} bytes (server.max_request_bytes).",
        [(b"connection", b"close")],
    )


def unknown_gateway(place: route.Place) -> Refusal:
    """A Refusal for a gateway that the configuration does not have; Cloudflare's status and number."""
    account, gateway = route.named(place.account, "account"), route.named(place.gateway, "gateway")
    return Refusal(
        400, 2001, "unknown_gateway", f"There is no gateway {account}/{gateway}: configure it in gateways.yaml."
    )


def unknown_provider(place: route.Place) -> Refusal:
    """A Refusal for a provider that this gateway does not have; Cloudflare's status and number."""
    if not place.provider:
        return Refusal(404, 2105, "not_found", "Name a provider: /v1/{account}/{gateway}/{provider}/….")
    slug = route.named(place.provider, "provider")
    return Refusal(400, 2008, "invalid_provider", f"Invalid provider: this gateway has no provider {slug}.")
