"""What a schema cannot say of a gateway's policies."""

from collections.abc import Callable, Iterator

from gateway import stores
from gateway.settings import cache, fallback, rate_limit, retry, spend_limits
from gateway.settings.blocks import Document
from gateway.settings.nodes import Finding, Key, Mapping, Node, Scalar, Series
from gateway.wire.headers import OF_THIS_HOP

Exists = Callable[[str, Key | Node], Iterator[Finding]]


def policies(block: Node | None, exists: Exists | None) -> Iterator[Finding]:
    """Everything that is wrong with the policies of one gateway, or of the defaults."""
    if not isinstance(block, Mapping):
        return
    yield from rate_limit.problems(block.get("rate_limit"), exists)
    yield from spend_limits.problems(block.get("spend_limits"), exists, reach(block))
    yield from cache.lasting(block.get("cache"))
    yield from retry.doubts(block)
    if exists is not None:
        yield from fallback.problems(block, exists)


def reach(block: Mapping) -> list[str] | None:
    """The only providers that a gateway asks; None for all."""
    only = block.get("providers")
    if not isinstance(only, Series):
        return None
    return [item.value for item in only.items if isinstance(item, Scalar) and isinstance(item.value, str)]


def unshared(document: Document, workers: int) -> str:
    """Why so many processes must not serve this file: each would count for itself; empty where they may."""
    if workers < 2 or document.server.state.reveal() != "memory":
        return ""
    found = [
        f"{account}/{name} ({', '.join(counts)})"
        for account, tenant in document.accounts.items()
        for name, block in tenant.gateways.items()
        if (counts := [key for key in ("rate_limit", "spend_limits") if getattr(block, key)])
    ]
    if not found:
        return ""
    return (
        f"{workers} workers would each count for themselves, and let through so many times as much: {'; '.join(found)}."
        " Say `server: {state: redis://...}`, or run one worker."
    )


def process(root: Node) -> Iterator[Finding]:
    """What is wrong with the store, and with what is added to every call."""
    if isinstance(root, Mapping):
        yield from state(root.get("server"))
        yield from framing(root.get("providers"))


def framing(providers: Node | None) -> Iterator[Finding]:
    """Headers that settings may not add to a call, since they say where it goes or where it ends."""
    for _, block in providers.pairs.values() if isinstance(providers, Mapping) else ():
        headers = block.get("headers") if isinstance(block, Mapping) else None
        for name, (key, _) in headers.pairs.items() if isinstance(headers, Mapping) else ():
            if name.lower().encode() in OF_THIS_HOP:
                yield Finding(key, "this header says where a call goes or ends: the gateway sets it itself")


def state(server: Node | None) -> Iterator[Finding]:
    """A store that cannot be opened."""
    place = server.get("state") if isinstance(server, Mapping) else None
    if isinstance(place, Scalar) and isinstance(place.value, str) and not place.broken:
        sentence = stores.problem(place.value)
        if sentence:
            yield Finding(place, sentence.removeprefix("server.state "))
