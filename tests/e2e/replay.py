"""Recorded exchanges as a client would send them through the gateway, and the provider that plays them back."""

import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from tests.corpus import Exchange
from tests.world import Asked, Says

HOP = {"connection", "keep-alive", "transfer-encoding", "content-length", "host", "te", "trailer", "upgrade"}
ID = "x-exchange"

# Host (or its end) of the recording, to the provider's slug and what its base holds before the client's path.
NATIVE = {
    "api.openai.com": ("openai", "/v1"),
    "api.anthropic.com": ("anthropic", ""),
    "api.cerebras.ai": ("cerebras", "/v1"),
    "api.cohere.com": ("cohere", ""),
    "api.deepseek.com": ("deepseek", ""),
    "generativelanguage.googleapis.com": ("google-ai-studio", ""),
    "api.groq.com": ("groq", "/openai/v1"),
    "api.mistral.ai": ("mistral", ""),
    "openrouter.ai": ("openrouter", "/api"),
    "api.perplexity.ai": ("perplexity-ai", ""),
    "api.replicate.com": ("replicate", "/v1"),
    "api.together.xyz": ("together", "/v1"),
    "api.together.ai": ("together", "/v1"),
    "api.x.ai": ("grok", ""),
    "aiplatform.googleapis.com": ("google-vertex-ai", ""),
    "router.huggingface.co": ("huggingface", ""),
}
# Providers without a row: reached as a provider of one's own, with this dialect.
OWN = {
    *("alibaba", "avian", "crusoe", "gpustack", "heroku", "llama-cpp", "lmstudio", "ollama", "snowflake-cortex"),
    *("vercel-gateway", "voyage", "watsonx", "writer", "zai", "aleph-alpha", "portkey", "huggingface", "replicate"),
}


@dataclass(frozen=True)
class Route:
    """Where a recorded exchange goes through the gateway, and what must arrive at the provider."""

    slug: str
    path: str
    target: str


def route(exchange: Exchange) -> Route | None:
    """The exchange's native URL, or None where it has none."""
    url = urlsplit(exchange.url)
    target = url.path + (f"?{url.query}" if url.query else "")
    host = url.netloc
    if found := re.fullmatch(r"(bedrock-(?:runtime|mantle))\.([a-z0-9-]+)\.(?:amazonaws\.com|api\.aws)", host):
        return Route("aws-bedrock", f"{found[1]}/{found[2]}{target}", target)
    if found := re.fullmatch(r"([a-z0-9-]+)\.openai\.azure\.com", host):
        if match := re.fullmatch(r"/openai/deployments/([^/]+)/(.*)", target):
            return Route("azure-openai", f"{found[1]}/{match[1]}/{match[2]}", target)
        return None
    if host.endswith("-aiplatform.googleapis.com"):
        return Route("google-vertex-ai", target[1:], target)
    if host in NATIVE:
        slug, prefix = NATIVE[host]
        return Route(slug, target.removeprefix(prefix)[1:], target) if target.startswith(prefix) else None
    if exchange.provider in OWN:
        return Route("custom-own", target[1:], target)
    return None


def yaml(url: str) -> str:
    """Settings under which every provider is the one at `url`."""
    lines = ["providers:"]
    for slug, prefix in sorted(set(NATIVE.values()) | {("aws-bedrock", ""), ("azure-openai", "")}):
        lines.append(f"  {slug}: {{base_url: {url}{prefix}}}")
    lines.append(f"  own: {{base_url: {url}, dialect: openai}}")
    return "\n".join([*lines, "accounts: {acme: {gateways: {replay: {}}}}"]) + "\n"


class Player:
    """Answers a request with the exchange whose id it carries, in the recorded chunks."""

    def __init__(self, exchanges: tuple[Exchange, ...]) -> None:
        self.by_id = {exchange.id: exchange for exchange in exchanges}

    def __call__(self, asked: Asked) -> Says:
        exchange = self.by_id[asked.header(ID) or ""]
        headers = {name: value for name, value in exchange.headers.items() if name not in HOP}
        framing = "chunked" if exchange.stream or exchange.chunk_sizes else "length"
        return Says(exchange.status, headers, [chunk for chunk in exchange.chunks if chunk], framing)
