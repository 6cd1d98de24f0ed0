import pytest

from gateway.settings.problems import Problems
from tests.importing import configs
from tests.importing.drafts import draft, gateway, loaded, said, table


@pytest.mark.parametrize("name", configs.ALL)
def test_every_draft_passes_check(tmp_path, name):
    assert loaded(draft(configs.ALL[name]), tmp_path).accounts["acme"].gateways["main"]


def test_a_small_config_is_carried_over_whole(tmp_path):
    made = draft(configs.SMALL)
    assert made.notes == ()
    assert "Everything was carried over." in made.text
    assert table(made) == {"gpt-4o": "openai/gpt-4o"}
    assert 'openai: "${OPENAI_API_KEY}"' in made.text
    assert gateway(made, tmp_path).client_keys == "ignore"


def test_a_pool_is_asked_in_its_order_and_its_keys_take_over_for_one_another(tmp_path):
    made = draft(configs.POOL)
    assert table(made) == {"chat": "openai/gpt-4o, then azure-openai/acme-eu/gpt-4o-eu"}
    block = gateway(made, tmp_path)
    assert [(step.only_for, step.to) for step in block.fallback] == [
        ("openai/gpt-4o", "azure-openai/acme-eu/gpt-4o-eu")
    ]
    assert len(block.keys["openai"]["default"]) == 2
    assert [(limit.model, limit.requests, limit.tokens) for limit in block.rate_limit] == [
        ("acme-eu/gpt-4o-eu", 500, None),
        ("gpt-4o", 200, None),
        ("gpt-4o", None, 30000),
    ]
    assert "spread" in said(made)["router_settings.routing_strategy"]


def test_retries_deadlines_cooling_down_and_fallbacks_are_rules_of_the_gateway(tmp_path):
    made = draft(configs.RELIABLE)
    block = gateway(made, tmp_path)
    assert (block.retry.attempts, block.retry.delay) == (3, 1.0)
    assert (block.timeout.total, block.timeout.first_byte) == (30.0, 10.0)
    assert (block.circuit_breaker.failures, block.circuit_breaker.open) == (4, 30.0)
    assert [(step.only_for, step.to, step.on) for step in block.fallback] == [
        ("anthropic/claude-sonnet-4-5", "cerebras/llama-3.3-70b", ("error", "timeout", 429)),
        ("anthropic/claude-sonnet-4-5", "google-ai-studio/gemini-2.5-pro", ("error", "timeout", 429)),
        ("anthropic/claude-sonnet-4-5", "google-ai-studio/gemini-2.5-pro", ("context_length",)),
        ("anthropic/claude-sonnet-4-5", "cerebras/llama-3.3-70b", ("content_filter",)),
        (None, "google-ai-studio/gemini-2.5-pro", ("error", "timeout", 429)),
    ]
    notes = said(made)
    assert notes["litellm_settings.num_retries"] == "another one of the file wins"
    assert "leads nowhere" in notes["router_settings.fallbacks[1].gone[0]"]
    assert "leads nowhere" in notes["router_settings.fallbacks[2].fast[0]"]
    assert (table(made)["sonnet"], table(made)["hidden"]) == ("as claude", "as fast")


def test_servers_of_ones_own_are_providers_of_the_file(tmp_path):
    made = draft(configs.SELF_HOSTED)
    found = loaded(made, tmp_path)
    assert {name: block.base_url for name, block in found.providers.items()} == {
        "vllm-1-internal-8000": "http://vllm-1.internal:8000/v1",
        "vllm-2-internal-8000": "http://vllm-2.internal:8000/v1",
        "ollama": "http://localhost:11434/v1",
        "inner": "http://llm.internal:8000",
        "lm-studio": "http://127.0.0.1:1234/v1",
        "claude-internal": "https://claude.internal",
    }
    inside = found.providers["claude-internal"]
    assert (inside.dialect, inside.auth.header) == ("anthropic", "x-api-key")
    assert set(found.accounts["acme"].gateways["main"].keys) == {"custom-inner", "custom-claude-internal"}
    assert table(made)["nowhere"] == "not carried over"
    assert "no `api_base`" in said(made)["model_list[7].litellm_params"]


def test_clouds_have_their_own_names_and_credentials(tmp_path):
    made = draft(configs.CLOUDS)
    assert table(made) == {
        "nova": "aws-bedrock/amazon.nova-pro-v1:0",
        "sonnet": "aws-bedrock/eu.anthropic.claude-sonnet-4-5-20250929-v1:0 (with cf-aig-byok-alias:"
        " eu-anthropic-claude-sonnet-4-5-20250929)",
        "role": "aws-bedrock/anthropic.claude-3-haiku-20240307-v1:0 (with cf-aig-byok-alias:"
        " anthropic-claude-3-haiku-20240307-v1-0)",
        "gemini": "google-vertex-ai/gemini-2.5-pro",
        "azured": "azure-openai/RESOURCE/my-deployment",
    }
    keys = gateway(made, tmp_path).keys
    assert '"region": "us-east-1"' in keys["aws-bedrock"]["default"][0].reveal()
    assert "${file:keys/vertex.json}" in made.text
    notes = said(made)
    assert "put the resource's name" in notes["model_list[4].litellm_params.api_base"]
    assert "roles and profiles" in notes["model_list[2].litellm_params.aws_role_name"]


