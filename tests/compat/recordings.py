"""Which recordings are asked for, as which model of which provider, and what must arrive at that provider."""

import json
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Any
from urllib.parse import unquote, urlsplit

from gateway.providers.rows import load
from gateway.providers.speech import FAMILIES, chosen, speeches
from tests import corpus
from tests.compat.told import Told, told
from tests.corpus import Exchange

SURFACES = {
    "chat": "openai_chat",
    "openai-chat": "openai_chat",
    "mantle-chat": "openai_chat",
    "responses": "openai_responses",
    "mantle-responses": "openai_responses",
    "messages": "anthropic_messages",
    "anthropic-messages": "anthropic_messages",
    "generateContent": "gemini_generate",
    "converse": "bedrock_converse",
    "invoke": "anthropic_messages",
    "v2-chat": "cohere_chat",
}
SLUGS = {
    **{name: name for name in ("openai", "anthropic", "cerebras", "cohere", "deepseek", "groq", "mistral", "alibaba")},
    **{name: name for name in ("openrouter", "together", "huggingface", "azure-openai")},
    "gemini": "google-ai-studio",
    "perplexity": "perplexity-ai",
    "xai": "grok",
    "vertex": "google-vertex-ai",
    "bedrock": "aws-bedrock",
}
OWN = "custom-own"
"""A provider of one's own that speaks chat completions: for those without a row."""
RESPONSES, CONVERSE = "only-responses", "only-converse"
"""Rows of the tests' own, see rows/sitecustomize.py."""


@dataclass(frozen=True, eq=False)
class Recording:
    """An exchange with the dialect that it is of."""

    exchange: Exchange
    dialect: str

    @property
    def id(self) -> str:
        return self.exchange.id

    @property
    def group(self) -> str:
        return f"{self.exchange.provider} {self.exchange.surface}"

    @cached_property
    def said(self) -> Told:
        return told(self.exchange, self.dialect)

    @property
    def model(self) -> str:
        """The model as its provider calls it."""
        if self.dialect == "openai_chat" and self.exchange.surface == "chat":
            return json.loads(self.exchange.request_body or b"{}").get("model") or self.exchange.model
        return self.exchange.model or "model"


def claude(exchange: Exchange) -> bool:
    """Of InvokeModel only Claude's messages are conversations; its older text completions are not."""
    return "anthropic" in exchange.url and b'"max_tokens_to_sample"' not in exchange.request_body


@cache
def recordings() -> tuple[Recording, ...]:
    return tuple(
        Recording(one, SURFACES[one.surface])
        for one in corpus.exchanges()
        if one.surface in SURFACES and (one.surface != "invoke" or claude(one))
    )


@cache
def groups() -> dict[str, list[Recording]]:
    """By provider and surface."""
    found: dict[str, list[Recording]] = {}
    for one in recordings():
        found.setdefault(one.group, []).append(one)
    return found


def spoken(slug: str, model: str, client: str) -> str:
    """The dialect that a call for this model goes out in."""
    row = load().get(slug)
    found = chosen(FAMILIES["openai"] if row is None else speeches(row), model, client)
    return found.dialect if found else ""


def named(recording: Recording, slug: str) -> str:
    """The model as a client names it below a slug."""
    return f"scrubbed-resource/{recording.model}" if slug == "azure-openai" else recording.model


def home(recording: Recording, client: str) -> str:
    """The slug under which a client of this dialect gets at this recording; empty where there is none."""
    if recording.dialect == "openai_responses" and client != "openai_responses":
        return RESPONSES
    slug = SLUGS.get(recording.exchange.provider, OWN)
    if slug != OWN and spoken(slug, named(recording, slug), client) == recording.dialect:
        return slug
    return {"openai_chat": OWN, "openai_responses": RESPONSES, "bedrock_converse": CONVERSE}.get(recording.dialect, "")


TAILS = {
    "openai_chat": "/chat/completions",
    "openai_responses": "/responses",
    "anthropic_messages": "/v1/messages",
    "cohere_chat": "/v2/chat",
}


def arrives(recording: Recording, slug: str) -> str:
    """The end of the path at which the provider must be asked, as it was recorded."""
    exchange = recording.exchange
    path = unquote(urlsplit(exchange.url).path)
    if recording.dialect in ("gemini_generate", "bedrock_converse") or exchange.surface in (
        "invoke",
        "anthropic-messages",
    ):
        return path[path.index("/model") :] if "/publishers/" not in path else path[path.index("/publishers/") :]
    # Some were recorded at other paths of the same provider's: a beta, a partner of Hugging Face's, one deployment.
    other = slug in (OWN, RESPONSES, "azure-openai", "huggingface", "deepseek")
    return TAILS[recording.dialect] if other else path


def faults(recording: Recording, slug: str, target: str, body: bytes) -> list[str]:
    """What is wrong with a request that asks for a recording."""
    found = []
    split = urlsplit(target)
    if not unquote(split.path).endswith(arrives(recording, slug)):
        found.append(f"{target} does not end in {arrives(recording, slug)}")
    google = recording.dialect == "gemini_generate" and recording.exchange.stream
    if split.query != ("alt=sse" if google else ""):
        found.append(f"query {split.query}")
    try:
        asked = json.loads(body)
    except ValueError:
        return [*found, "no JSON"]
    if not SAYS[recording.dialect](asked):
        found.append(f"no request of {recording.dialect}: {asked}")
    in_path = recording.dialect in ("gemini_generate", "bedrock_converse") or "/publishers/" in target
    if not in_path and recording.exchange.surface != "invoke" and asked.get("model") != recording.model:
        found.append(f"model {asked.get('model')}")
    if "stream" in asked and asked["stream"] is not recording.exchange.stream:
        found.append(f"stream {asked['stream']}")
    return found


def words(content: Any) -> str:
    return content if isinstance(content, str) else "".join(part["text"] for part in content)


def asks(turns: list[dict[str, Any]], role: str = "user") -> bool:
    return [(one["role"], words(one.get("content") or one.get("parts"))) for one in turns] == [(role, "Hi")]


SAYS = {
    "openai_chat": lambda asked: asks(asked["messages"]),
    "openai_responses": lambda asked: asked["input"] == "Hi" or asks(asked["input"]),
    "anthropic_messages": lambda asked: asks(asked["messages"]) and asked["max_tokens"] > 0,
    "gemini_generate": lambda asked: asks(asked["contents"]),
    "bedrock_converse": lambda asked: asks(asked["messages"]),
    "cohere_chat": lambda asked: asks(asked["messages"]),
}
