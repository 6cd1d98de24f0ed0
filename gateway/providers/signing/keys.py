"""Keys that go out as they are, in a header; and credentials of the client's own, which pass."""

from collections.abc import Sequence
from functools import lru_cache
from typing import Final

import msgspec

from gateway.call import Headers, Refusal
from gateway.providers.outbound import Outbound, Signer
from gateway.settings.units import Secret

SCHEMES: Final = frozenset((b"bearer", b"token", b"key"))


class Relay:
    """No key of ours: what the client sent passes untouched, its own signature included."""

    constant = True

    async def sign(self, outbound: Outbound) -> Headers:
        """The client's headers."""
        return outbound.headers


class KeyHeader:
    """A stored key in one header, in place of whatever the client put into any of the provider's slots."""

    constant = True

    def __init__(self, name: str, prefix: str, key: str, slots: frozenset[bytes]) -> None:
        self.pair = (name.encode(), (prefix + key).encode("ascii"))
        self.slots = slots

    async def sign(self, outbound: Outbound) -> Headers:
        """The client's headers but for their credentials, and the key."""
        slots = self.slots
        headers = [pair for pair in outbound.headers if pair[0] not in slots]
        headers.append(self.pair)
        return headers


class Pathwise:
    """Two ways of sending one key: some paths of a provider take it as a bearer only."""

    constant = True

    def __init__(self, usual: Signer, bearer: Signer, parts: Sequence[str]) -> None:
        self.usual, self.bearer = usual, bearer
        self.parts = tuple(part.encode() for part in parts)

    async def sign(self, outbound: Outbound) -> Headers:
        """The headers, by the path at the provider."""
        path = outbound.target.path
        for part in self.parts:
            if part in path:
                return await self.bearer.sign(outbound)
        return await self.usual.sign(outbound)


class Unusable:
    """A stored key that cannot be sent: every call that needs it is refused, with the reason."""

    constant = False

    def __init__(self, sentence: str) -> None:
        self.sentence = sentence

    async def sign(self, outbound: Outbound) -> Headers:
        """Raise Refusal 500."""
        raise Refusal(500, 2040, "key_unusable", self.sentence)


@lru_cache(maxsize=256)
def structured(text: str) -> dict[str, str]:
    """A key that is a JSON object, its text fields; empty for a key that is plain text."""
    if not text.lstrip().startswith("{"):
        return {}
    try:
        fields = msgspec.json.decode(text)
    except (msgspec.DecodeError, UnicodeEncodeError, RecursionError):
        return {}
    return {name: value for name, value in fields.items() if isinstance(value, str)} if isinstance(fields, dict) else {}


def plain(key: Secret) -> str:
    """A key as it goes into a header: files and environment variables like to end in a newline."""
    return key.reveal().strip()


def problem(text: str) -> str:
    """Why a key cannot go into a header; empty when it can."""
    if not text:
        return "is empty"
    if not (text.isascii() and text.isprintable()):
        return "holds a character that no header can carry"
    return ""


def bare(value: bytes) -> bytes:
    """A credential without its scheme."""
    words = value.split(None, 1)
    return words[1] if len(words) == 2 and words[0].lower() in SCHEMES else value


def credential(value: bytes) -> bool:
    """Whether a header's value is a credential: more than an empty one, or a scheme with nothing after it."""
    words = value.split(None, 1)
    return bool(words) and (len(words) == 2 or words[0].lower() not in SCHEMES)
