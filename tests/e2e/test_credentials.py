"""Gateway tokens and provider keys: who gets in, and what leaves."""

import hashlib
import json
import subprocess
import sys

import pytest

from tests import world
from tests.world import Says

TOKEN = "gw-token-of-team-web-0123456789"
BATCH = "gw-token-of-team-batch-0123456789"
LATE = "gw-token-that-expired-0123456789"
OTHER = "gw-token-of-another-gateway-012345"
ASK = json.dumps({"model": "m", "messages": []}).encode()


def says(asked):
    key = (asked.header("authorization") or "").removeprefix("Bearer ")
    if key == "sk-limited":
        return Says(429, {"retry-after": "30"}, [b'{"error":{"message":"slow down"}}'])
    if key == "sk-revoked":
        return Says(401, {}, [b'{"error":{"message":"bad key"}}'])
    return Says(chunks=[b'{"id":"1"}'])


@pytest.fixture(scope="module")
def provider():
    with world.provider(says) as one:
        yield one


@pytest.fixture(scope="module")
def gateway(tmp_path_factory, provider):
    yaml = f"""
    providers:
      openai: {{base_url: {provider.url}/v1}}
      anthropic: {{base_url: {provider.url}}}
      google-ai-studio: {{base_url: {provider.url}}}
      azure-openai: {{base_url: {provider.url}}}
      elevenlabs: {{base_url: {provider.url}}}
    accounts:
      acme:
        gateways:
          closed:
            authentication:
              tokens:
                - {{name: web, token: "${{WEB_TOKEN}}"}}
                - {{name: batch, sha256: {hashlib.sha256(BATCH.encode()).hexdigest()}, metadata: {{team: data}}}}
                - {{name: late, token: "${{LATE_TOKEN}}", expires: 2020-01-01}}
          other:
            authentication: {{tokens: [{{name: other, token: "${{OTHER_TOKEN}}"}}]}}
          open: {{}}
          stored:
            keys:
              openai: {{default: sk-stored, batch: sk-batch, several: [sk-revoked, sk-limited, sk-good]}}
              anthropic: sk-ant-stored
              google-ai-studio: AIza-stored
              elevenlabs: xi-stored
          ignoring: {{client_keys: ignore, keys: {{openai: sk-stored}}}}
          forbidding: {{client_keys: forbid, keys: {{openai: sk-stored}}}}
    """
    env = {"WEB_TOKEN": TOKEN, "LATE_TOKEN": LATE, "OTHER_TOKEN": OTHER}
    with world.gateway(tmp_path_factory.mktemp("credentials"), yaml, env) as one:
        yield one


def path(gateway, rest="openai/chat/completions"):
    return f"/v1/acme/{gateway}/{rest}"


SLOTS = {
    "cf-aig-authorization": ("openai/chat/completions", {"cf_aig_authorization": f"Bearer {TOKEN}"}),
    "cf-aig-authorization, bare": ("openai/chat/completions", {"cf_aig_authorization": TOKEN}),
    "authorization": ("openai/chat/completions", {"authorization": f"Bearer {TOKEN}"}),
    "x-api-key": ("anthropic/v1/messages", {"x_api_key": TOKEN}),
    "x-goog-api-key": ("google-ai-studio/v1beta/models/g:generateContent", {"x_goog_api_key": TOKEN}),
    "api-key": ("azure-openai/res/dep/chat/completions?api-version=1", {"api_key": TOKEN}),
    "xi-api-key": ("elevenlabs/v1/text-to-speech/v", {"xi_api_key": TOKEN}),
    "?key=": (f"google-ai-studio/v1beta/models/g:generateContent?alt=json&key={TOKEN}", {}),
}


@pytest.mark.parametrize("slot", SLOTS)
def test_a_token_opens_the_gateway_from_each_slot_and_never_leaves(gateway, provider, slot):
    rest, headers = SLOTS[slot]
    answer = gateway.call(path("closed", rest), ASK, **headers)
    assert answer.status == 200
    asked = provider.asked[-1]
    assert TOKEN not in asked.target
    assert TOKEN not in str(asked.headers)
    assert gateway.line(answer.log_id)["token"] == "web"


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"cf_aig_authorization": "Bearer wrong-token-0123456789"},
        {"authorization": "Bearer sk-some-provider-key"},
        {"authorization": f"Bearer {OTHER}"},
        {"cf_aig_authorization": "Bearer wrong", "authorization": f"Bearer {TOKEN}"},
        {"authorization": f"Bearer {LATE}"},
        {"authorization": "Bearer " + "x" * 5000},
    ],
)
def test_without_a_valid_token_nothing_is_sent(gateway, provider, headers):
    before = len(provider.asked)
    answer = gateway.call(path("closed"), ASK, **headers)
    assert answer.status == 401
    assert answer.json["name"] == "AiGatewayError"
    assert answer.json["internalCode"] == 2009
    assert answer.json["error"]["type"] == "authentication_error"
    assert len(provider.asked) == before
    line = gateway.line(answer.log_id)
    assert (line["outcome"], line["status_code"], line["attempts"]) == ("refused", 401, [])


def test_an_anthropic_client_gets_an_anthropic_error(gateway):
    answer = gateway.call(path("closed", "anthropic/v1/messages"), ASK)
    assert (answer.json["type"], answer.json["error"]["type"]) == ("error", "authentication_error")


