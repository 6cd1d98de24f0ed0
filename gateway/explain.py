"""What would happen to a call, found out with the code that serves it, and without sending anything.

The call goes through the edge, the door, the choice of a key and the making of the provider's request as ever; only the
way out leads nowhere. Secrets take part, since signing is part of it, and none of them is in what is said.
"""

import asyncio
import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Final, TypeAlias

import httpx2
import msgspec

from gateway import __version__
from gateway.call import Attempt, Call, Headers, Record, Refusal
from gateway.compose import Composer, secured
from gateway.dialects import DIALECTS
from gateway.edge.intake import Intake
from gateway.edge.response import money
from gateway.edge.site import Gateway, Site
from gateway.prices import Price
from gateway.providers.outbound import Target
from gateway.providers.provider import Provider
from gateway.server import strict
from gateway.settings.blocks import Authentication, GatewayBlock, ProviderBlock, Server
from gateway.settings.load import Loaded
from gateway.telemetry import Telemetry
from gateway.telemetry.environment import Endpoint, read
from gateway.upstream.ask import Ask
from gateway.upstream.bill import HEADER as CUSTOM_COST
from gateway.upstream.keys import Key, Ring
from gateway.upstream.lane import Lane
from gateway.upstream.ready import context, host_of, replaced
from gateway.upstream.transports import Transports

Fact: TypeAlias = tuple[str, str]
"""What is told, and a sentence or less about it."""

OWN: Final = frozenset((b"/healthz", b"/readyz", b"/metrics"))
MILLION: Final = 1_000_000
FRAMING: Final = frozenset((b"host", b"content-length"))
PHASES: Final = ("connect", "first_byte", "idle", "total")
UNITS: Final = ((3600.0, "h"), (60.0, "m"), (1.0, "s"))
# Names of query parameters whose values nobody needs to see; a provider's own key slots are asked for besides.
SECRETIVE: Final = re.compile(rb"key|token|secret|sign|credential|password|auth", re.IGNORECASE)


class Request(msgspec.Struct, frozen=True):
    """A request as a client would send it; names of headers in lower case."""

    method: str
    target: bytes
    headers: Headers
    body: bytes = b""


class Outside(Exception):  # noqa: N818 - where a signature would have to ask first
    """The host that would be called."""


class Nowhere(httpx2.AsyncBaseTransport):
    """A way out that nothing leaves by."""

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        """Raise Outside."""
        raise Outside(request.url.host)


class Sealed(Transports):
    """The ways out of a process that must not call anybody."""

    def to(self, provider: Provider, block: ProviderBlock | None, server: Server) -> httpx2.AsyncBaseTransport:
        """Nowhere, for every provider."""
        return Nowhere()


def explain(request: Request, loaded: Loaded, environ: Mapping[str, str]) -> list[Fact]:
    """The facts about a call, in the order in which it meets them; a refusal is the last one."""
    path = request.target.partition(b"?")[0]
    if path in OWN:
        return [("answered by", "the gateway itself")]
    # Without exporters: they would have threads, and this process has nothing to tell.
    silent = {"OTEL_SDK_DISABLED": "true", "OTEL_PROPAGATORS": environ.get("OTEL_PROPAGATORS", "")}
    telemetry = Telemetry(silent, {}, __version__)
    composer = Composer(telemetry, {})
    composer.transports = Sealed()
    story = Story(request, loaded, environ)
    asyncio.run(story.tell(composer.site(loaded), telemetry))
    return story.facts


