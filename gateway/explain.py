"""What would happen to a call, found out with the code that serves it, and without sending anything.

The call goes through the edge, the door, the choice of a key and the making of the provider's request as ever; only the
way out leads nowhere. Secrets take part, since signing is part of it, and none of them is in what is said.
"""

import asyncio
from collections.abc import Mapping
from typing import Final, TypeAlias

import httpx2
import msgspec

from gateway import __version__
from gateway.call import Attempt, Call, Headers, Policy, Record, Refusal, Reply
from gateway.compat.translate import Translate
from gateway.compat.unify import Unify
from gateway.compose import Composer, secured
from gateway.edge.intake import Intake
from gateway.edge.site import Gateway, Site
from gateway.phrases import credential, discreet, log, place, policies, price, shown, span, spans
from gateway.policies import steps
from gateway.policies.array import NAME as ARRAY
from gateway.policies.array import Array
from gateway.policies.cache import Cache
from gateway.policies.rate_limit import RateLimits
from gateway.policies.spend_limits import SpendLimits
from gateway.providers.provider import Provider
from gateway.server import strict
from gateway.settings.blocks import GatewayBlock, ProviderBlock, Server
from gateway.settings.load import Loaded
from gateway.telemetry import Telemetry
from gateway.upstream.ask import Ask
from gateway.upstream.keys import Key, Ring
from gateway.upstream.ready import context, replaced
from gateway.upstream.transports import Transports

Fact: TypeAlias = tuple[str, str]
"""What is told, and a sentence or less about it."""

OWN: Final = frozenset((b"/healthz", b"/readyz", b"/metrics"))
FRAMING: Final = frozenset((b"host", b"content-length"))
PHASES: Final = ("connect", "first_byte", "idle", "total")


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
        if call.provider == ARRAY:
            self.steps(call, gateway)
            return
        ask = gateway.layers[-1]
        assert isinstance(ask, Ask)
        before = call.asked.dialect
        call = await passed(call, gateway, Unify)
        told = forecasts(call, gateway)
        if call.form:
            call = await passed(call, gateway, Translate)
            self.say("unified", f"{before} to {call.asked.dialect or 'an unknown dialect'} of {call.provider}")
        asked, lane = call.asked, ask.lanes[call.provider]
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
        for fact in told:
            self.say(*fact)
        self.say("price", price(call, ask))
        self.say("log", log(call.record))
        self.say("spans", spans(self.block(gateway), self.environ))

    def steps(self, call: Call, gateway: Gateway) -> None:
        """The steps of a universal call, each of them a call that may be explained by its own URL; raises Refusal."""
        Array.check(call)
        for number, step in enumerate(steps.read(call.body)):
            provider = gateway.providers.get(step.provider)
            reached = f"/v1/{gateway.account}/{gateway.name}/{shown(step.provider)}/{shown(step.path)}"
            self.say(f"step {number}", f"explain {reached}" if provider else f"no provider {shown(step.provider)} here")

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


async def passed(call: Call, gateway: Gateway, kind: type[Unify | Translate]) -> Call:
    """The call as one layer of a gateway passes it inwards; raises Refusal."""
    for layer in gateway.layers:
        if isinstance(layer, kind):
            call = await reached(layer, call)
    return call


def forecasts(call: Call, gateway: Gateway) -> list[Fact]:
    """What a call takes of limits and budgets, and the key under which its answer is kept; raises Refusal."""
    found: list[Fact] = []
    for layer in gateway.layers:
        if isinstance(layer, RateLimits | SpendLimits) and (lines := layer.forecast(call)):
            found.append(("limits" if isinstance(layer, RateLimits) else "budgets", ", ".join(lines)))
        elif isinstance(layer, Cache) and (key := layer.forecast(call)):
            found.append(("cache key", key))
    return found


class Reached(Exception):  # noqa: N818 - it only carries a call out of a policy
    """The call that a policy passes on."""


async def reached(layer: Policy, call: Call) -> Call:
    """The call that one layer passes inwards, nothing being sent; raises Refusal, also where it answers by itself."""

    async def next(inner: Call) -> Reply:
        """Stop here."""
        raise Reached(inner)

    try:
        await layer(call, next)
    except Reached as there:
        inner: Call = there.args[0]
        return inner
    raise Refusal(200, 0, "answered", "Answered by the gateway itself.")
