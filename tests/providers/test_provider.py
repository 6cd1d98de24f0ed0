import asyncio
import sys

import pytest

from gateway.call import Refusal
from gateway.providers.outbound import Outbound, Target
from gateway.providers.provider import compiled
from gateway.providers.signing.keys import Relay
from gateway.settings.blocks import Header, ProviderBlock
from gateway.settings.units import Secret
from tests.providers.calls import call, goes_to, provider, url


def signed(made, headers, key, path="chat/completions", query=""):
    asked = call(path, query, headers=headers)
    target = made.target(asked, Secret(key) if key else None)
    signer = made.signer(Secret(key) if key else None)
    return dict(asyncio.run(signer.sign(Outbound("POST", target, asked.headers, b"{}"))))


def test_a_stored_key_drops_the_clients_key_from_the_query_and_nothing_else():
    path = "v1beta/models/g:generateContent?a=%201&key=mine&alt=sse&KEY=x"
    host = "https://generativelanguage.googleapis.com/v1beta/models/g:generateContent"
    assert goes_to("google-ai-studio", path, key="AIza") == f"{host}?a=%201&alt=sse"
    assert goes_to("google-ai-studio", path) == f"{host}?a=%201&key=mine&alt=sse&KEY=x"
    assert goes_to("openai", "chat/completions?key=1", key="sk").endswith("?key=1")


@pytest.mark.parametrize(
    ("name", "headers", "query", "brought"),
    [
        ("openai", [(b"authorization", b"Bearer sk-1")], "", True),
        ("openai", [(b"authorization", b"Bearer ")], "", False),
        ("openai", [(b"authorization", b"bearer")], "", False),
        ("openai", [(b"authorization", b"")], "", False),
        ("openai", [(b"authorization", b"sk-1")], "", True),
        ("openai", [(b"x-api-key", b"k")], "", False),
        ("openai", [], "key=1", False),
        ("anthropic", [(b"x-api-key", b"k")], "", True),
        ("anthropic", [(b"x-api-key", b" ")], "", False),
        ("anthropic", [(b"authorization", b"Bearer t")], "", True),
        ("deepgram", [(b"authorization", b"Token ")], "", False),
        ("deepgram", [(b"authorization", b"Token k")], "", True),
        ("fal", [(b"authorization", b"Key k")], "", True),
        ("google-ai-studio", [], "alt=sse&key=AIza", True),
        ("google-ai-studio", [], "alt=sse&key=", False),
        ("google-ai-studio", [], "alt=sse&monkey=1", False),
        ("google-ai-studio", [(b"x-goog-api-key", b"AIza")], "", True),
        ("aws-bedrock", [(b"authorization", b"AWS4-HMAC-SHA256 Credential=a")], "", True),
        ("aws-bedrock", [(b"x-amz-date", b"20260101T000000Z")], "", False),
        ("aws-bedrock", [], "X-Amz-Signature=00", True),
        ("demo", [(b"authorization", b"Bearer x")], "", False),
    ],
)
def test_a_client_key_is_one_that_says_something(name, headers, query, brought):
    assert provider(name).client_key(headers, query.encode()) is brought


@pytest.mark.parametrize(
    ("name", "header", "value"),
    [
        ("openai", b"authorization", b"Bearer k"),
        ("anthropic", b"x-api-key", b"k"),
        ("azure-openai", b"api-key", b"k"),
        ("cartesia", b"x-api-key", b"k"),
        ("cohere", b"authorization", b"Bearer k"),
        ("deepgram", b"authorization", b"Token k"),
        ("elevenlabs", b"xi-api-key", b"k"),
        ("fal", b"authorization", b"Key k"),
        ("google-ai-studio", b"x-goog-api-key", b"k"),
        ("google-vertex-ai", b"authorization", b"Bearer k"),
        ("ideogram", b"api-key", b"k"),
        ("parallel", b"x-api-key", b"k"),
        ("workers-ai", b"authorization", b"Bearer k"),
        ("aws-bedrock", b"authorization", b"Bearer k"),
    ],
)
def test_a_stored_key_goes_where_the_provider_wants_it_and_the_clients_is_gone(name, header, value):
    made = provider(name)
    path = {"azure-openai": "r/d/x", "aws-bedrock": "model/m/converse", "google-vertex-ai": "v1/publishers/x"}
    mine = [(slot, b"Bearer clients") for slot in (*made.key_slots, b"authorization")] + [(b"accept", b"*/*")]
    headers = signed(made, mine, "k", path.get(name, "x"))
    assert headers.pop(b"accept") == b"*/*"
    assert headers == {header: value}


