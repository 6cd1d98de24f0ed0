"""What a client may ask for: names of models, parameters that cannot be carried, usage that was not asked for."""

import json

import anthropic
import openai
import pytest
from google.genai import errors, types

from gateway.providers.rows import ALIASES
from gateway.wire.sse import Splitter
from tests import corpus
from tests.compat import recordings
from tests.compat.recordings import OWN, SLUGS
from tests.compat.stage import CLOUDS, replayed

pytestmark = corpus.present

HOMES = {
    "openai_chat": ("gpt-4o-mini", "openai", "/v1/chat/completions", "openai chat"),
    "openai_responses": ("gpt-4o-mini", "openai", "/v1/responses", "openai responses"),
    "anthropic_messages": ("claude-haiku-4-5", "anthropic", "/v1/messages", "anthropic messages"),
    "gemini_generate": (
        "gemini-2.5-flash",
        "google-ai-studio",
        "/v1beta/models/gemini-2.5-flash:generateContent",
        "gemini generateContent",
    ),
}
ALIASED = {alias: name for alias, name in ALIASES.items() if name in SLUGS.values() and name not in CLOUDS}
CLASSES = {
    "openai_chat": openai.BadRequestError,
    "openai_responses": openai.BadRequestError,
    "anthropic_messages": anthropic.BadRequestError,
    "gemini_generate": errors.ClientError,
}
ELSEWHERE = {
    "openai_chat": ("anthropic/claude-haiku-4-5", "anthropic messages"),
    "openai_responses": ("anthropic/claude-haiku-4-5", "anthropic messages"),
    "anthropic_messages": ("google-ai-studio/gemini-2.5-flash", "gemini generateContent"),
    "gemini_generate": ("anthropic/claude-haiku-4-5", "anthropic messages"),
}
"""A model of another dialect, and whose recordings answer for it."""
LOST = {
    "openai_chat": ({"logit_bias": {"50256": -100}, "seed": 7}, "logit_bias, seed"),
    "openai_responses": ({"top_logprobs": 3, "previous_response_id": "resp_1"}, "previous_response_id"),
    "anthropic_messages": ({"mcp_servers": [{"type": "url", "url": "https://x", "name": "x"}]}, "mcp_servers"),
    "gemini_generate": ({"generationConfig": {"seed": 7, "presencePenalty": 0.5}}, "seed, presence_penalty"),
}
"""What an Anthropic, or for its own client a Google, cannot be asked for, and its names."""


def good(group):
    """A whole recorded answer of a group."""
    return next(one for one in recordings.groups()[group] if not one.exchange.stream and one.exchange.status == 200)


def ask(stage, client, model, id, body=None, **headers):
    """A question in a client's dialect with more in its body; what the SDK raises is raised."""
    sdk, more = stage.talker(client).sdk, stage.headers(id) | headers
    if client == "openai_chat":
        hi = [{"role": "user", "content": "Hi"}]
        return sdk.chat.completions.with_raw_response.create(
            model=model, messages=hi, extra_headers=more, extra_body=body
        )
    if client == "openai_responses":
        return sdk.responses.with_raw_response.create(model=model, input="Hi", extra_headers=more, extra_body=body)
    if client == "anthropic_messages":
        hi = [{"role": "user", "content": "Hi"}]
        return sdk.messages.with_raw_response.create(
            model=model, max_tokens=9, messages=hi, extra_headers=more, extra_body=body
        )
    options = types.HttpOptions(headers=more, extra_body=body)
    config = types.GenerateContentConfig(http_options=options)
    return sdk.models.generate_content(model=model, contents="Hi", config=config).sdk_http_response


def code(error):
    """The gateway's own number of an error, from whatever an SDK made of it."""
    body = error.details if isinstance(error, errors.APIError) else error.response.json()
    return json.dumps(body)