class Story:
    """One call's way through one configuration."""

    def __init__(self, request: Request, loaded: Loaded, environ: Mapping[str, str]) -> None:
        self.request, self.loaded, self.environ = request, loaded, environ
        self.facts: list[Fact] = []

    def say(self, about: str, text: str) -> None:
        """Add a fact."""
        self.facts.append((about, text))

    async def tell(self, site: Site, telemetry: Telemetry) -> None:
        """Everything up to the answer, or up to the gateway's own no."""
        record = Record(id="", created=0, started=0.0)
        intake = Intake(record, site, telemetry.begin)
        try:
            call = await self.arrive(intake)
            assert intake.gateway is not None
            await self.leave(call, intake.gateway)
        except Refusal as refusal:
            self.say("refused", f"{refusal.status} {refusal.code} ({refusal.number}): {refusal.sentence}")

    async def arrive(self, intake: Intake) -> Call:
        """The call as the gateway takes it in; raises Refusal."""
        request = self.request
        if no := strict.problem(request.target, request.headers, dict(request.headers), "1.1"):
            raise no
        path, _, query = request.target.partition(b"?")
        scope = {
            "method": request.method,
            "raw_path": path,
            "query_string": query,
            "headers": request.headers,
            "client": None,
        }

        async def receive() -> dict[str, object]:
            """The body, whole, as ASGI has it."""
            return {"type": "http.request", "body": request.body, "more_body": False}

        try:
            return await intake.call(scope, receive)
        finally:
            if intake.gateway is not None:
                self.door(intake.gateway, intake.record)

    def door(self, gateway: Gateway, record: Record) -> None:
        """Which gateway it is, who calls, and what will be looked at."""
        block = self.block(gateway)
        self.say("gateway", f"{gateway.account}/{gateway.name}, configuration {self.loaded.version}")
        self.say("policies", ", ".join(policies(block)))
        if record.token:
            self.say("caller", f"token {record.token}")
        elif not secured(block):
            self.say("caller", "anybody: this gateway asks for no token")

    def block(self, gateway: Gateway) -> GatewayBlock:
        """What the file says of a gateway."""
        return self.loaded.document.accounts[gateway.account].gateways[gateway.name]

    async def leave(self, call: Call, gateway: Gateway) -> None:
        """The call as the provider would get it; raises Refusal."""
        ask, asked = gateway.handler, call.asked
        assert isinstance(ask, Ask)
        lane = ask.lanes[call.provider]
        self.say("provider", call.provider + (", inside this process" if lane.provider.in_process else ""))
        known = [asked.operation, asked.dialect, f"model {asked.model}" if asked.model else ""]
        self.say("asks for", ", ".join(filter(None, [*known, "a stream" if asked.stream else ""])) or "nothing known")
        ask.bill.check(call)
        ring = lane.ring(call)
        _, key = next(ring.order())
        await self.outbound(call, ask, ring, key)
        self.say("trace context", f"propagate: {lane.provider.propagate}")
        deadlines = lane.deadlines(call)
        self.say("timeouts", ", ".join(f"{name} {span(deadlines[name])}" for name in PHASES))
        self.say("price", price(call, ask))
        self.say("log", log(call.record))
        self.say("spans", spans(self.block(gateway), self.environ))

    async def outbound(self, call: Call, ask: Ask, ring: Ring, key: Key) -> None:
        """Where it goes and as whom; raises Refusal, also for a key that cannot be used."""
        lane = ask.lanes[call.provider]
        target = lane.provider.target(call, key.secret)
        attempt = Attempt(call.provider, call.asked, 0.0)
        try:
            sent = (await ask.request(call, lane, key, attempt)).headers.raw
        except Outside as host:
            sent, signed = [], [f"an access token that {host} is asked for first"]
        else:
            given = {*replaced(call.headers, lane.headers), *context(call, lane, attempt.span_id)}
            signed = [shown(pair[0]) for pair in sent if pair not in given and pair[0] not in FRAMING]
        self.say("sent to", f"{call.method} {place(target)}{shown(discreet(target.path, lane.provider))}")
        self.say("credential", credential(call, lane, ring, signed))
        if sent:
            self.say("headers", ", ".join(shown(name) for name, _ in sent))


def shown(written: bytes) -> str:
    """Bytes from outside as what a terminal may show."""
    return "".join(char if char.isprintable() else "?" for char in written.decode("latin-1"))


def policies(block: GatewayBlock) -> list[str]:
    """What a gateway enforces, in the order in which a call meets it."""
    found = []
    if isinstance(block.authentication, Authentication):
        count = len(block.authentication.tokens)
        found.append(f"authentication ({count} token{'' if count == 1 else 's'})")
    if block.providers is not None:
        found.append(f"providers ({', '.join(block.providers)})")
    if block.keys:
        found.append(f"client_keys ({block.client_keys})")
    return [*found, "timeout"]