def test_paths_that_take_only_a_bearer_get_one():
    openai_on_google = signed(provider("google-ai-studio"), [], "k", "v1beta/openai/chat/completions")
    openai_on_anthropic = signed(provider("anthropic"), [(b"x-api-key", b"c")], "k", "v1/chat/completions")
    assert openai_on_google == openai_on_anthropic == {b"authorization": b"Bearer k"}


def test_without_a_stored_key_the_clients_headers_pass_untouched():
    headers = [(b"authorization", b"AWS4-HMAC-SHA256 x"), (b"x-amz-date", b"d"), (b"a", b"1"), (b"a", b"2")]
    for name in ("openai", "aws-bedrock", "google-vertex-ai", "demo"):
        made = provider(name)
        outbound = Outbound("POST", Target("https", "h", 443, b"/"), headers, b"")
        assert asyncio.run(made.signer(None).sign(outbound)) is headers


def test_a_signer_is_made_once_for_each_key():
    made = provider("openai")
    assert made.signer(Secret("a")) is made.signer(Secret("a"))
    assert made.signer(Secret("a")) is not made.signer(Secret("b"))
    assert made.signer(None) is not made.signer(Secret("a"))


@pytest.mark.parametrize(
    ("name", "key", "why"),
    [
        ("openai", "sk\nx", "no header can carry"),
        ("openai", "schlüssel", "no header can carry"),
        ("openai", " \n", "is empty"),
        ("aws-bedrock", '{"accessKeyId": "a"}', "without secretAccessKey, region"),
        ("aws-bedrock", "{broken", "without accessKeyId"),
        ("google-vertex-ai", '{"client_email": "a"}', "without private_key"),
        ("google-vertex-ai", '{"client_email": "a", "private_key": "' + "x" * 5000 + '"}', "4096 bits"),
    ],
)
def test_a_key_that_cannot_be_sent_is_named_and_refused_without_being_shown(name, key, why):
    made = provider(name)
    assert why in made.problem(Secret(key))
    with pytest.raises(Refusal) as no:
        asyncio.run(made.signer(Secret(key)).sign(Outbound("POST", Target("https", "h", 443, b"/"), [], b"")))
    assert (no.value.status, no.value.code) == (500, "key_unusable")
    assert why in no.value.sentence
    assert key.strip() == "" or key not in no.value.sentence


def test_a_newline_at_a_keys_end_is_not_part_of_it():
    assert signed(provider("openai"), [], "sk-1\n") == {b"authorization": b"Bearer sk-1"}


def test_cloudflares_account_comes_from_the_stored_key_else_from_the_url():
    made = provider("workers-ai")
    key = Secret('{"accountId": "c0ffee", "token": "cf-token"}')
    asked = call("@cf/meta/llama", account="local")
    assert url(made.target(asked, key)) == "https://api.cloudflare.com/client/v4/accounts/c0ffee/ai/run/@cf/meta/llama"
    assert "/accounts/local/" in url(made.target(asked, None))
    assert signed(made, [], key.reveal()) == {b"authorization": b"Bearer cf-token"}


def test_a_project_and_a_region_come_from_the_service_account_where_the_path_has_none():
    made = provider("google-vertex-ai")
    key = Secret('{"client_email": "a", "private_key": "b", "project_id": "example.com:p", "region": "europe-west4"}')
    there = url(made.target(call("publishers/google/models/g:generateContent"), key))
    assert there == (
        "https://europe-west4-aiplatform.googleapis.com/v1/projects/example.com:p/locations/europe-west4"
        "/publishers/google/models/g:generateContent"
    )


@pytest.mark.parametrize(
    ("region", "host"),
    [("global", "aiplatform"), ("us", "aiplatform.us.rep"), ("eu", "aiplatform.eu.rep"), ("x-y1", "x-y1-aiplatform")],
)
def test_a_stored_region_that_is_none_has_a_host_of_its_own(region, host):
    key = Secret(f'{{"client_email": "a", "private_key": "b", "project_id": "p", "region": "{region}"}}')
    target = provider("google-vertex-ai").target(call("publishers/google/models/g:generateContent"), key)
    assert target.host == f"{host}.googleapis.com"
    assert target.path == b"/v1/projects/p/locations/%b/publishers/google/models/g:generateContent" % region.encode()


