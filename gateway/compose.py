"""From settings to handlers: everything that can be decided before a call is decided here, once."""

from collections.abc import Iterable, Mapping
from typing import Final

import msgspec

from gateway import stores
from gateway.call import Headers
from gateway.compat.models import Models
from gateway.edge.letterhead import Letterheads
from gateway.edge.site import Gateway, Logging, Site
from gateway.layering import Ground, layered
from gateway.policies.access import Access, Digest, Holder, digest
from gateway.prices import Price, Prices
from gateway.prices.catalogue import Catalogue
from gateway.providers.outbound import Fetch
from gateway.providers.provider import Provider, compiled
from gateway.providers.rows import ALIASES
from gateway.settings.blocks import Document, GatewayBlock, PriceBlock, ProviderBlock, Server, Token
from gateway.settings.load import Loaded
from gateway.settings.units import instant
from gateway.stores.memory import Memory
from gateway.stores.store import Store
from gateway.telemetry import Sink, Telemetry
from gateway.upstream.ask import Ask
from gateway.upstream.bill import Bill
from gateway.upstream.fetch import fetch_over
from gateway.upstream.keys import Key, Ring
from gateway.upstream.lane import Lane
from gateway.upstream.transports import Transports

CUSTOM: Final = "custom-"


class Composer:
    """Turns one configuration after the other into a Site; connections and exporters outlive each of them."""

    def __init__(self, telemetry: Telemetry, names: dict[str, str]) -> None:
        self.telemetry, self.names = telemetry, names
        self.transports = Transports()
        self.state: tuple[str, int] | None = None
        self.store: Store = Memory()

    def keep(self, server: Server) -> None:
        """Open the store that the file names, unless it is the one that is open: a reload forgets no count."""
        wanted = (server.state.reveal(), int(server.memory))
        if wanted != self.state:
            self.state, self.store = wanted, stores.opened(wanted[0], size=wanted[1], ca_file=server.ca_file)

    def site(self, loaded: Loaded) -> Site:
        """The configuration, ready to run."""
        document = loaded.document
        self.keep(document.server)
        providers = compiled(document.providers)
        self.names.update({name: provider.telemetry_name for name, provider in providers.items()})
        everyone = frozenset(hashed for block in blocks(document) for hashed in holders(block))
        overrides = {pattern: price(block) for pattern, block in document.prices.items()}
        tables = {name: one.pricing for name, one in providers.items() if one.pricing}
        bill, catalogue = Bill(Prices(overrides, tables)), Catalogue(overrides, tables)
        sinks: list[Sink | None] = []
        gateways: dict[tuple[bytes, bytes], Gateway] = {}
        for account, tenant in document.accounts.items():
            for name, block in tenant.gateways.items():
                sink = self.telemetry.exporters(block.traces, "span" if block.trace_content else "none")
                sinks.append(sink)
                reach = reachable(block, providers)
                lanes = self.lanes(document, block, reach, sink)
                logging = Logging(
                    collect=block.logs.collect,
                    payload=block.logs.payload,
                    content=self.telemetry.captures(sink),
                    limit=int(block.logs.max_payload_bytes),
                )
                by_slug = slugs(reach)
                made = layered(
                    Ground(
                        name=f"{account}/{name}",
                        block=block,
                        reach=reach,
                        slugs=by_slug,
                        edits={one: edits(document, one) for one in reach},
                        models=Models(listed(document, block, reach), catalogue),
                        store=self.store,
                        price=lambda provider, model: bill.prices.priced(provider, (model,)),
                        everyone=everyone,
                        logging=logging,
                        ask=Ask(lanes, bill, self.telemetry.attempt_id),
                    )
                )
                gateways[account.encode(), name.encode()] = Gateway(
                    account=account,
                    name=name,
                    letterheads=Letterheads(Access(holders(block) if secured(block) else None, everyone)),
                    handler=made.handler,
                    providers={**by_slug, **made.doors},
                    layers=made.layers,
                    logging=logging,
                    sink=sink,
                )
        self.telemetry.retain(sinks)
        self.transports.retain()
        server = document.server
        return Site(
            version=loaded.version,
            gateways=gateways,
            max_request_bytes=int(server.max_request_bytes),
            body_timeout=float(server.body_timeout),
            trust=server.trust_trace_context,
        )

    def lanes(
        self, document: Document, block: GatewayBlock, reach: Mapping[str, Provider], sink: Sink | None
    ) -> dict[str, Lane]:
        """A gateway's way to each provider it may reach."""
        timeout = {name: float(seconds) for name, seconds in msgspec.structs.asdict(block.timeout).items()}
        timeout["pool"] = timeout["connect"]
        keys = {ALIASES.get(name, name): aliases for name, aliases in block.keys.items()}
        lanes = {}
        for name, provider in reach.items():
            edit = edits(document, name)
            transport = self.transports.to(provider, edit, document.server)
            fetch = fetch_over(transport)
            if block.http_spans:
                transport = self.telemetry.instrumented(transport, sink)
            lanes[name] = Lane(
                provider=provider,
                transport=transport,
                rings=rings(provider, keys.get(name, {}), fetch),
                own=Ring("", [Key(provider.signer(None, fetch))]),
                client_keys=block.client_keys,
                timeout=timeout,
                headers=added(edit),
                traceparent=self.telemetry.traceparent,
            )
        return lanes


