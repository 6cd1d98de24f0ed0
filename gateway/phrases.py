"""What `gateway explain` says of settings, prices, places and times, in words."""

import re
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Final

from gateway.call import Call, Record
from gateway.dialects import DIALECTS
from gateway.edge.response import money
from gateway.policies import rate_limit, spend_limits
from gateway.prices import Price
from gateway.providers.outbound import Target
from gateway.providers.provider import Provider
from gateway.settings.blocks import Authentication, GatewayBlock
from gateway.settings.fallback import FallbackStep
from gateway.telemetry.environment import Endpoint, read
from gateway.upstream.ask import Ask
from gateway.upstream.bill import HEADER as CUSTOM_COST
from gateway.upstream.keys import Ring
from gateway.upstream.lane import Lane
from gateway.upstream.ready import host_of

MILLION: Final = 1_000_000
UNITS: Final = ((3600.0, "h"), (60.0, "m"), (1.0, "s"))
# Names of query parameters whose values nobody needs to see; a provider's own key slots are asked for besides.
SECRETIVE: Final = re.compile(rb"key|token|secret|sign|credential|password|auth", re.IGNORECASE)


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
    return [*found, *limits(block), *repeats(block), "timeout"]


def limits(block: GatewayBlock) -> list[str]:
    """What limits calls, and what saves them."""
    rates = rate_limit.describe(block.rate_limit) if block.rate_limit is not None else []
    found = [f"rate_limit ({line})" for line in rates]
    found += [f"spend_limits ({line})" for line in spend_limits.describe(block.spend_limits)]
    if block.cache is not None:
        kept = f"for {span(float(block.cache.ttl))}" if block.cache.ttl else "where a call brings a key"
        found.append(f"cache ({kept}, shared by one {block.cache.scope})")
    return found


def repeats(block: GatewayBlock) -> list[str]:
    """What asks more than once, asks somebody else, or does not ask."""
    found = [f"fallback ({fallback(step)})" for step in block.fallback]
    if (retry := block.retry) is not None:
        wait = f"{retry.backoff} from {span(float(retry.delay))} to {span(float(retry.max_delay))}"
        found.append(f"retry ({retry.attempts} attempts, {wait}; after {listed(retry.on)})")
    if (breaker := block.circuit_breaker) is not None:
        enough = f"{breaker.failures} failures in {span(float(breaker.per))}, {breaker.ratio:.0%} or more"
        found.append(f"circuit_breaker ({enough}: out for {span(float(breaker.open))}; after {listed(breaker.on)})")
    return found


def fallback(step: FallbackStep) -> str:
    """Who is asked instead, and when."""
    late = f", or no byte in {span(float(step.first_byte))}" if step.first_byte is not None else ""
    only = f"; for {step.only_for}" if step.only_for is not None else ""
    return f"to {step.to} after {listed(step.on)}{late}{only}"


def listed(words: Iterable[object]) -> str:
    """Words of the settings in their order."""
    return ", ".join(map(str, words))


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
