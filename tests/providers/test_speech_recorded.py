"""What was recorded of a provider's chats and embeddings is what a unified call for the same model would ask for."""

import json
import re
from collections import Counter
from collections.abc import Iterator
from urllib.parse import unquote

from gateway.call import Refusal
from gateway.providers.provider import Provider, compiled
from gateway.providers.speech import speech
from gateway.settings.units import Secret
from tests.corpus import Exchange, exchanges, present
from tests.providers.calls import call, url
from tests.providers.test_recorded import DIALECTS, as_a_client_writes_it

CLIENTS = {
    "openai_chat", "openai_responses", "openai_embeddings", "anthropic_messages", "gemini_generate", "gemini_embed",
    "gemini_predict", "bedrock_converse", "bedrock_invoke", "cohere_chat", "cohere_embed",
}  # fmt: skip

# Addresses that lead to the same endpoint, or that a unified call has no need of; how many were recorded.
OTHERS = {
    r"openai\.azure\.com//?openai/deployments/": 8,  # with an api-version
    r"bedrock-mantle\.": 7,  # the region is not in the model
    r"bedrock-runtime.*/model/(?!.*claude).*/invoke": 13,  # Converse is asked instead, whatever the maker's own form
    r"api\.deepseek\.com/(?:v1|beta)/": 2,
    r"googleapis\.com/v1beta/openai/": 1,
    r"/v1beta/models/[^/]+:streamGenerateContent$": 7,  # a JSON array
    r"/v1beta/models/[^/]+:embedContent$": 1,  # a batch of one
    r"aiplatform\.googleapis\.com/v1beta1/": 43,  # v1 is asked
    r"router\.huggingface\.co/(?:together|novita)/": 6,
}

OWN = re.compile(r"\?(?:beta=true|%24alt=json[^&]*)$|[?&]key=SCRUBBED")
"""What only the client that was recorded said: its key, a hint of its SDK's, another form of JSON."""


def key(recorded: Exchange) -> Secret | None:
    """A stored key with what a provider takes out of it: the region and the project that the address has."""
    host = re.search(r"bedrock-runtime\.([a-z0-9-]+)\.", recorded.url)
    if host:
        return Secret(json.dumps({"accessKeyId": "a", "secretAccessKey": "b", "region": host[1]}))
    place = re.search(r"/projects/([^/]+)/locations/([^/]+)/", recorded.url)
    return Secret(json.dumps({"project_id": place[1], "region": place[2]})) if place else None


def model(recorded: Exchange, provider: Provider) -> str:
    """The model as a client of the unified endpoints names it."""
    slug, asked = as_a_client_writes_it(recorded)
    said = provider.asked(asked.path, asked.query, b"application/json", recorded.request_body).model
    if slug == "azure-openai":
        return f"scrubbed-resource/{said or recorded.model}"
    return said or recorded.model


def unified(recorded: Exchange, provider: Provider, client: str) -> str:
    """Where a unified call for the same goes; empty where it has no place."""
    name = model(recorded, provider)
    there = speech(provider, name, client)
    if there is None or there.dialect != client:
        return ""
    path, query = there.place(name, recorded.stream or ":stream" in recorded.url)
    try:
        return url(provider.target(call(path.decode(), query.decode()), key(recorded)))
    except Refusal:
        return ""


def pairs() -> Iterator[tuple[str, str]]:
    """Every recorded address of a dialect that a client may speak, without what is its client's own, and ours."""
    providers = compiled({})
    for recorded in exchanges():
        found = as_a_client_writes_it(recorded)
        client = DIALECTS.get(recorded.surface, "")
        if found is None or client not in CLIENTS:
            continue
        if client == "bedrock_invoke" and "claude" in recorded.url:
            client = "anthropic_messages"
        ours = unified(recorded, providers[found[0]], client)
        yield unquote(OWN.sub("", recorded.url)), unquote(ours)


@present
def test_recorded_addresses_are_those_of_unified_calls():
    same, others, strange = 0, Counter(), []
    for recorded, ours in pairs():
        shape = next((one for one in OTHERS if re.search(one, recorded)), "")
        if ours == recorded:
            same += 1
        elif shape:
            others[shape] += 1
        else:
            strange.append((recorded, ours))
    assert strange == []
    assert dict(others) == OTHERS
    assert same == 633


@present
def test_on_vertex_ai_all_but_version_and_host_is_as_recorded():
    seen = 0
    for recorded, ours in pairs():
        if "/v1beta1/projects/" in recorded:
            assert ours.partition("/projects/")[2] == recorded.partition("/projects/")[2]
            seen += 1
    assert seen == 32