def blocks(document: Document) -> Iterable[GatewayBlock]:
    """Every gateway's block."""
    for tenant in document.accounts.values():
        yield from tenant.gateways.values()


def secured(block: GatewayBlock) -> bool:
    """Whether a gateway asks who calls."""
    return block.authentication is not None and block.authentication != "none"


def holders(block: GatewayBlock) -> dict[Digest, Holder]:
    """The digests of a gateway's tokens, and whose they are."""
    if block.authentication is None or isinstance(block.authentication, str):
        return {}
    return {hashed(token): holder(token) for token in block.authentication.tokens}


def hashed(token: Token) -> Digest:
    """A token's digest, whichever way it was written."""
    if token.sha256 is not None:
        return bytes.fromhex(token.sha256)
    assert token.token is not None
    return digest(token.token.reveal().encode())


def holder(token: Token) -> Holder:
    """What is known about a token without the token."""
    expires = instant(token.expires) if token.expires else float("inf")
    return Holder(token.name, expires, dict(token.metadata))


def reachable(block: GatewayBlock, providers: Mapping[str, Provider]) -> dict[str, Provider]:
    """The providers a gateway may reach."""
    if block.providers is None:
        return dict(providers)
    wanted = {ALIASES.get(name, name) for name in block.providers}
    return {name: provider for name, provider in providers.items() if name in wanted}


def listed(document: Document, block: GatewayBlock, reach: Mapping[str, Provider]) -> dict[str, tuple[str, ...]]:
    """The providers that a gateway is set up for, with models that no table knows: those with a key stored, those that
    the file says something of, and whatever answers in this process.
    """
    named = {*block.keys, *document.providers, *(block.providers or ())}
    wanted = {ALIASES.get(name, name) for name in named} | {CUSTOM + name for name in document.providers}
    return {name: provider.row.models for name, provider in reach.items() if name in wanted or provider.row.in_process}


def slugs(reach: Mapping[str, Provider]) -> dict[bytes, Provider]:
    """Providers by every name a URL may use for them."""
    found = {name.encode(): provider for name, provider in reach.items()}
    for alias, name in ALIASES.items():
        if name in reach:
            found[alias.encode()] = reach[name]
    return found


def edits(document: Document, name: str) -> ProviderBlock | None:
    """What gateways.yaml says of a provider, under its own name or an alias."""
    for written, block in document.providers.items():
        if name in (ALIASES.get(written, written), CUSTOM + written):
            return block
    return None


def added(block: ProviderBlock | None) -> Headers:
    """The headers that every call to a provider gets."""
    if block is None:
        return []
    return [(name.lower().encode(), secret.reveal().encode()) for name, secret in block.headers.items()]


def rings(provider: Provider, aliases: Mapping[str, Iterable[object]], fetch: Fetch) -> dict[str, Ring]:
    """A provider's stored keys by alias, each with its signer made."""
    return {
        alias: Ring(alias, [Key(provider.signer(secret, fetch), secret) for secret in secrets])  # type: ignore[arg-type]
        for alias, secrets in aliases.items()
    }


def price(block: PriceBlock) -> Price:
    """A price per token from one per million."""
    fields = msgspec.structs.asdict(block)
    return Price.of_million(fields.pop("input"), fields.pop("output"), **fields)
