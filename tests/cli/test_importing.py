import os
import re
import subprocess
import sys
import time
from pathlib import Path

import pytest

from gateway.cli import main
from gateway.settings.nodes import plain
from gateway.settings.parse import parse
from tests.importing import configs

ROOT = Path(__file__).resolve().parents[2]


def run(*arguments, **env):
    return subprocess.run(
        [sys.executable, "-m", "gateway", *arguments],
        cwd=ROOT, capture_output=True, text=True, timeout=60, env={"PATH": os.environ["PATH"], **env},
    )  # fmt: skip


@pytest.fixture
def config(tmp_path):
    path = tmp_path / "config.yaml"
    path.write_text(configs.RELIABLE)
    return path


def test_the_file_goes_to_standard_output_and_passes_check(tmp_path, config):
    made = run("import", "litellm", str(config), "--account", "acme", "--gateway", "main")
    assert made.returncode == 0
    assert made.stderr == f"{config}: 3 names of models; to look at: 6\n"
    path = tmp_path / "gateways.yaml"
    path.write_text(made.stdout)
    assert str(tmp_path) not in made.stdout
    keys = dict.fromkeys(("ANTHROPIC_API_KEY", "CEREBRAS_API_KEY", "GEMINI_API_KEY"), "x")
    assert run("check", str(path), **keys).returncode == 0
    lacking = run("check", str(path))
    assert lacking.returncode == 1
    assert "CEREBRAS_API_KEY" in lacking.stdout
    told = run(
        "explain", "--config", str(path), "--path", "/v1/acme/main/compat/chat/completions",
        "--data", '{"model": "anthropic/claude-sonnet-4-5", "messages": []}', **keys,
    )  # fmt: skip
    assert told.returncode == 0
    assert "cerebras" in told.stdout


def test_the_page_shows_what_comes_out(tmp_path, capsys):
    page = (ROOT / "docs" / "tasks" / "move-from-litellm.md").read_text(encoding="utf-8")
    path = tmp_path / "config.yaml"
    path.write_text(re.search(r"<<'END'\n(.*?)END\n", page, re.DOTALL)[1])
    assert main(["import", "litellm", str(path), "--account", "acme", "--gateway", "main"]) == 0
    shown = re.search(r"```yaml\n(.*?)```", page, re.DOTALL)[1]
    made = capsys.readouterr().out
    assert plain(parse(path, made)[0]) == plain(parse(path, shown)[0])


@pytest.mark.parametrize("text", ["", "- a", "a: [", "a: *b", "a: 1\n---\nb: 2"])
def test_what_cannot_be_read_is_said_with_its_place(tmp_path, text, capsys):
    path = tmp_path / "config.yaml"
    path.write_text(text)
    assert main(["import", "litellm", str(path)]) == 1
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.startswith(f"{path}:")


def test_a_file_that_is_not_there_is_said(tmp_path, capsys):
    assert main(["import", "litellm", str(tmp_path / "none.yaml")]) == 1
    assert "does not exist" in capsys.readouterr().err


@pytest.mark.parametrize("name", ["", "a/b", "a b", "-", "x" * 65])
def test_a_name_that_no_url_can_hold_is_usage(config, name, capsys):
    with pytest.raises(SystemExit) as left:
        main(["import", "litellm", str(config), f"--account={name}"])
    assert left.value.code == 2
    assert "a name has" in capsys.readouterr().err


def test_two_mebibytes_take_seconds(tmp_path, capsys):
    path = tmp_path / "config.yaml"
    one = "  - {model_name: a, litellm_params: {model: openai/m%d, api_key: os.environ/K%d, rpm: 5, x: 1}}\n"
    path.write_text(
        "model_list:\n" + "".join(one % (n, n) for n in range(18_000)) + "router_settings: {fallbacks: [{a: [a]}]}\n"
    )
    began = time.monotonic()
    assert main(["import", "litellm", str(path)]) in (0, 1)
    assert time.monotonic() - began < 20
    assert capsys.readouterr()
