"""`wrong(text)`: the problems of a gateways.yaml, as `gateway check` prints them, without the file's name."""

from collections.abc import Callable
from pathlib import Path

import pytest

from gateway.settings.load import Loaded, load
from gateway.settings.problems import Problems

KNOWN = {"openai": "", "anthropic": "", "cerebras": "", "aws-bedrock": "aws", "grok": "", "xai": ""}


@pytest.fixture
def good(tmp_path: Path) -> Callable[..., Loaded]:
    def read(text: str, **env: str) -> Loaded:
        path = tmp_path / "gateways.yaml"
        path.write_text(text)
        return load(path, env, KNOWN)

    return read


@pytest.fixture
def wrong(good: Callable[..., Loaded], tmp_path: Path) -> Callable[..., list[str]]:
    def read(text: str, **env: str) -> list[str]:
        with pytest.raises(Problems) as raised:
            good(text, **env)
        return [line.removeprefix(f"{tmp_path}/gateways.yaml:") for line in str(raised.value).splitlines()]

    return read


@pytest.fixture
def block(wrong: Callable[..., list[str]]) -> Callable[..., list[str]]:
    """The problems of one gateway's block, written in flow style, without their places."""

    def read(text: str, **env: str) -> list[str]:
        lines = wrong(f"accounts: {{a: {{gateways: {{g: {text}}}}}}}", **env)
        return [line.split(": ", 1)[1].removeprefix("accounts.a.gateways.g.") for line in lines]

    return read