@pytest.mark.parametrize("client", HOMES)
def test_a_model_without_a_provider_is_one_of_the_dialects_own(stage, client):
    model, slug, target, group = HOMES[client]
    id = f"home/{client}"
    stage.player.said[id] = replayed(good(group))
    ask(stage, client, model, id)
    (asked,) = stage.player.got[id]
    assert asked.target == target
    assert (stage.lines()[id]["provider"], stage.lines()[id]["model"]) == (slug, model)
    assert json.loads(asked.body).get("model", model) == model


@pytest.mark.parametrize("alias", ALIASED)
def test_a_provider_may_be_called_by_its_other_names(stage, alias):
    id, model = f"alias/{alias}", "resource/model" if ALIASED[alias] == "azure-openai" else "model"
    group = "gemini generateContent" if ALIASED[alias] == "google-ai-studio" else "openai chat"
    stage.player.said[id] = replayed(good(group))
    ask(stage, "openai_chat", f"{alias}/{model}", id)
    assert stage.lines()[id]["provider"] == ALIASED[alias]


@pytest.mark.parametrize("client", CLASSES)
def test_an_unknown_provider_is_a_bad_request_of_each_sdk(stage, client):
    with pytest.raises(CLASSES[client]) as caught:
        ask(stage, client, "nobody/gpt-4o", f"nobody/{client}")
    assert "nobody/gpt-4o" in str(caught.value)
    assert "2008" in code(caught.value) or "invalid_provider" in code(caught.value)
    assert f"nobody/{client}" not in stage.player.got
    assert stage.lines()[f"nobody/{client}"]["error"] == "invalid_provider"


@pytest.mark.parametrize("client", CLASSES)
def test_an_unknown_parameter_is_refused_by_its_name_before_anything_is_sent(stage, client):
    id, (model, _) = f"unknown/{client}", ELSEWHERE[client]
    with pytest.raises(CLASSES[client], match="frobnicate"):
        ask(stage, client, model, id, {"frobnicate": True})
    assert id not in stage.player.got


@pytest.mark.parametrize("client", CLASSES)
def test_what_a_provider_does_not_have_is_refused_by_its_name(stage, client):
    id, (model, _), (body, names) = f"lost/{client}", ELSEWHERE[client], LOST[client]
    with pytest.raises(CLASSES[client]) as caught:
        ask(stage, client, model, id, body)
    assert [name for name in names.split(", ") if name not in str(caught.value)] == []
    assert id not in stage.player.got


@pytest.mark.parametrize("client", CLASSES)
def test_a_lenient_client_is_told_what_was_left_out(stage, client):
    id, (model, group), (body, names) = f"lenient/{client}", ELSEWHERE[client], LOST[client]
    stage.player.said[id] = replayed(good(group))
    answer = ask(stage, client, model, id, {**body, "frobnicate": True}, **{"cf-aig-strict": "false"})
    dropped = {name.lower(): value for name, value in answer.headers.items()}["cf-aig-dropped"].split(", ")
    assert set(names.split(", ")) | {"frobnicate"} <= set(dropped)
    (asked,) = stage.player.got[id]
    assert "frobnicate" not in asked.body.decode()


def test_usage_that_only_the_meter_asked_for_is_not_sent_to_the_client(stage):
    recording = next(one for one in recordings.groups()["openai chat"] if "usage_only_chunk" in one.exchange.features)
    id = f"{recording.id}/unasked"
    sdk = stage.talker("openai_chat").sdk
    hi = [{"role": "user", "content": "Hi"}]
    with sdk.chat.completions.with_streaming_response.create(
        model=f"openai/{recording.model}", messages=hi, stream=True, extra_headers=stage.headers(id, "openai")
    ) as response:
        body = b"".join(response.iter_bytes())
    recorded = [event.text for event in Splitter().feed(recording.exchange.body)]
    unasked = [text for text in recorded if b'"choices":[]' not in text]
    assert len(unasked) == len(recorded) - 1
    assert [event.text for event in Splitter().feed(body)] == unasked
    (asked,) = stage.player.got[id]
    assert json.loads(asked.body)["stream_options"] == {"include_usage": True}
    used = recording.said.usage
    assert (stage.lines()[id]["tokens_in"], stage.lines()[id]["tokens_out"]) == (used.input_tokens, used.output_tokens)


