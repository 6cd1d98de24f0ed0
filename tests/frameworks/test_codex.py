"""Codex itself, without a person, with a model of every dialect: it runs a command and says what that printed."""

import json

import pytest

from tests.frameworks.commands import ASK, NOTE, desk, program, started
from tests.frameworks.runs import MODELS

CODEX = "@openai/codex-*/vendor/*/bin/codex"
CONFIG = """
model = "{model}"
model_provider = "gateway"
model_reasoning_effort = "low"
model_reasoning_summary = "auto"

[model_providers.gateway]
name = "gateway"
base_url = "{url}"
env_key = "GATEWAY_KEY"
wire_api = "responses"
http_headers = {{ "x-exchange" = "{id}"{lax} }}
request_max_retries = 0
stream_max_retries = 0
"""


@pytest.mark.parametrize("dialect", MODELS)
def test_it_runs_a_command_and_says_what_that_printed(run, tmp_path, dialect):
    desk(tmp_path)
    case = run.case("codex", dialect, "tools")
    run.agent.scripts[case["id"]] = {"exec_command": {"cmd": "cat note.txt"}}
    # Its search and its groups of tools are OpenAI's own.
    lax = "" if dialect == "openai_responses" else ', "cf-aig-strict" = "false"'
    (tmp_path / "home" / "config.toml").write_text(CONFIG.format(lax=lax, **case))
    options = ["--skip-git-repo-check", "--json", "--dangerously-bypass-approvals-and-sandbox"]
    command = [str(program(CODEX)), "exec", *options, ASK]
    lines = started(command, tmp_path, {"CODEX_HOME": str(tmp_path / "home"), "GATEWAY_KEY": "sk-client"})
    items = [line["item"] for line in map(json.loads, lines.splitlines()) if line["type"] == "item.completed"]
    assert NOTE in next(item["text"] for item in items if item["type"] == "agent_message")
    assert "Let me think of Lisbon." in [item["text"] for item in items if item["type"] == "reasoning"]
    assert [one[0] for one in run.agent.got[case["id"]]] == [dialect] * 2
