"""A provider ready to use: one row of data, changed by what the settings say of it."""

import re
from collections.abc import Mapping
from functools import partial
from typing import Final, TypeAlias

import msgspec

from gateway.call import Call, Headers
from gateway.providers.asked import Reader
from gateway.providers.outbound import Fetch, Outbound, Signer, Target
from gateway.providers.paths import Fixed, Origin, Templated, check, invalid, joined, origin
from gateway.providers.rows import ALIASES, Credential, Row, load
from gateway.providers.signing import aws, google
from gateway.providers.signing.keys import KeyHeader, Pathwise, Relay, Unusable, credential, plain, problem, structured
from gateway.providers.speech import FAMILIES, speeches
from gateway.settings.blocks import Header, ProviderBlock
from gateway.settings.units import Secret

CUSTOM: Final = "custom-"
ALWAYS_DROPPED: Final = frozenset((b"authorization",))
# A URL from outside that is called: only what a host, a path and a query can hold (SSRF).
WHOLE_URL: Final = re.compile(
    rb"https://([A-Za-z0-9.-]{1,253})(/[\x21\x24-\x3b\x3d\x40-\x5b\x5d\x5f\x61-\x7a\x7e]*)?(\?[\x21\x24-\x3b\x3d\x3f-\x5b\x5d\x5f\x61-\x7a\x7e]*)?"
)
Key: TypeAlias = Secret | None

__all__ = ["Fetch", "Outbound", "Provider", "Signer", "Target", "compiled"]


class Provider:
    """Everything a gateway knows of one provider.

    `key_slots` are the request headers in which a client may send a key of this provider.
    """

    def __init__(self, name: str, row: Row, block: ProviderBlock | None = None) -> None:
        block = block or ProviderBlock()
        self.name = name
        self.row = row = changed(row, block)
        self.propagate = row.propagate
        self.pricing = row.pricing
        self.telemetry_name = row.telemetry or name
        self.in_process = row.in_process
        self.counts_in_headers = row.dialect == "bedrock"
        """Whether an answer's token counts may stand in its headers alone."""
        self.key_slots = slots(row)
        self.dropped = self.key_slots | ALWAYS_DROPPED | {drop.encode() for drop in row.drops}
        instead = origin(block.base_url) if block.base_url else None
        self._instead = instead
        self._routes = tuple(Templated(route, instead, row.hosts) for route in row.routes)
        self._fixed = fixed(row, instead)
        self._query_slots = tuple(slot.lower().encode() + b"=" for slot in row.query_slots)
        self._target_header = row.target_header.encode()
        self._signers: dict[tuple[Key, Fetch | None], Signer] = {}
        # A family that the settings chose speaks nothing of what the row says.
        self.speeches = speeches(row) if block.dialect is None else FAMILIES[row.dialect]
        self.asked = Reader(row.dialect, row.model_in).read

    def __repr__(self) -> str:
        return f"Provider({self.name!r})"

    def target(self, call: Call, key: Key) -> Target:
        """Where a call goes; raises Refusal 400 for a path that leads nowhere.

        With a stored `key`, query parameters in which a client may have sent one of its own are left out.
        """
        path, query = call.path, call.query
        if b"." in path or b"%" in path or b"\\" in path:
            check(path)
        if query and key is not None and self._query_slots:
            query = without(query, self._query_slots)
        if self._target_header and (url := call.control.get(self._target_header)):
            return self._elsewhere(url)
        if self._routes:
            words = partial(word, call, key)
            text = path.decode("latin-1")
            for route in self._routes:
                if target := route.place(text, query, words):
                    return target
        if self._fixed is None:
            raise invalid(f"This is no path of {self.name}: it takes {' or '.join(self._forms())}.")
        return self._fixed.place(path, query)

    def _forms(self) -> list[str]:
        """The paths to name when none of them fits."""
        return [f"`{route.path}`" for route in self.row.routes[:3]]

    def _elsewhere(self, url: bytes) -> Target:
        """Where a client's own target URL leads; raises Refusal 400 unless it is one of this provider's hosts."""
        match = WHOLE_URL.fullmatch(url)
        host = match[1].decode().lower() if match else ""
        if match is None or not any(host == known or host.endswith("." + known) for known in self.row.target_hosts):
            hosts = " or ".join(self.row.target_hosts)
            raise invalid(f"{self.row.target_header} must be an https:// URL of {hosts} or of a host below it.")
        path = (match[2] or b"/") + (match[3] or b"")
        check(match[2] or b"")
        if self._instead is None:
            return Target("https", host, 443, path)
        there = self._instead
        return Target(there.scheme, there.host, there.port, joined(there.prefix, path))

    def client_key(self, headers: Headers, query: bytes) -> bool:
        """Whether the client brought a credential for this provider."""
        slots = self.key_slots
        for name, value in headers:
            if name in slots and credential(value):
                return True
        return bool(query and self._query_slots) and any(
            part.lower().startswith(self._query_slots) and not part.endswith(b"=") for part in query.split(b"&")
        )

    def problem(self, key: Secret) -> str:
        """What is wrong with a stored key, as a sentence that lacks its subject; empty when it is fine."""
        kind = self.row.auth
        if kind == "aws":
            return aws.fault(key)
        if kind == "google":
            return google.fault(key)
        return problem(self._bare(key)) if kind != "none" else ""

    def signer(self, key: Key, fetch: Fetch | None = None) -> Signer:
        """The signer for a stored key, or for what clients bring; made once for each."""
        known = self._signers.get((key, fetch))
        if known is None:
            known = self._signers[key, fetch] = self._signer(key, fetch)
        return known

    def _signer(self, key: Key, fetch: Fetch | None) -> Signer:
        """A signer made anew."""
        kind = self.row.auth
        if key is not None and (wrong := self.problem(key)):
            return Unusable(f"The stored key of {self.name} {wrong}.")
        if kind == "google":
            return google.signer(key, fetch, self.dropped)
        if key is None or kind == "none":
            return Relay()
        if kind == "aws":
            return aws.signer(key, self.dropped)
        text = self._bare(key)
        bearer = KeyHeader("authorization", "Bearer ", text, self.dropped)
        if kind == "bearer":
            return bearer
        usual = KeyHeader(kind.header, kind.prefix, text, self.dropped)
        return Pathwise(usual, bearer, self.row.bearer_paths) if self.row.bearer_paths else usual

    def _bare(self, key: Secret) -> str:
        """The key proper, also of a JSON key that holds more."""
        text = plain(key)
        return (self.row.key_field and structured(text).get(self.row.key_field)) or text


