"""Readers of our own request headers: switches, milliseconds, metadata; all bounded, all refusing with a sentence."""

import math
from typing import Final, TypeAlias

import msgspec

from gateway.call import Refusal

Control: TypeAlias = dict[bytes, bytes]

LONGEST: Final = 8192
ENTRIES: Final = 64
SWITCH: Final = {b"true": True, b"false": False}


def bad(name: str, sentence: str) -> Refusal:
    """A Refusal 400 that names the header and what it should look like."""
    return Refusal(400, 2100, "invalid_header", f"{name}: {sentence}")


def switch(control: Control, name: bytes, otherwise: bool) -> bool:
    """A header that says `true` or `false`; raises Refusal 400 for anything else."""
    value = control.get(name)
    if value is None:
        return otherwise
    try:
        return SWITCH[value.strip().lower()]
    except KeyError:
        raise bad(name.decode(), "say `true` or `false`.") from None


def milliseconds(control: Control, name: bytes) -> float | None:
    """A header with a positive number of milliseconds, as seconds; None where absent; raises Refusal 400."""
    value = control.get(name)
    if value is None:
        return None
    if len(value) > 12 or not value.isdigit() or not 0 < int(value) <= 86_400_000:
        raise bad(name.decode(), "give milliseconds between 1 and 86400000.")
    return int(value) / 1000


def metadata(control: Control) -> dict[str, str | int | float | bool]:
    """The tags of cf-aig-metadata: a flat JSON object; keys that begin with `cf.` are dropped, as Cloudflare does."""
    value = control.get(b"cf-aig-metadata")
    if value is None:
        return {}
    wrong = bad("cf-aig-metadata", "give a flat JSON object of strings, numbers and booleans.")
    if len(value) > LONGEST:
        raise bad("cf-aig-metadata", f"at most {LONGEST} bytes.")
    try:
        tags = msgspec.json.decode(value)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
        raise wrong from None
    if not isinstance(tags, dict) or not all(flat(tag) for tag in tags.values()):
        raise wrong
    if len(tags) > ENTRIES:
        raise bad("cf-aig-metadata", f"at most {ENTRIES} entries.")
    return {name: tag for name, tag in tags.items() if not name.startswith("cf.")}


def flat(tag: object) -> bool:
    """Whether a metadata value is one that logs and spans can carry."""
    return isinstance(tag, str | int) or (isinstance(tag, float) and math.isfinite(tag))
