"""From the path a client wrote to the place it goes: one version segment, a host made of checked labels, bytes kept.

Fixed      one host; the version rule decides between what the client and what the row wrote
Templated  the path decides the host: Azure's resource, Amazon's and Google's region, a model of its own host
"""

import re
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from typing import Final, TypeAlias
from urllib.parse import urlsplit

import msgspec

from gateway.call import Refusal
from gateway.providers.outbound import Target
from gateway.providers.rows import Route

Words: TypeAlias = Callable[[str], str]
"""What is not in the path: `account`, `key.region` and other fields of a JSON key; empty where unknown."""

PORTS: Final = {"http": 80, "https": 443}
VERSION: Final = re.compile(rb"v[0-9]{1,3}(?:(?:alpha|beta)[0-9]{0,3})?(?=/|$)")
SECOND_VERSION: Final = re.compile(rb"[^/]+/v[0-9]{1,3}(?:(?:alpha|beta)[0-9]{0,3})?/")
LAST_VERSION: Final = re.compile(rb"/(v[0-9]{1,3}(?:(?:alpha|beta)[0-9]{0,3})?)$")
# RFC 1035 section 2.3.1, so that no segment can add a dot, a port or user information to a host (SSRF).
LABEL: Final = re.compile(r"[A-Za-z0-9-]{1,63}")
# Google's older project ids are `example.com:name`.
PLAIN: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.:-]{0,127}")
# Read by the gateway or by the provider, a dot segment would leave the row's prefix (RFC 3986 section 5.2.4).
DOTS: Final = re.compile(rb"(?:^|/|\\|%2f|%5c)(?:\.|%2e){1,2}(?:$|/|\\|%2f|%5c)", re.IGNORECASE)
HOLE: Final = re.compile(r"\{([a-z_.]+)(?:\|([^}]*))?\}")


class Origin(msgspec.Struct, frozen=True):
    """A URL's scheme, host and port, and the prefix all paths below it share, without a slash at its end."""

    scheme: str
    host: str
    port: int
    prefix: bytes


def origin(url: str) -> Origin:
    """The parts of a base URL; raises ValueError for one that is not http or https, or has no host."""
    parts = urlsplit(url)
    if parts.scheme not in PORTS or not parts.hostname:
        raise ValueError("a base URL starts with http:// or https:// and a host")
    return Origin(
        parts.scheme, parts.hostname, parts.port or PORTS[parts.scheme], parts.path.encode("ascii").rstrip(b"/")
    )


def check(path: bytes) -> None:
    """Refuse dot segments, plain or encoded: a second lock, for paths that did not come through the edge."""
    if DOTS.search(path):
        raise invalid("The path holds a dot segment: send it resolved.")


def invalid(sentence: str) -> Refusal:
    """The refusal of a path that leads nowhere."""
    return Refusal(400, 2008, "invalid_path", sentence)


class Fixed:
    """One host, and the rule that exactly one version segment arrives there.

    A base that ends in a version wins over a client's `v1`, the SDKs' default, and yields to any other version.
    Where the row lets the client write the version (`default`), the client's always wins.
    """

    def __init__(self, home: Origin, default: str = "", unversioned: Sequence[str] = ()) -> None:
        ending = LAST_VERSION.search(home.prefix)
        version = ending[1] if ending else default.encode()
        stem = home.prefix[: ending.start()] if ending else home.prefix
        self.scheme, self.host, self.port = home.scheme, home.host, home.port
        self.stem = stem + b"/"
        self.version = version + b"/" if version else b""
        self.versioned = self.stem + self.version
        self.client_writes = bool(default) or not version
        self.whole = stem[1:] + b"/" + self.version if stem and version else b"\0"
        self.bare = tuple(segment.encode() + b"/" for segment in unversioned)
        self.root = home.prefix or b"/"

    def place(self, path: bytes, query: bytes) -> Target:
        """Where `path` with `query` goes."""
        there = self.mapped(path)
        return Target(self.scheme, self.host, self.port, there + b"?" + query if query else there)

    def mapped(self, path: bytes) -> bytes:
        """The path at the provider."""
        version = self.version
        if not path:
            return self.root
        if not version or path.startswith(version):
            return self.stem + path
        return self.by_version(path)

    def by_version(self, path: bytes) -> bytes:
        """The path at the provider, of one that does not begin with the row's version."""
        if path.startswith(self.whole):
            return b"/" + path
        written = VERSION.match(path)
        if written is None:
            if self.client_writes and (path.startswith(self.bare) or SECOND_VERSION.match(path)):
                return self.stem + path
            return self.versioned + path
        if self.client_writes or written[0] != b"v1":
            return self.stem + path
        return self.versioned + path[3:]


