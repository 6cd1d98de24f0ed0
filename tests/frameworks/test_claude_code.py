"""Claude Code itself, headless, with a model of every dialect: it thinks, reads a file and says what is in it."""

import json

import pytest

from tests.frameworks.commands import ASK, NOTE, desk, program, started
from tests.frameworks.runs import MODELS

CLAUDE = "@anthropic-ai/claude-code-*/claude"


def asked(run, folder, dialect, model=""):
    """What it printed, and what the model was asked."""
    command = [str(program(CLAUDE)), "-p", ASK, "--output-format", "json"]
    case = run.case("claude-code", dialect, "tools")
    run.agent.scripts[case["id"]] = {"Read": {"file_path": str(desk(folder) / "note.txt")}}
    environment = {
        "ANTHROPIC_BASE_URL": case["url"],
        "ANTHROPIC_AUTH_TOKEN": "sk-client",
        "ANTHROPIC_MODEL": model or case["model"],
        "ANTHROPIC_CUSTOM_HEADERS": f"x-exchange: {case['id']}",
        "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC": "1",
        "DISABLE_AUTOUPDATER": "1",
    }
    said = json.loads(started(command, folder, environment))
    return said, run.agent.got[case["id"]]


@pytest.mark.parametrize("dialect", MODELS)
def test_it_thinks_and_reads_a_file_and_says_what_is_in_it(run, tmp_path, dialect):
    said, got = asked(run, tmp_path, dialect)
    assert not said["is_error"]
    assert NOTE in said["result"]
    assert said["usage"]["output_tokens"] == 14
    assert [one[0] for one in got] == [dialect] * 2


def test_a_name_without_a_provider_is_one_of_anthropics(run, tmp_path):
    said, got = asked(run, tmp_path, "anthropic_messages", "claude-sonnet-4-5")
    assert NOTE in said["result"]
    assert {body["model"] for _, body, _ in got} == {"claude-sonnet-4-5"}
