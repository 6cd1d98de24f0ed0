"""One stage for all SDKs: the gateway starts once."""

import os

import pytest

from tests.sdks.stage import AWS, STORED, TOKEN, Stage, open_stage


@pytest.fixture(scope="session")
def stage(tmp_path_factory) -> Stage:
    with open_stage(tmp_path_factory.mktemp("sdks")) as one:
        yield one
        said = one.gateway.errors() + str(one.gateway.lines())
        assert "Traceback" not in said
        assert not [secret for secret in (TOKEN, *STORED.values(), AWS["secretAccessKey"]) if secret in said]


@pytest.fixture(autouse=True)
def _nothing_from_the_environment(monkeypatch):
    """SDKs read keys, URLs and profiles from the environment: only what a test passes may count."""
    prefixes = ("OPENAI_", "ANTHROPIC_", "GOOGLE_", "GEMINI_", "CEREBRAS_", "GROQ_", "MISTRAL_", "CO_API_", "AWS_")
    for name in os.environ:
        if name.startswith(prefixes):
            monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", os.devnull)
