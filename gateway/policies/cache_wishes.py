"""What a call's headers ask of the cache, in Cloudflare's names, old ones included."""

from typing import Final

import msgspec

from gateway.wire.wishes import Control, bad, switch

SKIP, OLD_SKIP = b"cf-aig-skip-cache", b"cf-skip-cache"
TTL, OLD_TTL = b"cf-aig-cache-ttl", b"cf-cache-ttl"
KEY: Final = b"cf-aig-cache-key"
NAMES: Final = frozenset((SKIP, OLD_SKIP, TTL, OLD_TTL, KEY))

USUAL: Final = 300.0
"""Seconds, where a client opts in and nobody says how long: Cloudflare's."""
LONGEST: Final = 30 * 86400
LONGEST_KEY: Final = 1024


class Wish(msgspec.Struct, frozen=True):
    """How the cache treats a call."""

    ttl: float
    """Seconds its answer is kept; 0 passes it by."""
    key: bytes | None = None
    """The client's own key, where it gave one."""


OFF: Final = Wish(0.0)
PAST: Final = Wish(0.0)


def read(control: Control, ttl: float) -> Wish:
    """What is to happen with a call, where the gateway keeps answers for `ttl`; raises Refusal 400.

    `OFF` is that nothing does; `PAST` that the cache would have a part in the call, and was asked to have none.
    """
    if NAMES.isdisjoint(control):
        return Wish(ttl) if ttl else OFF
    skip = switch(control, SKIP if SKIP in control else OLD_SKIP, False)
    seconds = wanted(control, TTL if TTL in control else OLD_TTL)
    key = chosen(control)
    if key is None and not ttl:
        return OFF
    if skip or seconds == 0:
        return PAST
    return Wish(seconds or ttl or USUAL, key)


def wanted(control: Control, name: bytes) -> float | None:
    """A header with seconds; None where absent; raises Refusal 400."""
    value = control.get(name)
    if value is None:
        return None
    if len(value) > 12 or not value.isdigit() or int(value) > LONGEST:
        raise bad(name.decode(), f"give seconds between 0 (not cached) and {LONGEST}.")
    return float(value)


def chosen(control: Control) -> bytes | None:
    """The client's own key; None where absent; raises Refusal 400."""
    value = control.get(KEY)
    if value is not None and not 0 < len(value) <= LONGEST_KEY:
        raise bad(KEY.decode(), f"give 1 to {LONGEST_KEY} bytes.")
    return value
