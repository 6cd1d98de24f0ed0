"""Who may call: gateway tokens, found in our own header or in the slot where the client's SDK puts its key."""

import hashlib
import time
from collections.abc import Mapping
from typing import Final, TypeAlias
from urllib.parse import unquote_to_bytes

import msgspec

from gateway.call import Headers, Refusal

SLOTS: Final = frozenset((b"authorization", b"x-api-key", b"x-goog-api-key", b"api-key", b"xi-api-key"))
SCHEMES: Final = (b"bearer ", b"token ", b"key ")
LONGEST: Final = 512
"""Bytes; no token of ours is longer, so a longer value is never hashed."""

Digest: TypeAlias = bytes


class Holder(msgspec.Struct, frozen=True):
    """What is known about a token: never the token itself."""

    name: str
    expires: float = float("inf")
    """Seconds since 1970 from which it no longer works."""
    metadata: dict[str, str | int | float | bool] = {}


class Admission(msgspec.Struct, frozen=True):
    """A call let in: by whom, and what of its headers and query may travel on."""

    holder: Holder | None
    headers: Headers
    query: bytes


def digest(token: bytes) -> Digest:
    """The SHA-256 of a token: what we keep and look up, so that look-up time says nothing about the token."""
    return hashlib.sha256(token).digest()


def may_hold_key(query: bytes) -> bool:
    """Whether a query may have a `key` parameter, its name perhaps percent-encoded."""
    return b"key=" in query or b"%" in query


def bare(value: bytes) -> bytes:
    """A header's value without its authentication scheme."""
    value = value.strip()
    head = value[:7].lower()
    for scheme in SCHEMES:
        if head.startswith(scheme):
            return value[len(scheme) :].strip()
    return value


class Access:
    """One gateway's door: the digests that open it, and those of all gateways, which never travel on."""

    def __init__(self, mine: Mapping[Digest, Holder] | None, everyone: frozenset[Digest]) -> None:
        self.mine, self.everyone = mine, everyone

    def admit(self, headers: Headers, control: dict[bytes, bytes], query: bytes) -> Admission:
        """Let a call in, its tokens stripped; raises Refusal 401 when the gateway asks for one and none fits."""
        if not self.everyone:
            return Admission(None, headers, query)
        found: list[Digest] = []
        passing: Headers = []
        for pair in headers:
            if pair[0] in SLOTS and (known := self.recognise(bare(pair[1]))):
                found.append(known)
            else:
                passing.append(pair)
        if may_hold_key(query):
            query = self.without_tokens(query, found)
        return Admission(self.holder(control.get(b"cf-aig-authorization"), found), passing, query)

    def recognise(self, candidate: bytes) -> Digest | None:
        """The digest of a token of any gateway, or None for anything else."""
        if not candidate or len(candidate) > LONGEST:
            return None
        hashed = digest(candidate)
        return hashed if hashed in self.everyone else None

    def without_tokens(self, query: bytes, found: list[Digest]) -> bytes:
        """A query without the `key` parameters that are tokens of ours; the rest keeps its bytes."""
        parts = []
        for part in query.split(b"&"):
            name, _, value = part.partition(b"=")
            known = self.recognise(unquote_to_bytes(value)) if unquote_to_bytes(name) == b"key" else None
            if known:
                found.append(known)
            else:
                parts.append(part)
        return b"&".join(parts)

    def holder(self, explicit: bytes | None, found: list[Digest]) -> Holder | None:
        """Whose token it is; one in our own header decides alone."""
        if self.mine is None:
            return None
        candidates = found if explicit is None else [digest(bare(explicit)[: LONGEST + 1])]
        for candidate in candidates:
            # Digests, not tokens, are compared: what their comparison takes tells nothing about a token.
            if holder := self.mine.get(candidate):
                return in_date(holder)
        raise Refusal(
            401,
            2009,
            "unauthorized",
            "Unauthorized: send a token of this gateway as `cf-aig-authorization: Bearer <token>`,"
            " or where your SDK puts its API key.",
        )


def in_date(holder: Holder) -> Holder:
    """`holder`, unless the token has expired: then Refusal 401."""
    if time.time() < holder.expires:
        return holder
    day = time.strftime("%Y-%m-%d", time.gmtime(holder.expires))
    raise Refusal(401, 2009, "token_expired", f"Unauthorized: the token {holder.name} expired on {day}.")