def place(target: Target) -> str:
    """Scheme, host and, where it is not the usual one, port."""
    return f"{target.scheme}://{host_of(target).decode()}"


def discreet(path: bytes, provider: Provider) -> bytes:
    """A request target without what may be a secret in its query."""
    path, mark, query = path.partition(b"?")
    parts = []
    for part in query.split(b"&"):
        name, equals, _ = part.partition(b"=")
        hidden = bool(equals) and (SECRETIVE.search(name) or provider.client_key([], part))
        parts.append(name + b"=***" if hidden else part)
    return path + mark + b"&".join(parts)


def credential(call: Call, lane: Lane, ring: Ring, signed: list[str]) -> str:
    """Which key goes out, and where it stands; never the key."""
    if ring is not lane.own:
        several = f", the first to try of {len(ring.keys)}" if len(ring.keys) > 1 else ""
        return f"stored key {ring.alias}{several}, as {' and '.join(dict.fromkeys(signed)) or 'nothing'}"
    provider = lane.provider
    brought = [shown(pair[0]) for pair in call.headers if provider.client_key([pair], b"")]
    if provider.client_key([], call.query):
        brought.append("the query")
    if brought:
        return f"the client's own, in {' and '.join(brought)}"
    return "none: the client sends none of this provider, and none is stored for it"


def price(call: Call, ask: Ask) -> str:
    """What the model costs, as far as it is known before the answer names one."""
    if CUSTOM_COST in call.control:
        return "as cf-aig-custom-cost says"
    asked = call.asked
    if not asked.operation or asked.dialect not in DIALECTS:
        return "not metered: this is no call that a model answers"
    if not asked.model:
        return "unknown: the request names no model; the answer may"
    found = ask.bill.prices.priced(call.provider, DIALECTS[asked.dialect].models(asked.model, ""))
    if found is None:
        return "unpriced: neither `prices` nor the built-in table has the model"
    return rates(found)


def rates(found: Price) -> str:
    """US dollars per million tokens, and per call where a call costs something."""
    classes = {"input": found.input, "output": found.output, "cache read": found.cache_read}
    classes |= {"cache write": found.cache_write, "reasoning": found.reasoning}
    parts = [f"{name} {dollars(each * MILLION)}" for name, each in classes.items() if each is not None]
    per_call = f"; {dollars(found.request)} per call" if found.request else ""
    longer = "; more for long inputs" if found.tiers else ""
    return f"US dollars per million tokens: {', '.join(parts)}{per_call}{longer}"


def dollars(amount: Decimal) -> str:
    """An amount without an exponent and without zeros at its end."""
    return money(amount).decode("ascii")


def span(seconds: float) -> str:
    """A time as gateways.yaml has it."""
    for unit, name in UNITS:
        if seconds >= unit and not seconds % unit:
            return f"{seconds / unit:g}{name}"
    return f"{seconds:g}s" if seconds >= 1 else f"{seconds * 1000:g}ms"


def log(record: Record) -> str:
    """What the request log will hold."""
    if not record.collect_log:
        return "no line"
    return "a line with both bodies" if record.collect_payload else "a line without bodies"


def spans(block: GatewayBlock, environ: Mapping[str, str]) -> str:
    """Where spans go, and whether prompts are on them."""
    everywhere = read(environ)
    if everywhere.disabled:
        return "none: OTEL_SDK_DISABLED"
    places = [Endpoint(exporter.url).place for exporter in block.traces]
    if everywhere.endpoint is not None:
        places.insert(0, everywhere.endpoint.place)
    if everywhere.console:
        places.insert(0, "the console")
    if not places:
        return "none: no OTEL_EXPORTER_OTLP_ENDPOINT, and no `traces` here"
    content = block.trace_content or everywhere.capture == "span"
    return f"to {', '.join(dict.fromkeys(places))}{', with prompts and answers' if content else ''}"
