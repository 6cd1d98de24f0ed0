"""The stage official SDKs play on: one gateway process, and for each SDK a provider on loopback in its wire format."""

import contextlib
import json
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from tests import world
from tests.sdks.answers import anthropic, bedrock, cohere, gemini, openai
from tests.world import Asked, Gateway, Provider

TOKEN = "gw-token-of-the-sdk-tests-0123456789"
AWS = {"accessKeyId": "AKIDSTORED", "secretAccessKey": "stored-secret", "region": "us-east-1"}

# What the SDK's own default base URL has after its host is part of the row's base_url, as in the built-in rows.
PROVIDERS = {
    "openai": (openai.says, "/v1"),
    "anthropic": (anthropic.says, ""),
    "google-ai-studio": (gemini.says, ""),
    "cerebras": (openai.says, "/v1"),
    "groq": (openai.says, "/openai/v1"),
    "mistral": (openai.says, ""),
    "cohere": (cohere.says, ""),
    "aws-bedrock": (bedrock.says, ""),
}
STORED = {name: f"stored-key-of-{name}" for name in PROVIDERS} | {"aws-bedrock": json.dumps(AWS)}

# Of this hop, or made anew for each request.
OF_ONE_REQUEST = {"connection", "amz-sdk-invocation-id"}


@dataclass
class Seen:
    """What one provider was asked and what the gateway wrote down since the watch began."""

    gateway: Gateway
    provider: Provider
    lines_before: int
    asked_before: int

    @property
    def requests(self) -> list[Asked]:
        return self.provider.asked[self.asked_before :]

    @property
    def asked(self) -> Asked:
        """The one request that reached the provider."""
        (one,) = self.requests
        return one

    def lines(self, count: int = 1, within: float = 3.0) -> list[dict[str, Any]]:
        until = time.monotonic() + within
        while len(lines := self.gateway.lines()[self.lines_before :]) < count and time.monotonic() < until:
            time.sleep(0.01)
        return lines

    @property
    def line(self) -> dict[str, Any]:
        """The one log line of the one call."""
        (one,) = self.lines()
        return one

    def told(self, *fields: str) -> tuple[Any, ...]:
        """These fields of the one log line."""
        line = self.line
        return tuple(line[field] for field in fields)


class Stage:
    def __init__(self, gateway: Gateway, providers: dict[str, Provider]) -> None:
        self.gateway, self.providers = gateway, providers

    def url(self, slug: str, gateway: str = "main") -> str:
        """The base URL a user types: what differs from the provider's own."""
        return f"{self.gateway.url}/v1/acme/{gateway}/{slug}"

    @contextlib.contextmanager
    def watch(self, slug: str) -> Iterator[Seen]:
        # Lines are written a moment after their call: one of our own comes after all that are still on their way.
        marker = self.gateway.call("/v1/acme/main/nobody", None, "GET")
        line = self.gateway.line(marker.log_id)
        provider = self.providers[slug]
        yield Seen(self.gateway, provider, self.gateway.lines().index(line) + 1, len(provider.asked))

    def straight(self, slug: str, call: Callable[[str], object], default: str) -> Asked:
        """The request of `call` when its base URL is the SDK's own default, at the loopback provider."""
        before = len(self.providers[slug].asked)
        call(self.providers[slug].url + default)
        return self.providers[slug].asked[before:][-1]

    def relayed(self, slug: str, call: Callable[[str], object]) -> Asked:
        """The request of `call` through the gateway, as the provider got it."""
        before = len(self.providers[slug].asked)
        call(self.url(slug))
        return self.providers[slug].asked[before:][-1]


def request(asked: Asked) -> tuple[str, str, list[tuple[str, str]], bytes]:
    """All of a request that does not change from one to the next."""
    headers = [(name.lower(), value) for name, value in asked.headers]
    return asked.method, asked.target, sorted(pair for pair in headers if pair[0] not in OF_ONE_REQUEST), asked.body


def yaml(providers: dict[str, Provider]) -> str:
    rows = "\n".join(f'  {name}: {{base_url: "{one.url}{PROVIDERS[name][1]}"}}' for name, one in providers.items())
    keys = "\n".join(f"          {name}: '{key}'" for name, key in STORED.items())
    return f"""
providers:
{rows}
accounts:
  acme:
    gateways:
      main: {{}}
      closed:
        authentication: {{tokens: [{{name: web, token: "${{TOKEN}}"}}]}}
        keys:
{keys}
      resigning:
        client_keys: ignore
        keys: {{aws-bedrock: '{STORED["aws-bedrock"]}'}}
"""


@contextlib.contextmanager
def open_stage(folder) -> Iterator[Stage]:
    with contextlib.ExitStack() as stack:
        providers = {name: stack.enter_context(world.provider(says)) for name, (says, _) in PROVIDERS.items()}
        gateway = stack.enter_context(world.gateway(folder, yaml(providers), {"TOKEN": TOKEN}))
        yield Stage(gateway, providers)