def test_a_gemini_client_gets_a_gemini_error(gateway):
    answer = gateway.call(path("closed", "google-ai-studio/v1beta/models/g:generateContent"), ASK)
    assert (answer.json["error"]["code"], answer.json["error"]["status"]) == (401, "UNAUTHENTICATED")


def test_another_gateways_token_does_not_leak_to_the_provider(gateway, provider):
    gateway.call(path("open"), ASK, authorization=f"Bearer {OTHER}")
    assert provider.asked[-1].header("authorization") is None


def test_a_hashed_token_brings_its_metadata(gateway):
    answer = gateway.call(
        path("closed"), ASK, cf_aig_authorization=f"Bearer {BATCH}", cf_aig_metadata='{"team": "x", "n": 1}'
    )
    line = gateway.line(answer.log_id)
    assert (line["token"], line["metadata"]) == ("batch", {"team": "data", "n": 1})


def test_the_clients_own_key_passes_where_none_is_stored(gateway, provider):
    gateway.call(path("closed"), ASK, cf_aig_authorization=TOKEN, authorization="Bearer sk-client")
    assert provider.asked[-1].header("authorization") == "Bearer sk-client"


def test_a_stored_key_is_used_when_the_client_sends_none(gateway, provider):
    gateway.call(path("stored"), ASK)
    assert provider.asked[-1].header("authorization") == "Bearer sk-stored"
    gateway.call(path("stored", "anthropic/v1/messages"), ASK)
    assert provider.asked[-1].header("x-api-key") == "sk-ant-stored"
    gateway.call(path("stored", "google-ai-studio/v1beta/models/g:generateContent"), ASK)
    assert provider.asked[-1].header("x-goog-api-key") == "AIza-stored"


def test_an_empty_bearer_does_not_count_as_a_key(gateway, provider):
    gateway.call(path("stored"), ASK, authorization="Bearer ")
    assert provider.asked[-1].header("authorization") == "Bearer sk-stored"


def test_prefer_lets_the_clients_key_win(gateway, provider):
    gateway.call(path("stored"), ASK, authorization="Bearer sk-client")
    assert [v for n, v in provider.asked[-1].headers if n.lower() == "authorization"] == ["Bearer sk-client"]


def test_ignore_replaces_the_clients_key(gateway, provider):
    gateway.call(path("ignoring"), ASK, authorization="Bearer sk-client")
    assert [v for n, v in provider.asked[-1].headers if n.lower() == "authorization"] == ["Bearer sk-stored"]


def test_forbid_refuses_a_clients_key(gateway, provider):
    before = len(provider.asked)
    answer = gateway.call(path("forbidding"), ASK, authorization="Bearer sk-client")
    assert (answer.status, answer.json["error"]["code"]) == (403, "client_key_forbidden")
    assert len(provider.asked) == before


def test_an_alias_chooses_among_stored_keys(gateway, provider):
    gateway.call(path("stored"), ASK, cf_aig_byok_alias="batch")
    assert provider.asked[-1].header("authorization") == "Bearer sk-batch"


def test_an_unknown_alias_is_cloudflares_error_and_names_the_others(gateway):
    answer = gateway.call(path("stored"), ASK, cf_aig_byok_alias="nope")
    assert (answer.status, answer.json["internalCode"]) == (400, 2040)
    assert "'default', 'batch', 'several'" in answer.json["error"]["message"]


def test_keys_of_one_alias_take_over_for_one_another(gateway, provider):
    before = len(provider.asked)
    answer = gateway.call(path("stored"), ASK, cf_aig_byok_alias="several")
    assert answer.status == 200
    assert answer.headers["cf-aig-attempts"] == "3"
    assert [a.header("authorization") for a in provider.asked[before:]] == [
        "Bearer sk-revoked", "Bearer sk-limited", "Bearer sk-good"]  # fmt: skip
    line = gateway.line(answer.log_id)
    assert [one["status"] for one in line["attempts"]] == [401, 429, 200]
    # The good one is first from now on.
    gateway.call(path("stored"), ASK, cf_aig_byok_alias="several")
    assert len(provider.asked) == before + 4


def test_no_secret_is_in_any_output(gateway):
    secrets = [TOKEN, BATCH, LATE, OTHER, "sk-stored", "sk-batch", "sk-good", "sk-client", "xi-stored", "AIza-stored"]
    text = json.dumps(gateway.lines()) + gateway.errors()
    assert not [secret for secret in secrets if secret in text]


def test_an_open_gateway_does_not_listen_beyond_loopback(tmp_path):
    open_gateway = "accounts: {a: {gateways: {g: {}}}}\n"
    (tmp_path / "gateways.yaml").write_text(open_gateway)
    arguments = ["serve", "--config", str(tmp_path / "gateways.yaml"), "--host", "0.0.0.0"]
    command = [sys.executable, "-m", "gateway", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, cwd=world.ROOT, timeout=20)
    assert done.returncode == 1
    assert "a/g" in done.stderr
    assert "authentication: none" in done.stderr


def test_an_open_gateway_listens_anywhere_when_the_yaml_says_so(tmp_path):
    with world.gateway(
        tmp_path, "accounts: {a: {gateways: {g: {authentication: none}}}}\n", args=("--host", "0.0.0.0")
    ) as one:
        assert one.call("/healthz", None, "GET").status == 200
