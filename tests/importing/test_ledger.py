"""Configs of any content: the draft is sound, nothing is lost, and no secret is repeated."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gateway.importing.ledger import Ledger
from gateway.settings.nodes import Scalar, children
from gateway.settings.parse import parse
from tests.importing.drafts import FILE, draft, loaded

KEYS = st.sampled_from(
    [
        "model_list", "model_name", "litellm_params", "model", "api_key", "api_base", "rpm", "tpm", "order",
        "fallbacks", "router_settings", "litellm_settings", "general_settings", "master_key", "num_retries", "timeout",
        "cache",
        "cache_params", "type", "ttl", "host", "port", "password", "redis_host", "model_info", "extra_headers", "a",
        "input_cost_per_token", "max_budget", "budget_duration", "default_fallbacks", "model_group_alias", "x y",
        "\x85",
        "credential_list", "credential_name", "credential_values", "litellm_credential_name", "provider_budget_config",
        "allowed_fails", "cooldown_time", "retry_after", "vertex_credentials", "aws_access_key_id", "organization",
        "aws_secret_access_key", "aws_region_name", "headers", "max_request_size_mb", "stream_timeout", "openai",
    ]
)  # fmt: skip
WORDS = st.sampled_from(
    [
        "openai/gpt-4o", "azure/x", "bedrock/us-east-1/m", "vertex_ai/gemini", "hosted_vllm/x", "fal_ai/x", "ollama/q",
        "os.environ/A_KEY", "os.environ/", "os.environ/A KEY", "http://h/v1", "http://[", "http://u:p@h", "https://h?q",
        "https://h:99999/v1", "redis", "30d", "1mo", "0d", "${X}", "$", "*", "openai/*", "a b", "\u2028", "\U0001f600",
        "# not\na comment", "'", '"', "\\", "\x7f", "true", "1e-9", "sk-canary", "localhost", "openai/${HOME}",
        "openai/$$x",
    ]
) | st.text(st.characters(exclude_categories=["Cs", "Cc", "Cn"]), max_size=12)  # fmt: skip
SCALARS = st.none() | st.booleans() | st.integers(-5, 10**13) | st.floats(allow_nan=False, allow_infinity=False) | WORDS
ANYTHING = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=6), max_leaves=25
)
PARAMS = st.dictionaries(KEYS, SCALARS | st.dictionaries(KEYS, SCALARS, max_size=3), max_size=6)
DEPLOYMENT = st.builds(
    lambda name, model, params, info: {
        "model_name": name, "litellm_params": {**params, "model": model}, "model_info": info,
    },
    WORDS, WORDS, PARAMS, PARAMS,
)  # fmt: skip
CONFIG = st.builds(
    lambda models, blocks, more: {"model_list": models, **blocks, **more},
    st.lists(DEPLOYMENT | ANYTHING, max_size=5),
    st.dictionaries(
        st.sampled_from(["router_settings", "litellm_settings", "general_settings"]),
        st.dictionaries(KEYS, ANYTHING, max_size=6),
    ),
    st.dictionaries(KEYS, ANYTHING, max_size=2),
)


def written(value):
    """A value as YAML in one line, whatever is in it."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{quoted(name)}: {written(inner)}" for name, inner in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(written, value)) + "]"
    if isinstance(value, str):
        return quoted(value)
    return "null" if value is None else str(value).lower()


def quoted(text):
    return '"' + "".join(f"\\U{ord(char):08x}" for char in text) + '"'


def lines(config):
    return "".join(f"{quoted(name)}: {written(value)}\n" for name, value in config.items())


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(CONFIG)
def test_whatever_stands_there_the_draft_is_sound_and_nothing_is_lost(tmp_path, config):
    text = lines(config)
    made = draft(text)
    assert loaded(made, tmp_path)
    assert all(line.isprintable() for line in made.text.splitlines())


SECRETS = (
    "api_key", "aws_access_key_id", "aws_secret_access_key", "aws_session_token", "password", "master_key", "secret",
    "database_url", "token", "azure_ad_token", "anything", "url", "redis_url", "redis_password", "client_secret",
)  # fmt: skip


@pytest.mark.parametrize("model", ["openai/a", "azure/a", "bedrock/a", "vertex_ai/a", "ollama/a", "hosted_vllm/a"])
def test_no_value_that_may_be_a_secret_is_repeated(tmp_path, model):
    secrets = dict.fromkeys(SECRETS, "canary-0123456789")
    headers = {"x-api-token": "canary-0123456789", "authorization": "canary-0123456789"}
    config = {
        "model_list": [{"model_name": "a", "litellm_params": {**secrets, "model": model, "headers": headers}}],
        **{f"{name}_settings": {**secrets, "cache_params": secrets} for name in ("router", "litellm", "general")},
        **secrets,
        "environment_variables": secrets,
    }
    made = draft(lines(config))
    assert "canary" not in made.text
    assert loaded(made, tmp_path)


@settings(max_examples=100, deadline=None)
@given(CONFIG, st.data())
def test_every_place_is_dealt_with_or_told_of(config, data):
    root, _ = parse(FILE, lines(config))
    ledger = Ledger()
    paths = [tuple(path) for path in places(root)]
    done = data.draw(st.lists(st.sampled_from(paths), max_size=5)) if paths else []
    for path in done:
        ledger.mark(path)
    told = [path for path, _ in ledger.rest((), root)]
    for path in paths:
        covered = [one for one in (*told, *done) if path[: len(one)] == one]
        assert covered, path


def places(node, path=()):
    """The paths of all scalars."""
    if isinstance(node, Scalar):
        yield path
    for name, _, child in children(node):
        yield from places(child, (*path, name))
