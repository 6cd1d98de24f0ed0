"""From an ASGI request to a Call: which gateway, who calls, what body."""

import asyncio
from collections.abc import Callable
from time import perf_counter
from typing import Final, TypeAlias

from starlette.types import Receive, Scope

from gateway.call import Asked, Call, Headers, Record, Refusal, Trace
from gateway.edge import route, wishes
from gateway.edge.site import Gateway, Reads, Site
from gateway.policies.access import Admission
from gateway.wire.headers import incoming

Begin: TypeAlias = Callable[[dict[bytes, bytes], str], Trace | None]
"""Begin a trace from the call's own headers and the configured trust in them."""

UNREAD: Final = Asked()


class Gone(Exception):  # noqa: N818 - named as what happened
    """The client left before its request was whole."""


class Intake:
    """Reads one request; what was found so far stays readable when a Refusal ends it."""

    __slots__ = ("begin", "content_type", "gateway", "place", "provider", "record", "site")

    def __init__(self, record: Record, site: Site, begin: Begin) -> None:
        self.record, self.site, self.begin = record, site, begin
        self.gateway: Gateway | None = None
        self.provider: Reads | None = None
        self.place = route.NOWHERE
        self.content_type = b""
        record.asked = UNREAD

    async def call(self, scope: Scope, receive: Receive) -> Call:
        """The whole request; raises Refusal, or Gone."""
        headers, control = incoming(scope["headers"])
        self.note(scope, headers)
        self.record.trace = self.begin(control, self.site.trust)
        self.place = place = route.read(scope["raw_path"])
        self.record.path = place.rest.decode("latin-1")
        gateway = self.find(place)
        admission = gateway.access.admit(headers, control, scope["query_string"])
        self.wanted(control, gateway, admission)
        provider = self.provider
        if provider is None:
            raise unknown_provider(place)
        body = await self.body(receive, headers)
        asked = provider.asked(place.rest, admission.query, self.content_type, body)
        record = self.record
        record.asked = asked
        record.collect_payload = wishes.payload(control, gateway.logging)
        if gateway.logging.content or record.collect_payload:
            record.request_payload = body[: gateway.logging.limit]
        return Call(
            method=record.method,
            provider=provider.name,
            path=place.rest,
            query=admission.query,
            headers=admission.headers,
            control=control,
            body=body,
            asked=asked,
            record=record,
        )

    def note(self, scope: Scope, headers: Headers) -> None:
        """Write down what is known before anything is checked."""
        record = self.record
        named = dict(headers)
        record.method = scope["method"]
        self.content_type = named.get(b"content-type", b"")
        record.request_type = self.content_type.decode("latin-1")
        record.user_agent = named.get(b"user-agent", b"").decode("latin-1")
        if client := scope.get("client"):
            record.client_address = client[0]

    def find(self, place: route.Place) -> Gateway:
        """The gateway that the path names; its provider is looked up too, and is missed only after the door."""
        gateway = self.site.gateways.get((place.account, place.gateway))
        if gateway is None:
            raise unknown_gateway(place)
        record = self.record
        self.gateway, record.account, record.gateway = gateway, gateway.account, gateway.name
        self.provider = provider = gateway.providers.get(place.provider)
        if provider is not None:
            record.provider = provider.name
        return gateway

    def wanted(self, control: dict[bytes, bytes], gateway: Gateway, admission: Admission) -> None:
        """Write down who calls and what its headers ask for."""
        record = self.record
        wishes.note(record, control, gateway.logging)
        if holder := admission.holder:
            record.token = holder.name
            if holder.metadata:
                record.metadata = {**record.metadata, **holder.metadata}

    async def body(self, receive: Receive, headers: Headers) -> bytes:
        """The request's body, bounded in size and in the client's pauses."""
        before = perf_counter()
        message = await receive()
        if message["type"] != "http.request":
            raise Gone
        body: bytes = message.get("body", b"")
        if message.get("more_body", False):
            body = await self.rest_of(body, receive)
        limit = self.site.max_request_bytes
        if len(body) > limit:
            raise too_large(limit)
        self.record.waited += perf_counter() - before
        self.record.request_size = len(body)
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