@pytest.mark.parametrize(
    ("client", "group", "slug", "header"),
    [
        ("openai_chat", "anthropic messages", "anthropic", "request-id"),
        ("openai_responses", "anthropic messages", "anthropic", "request-id"),
        ("anthropic_messages", "groq chat", "groq", "x-request-id"),
    ],
)
def test_the_sdk_knows_the_providers_request_id(stage, client, group, slug, header):
    recording = next(
        one for one in recordings.groups()[group] if not one.exchange.stream and header in one.exchange.headers
    )
    id = f"{recording.id}/{client}/request-id"
    stage.player.said[id] = replayed(recording)
    answer = ask(stage, client, f"{slug}/{recording.model}", id).parse()
    assert answer._request_id == recording.exchange.headers[header]


@pytest.mark.parametrize("wanted", [True, False])
def test_usage_of_another_dialect_is_in_the_clients_stream_once_if_it_asked(stage, wanted):
    recording = next(one for one in recordings.groups()["anthropic messages"] if one.exchange.stream and one.said.usage)
    id = f"{recording.id}/once/{wanted}"
    options = {"stream_options": {"include_usage": True}} if wanted else {}
    hi = [{"role": "user", "content": "Hi"}]
    sdk, headers = stage.talker("openai_chat").sdk, stage.headers(id, "anthropic")
    stream = sdk.chat.completions.create(
        model=f"anthropic/{recording.model}", messages=hi, stream=True, extra_headers=headers, **options
    )
    chunks = list(stream)
    counted = [chunk for chunk in chunks if chunk.usage is not None]
    assert counted == ([chunks[-1]] if wanted else [])
    assert all(not chunk.choices for chunk in counted)


def test_the_body_of_a_client_of_the_same_dialect_passes_but_for_the_models_name(stage):
    recording = good("openai chat")
    id = f"{recording.id}/bytes-pass"
    turns = b'[{"role":"user","content":"caf\\u00e9 \xe2\x98\x95"}]'
    body = b'{ "messages" : %b,\n "model" : "custom-own/a/b:c", "x-own": 1.50}' % turns
    answer = stage.gateway.call(
        "/v1/acme/main/compat/v1/chat/completions", body, authorization="Bearer k", **stage.headers(id, OWN)
    )
    assert (answer.status, answer.body) == (200, recording.exchange.body)
    (asked,) = stage.player.got[id]
    assert asked.body == body.replace(b"custom-own/a/b:c", b"a/b:c")


SLOTS = {
    "openai": ("openai chat", "authorization", "Bearer client-key"),
    "anthropic": ("anthropic messages", "x-api-key", "client-key"),
    "google-ai-studio": ("gemini generateContent", "x-goog-api-key", "client-key"),
    "azure-openai": ("azure-openai chat", "api-key", "client-key"),
}
"""Whose recordings answer for a provider, and where it takes its key."""
STAYS = {("openai_chat", "azure-openai"), ("openai_responses", "azure-openai"), ("anthropic_messages", "anthropic")}
"""Where the client's SDK writes a bearer, as it does when it calls the provider itself, which takes that too."""


@pytest.mark.parametrize("slug", SLOTS)
@pytest.mark.parametrize("client", CLASSES)
def test_a_clients_key_goes_out_in_the_slot_of_the_provider(stage, client, slug):
    id, (group, name, value) = f"key/{client}/{slug}", SLOTS[slug]
    group = group.replace("chat", "responses") if client == "openai_responses" else group
    stage.player.said[id] = replayed(good(group))
    ask(stage, client, f"{slug}/resource/model" if slug == "azure-openai" else f"{slug}/model", id)
    (asked,) = stage.player.got[id]
    known = ("authorization", "x-api-key", "x-goog-api-key", "api-key")
    slots = {key.lower(): found for key, found in asked.headers if key.lower() in known}
    assert slots == ({"authorization": "Bearer client-key"} if (client, slug) in STAYS else {name: value})
