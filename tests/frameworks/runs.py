"""A framework's script run with cases: what it heard, and what the scripted model was asked."""

import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import trustme

from tests.compat.recordings import CONVERSE, RESPONSES
from tests.compat.stage import CLOUDS, Stage
from tests.frameworks.agent import Agent
from tests.world import ROOT, Asked

HERE = Path(__file__).parent
PYTHON = ROOT / ".frameworks" / "bin" / "python"
PACKAGES = HERE / "node_modules"
MODELS = {
    "openai_chat": "cerebras/gpt-oss-120b",
    "openai_responses": f"{RESPONSES}/gpt-5-mini",
    "anthropic_messages": "anthropic/claude-sonnet-4-5",
    "gemini_generate": "google-ai-studio/gemini-2.5-flash",
    "bedrock_converse": f"{CONVERSE}/us.anthropic.claude-sonnet-4-5-20250929-v1:0",
}
"""A model of each provider's dialect, as a client names it."""
Case = dict[str, Any]


@dataclass
class Heard:
    """What a script said of a case, and what the model was asked: dialect, body, all."""

    said: Any
    got: list[tuple[str, dict[str, Any], Asked]]


@cache
def authorities() -> str:
    """A file with one authority instead of all: clients read it whenever they are made, and here is no TLS."""
    path = Path(tempfile.mkdtemp()) / "ca.pem"
    path.write_bytes(trustme.CA().cert_pem.bytes())
    return str(path)


def environment() -> dict[str, str]:
    """The environment without keys, URLs and wishes of SDKs: only what a script passes may count."""
    mine = ("OPENAI_", "ANTHROPIC_", "GOOGLE_", "GEMINI_", "AWS_", "CLAUDE", "CODEX_", "NODE_", "LANG", "OTEL_")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(mine)}
    return {**kept, "LANGSMITH_TRACING": "false", "LANG": "C.UTF-8", "SSL_CERT_FILE": authorities()}


def python() -> list[str]:
    """How a script of the frameworks' own environment is run."""
    if not PYTHON.exists():
        pytest.skip("the frameworks are not installed: see docs/tasks/frameworks.md")
    return [str(PYTHON), "-W", "ignore"]


def node() -> list[str]:
    """How a Node script is run."""
    if not PACKAGES.exists() or shutil.which("node") is None:
        pytest.skip("the Node frameworks are not installed: see docs/tasks/frameworks.md")
    return [shutil.which("node") or "node"]


class Run:
    """One gateway, one scripted model, any framework."""

    def __init__(self, stage: Stage) -> None:
        self.stage, self.agent = stage, Agent()
        stage.provider.says = self.says
        self.begun = 0

    def says(self, asked):
        return self.stage.player(asked) if asked.target == "/token" else self.agent(asked)

    def url(self, dialect: str) -> str:
        return self.stage.url("clouds" if MODELS[dialect].partition("/")[0] in CLOUDS else "main")

    def case(self, client: str, dialect: str, kind: str, *, stream: bool = False) -> Case:
        """One conversation of a client's with a model of a dialect."""
        self.begun += 1
        id = f"{self.begun}-{client}-{dialect}-{kind}-{'stream' if stream else 'whole'}"
        one = {"id": id, "client": client, "model": MODELS[dialect], "kind": kind, "stream": stream}
        return {**one, "dialect": dialect, "url": self.url(dialect), "headers": {"x-exchange": id}}

    def all(self, command: list[str], clients: Sequence[str], kinds: Sequence[str], **headers: str) -> dict[str, Heard]:
        """What a script heard through each client of each dialect, by `client dialect kind`."""
        made = [
            self.case(client, dialect, kind.removesuffix(" streamed"), stream=kind.endswith(" streamed"))
            for client in clients
            for dialect in MODELS
            for kind in kinds
        ]
        for case in made:
            case["headers"] |= headers
        heard = self.play(command, made)
        names = [f"{client} {dialect} {kind}" for client in clients for dialect in MODELS for kind in kinds]
        return {
            name: Heard(said, self.agent.got.get(case["id"], []))
            for name, case, said in zip(names, made, heard, strict=True)
        }

    def play(self, command: list[str], cases: list[Case]) -> list[Any]:
        """What a script heard in each case."""
        sent = json.dumps(cases)
        done = subprocess.run(
            command, input=sent, cwd=HERE, capture_output=True, text=True, timeout=100, env=environment()
        )
        assert done.returncode == 0, done.stderr
        heard = [json.loads(line) for line in done.stdout.splitlines()]
        assert len(heard) == len(cases), done.stderr
        return heard
