"""Which provider key a call goes out with: the client's own, or a stored one of the alias it asked for."""

import time
from collections.abc import Iterator, Mapping, Sequence
from typing import Final, Literal, TypeAlias

import msgspec

from gateway.call import Call, Refusal
from gateway.providers.outbound import Signer
from gateway.settings.units import Secret

ClientKeys: TypeAlias = Literal["prefer", "ignore", "forbid"]

REST: Final = 60.0
"""Seconds that a key rests after a 401, and after a 429 that does not say how long."""
LONGEST_REST: Final = 600.0


class Key(msgspec.Struct, frozen=True):
    """One key, with the signer that was made for it once; without a secret it is the client's own."""

    signer: Signer
    secret: Secret | None = None


class Ring:
    """The keys of one alias: used from the last good one on; a refused key rests while another is there."""

    def __init__(self, alias: str, keys: Sequence[Key]) -> None:
        self.alias, self.keys = alias, tuple(keys)
        self.first = 0
        self.rests = [0.0] * len(self.keys)

    def order(self) -> Iterator[tuple[int, Key]]:
        """Each key once, those that rest last."""
        if len(self.keys) == 1:
            yield 0, self.keys[0]
            return
        now, count = time.monotonic(), len(self.keys)
        turn = [(self.first + step) % count for step in range(count)]
        for index in sorted(turn, key=lambda index: self.rests[index] > now):
            yield index, self.keys[index]

    def refused(self, index: int, retry_after: bytes) -> None:
        """Let a key rest, and begin with the next one from now on."""
        seconds = float(retry_after[:9]) if retry_after.isdigit() else REST
        self.rests[index] = time.monotonic() + min(seconds, LONGEST_REST)
        if self.first == index:
            self.first = (index + 1) % len(self.keys)


def choose(call: Call, rings: Mapping[str, Ring], policy: ClientKeys, *, brought: bool) -> Ring | None:
    """The ring to sign from, or None when the call goes out with what the client sent.

    `brought` says whether the client sent a key of this provider. Raises Refusal 400/2040 for an unknown alias, and 403
    for a client's key where `client_keys: forbid` stands.
    """
    if brought and policy == "forbid":
        raise Refusal(
            403, 2104, "client_key_forbidden", "Send no provider key: this gateway uses its own (client_keys: forbid)."
        )
    wanted = call.control.get(b"cf-aig-byok-alias")
    if wanted is None:
        return None if brought and policy == "prefer" else rings.get("default")
    alias = wanted.decode("latin-1")
    if ring := rings.get(alias):
        return ring
    names = ", ".join(f"'{name}'" for name in rings) or "none"
    raise Refusal(
        400,
        2040,
        "unknown_key_alias",
        f"Provider '{call.provider}' has no BYOK credential named '{alias[:64]}'. Configured aliases: {names}.",
    )
