"""The providers that gateways.yaml may name, for those who load it."""

from typing import Final

from gateway.providers import rows

EXTRAS: Final = {"aws": "aws", "google": "google"}
"""A row's way of signing, and the extra of the package that it needs."""


def providers() -> dict[str, str]:
    """Names and aliases of all providers, each with the extra its stored keys need, or with nothing."""
    found = rows.load()
    names = {name: name for name in found} | rows.ALIASES
    return {name: extra(found[row].auth) for name, row in names.items()}


def extra(auth: object) -> str:
    """The extra for a way of signing."""
    return EXTRAS.get(auth, "") if isinstance(auth, str) else ""