def test_a_secret_that_stands_in_the_config_is_nowhere_in_the_draft(tmp_path):
    made = draft(configs.IN_CLEAR)
    assert "canary" not in made.text
    block = gateway(made, tmp_path)
    assert set(block.keys["openai"]) == {"default", "gpt-4o-mini"}
    assert [token.name for token in block.authentication.tokens] == ["master"]
    for name in ("LITELLM_OPENAI_API_KEY", "LITELLM_OPENAI_API_KEY_2", "LITELLM_MASTER_KEY", "LITELLM_REDIS_PASSWORD"):
        assert made.text.count(f"environment variable {name}") + made.text.count(f"{name};") >= 1, name
    assert (
        "sent with every call" in said(made)["model_list[1].litellm_params.extra_headers.x-team"]
        or "not sent" in (said(made)["model_list[1].litellm_params.extra_headers.x-team"])
    )


def test_a_named_credential_is_found(tmp_path):
    made = draft(configs.CREDENTIALS)
    assert table(made) == {"gpt": "azure-openai/acme-eu/gpt-4o"}
    assert set(gateway(made, tmp_path).keys) == {"azure-openai"}


def test_prices_per_token_are_prices_per_million_and_exact(tmp_path):
    made = draft(configs.PRICED)
    found = loaded(made, tmp_path)
    [(name, price)] = found.prices.items()
    assert name == "custom-llm-example-com/my-model"
    assert (str(price.input), str(price.output), str(price.cache_read)) == ("0.15", "0.6", "0.015")
    budgets = found.accounts["acme"].gateways["main"].spend_limits
    assert [(one.name, str(one.limit), one.per, one.provider) for one in budgets] == [
        ("all", "100.5", 2592000.0, None),
        ("of-openai", "10", 86400.0, "openai"),
    ]
    assert "cannot be read" in said(made)["model_list[1].litellm_params.input_cost_per_token"]
    assert said(made)["model_list[1].litellm_params.input_cost_per_second"]
    assert said(made)["router_settings.provider_budget_config.nobody"] == "no provider of ours is called so"


def test_a_price_of_azures_is_the_deployments():
    made = draft(
        "model_list: [{model_name: a, litellm_params: {model: azure/d, api_base: 'https://eu.openai.azure.com',"
        " input_cost_per_token: 1e-6}}]"
    )
    assert "azure-openai/d: {input: 1}" in made.text


def test_what_is_not_here_is_said_with_its_place(tmp_path):
    made = draft(configs.EVERYTHING_ELSE)
    notes = said(made)
    for path in (
        "include[0]", "litellm_settings.drop_params", "litellm_settings.callbacks", "litellm_settings.success_callback",
        "litellm_settings.cache", "litellm_settings.cache_params", "general_settings.database_url",
        "general_settings.alerting", "general_settings.pass_through_endpoints", "guardrails[0]", "mcp_servers.github",
        "model_list[1].litellm_params.temperature", "model_list[1].litellm_params.weight", "model_list[3].model_info",
        "model_list[2].litellm_params.model", "model_list[3].litellm_params.model",
    ):  # fmt: skip
        assert path in notes, path
    assert "cf-aig-strict" in notes["litellm_settings.drop_params"]
    assert table(made)["openai/*"] == "openai/*"
    assert table(made)["guessed"] == "openai/gpt-4o"
    found = loaded(made, tmp_path)
    assert found.server.max_request_bytes == 10 * 2**20
    assert found.accounts["acme"].gateways["main"].rate_limit[0].concurrent == 200


def test_a_merge_key_is_told_of_and_an_alias_is_read():
    made = draft(configs.ANCHORED)
    assert table(made) == {
        "merged": "openai/gpt-4o",
        "aliased": "openai/gpt-4o-mini",
        "twin": "openai/gpt-4o-mini",
    }
    assert any("merge keys" in note.sentence for note in made.notes)


def test_redis_is_the_store(tmp_path):
    made = draft(
        "litellm_settings: {cache: true, cache_params: {type: redis, host: os.environ/REDIS_HOST, port:"
        " os.environ/REDIS_PORT, ttl: 600}}"
    )
    found = loaded(made, tmp_path)
    assert found.server.state.reveal() == "redis://redis.internal:6379"
    assert found.accounts["acme"].gateways["main"].cache.ttl == 600


def test_what_is_switched_off_stays_off(tmp_path):
    made = draft(configs.SWITCHED_OFF)
    block = gateway(made, tmp_path)
    assert (block.retry, block.circuit_breaker, block.cache, made.notes) == (None, None, None, ())


@pytest.mark.parametrize("text", ["- a", "word", "1"])
def test_what_is_no_config_is_refused(text):
    with pytest.raises(Problems, match="not a LiteLLM config"):
        draft(text)
