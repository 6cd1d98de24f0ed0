"""A LiteLLM proxy's config as a gateways.yaml, with everything that could not be carried over in its comments."""

from collections.abc import Collection, Iterator, Sequence
from pathlib import Path
from typing import Any, Final

import msgspec

from gateway.importing.chains import Chains, names
from gateway.importing.ledger import Ledger, Note, Spot
from gateway.importing.pools import Pools
from gateway.importing.rules import Rules
from gateway.importing.sentences import told
from gateway.importing.upstreams import Upstreams
from gateway.importing.words import reference
from gateway.importing.writing import comment, lines, wrapped
from gateway.settings.nodes import Finding, Mapping, Node, Scalar, located, scalars
from gateway.settings.problems import Problem, Problems, dotted

SCHEMA: Final = "# yaml-language-server: $schema=schemas/gateways.schema.json"
NO_CONFIG: Final = "this is not a LiteLLM config: it begins with keys such as `model_list:`"

FIRST: Final = (
    "Made from {name} by `gateway import litellm`. Read the comments, set the variables that stand in ${{…}}, and run"
    " `gateway check`."
)
CLIENTS: Final = (
    "Clients' base URL is http(s)://HOST/v1/{place}/compat, and a model's name is provider/model. LiteLLM's names, and"
    " what to write instead:"
)
DIFFERENT: Final = "What is different here, or could not be carried over ({count}), by line of {name}:"
CLOSED: Final = (
    "Virtual keys live in LiteLLM's database: `gateway token --name NAME` makes a token for each, to be added under"
    " `tokens`. A token has 16 characters or more; sk-1234 is none."
)
OPEN: Final = (
    "There was no master_key: the gateway is open, and so served on loopback only. `gateway token` makes a token."
)


class Draft(msgspec.Struct, frozen=True):
    """The file, and how much of the other one it holds."""

    text: str
    names: int
    notes: tuple[Note, ...]


class Found(msgspec.Struct, frozen=True):
    """What a config came to."""

    pools: Pools
    chains: Chains
    rules: Rules
    upstreams: Upstreams
    also: dict[str, str]
    """Further names of pools."""
    aliases: dict[str, str]
    """Aliases of keys, by model."""
    keys: dict[str, Any]


def translated(
    file: Path, tree: tuple[Node, Sequence[Finding]], place: tuple[str, str], known: Collection[str]
) -> Draft:
    """The draft of a parsed config for an account and a gateway; raises Problems for what is none.

    `known` are the providers' names.
    """
    root, findings = tree
    if not isinstance(root, Mapping):
        raise Problems(file, [Problem(1, 1, "", NO_CONFIG)])
    ledger = Ledger()
    for problem in located(root, findings):
        ledger.notes.append(Note(problem.line, problem.path, f"not read: {problem.sentence}"))
    config = Spot(ledger, root)
    found = read(config, known)
    for path, node in ledger.rest((), root):
        Spot(ledger, node, path).say(told(dotted(path)))
    notes = tuple(sorted(set(ledger.notes)))
    text = "\n".join([*head(file.name, place, found, notes), *lines(document(place, found))]) + "\n"
    return Draft(text, len(found.pools.groups), notes)


def read(config: Spot, known: Collection[str]) -> Found:
    """Everything that can be carried."""
    router, settings, general = (config.get(f"{name}_settings") for name in ("router", "litellm", "general"))
    assert config.node is not None
    upstreams = Upstreams(known, variables(config.node))
    pools = Pools(upstreams, credentials(config))
    pools.read(config.get("model_list").items())
    also = names((router, settings))
    chains = Chains(pools.groups | {name: pools.groups[to] for name, to in also.items() if to in pools.groups})
    chains.pools()
    for block in (router, settings):
        chains.read(block)
    rules = Rules(router, settings, general, upstreams)
    rules.read()
    keys, aliases = pools.rings()
    return Found(pools, chains, rules, upstreams, also, aliases, keys)


def variables(root: Node) -> set[str]:
    """The environment variables that a config reads."""
    texts = (scalar.value for scalar in scalars(root) if isinstance(scalar, Scalar) and isinstance(scalar.value, str))
    return {variable.name for variable in map(reference, texts) if variable}


def credentials(config: Spot) -> dict[str, Spot]:
    """`credential_list`, by name."""
    found = {}
    for entry in config.get("credential_list").items():
        name = entry.get("credential_name").carry()
        entry.get("credential_info").carry()
        found[name.text()] = entry.get("credential_values")
    return found


def document(place: tuple[str, str], found: Found) -> dict[str, Any]:
    """What the gateway reads."""
    block = dict(found.rules.block)
    if found.keys:
        block["keys"] = found.keys
    limits = [*found.rules.limits, *found.pools.rate_limits()]
    if limits:
        block["rate_limit"] = limits
    if steps := found.chains.written():
        block["fallback"] = steps
    made: dict[str, Any] = {"server": found.rules.server} if found.rules.server else {}
    if providers := found.upstreams.providers():
        made["providers"] = providers
    if found.pools.prices:
        made["prices"] = found.pools.prices
    account, gateway = place
    return made | {"accounts": {account: {"gateways": {gateway: block}}}}


def head(name: str, place: tuple[str, str], found: Found, notes: Sequence[Note]) -> Iterator[str]:
    """The comments before it."""
    yield SCHEMA
    yield comment()
    yield from wrapped("", FIRST.format(name=name))
    yield comment()
    yield from wrapped("", CLIENTS.format(place="/".join(place)))
    yield comment()
    yield from table(found)
    yield comment()
    yield from wrapped("", DIFFERENT.format(count=len(notes), name=name) if notes else "Everything was carried over.")
    for note in notes:
        yield from wrapped(f"  {note.line}: {note.path}:" if note.path else f"  {note.line}:", note.sentence)
    yield comment()
    yield from wrapped("", CLOSED if "authentication" in found.rules.block else OPEN)
    yield ""


def table(found: Found) -> Iterator[str]:
    """LiteLLM's names, and what to write instead."""
    rows = []
    for name, group in found.pools.groups.items():
        shown = group[0].written if group else "not carried over"
        if after := found.chains.after.get(name):
            shown += f", then {', '.join(after)}"
        if group and (alias := found.aliases.get(group[0].written)):
            shown += f" (with cf-aig-byok-alias: {alias})"
        rows.append((name, shown))
    rows += [(name, f"as {to}") for name, to in found.also.items()]
    width = min(max((len(name) for name, _ in rows), default=0), 60)
    for name, shown in rows:
        yield comment(f"  {name[:200]:{width}}  {shown}")
