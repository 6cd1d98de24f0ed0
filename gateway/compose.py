"""From settings to handlers: everything that can be decided before a call is decided here, once."""

from collections.abc import Iterable, Mapping
from typing import Final

import httpx2
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
from gateway.stores.retired import Retired
from gateway.stores.store import Store
from gateway.telemetry import Sink, Telemetry
from gateway.upstream.ask import Ask
from gateway.upstream.bill import Bill
from gateway.upstream.fetch import fetch_over
from gateway.upstream.keys import Key, Ring
from gateway.upstream.lane import Lane
from gateway.upstream.transports import Transports

CUSTOM: Final = "custom-"


class Exit(msgspec.Struct, frozen=True):
    """A provider, what gateways.yaml says of it, and the way there: the same for all gateways."""

    provider: Provider
    edit: ProviderBlock | None
    transport: httpx2.AsyncBaseTransport
    fetch: Fetch
    headers: Headers


class Means(msgspec.Struct, frozen=True):
    """What belongs to the event loop and was opened for one configuration."""

    exits: Mapping[str, Exit]
    """By provider."""
    sinks: Mapping[tuple[str, str], Sink | None]
    """By account and gateway."""
    state: tuple[str, int]
    store: Store
    patience: float
    """Seconds that a call may take."""


class Composer:
    """Turns one configuration after the other into a Site; connections and exporters outlive each of them."""

    def __init__(self, telemetry: Telemetry, names: dict[str, str]) -> None:
        self.telemetry, self.names = telemetry, names
        self.transports = Transports()
        self.before: Means | None = None
        self.retired = Retired()

    def kept(self, state: tuple[str, int], server: Server) -> Store:
        """The store that the file names: the one that is open, where it is that; a reload forgets no count."""
        if self.before is not None and state == self.before.state:
            return self.before.store
        return stores.opened(state[0], size=state[1], ca_file=server.ca_file)

    def site(self, loaded: Loaded) -> Site:
        """The configuration, ready to run."""
        means = self.means(loaded.document)
        site = self.composed(loaded, means)
        self.settle(means)
        return site

    def means(self, document: Document) -> Means:
        """Open what the configuration needs and share it with the one before; in the event loop, which owns it."""
        state = (document.server.state.reveal(), int(document.server.memory))
        providers = compiled(document.providers)
        self.names.update({name: provider.telemetry_name for name, provider in providers.items()})
        exits = {}
        for name, provider in providers.items():
            edit = edits(document, name)
            transport = self.transports.to(provider, edit, document.server)
            exits[name] = Exit(provider, edit, transport, fetch_over(transport), added(edit))
        sinks = {
            (account, name): self.telemetry.exporters(block.traces, "span" if block.trace_content else "none")
            for account, name, block in everything(document)
        }
        longest = max((float(block.timeout.total) for _, _, block in everything(document)), default=0.0)
        return Means(exits, sinks, state, self.kept(state, document.server), longest)

    def settle(self, means: Means) -> None:
        """Close what only earlier configurations needed, a store once their calls are over."""
        self.telemetry.retain(means.sinks.values())
        self.transports.retain()
        before, self.before = self.before, means
        if before is not None and before.store is not means.store:
            self.retired.add(before.store, before.patience)

    async def aclose(self) -> None:
        """Close every connection to providers and stores."""
        await self.transports.aclose()
        await self.retired.aclose()
        if self.before is not None:
            await self.before.store.aclose()

    def composed(self, loaded: Loaded, means: Means) -> Site:
        """The configuration of what was opened for it; in any thread, for it is half a millisecond for each gateway."""
        document = loaded.document
        providers = {name: one.provider for name, one in means.exits.items()}
        everyone = frozenset(hashed for _, _, block in everything(document) for hashed in holders(block))
        overrides = {pattern: price(block) for pattern, block in document.prices.items()}
        tables = {name: one.pricing for name, one in providers.items() if one.pricing}
        bill, catalogue = Bill(Prices(overrides, tables)), Catalogue(overrides, tables)
        gateways: dict[tuple[bytes, bytes], Gateway] = {}
        for account, name, block in everything(document):
            sink = means.sinks[account, name]
            reach = reachable(block, providers)
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
                    edits={one: means.exits[one].edit for one in reach},
                    models=Models(listed(document, block, reach), catalogue),
                    store=means.store,
                    price=bill.prices.priced,
                    everyone=everyone,
                    logging=logging,
                    ask=Ask(
                        self.lanes(block, [means.exits[one] for one in reach], sink), bill, self.telemetry.attempt_id
                    ),
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
        server = document.server
        return Site(
            version=loaded.version,
            gateways=gateways,
            max_request_bytes=int(server.max_request_bytes),
            body_timeout=float(server.body_timeout),
            trust=server.trust_trace_context,
        )

    def lanes(self, block: GatewayBlock, exits: Iterable[Exit], sink: Sink | None) -> dict[str, Lane]:
        """A gateway's way to each provider it may reach."""
        timeout = {name: float(seconds) for name, seconds in msgspec.structs.asdict(block.timeout).items()}
        timeout["pool"] = timeout["connect"]
        keys = {ALIASES.get(name, name): aliases for name, aliases in block.keys.items()}
        lanes = {}
        for one in exits:
            transport, provider = one.transport, one.provider
            if block.http_spans:
                transport = self.telemetry.instrumented(transport, sink)
            lanes[provider.name] = Lane(
                provider=provider,
                transport=transport,
                rings=rings(provider, keys.get(provider.name, {}), one.fetch),
                own=Ring("", [Key(provider.signer(None, one.fetch))]),
                client_keys=block.client_keys,
                timeout=timeout,
                headers=one.headers,
                traceparent=self.telemetry.traceparent,
            )
        return lanes


def everything(document: Document) -> Iterable[tuple[str, str, GatewayBlock]]:
    """Every gateway's account, name and block."""
    for account, tenant in document.accounts.items():
        for name, block in tenant.gateways.items():
            yield account, name, block


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
