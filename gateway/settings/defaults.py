"""`defaults`, put under every gateway: what a gateway writes wins, mappings are joined, all else is replaced."""

from collections.abc import Iterator

from gateway.settings.nodes import Finding, Key, Mapping, Node
from gateway.settings.parse import MOST_VALUES


def gateways(root: Node) -> Iterator[tuple[Mapping, str, Key, Node]]:
    """Every gateway: the mapping it stands in, its name, its key and its block, whatever that is."""
    accounts = root.get("accounts") if isinstance(root, Mapping) else None
    for _, account in accounts.pairs.values() if isinstance(accounts, Mapping) else ():
        blocks = account.get("gateways") if isinstance(account, Mapping) else None
        if isinstance(blocks, Mapping):
            for name, (key, block) in blocks.pairs.items():
                yield blocks, name, key, block


def spread(root: Node) -> list[Finding]:
    """Put the defaults under every gateway, in the tree; says so where that would make it too large."""
    defaults = root.get("defaults") if isinstance(root, Mapping) else None
    if not isinstance(defaults, Mapping) or not defaults.pairs:
        return []
    found = list(gateways(root))
    if root.size + len(found) * defaults.size > MOST_VALUES:
        return [Finding(defaults, f"with these under every gateway there would be more than {MOST_VALUES} values")]
    for blocks, name, key, block in found:
        blocks.pairs[name] = (key, joined(defaults, block))
    return []


def joined(under: Node, over: Node) -> Node:
    """One value over another; the places stay those where each part was written."""
    if not isinstance(under, Mapping) or not isinstance(over, Mapping):
        return over
    pairs = dict(under.pairs)
    for name, (key, value) in over.pairs.items():
        pairs[name] = (key, joined(under.pairs[name][1], value) if name in under.pairs else value)
    return Mapping(pairs, over.line, over.column, under.size + over.size, max(under.height, over.height))