def compiled(blocks: Mapping[str, ProviderBlock]) -> dict[str, Provider]:
    """Every provider by name: the built-in ones with what the settings change of them, and the settings' own.

    Raises ValueError, naming the provider, for one of the settings' own without a base_url.
    """
    rows = load()
    changes = {ALIASES.get(name, name): block for name, block in blocks.items()}
    providers = {name: Provider(name, row, changes.get(name)) for name, row in rows.items()}
    for name, block in changes.items():
        if name not in rows:
            if block.base_url is None:
                raise ValueError(f"providers.{name}: a provider of your own needs a base_url")
            providers[CUSTOM + name] = Provider(CUSTOM + name, Row(), block)
    return providers


def changed(row: Row, block: ProviderBlock) -> Row:
    """A row with what the settings give in place of its fields."""
    given: dict[str, object] = {
        "dialect": block.dialect,
        "propagate": block.propagate,
        "pricing": block.pricing,
        "auth": Credential(block.auth.header.lower(), block.auth.prefix)
        if isinstance(block.auth, Header)
        else block.auth,
    }
    return msgspec.structs.replace(row, **{name: value for name, value in given.items() if value is not None})


def slots(row: Row) -> frozenset[bytes]:
    """The request headers that may carry a key of this provider."""
    own = row.auth.header if isinstance(row.auth, Credential) else "authorization"
    named = row.slots if row.auth == "none" else (own, *row.slots)
    return frozenset(name.encode() for name in named)


def fixed(row: Row, instead: Origin | None) -> Fixed | None:
    """The row's one host, or what the settings put in its place; None where the path alone decides."""
    if not row.base_url and (row.routes or instead is None):
        return None
    return Fixed(instead or origin(row.base_url), row.version, row.unversioned)


def without(query: bytes, starts: tuple[bytes, ...]) -> bytes:
    """A query without the parameters that begin so; the others keep their bytes."""
    return b"&".join(part for part in query.split(b"&") if not part.lower().startswith(starts))


def word(call: Call, key: Key, name: str) -> str:
    """What a route may need besides the path: the account, or a field of the stored or the client's JSON key."""
    if key is not None:
        fields = structured(plain(key))
    else:
        fields = structured(
            next(
                (
                    text
                    for header, value in call.headers
                    if header == b"authorization" and (text := google.account_in(value))
                ),
                b"",
            ).decode("utf-8", "replace")
        )
    if name == "account":
        return fields.get("accountId") or call.record.account
    return fields.get(name.removeprefix("key."), "")
