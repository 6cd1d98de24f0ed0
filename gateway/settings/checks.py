"""What a schema cannot say: names that exist, tokens that differ, URLs without passwords. All at once, on the tree."""

import hashlib
import re
import time
from collections.abc import Callable, Iterator
from collections.abc import Mapping as Env
from importlib.util import find_spec
from itertools import islice
from typing import Final, TypeAlias
from urllib.parse import urlsplit

from gateway.settings import rules
from gateway.settings.defaults import gateways
from gateway.settings.nodes import Finding, Key, Mapping, Node, Scalar, Series, children
from gateway.settings.problems import MOST, nearest, quoted
from gateway.settings.units import instant

SHORTEST_TOKEN: Final = 16
LONGEST_TOKEN: Final = 512
"""Characters, as `policies.access` bounds what it hashes."""
EXTRAS: Final = {
    "aws": ("botocore", "gateway[aws]"),
    "google": ("google.auth", "gateway[google]"),
    "socks": ("socksio", "httpx2[socks]"),
}
"""What not every installation has: the module by which one sees it, and what to give to pip."""
UNSENDABLE: Final = re.compile(r"[^\x20-\x7e]|^ | $")

Found: TypeAlias = Iterator[Finding]


class Names:
    """The providers that exist: those of the package, and the document's own as custom-NAME."""

    def __init__(self, root: Node, known: Env[str, str]) -> None:
        self.known = known
        own = [name for name, _, _ in pairs(child(root, "providers")) if name not in known]
        self.all = dict.fromkeys([*known, *(f"custom-{name}" for name in own)])

    def check(self, name: str, spot: Key | Node) -> Found:
        """Whether a provider of this name exists."""
        if name not in self.all:
            hidden = isinstance(spot, Scalar) and spot.referenced
            yield Finding(spot, f"unknown provider{'' if hidden else ' ' + quoted(name)}{self.meant(name)}")

    def meant(self, name: str) -> str:
        """The name that was probably meant; one's own is easily written without its prefix."""
        own = f"custom-{name}"
        return f"; did you mean {quoted(own)}?" if own in self.all else nearest(name, self.all)


def check(root: Node, known: Env[str, str] | None) -> list[Finding]:
    """Everything in a document that its schema allows and that still cannot be."""
    return list(islice(once(every(root, known)), MOST))


def every(root: Node, known: Env[str, str] | None) -> Found:
    """All checks, one after the other."""
    names = Names(root, known) if known else None
    yield from server(root)
    yield from upstreams(root, known)
    if names:
        yield from priced(root, names)
    for block in blocks(root):
        yield from tokens(block)
        yield from sendable(block)
        yield from exporters(block)
        yield from rules.policies(block, names.check if names else None)
        if names:
            yield from reachable(block, names)


def key_names(root: Node, known: Env[str, str] | None) -> list[Finding]:
    """Providers that keys are written for; asked before optional keys are dropped, slips and all."""
    if not known:
        return []
    names = Names(root, known)
    written = ((name, key) for block in blocks(root) for name, key, _ in pairs(child(block, "keys")))
    return list(islice((finding for name, key in written for finding in names.check(name, key)), MOST))


def blocks(root: Node) -> Iterator[Node | None]:
    """The defaults and every gateway."""
    yield child(root, "defaults")
    for _, _, _, block in gateways(root):
        yield block


def once(findings: Found) -> Found:
    """What `defaults` gets wrong is wrong in every gateway, but is said once."""
    seen: set[tuple[int, str]] = set()
    for finding in findings:
        identity = id(finding.spot), finding.sentence
        if identity not in seen:
            seen.add(identity)
            yield finding


def notes(root: Node) -> list[Finding]:
    """What is sound, and yet worth a look: tokens that have expired, secrets in clear."""
    return list(islice(once(doubts(root)), MOST))


def doubts(root: Node) -> Found:
    """All notes, once for each gateway."""
    for block in blocks(root):
        for token in listing(child(child(block, "authentication"), "tokens")):
            yield from expired(token)
            yield from in_clear(child(token, "token"), "gateway token")
        for _, _, keys in pairs(child(block, "keys")):
            for key in leaves(keys):
                yield from in_clear(key, "provider key")


def expired(token: Node) -> Found:
    """A token whose last day is over."""
    expires = child(token, "expires")
    if (day := written(expires)) and expires and instant(day) <= time.time():
        yield Finding(expires, "this token has expired")


def in_clear(secret: Node | None, what: str) -> Found:
    """A secret that everyone who reads the file can read."""
    if isinstance(secret, Scalar) and not secret.referenced:
        yield Finding(secret, f"this {what} stands here in clear; better take it from ${{NAME}} or ${{file:PATH}}")


def server(root: Node) -> Found:
    """What the process needs and may lack."""
    yield from rules.process(root)
    own = [child(root, "server"), *(block for _, _, block in pairs(child(root, "providers")))]
    for proxy in (child(block, "proxy") for block in own):
        if proxy and written(proxy).startswith("socks"):
            yield from extra(proxy, "socks", "a SOCKS proxy")


def upstreams(root: Node, known: Env[str, str] | None) -> Found:
    """Providers in the document: one of one's own must say where it is."""
    for name, key, block in pairs(child(root, "providers")):
        base = child(block, "base_url")
        if base is None and isinstance(block, Mapping) and known and name not in known:
            yield Finding(
                key, f"`base_url` is missing: {quoted(name)} is not a built-in provider{nearest(name, known)}"
            )
        yield from address(base)


def exporters(block: Node | None) -> Found:
    """Where spans go."""
    for exporter in listing(child(block, "traces")):
        yield from address(child(exporter, "url"))


