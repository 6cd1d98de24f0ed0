"""One clock per provider key: when a provider asked to be left alone, every call with that key knows."""

import hashlib
from collections.abc import Callable, Mapping
from typing import Final, TypeAlias

import msgspec

from gateway.call import Call

Whose: TypeAlias = tuple[str, str, bytes, str]
"""Provider, key alias, a hash of the credentials that the client sent, model."""

LONGEST: Final = 60.0
"""Seconds after which a provider that asked for more is asked again all the same."""
MOST: Final = 4096
"""Clocks that are kept; models and keys come from clients."""
ALIAS: Final = b"cf-aig-byok-alias"


class Rest(msgspec.Struct, frozen=True):
    """How long a key rests."""

    wanted: float
    """Until when the provider wants it to."""
    over: float
    """When we ask again, whatever it wants."""


class Rests:
    """The clocks of one gateway, in this process."""

    def __init__(self, slots: Mapping[str, frozenset[bytes]], now: Callable[[], float]) -> None:
        self.slots, self.now = slots, now
        self.rests: dict[Whose, Rest] = {}

    def whose(self, call: Call) -> Whose:
        """Which clock a call goes by; no secret is in it."""
        slots = self.slots.get(call.provider, frozenset())
        hashed = hashlib.sha256(call.query)
        brought = [value for name, value in call.headers if name in slots]
        for value in brought:
            hashed.update(len(value).to_bytes(8, "big") + value)
        digest = hashed.digest() if brought or call.query else b""
        return call.provider, call.control.get(ALIAS, b"").decode("latin-1"), digest, call.asked.model

    def begin(self, whose: Whose, seconds: float) -> None:
        """Let a key rest; a longer rest that it has stays."""
        now = self.now()
        known = self.rests.get(whose)
        if known is None and len(self.rests) >= MOST:
            self.forget(now)
        if known is None or known.wanted < now + seconds:
            self.rests[whose] = Rest(now + seconds, now + min(seconds, LONGEST))

    def left(self, whose: Whose) -> float:
        """Seconds that the provider still wants the key to rest; 0 where nobody need wait."""
        rest = self.rests.get(whose)
        if rest is None:
            return 0.0
        now = self.now()
        if now < rest.over:
            return rest.wanted - now
        del self.rests[whose]
        return 0.0

    def forget(self, now: float) -> None:
        """Make room: what is over goes, else the oldest."""
        self.rests = {whose: rest for whose, rest in self.rests.items() if now < rest.over}
        while len(self.rests) >= MOST:
            del self.rests[next(iter(self.rests))]
