"""One stage for all unified endpoints: the gateway starts once."""

import os

import pytest

from tests.compat.stage import Stage, open_stage


@pytest.fixture(scope="session")
def stage(tmp_path_factory) -> Stage:
    with open_stage(tmp_path_factory.mktemp("compat")) as one:
        yield one
        assert "Traceback" not in one.gateway.errors()


@pytest.fixture(autouse=True)
def _nothing_from_the_environment(monkeypatch):
    """SDKs read keys and URLs from the environment: only what a test passes may count."""
    for name in os.environ:
        if name.startswith(("OPENAI_", "ANTHROPIC_", "GOOGLE_", "GEMINI_", "AWS_")):
            monkeypatch.delenv(name)