def address(url: Node | None) -> Found:
    """A URL that can be called, and has no password in it."""
    if url is None or not (text := written(url)).startswith("http"):
        return
    try:
        parts = urlsplit(text)
        host, _ = parts.hostname, parts.port
    except ValueError:
        yield Finding(url, "this is not a URL: look at its host and its port")
        return
    if "@" in parts.netloc:
        yield Finding(url, "a URL must not hold a name or password; put the credentials under `keys` or `headers`")
    elif not host:
        yield Finding(url, "this URL has no host")


def priced(root: Node, names: Names) -> Found:
    """Prices by provider/model."""
    for name, key, _ in pairs(child(root, "prices")):
        provider, slash, model = name.partition("/")
        if not slash or not model:
            yield Finding(key, f"{quoted(name)} is not a price's name: write `provider/model`, or `provider/*`")
        elif provider != "*":
            yield from names.check(provider, key)


def reachable(block: Node | None, names: Names) -> Found:
    """The providers a gateway names, and what their keys need."""
    for name, key, keys in pairs(child(block, "keys")):
        # A key without structure goes out as a bearer, and needs no more than any other.
        needed = names.known.get(name)
        if needed and any(structured(leaf) for leaf in leaves(keys)):
            yield from extra(key, needed, f"a stored key of {quoted(name)}")
    for item in listing(child(block, "providers")):
        if isinstance(item, Scalar) and isinstance(item.value, str) and not item.broken:
            yield from names.check(item.value, item)


def extra(spot: Key | Node, name: str, what: str) -> Found:
    """Something that is needed and not installed."""
    module, requirement = EXTRAS[name]
    if not installed(module):
        yield Finding(spot, f"{what} needs an extra that is not installed: pip install '{requirement}'")


def installed(module: str) -> bool:
    """Whether a module can be imported, without importing more than its package."""
    try:
        return find_spec(module) is not None
    except ModuleNotFoundError:
        return False


def tokens(block: Node | None) -> Found:
    """Tokens of a gateway: one secret each, long enough, none twice."""
    names: dict[str, Scalar] = {}
    digests: dict[str, Scalar] = {}
    for token in listing(child(child(block, "authentication"), "tokens")):
        name, secret, digest = child(token, "name"), child(token, "token"), child(token, "sha256")
        if isinstance(token, Mapping) and (secret is None) == (digest is None):
            yield Finding(token, "a token needs exactly one of `token` and `sha256`")
        yield from strength(secret)
        yield from valid_day(child(token, "expires"))
        yield from twice(name, names, written, "another token has this name")
        yield from twice(secret or digest, digests, fingerprint(secret is not None), "this is another token's secret")


def strength(secret: Node | None) -> Found:
    """A token that cannot be guessed, and fits in a header."""
    if secret is None or not (text := written(secret)):
        return
    if not SHORTEST_TOKEN <= len(text) <= LONGEST_TOKEN:
        yield Finding(
            secret, f"a token has {SHORTEST_TOKEN} to {LONGEST_TOKEN} characters; `gateway token` makes a good one"
        )
    elif UNSENDABLE.search(text) or " " in text:
        yield Finding(secret, "a token must be plain ASCII without blanks and line breaks")


def valid_day(expires: Node | None) -> Found:
    """A day that is in the calendar."""
    day = written(expires)
    if expires is None or not re.match(r"\d{4}-\d\d-\d\d", day):
        return
    try:
        instant(day)
    except ValueError:
        yield Finding(expires, "there is no such day")


def twice(node: Node | None, seen: dict[str, Scalar], identity: Callable[[Node], str], sentence: str) -> Found:
    """The second of two that must differ."""
    if not isinstance(node, Scalar) or not written(node):
        return
    first = seen.setdefault(identity(node), node)
    if first is not node:
        yield Finding(node, f"{sentence}, on line {first.line}")


def fingerprint(is_secret: object) -> Callable[[Node], str]:
    """How to compare tokens that are written in the two ways."""
    if is_secret:
        return lambda node: hashlib.sha256(written(node).encode()).hexdigest()
    return written


def sendable(block: Node | None) -> Found:
    """Provider keys that a header can carry; those with structure are JSON, and are not sent as they are."""
    for _, _, keys in pairs(child(block, "keys")):
        for key in leaves(keys):
            if UNSENDABLE.search(written(key)) and not structured(key):
                yield Finding(key, "this key holds a line break, a blank at an end, or a character no header can carry")


def structured(key: Node) -> bool:
    """Whether a provider key is JSON, such as AWS's and Google's."""
    return written(key).lstrip().startswith("{")


def child(node: Node | None, name: str) -> Node | None:
    """The value of a key, if the node is a mapping that has it."""
    return node.get(name) if isinstance(node, Mapping) else None


def pairs(node: Node | None) -> Iterator[tuple[str, Key, Node]]:
    """Name, key and value of everything in a node, if it is a mapping."""
    for name, (key, value) in node.pairs.items() if isinstance(node, Mapping) else ():
        yield name, key, value


def listing(node: Node | None) -> list[Node]:
    """What is in a node, if it is a list."""
    return node.items if isinstance(node, Series) else []


def leaves(node: Node) -> Iterator[Node]:
    """The scalars of a provider's keys, however they are written."""
    if isinstance(node, Scalar):
        yield node
    for _, _, inner in children(node):
        yield from leaves(inner)


def written(node: Node | None) -> str:
    """The text of a node, or nothing if it is none or refers to what is not there."""
    return node.value if isinstance(node, Scalar) and isinstance(node.value, str) and not node.broken else ""
