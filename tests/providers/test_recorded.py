"""Every recorded exchange whose host a row knows: the URL as a client of the gateway writes it leads back there."""

import re
from collections import Counter
from urllib.parse import urlsplit

import pytest

from gateway.call import Asked, Call
from gateway.providers.provider import compiled
from gateway.settings.blocks import ProviderBlock
from tests.corpus import Exchange, exchanges, present
from tests.providers.calls import call, url

# A host, and what a client writes after the gateway's name instead of it.
CLIENTS = [
    (r"https://api\.openai\.com/v1/(.*)", "openai", r"\1"),
    (r"https://api\.anthropic\.com/(.*)", "anthropic", r"\1"),
    (r"https://([\w-]+)\.openai\.azure\.com/openai/deployments/(.*)", "azure-openai", r"\1/\2"),
    (r"https://([\w-]+)\.openai\.azure\.com/(/?openai/.*)", "azure-openai", r"\1/\2"),
    (r"https://(bedrock-\w+)\.([\w-]+)\.(?:amazonaws\.com|api\.aws)/(.*)", "aws-bedrock", r"\1/\2/\3"),
    (r"https://api\.cerebras\.ai/v1/(.*)", "cerebras", r"\1"),
    (r"https://api\.cohere\.com/(.*)", "cohere", r"\1"),
    (r"https://api\.deepseek\.com/(.*)", "deepseek", r"\1"),
    (r"https://generativelanguage\.googleapis\.com/(.*)", "google-ai-studio", r"\1"),
    (r"https://(?:[\w-]+-)?aiplatform\.googleapis\.com/(.*)", "google-vertex-ai", r"\1"),
    (r"https://api\.groq\.com/openai/v1/(.*)", "groq", r"\1"),
    (r"https://router\.huggingface\.co/(.*)", "huggingface", r"\1"),
    (r"https://api\.mistral\.ai/(.*)", "mistral", r"\1"),
    (r"https://openrouter\.ai/api/(.*)", "openrouter", r"\1"),
    (r"https://api\.perplexity\.ai/(.*)", "perplexity-ai", r"\1"),
    (r"https://api\.replicate\.com/v1/(.*)", "replicate", r"\1"),
    (r"https://api\.x\.ai/v1/(.*)", "grok", r"\1"),
    (r"https://dashscope-intl\.aliyuncs\.com/compatible-mode/v1/(.*)", "alibaba", r"\1"),
    (r"https://api\.together\.xyz/v1/(.*)", "together", r"\1"),
]
NOT_NATIVE = {
    "aleph-alpha", "avian", "crusoe", "gpustack", "heroku", "llama-cpp", "lmstudio", "ollama", "portkey",
    "snowflake-cortex", "vercel-gateway", "voyage", "watsonx", "writer", "zai",
    # Their other hosts: services.ai.azure.com, dedicated endpoints, file streams, api.together.ai.
    "azure-openai", "huggingface", "replicate", "together",
}  # fmt: skip


def as_a_client_writes_it(recorded: Exchange) -> tuple[str, Call] | None:
    """The provider's slug and the call; None where the host is not a row's."""
    for form, slug, path in CLIENTS:
        if match := re.fullmatch(form, recorded.url):
            path, _, query = match.expand(path).partition("?")
            return slug, call(path, query, method=recorded.method)
    return None


@present
def test_every_recorded_url_is_reached():
    providers = compiled({})
    reached = Counter()
    for recorded in exchanges():
        if found := as_a_client_writes_it(recorded):
            slug, asked = found
            assert url(providers[slug].target(asked, None)) == recorded.url, recorded.id
            reached[slug] += 1
    assert sum(reached.values()) == 791
    assert len(reached) == 18


@present
def test_what_has_no_native_url_is_reached_as_a_custom_provider():
    for recorded in exchanges():
        if as_a_client_writes_it(recorded) is None:
            parts = urlsplit(recorded.url)
            folder, _, rest = parts.path.partition("/v1/") if "/v1/" in parts.path else ("", "", parts.path[1:])
            root = f"{parts.scheme}://{parts.netloc}{folder}" + ("/v1" if "/v1/" in parts.path else "")
            made = compiled({"mine": ProviderBlock(base_url=root)})["custom-mine"]
            there = url(made.target(call(rest, parts.query), None))
            assert there == recorded.url.replace(":443", ""), recorded.id
            assert recorded.provider in NOT_NATIVE | {"azure-openai", "huggingface", "replicate", "together"}, (
                recorded.id
            )


def differences():
    """Recorded exchanges whose model or stream the path, query and body do not tell as the corpus does."""
    providers = compiled({})
    for recorded in exchanges():
        found = as_a_client_writes_it(recorded)
        if found is None or not recorded.request_recorded:
            continue
        slug, asked = found
        kind = recorded.request_headers.get("content-type", "").encode()
        said = providers[slug].asked(asked.path, asked.query, kind, recorded.request_body)
        if (said.model, said.stream) != (recorded.model, recorded.stream):
            yield recorded, said


def unsaid(recorded: Exchange, said: Asked) -> bool:
    """Whether the corpus knows the model from the answer only, or from less than we read."""
    if recorded.stream != said.stream:
        return False
    if recorded.surface == "audio-transcription":
        return recorded.model == "" and said.model in recorded.request_body.decode("latin-1")
    # Jobs, assistants, stored prompts and stored answers have their model elsewhere; Replicate's is a version's hash.
    return (not said.model and b'"model"' not in recorded.request_body) or recorded.surface == "predictions"


@present
def test_model_and_stream_are_what_the_corpus_says():
    found = list(differences())
    wrong = [(one.id, one.model, said.model) for one, said in found if not unsaid(one, said)]
    assert wrong == []
    assert len(found) == 13


# What the tables call an endpoint, by the corpus's name of the surface.
DIALECTS = {
    "chat": "openai_chat",
    "responses": "openai_responses",
    "completions": "openai_completions",
    "embeddings": "openai_embeddings",
    "messages": "anthropic_messages",
    "complete": "anthropic_complete",
    "anthropic-messages": "anthropic_messages",
    "generateContent": "gemini_generate",
    "embedContent": "gemini_embed",
    "predict": "gemini_predict",
    "converse": "bedrock_converse",
    "invoke": "bedrock_invoke",
    "v1-chat": "cohere_v1_chat",
    "v2-chat": "cohere_chat",
    "v2-embed": "cohere_embed",
    "openai-chat": "openai_chat",
    "mantle-chat": "openai_chat",
    "mantle-responses": "openai_responses",
    "audio-transcription": "openai_audio",
    "audio-speech": "openai_audio",
    "images": "openai_images",
    "interactions": "gemini_interactions",
    "count_tokens": "",
    "countTokens": "",
    "models": "",
    "files": "",
    "batches": "",
}


@present
@pytest.mark.parametrize("surface", DIALECTS)
def test_a_surface_is_recognised(surface):
    providers = compiled({})
    seen = 0
    for recorded in exchanges():
        found = as_a_client_writes_it(recorded)
        if recorded.surface == surface and found is not None:
            slug, asked = found
            kind = recorded.request_headers.get("content-type", "").encode()
            said = providers[slug].asked(asked.path, asked.query, kind, recorded.request_body)
            assert said.dialect == DIALECTS[surface], recorded.url
            seen += 1
    assert seen
