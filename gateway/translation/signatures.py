"""A thought's signature on its way through a foreign dialect.

A signature is opaque, and only its maker takes it back: Anthropic answers 400 to one of Google's. A client of another
dialect gets it with its maker's name before it, and returns it so; one of the maker's own dialect never sees the name.
"""

from typing import Final

MARK: Final = "gw~"
"""Begins a signature that is marked; no provider's is known to begin so (theirs are base64 or base64url)."""


def outward(signature: str, maker: str, client: str) -> str:
    """A signature as a client of dialect `client` gets it."""
    if not signature or maker == client:
        return signature
    return f"{MARK}{maker}~{signature}"


def inward(signature: str, client: str) -> tuple[str, str]:
    """A signature as its maker wrote it, and its maker's dialect: the client's own where it is not marked."""
    if signature.startswith(MARK):
        maker, found, bare = signature[len(MARK) :].partition("~")
        if found:
            return bare, maker
    return signature, client
