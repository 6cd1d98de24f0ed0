"""Thoughts' signatures as `thoughtSignature` has them: base64, also where another dialect made the signature.

Google's own pass as they are. A foreign one is marked (`gateway.translation.signatures`) and the marked text becomes
base64, since google-genai decodes the member to bytes; what else its maker needs back is put in with it as JSON.
"""

from base64 import b64decode, b64encode
from typing import Final

from msgspec import DecodeError

from gateway.conversation.parts import Thinking
from gateway.translation.gemini_generate.words import NAME, decode, encode
from gateway.translation.signatures import MARK, inward, outward
from gateway.translation.values import soft

STANDARD: Final = str.maketrans("-_", "+/")

SEALED: Final = b64encode(MARK.encode()).decode()[:4]
"""How base64 of a marked signature begins: the mark is three bytes long, four characters."""


def sealed(thinking: Thinking) -> str:
    """A thought's signature as a client of this dialect gets it; empty where there is nothing to give back."""
    if thinking.maker == NAME:
        return thinking.signature
    besides = {"redacted": thinking.redacted, "id": thinking.id}
    if any(besides.values()) or thinking.signature.startswith("{"):
        return _marked(encode({"signature": thinking.signature, **besides}).decode(), thinking.maker)
    return _marked(thinking.signature, thinking.maker)


def sealed_call(signature: str, maker: str) -> str:
    """A call's signature as a client of this dialect gets it."""
    return sealed(Thinking(signature=signature, maker=maker))


def _marked(text: str, maker: str) -> str:
    """Base64 of the marked text, or nothing of nothing."""
    return b64encode(outward(text, maker, NAME).encode()).decode() if text else ""


def unsealed(signature: str) -> Thinking:
    """A thought without words that has its maker's own signature again."""
    if signature[:4].translate(STANDARD) != SEALED:
        return Thinking(signature=signature, maker=NAME, summary=True)
    try:
        marked = b64decode(padded(standard(signature))).decode()
    except ValueError:
        return Thinking(signature=signature, maker=NAME, summary=True)
    bare, maker = inward(marked, NAME)
    if bare == marked:
        return Thinking(signature=signature, maker=NAME, summary=True)
    if not bare.startswith("{"):
        return Thinking(signature=bare, maker=maker, summary=maker == NAME)
    try:
        besides = decode(bare)
    except (DecodeError, RecursionError):
        besides = {}
    signature, redacted, id = (soft(besides.get(name), str, "") for name in ("signature", "redacted", "id"))
    return Thinking(signature=signature, redacted=redacted, id=id, maker=maker)


def standard(encoded: str) -> str:
    """Base64 in the usual alphabet: google-genai writes the one for URLs (RFC 4648, section 5)."""
    return encoded.translate(STANDARD) if "-" in encoded or "_" in encoded else encoded


def padded(encoded: str) -> str:
    """Base64 with the padding that some clients leave out."""
    return encoded + "=" * (-len(encoded) % 4)
