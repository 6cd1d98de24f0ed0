"""Calls as the edge makes them, for tests of where they go."""

from gateway.call import Asked, Call, Record
from gateway.providers.outbound import Target
from gateway.providers.provider import Provider, compiled
from gateway.settings.blocks import ProviderBlock
from gateway.settings.units import Secret


def call(path: str, query: str = "", *, headers=(), control=None, method: str = "POST", account: str = "acme") -> Call:
    record = Record(id="1", created=0, started=0.0, account=account)
    return Call(method, "", path.encode(), query.encode(), list(headers), dict(control or {}), b"", Asked(), record)


def url(target: Target) -> str:
    port = "" if target.port == {"http": 80, "https": 443}[target.scheme] else f":{target.port}"
    host = f"[{target.host}]" if ":" in target.host else target.host
    return f"{target.scheme}://{host}{port}{target.path.decode('latin-1')}"


def provider(name: str, **changes) -> Provider:
    """A built-in provider, or one called custom-NAME, as the settings change it."""
    block = {name.removeprefix("custom-"): ProviderBlock(**changes)} if changes else {}
    return compiled(block)[name]


def goes_to(name: str, path: str, *, key: str | None = None, base_url: str | None = None) -> str:
    path, _, query = path.partition("?")
    changes = {"base_url": base_url} if base_url else {}
    return url(provider(name, **changes).target(call(path, query), Secret(key) if key else None))