class Templated:
    """A route: the form of path it is for, and the URL it makes of one."""

    def __init__(self, route: Route, instead: Origin | None, hosts: Mapping[str, str] | None = None) -> None:
        self.route, self.instead, self.hosts = route, instead, hosts or {}
        scheme, _, after = route.url.partition("://")
        host, _, tail = after.partition("/")
        self.scheme, self.host, self.tail = scheme, host, "/" + tail

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        """The form of path as a regular expression; linear, for no hole overlaps its neighbour."""
        parts = re.split(r"\{([a-z]+)\}", self.route.path)
        kinds = {"rest": "(?P<rest>.*)", "version": "(?P<version>v[0-9]{1,3}(?:(?:alpha|beta)[0-9]{0,3})?)"}
        holes = [kinds.get(name, f"(?P<{name}>[^/]+)") for name in parts[1::2]]
        literals = [re.escape(text) for text in parts[::2]]
        return re.compile("".join(a + b for a, b in zip(literals, [*holes, ""], strict=True)), re.DOTALL)

    def place(self, path: str, query: bytes, words: Words) -> Target | None:
        """Where `path` goes, or None when it has another form; raises Refusal 400 for a part no host can hold."""
        match = self.pattern.fullmatch(path)
        if match is None:
            return None
        found = match.groupdict()
        host = HOLE.sub(lambda hole: label(hole, found, words), self.host).lower()
        host = self.hosts.get(host, host)
        tail = HOLE.sub(lambda hole: segment(hole, found, words), self.tail).encode("latin-1")
        if query:
            tail = tail + b"?" + query
        region = label_of("region", found, words) if self.route.service else ""
        if self.instead is None:
            return Target(self.scheme, host, PORTS[self.scheme], tail, region, self.route.service)
        there = self.instead
        return Target(there.scheme, there.host, there.port, joined(there.prefix, tail), region, self.route.service)


def label_of(name: str, found: dict[str, str], words: Words) -> str:
    """The value of a hole wherever it stands, in lower case."""
    return (found.get(name) or words(f"key.{name}") or "us-east-1").lower()


def label(hole: re.Match[str], found: dict[str, str], words: Words) -> str:
    """What stands in a host for `hole`: one DNS label; raises Refusal 400 for anything else."""
    name = hole[1]
    value = found.get(name) or words(name) or hole[2] or ""
    if LABEL.fullmatch(value):
        return value
    if name.startswith("key."):
        raise invalid(f"The path names no {name[4:]}, and neither does the key: write it in the path or in the key.")
    raise invalid(f"The {name} in the path may hold only letters, digits and hyphens, at most 63.")


def segment(hole: re.Match[str], found: dict[str, str], words: Words) -> str:
    """What stands in a path for `hole`: the client's own bytes, or a word that is a plain name."""
    name = hole[1]
    if name in found:
        return found[name]
    value = words(name) or hole[2] or ""
    if not PLAIN.fullmatch(value):
        raise invalid(f"The {name.removeprefix('key.')} is missing: write it in the path or in the stored key.")
    return value


def joined(prefix: bytes, tail: bytes) -> bytes:
    """A configured prefix before a route's path, with one version segment where both have one."""
    ending = LAST_VERSION.search(prefix)
    if ending and VERSION.match(tail, 1):
        return prefix[: ending.start()] + tail
    return prefix + tail