@pytest.mark.parametrize("region", ["evil.com/", "a.b", "..", "x@y", "x:80"])
def test_a_stored_keys_region_is_checked_as_a_clients_is(region):
    key = Secret(f'{{"accessKeyId": "a", "secretAccessKey": "b", "region": "{region}"}}')
    made = provider("aws-bedrock")
    with pytest.raises(Refusal, match="neither does the key"):
        made.target(call("model/m/converse"), key)


def test_a_provider_of_ones_own_is_reached_with_custom_before_its_name():
    made = compiled({"vllm": ProviderBlock(base_url="http://vllm.internal:8000/v1", auth="none")})
    own = made["custom-vllm"]
    assert url(own.target(call("chat/completions"), None)) == "http://vllm.internal:8000/v1/chat/completions"
    assert (own.name, own.telemetry_name, own.pricing, own.propagate) == ("custom-vllm", "custom-vllm", "", "none")
    assert isinstance(own.signer(Secret("k")), Relay)
    assert own.asked(b"chat/completions", b"", b"", b'{"model": "m"}').dialect == "openai_chat"


def test_a_custom_providers_dialect_and_header_are_those_of_the_settings():
    made = compiled(
        {"mine": ProviderBlock(base_url="https://h", dialect="anthropic", auth=Header(header="X-Key", prefix="Token "))}
    )["custom-mine"]
    assert made.asked(b"messages", b"", b"", b'{"model": "m"}').dialect == "anthropic_messages"
    assert signed(made, [(b"x-key", b"c"), (b"authorization", b"Bearer c")], "k", "messages") == {b"x-key": b"Token k"}
    assert made.key_slots == {b"x-key"}


def test_what_the_settings_say_of_a_built_in_provider_wins_over_its_row():
    made = compiled({"xai": ProviderBlock(propagate="traceparent", pricing="openai", auth=Header(header="api-key"))})[
        "grok"
    ]
    assert (made.propagate, made.pricing, made.telemetry_name) == ("traceparent", "openai", "x_ai")
    assert signed(made, [], "k") == {b"api-key": b"k"}
    assert "custom-xai" not in compiled({"xai": ProviderBlock()})


def test_a_custom_provider_without_a_base_url_is_an_error_that_names_it():
    with pytest.raises(ValueError, match=r"providers\.mine"):
        compiled({"mine": ProviderBlock()})


def test_no_secret_is_in_a_providers_repr():
    made = provider("openai")
    made.signer(Secret("sk-secret"))
    assert "sk-secret" not in repr(made) + repr(vars(made))


@pytest.mark.parametrize(
    ("name", "telemetry", "pricing"),
    [
        ("openai", "openai", "openai"),
        ("aws-bedrock", "aws.bedrock", "aws"),
        ("azure-openai", "azure.ai.openai", "azure"),
        ("google-ai-studio", "gcp.gemini", "google"),
        ("google-vertex-ai", "gcp.vertex_ai", "google"),
        ("mistral", "mistral_ai", "mistral"),
        ("grok", "x_ai", "x-ai"),
        ("perplexity-ai", "perplexity", "perplexity"),
        ("cerebras", "cerebras", "cerebras"),
        ("demo", "demo", ""),
    ],
)
def test_telemetry_and_prices_know_a_provider_by_their_own_names(name, telemetry, pricing):
    made = provider(name)
    assert (made.telemetry_name, made.pricing) == (telemetry, pricing)


@pytest.mark.parametrize(
    ("name", "module", "key", "line"),
    [
        (
            "aws-bedrock",
            "sigv4",
            '{"accessKeyId": "a", "secretAccessKey": "b", "region": "us-east-1"}',
            "pip install 'gateway[aws]'",
        ),
        (
            "google-vertex-ai",
            "rs256",
            '{"client_email": "a", "private_key": "b"}',
            "pip install 'gateway[google]'",
        ),
    ],
)
def test_without_its_extra_a_stored_key_is_refused_with_the_line_to_type(monkeypatch, name, module, key, line):
    async def fetch(method, url, headers, body):
        raise AssertionError("nothing may leave")

    monkeypatch.setitem(sys.modules, f"gateway.providers.signing.{module}", None)
    signer = provider(name).signer(Secret(key), fetch)
    with pytest.raises(Refusal) as no:
        asyncio.run(signer.sign(Outbound("POST", Target("https", "h", 443, b"/"), [], b"")))
    assert line in no.value.sentence
