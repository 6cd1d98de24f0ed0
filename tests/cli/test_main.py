import re
import subprocess
import sys
from pathlib import Path

import pytest

from gateway import __version__
from gateway.cli import COMMANDS, main, module

ROOT = Path(__file__).resolve().parents[2]


def command(*arguments, **options):
    return subprocess.run(
        [sys.executable, "-m", "gateway", *arguments], cwd=ROOT, capture_output=True, text=True, timeout=30, **options
    )


def test_the_version_is_the_packages():
    ran = command("--version")
    assert (ran.returncode, ran.stdout) == (0, f"gateway {__version__}\n")


def test_help_names_every_command_and_where_to_begin(capsys):
    with pytest.raises(SystemExit) as ended:
        main(["--help"])
    said = capsys.readouterr().out
    assert ended.value.code == 0
    assert all(re.search(rf"^    {name}\b", said, re.MULTILINE) for name in COMMANDS)
    assert "exit codes" in said


def test_without_a_command_the_help_goes_to_stderr_as_usage(capsys):
    assert main([]) == 2
    said = capsys.readouterr()
    assert (said.out, "commands" in said.err) == ("", True)


def test_a_mistyped_command_is_usage_and_the_right_one_is_suggested(capsys):
    with pytest.raises(SystemExit) as ended:
        main(["chek"])
    assert ended.value.code == 2
    assert "did you mean `gateway check`?" in capsys.readouterr().err


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_explains_itself_with_examples(name, capsys):
    with pytest.raises(SystemExit) as ended:
        main([name, "--help"])
    assert ended.value.code == 0
    assert f"  gateway {name}" in capsys.readouterr().out
    assert module(name).SUMMARY


@pytest.mark.parametrize("name", COMMANDS)
def test_an_unknown_option_is_usage(name, capsys):
    with pytest.raises(SystemExit) as ended:
        main([name, "--no-such-option"])
    assert ended.value.code == 2
    assert f"usage: gateway {name}" in capsys.readouterr().err


def test_a_reader_that_leaves_early_causes_no_traceback():
    ran = subprocess.run(
        f"{sys.executable} -m gateway schema | head -c 1",
        shell=True,
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=30,
    )
    assert (ran.stdout, ran.stderr) == ("{", "")


def test_a_terminal_without_unicode_causes_no_traceback(tmp_path):
    path = tmp_path / "é.yaml"
    path.write_text("a: b\n", encoding="utf-8")
    ran = command("check", str(path), env={"PYTHONIOENCODING": "ascii", "PATH": ""})
    assert (ran.returncode, ran.stderr) == (1, "")


@pytest.mark.parametrize(
    ("arguments", "heavy"),
    [
        (["schema"], ["jsonschema", "yaml", "asyncio", "uvicorn", "starlette", "opentelemetry", "httpx2"]),
        (["token"], ["jsonschema", "yaml", "msgspec", "asyncio", "uvicorn", "opentelemetry"]),
        (["check"], ["jsonschema", "uvicorn", "starlette", "opentelemetry.sdk", "genai_prices", "botocore"]),
    ],
)
def test_a_command_imports_only_what_it_needs(arguments, heavy):
    program = f"import sys; from gateway.cli import main; main({arguments}); print(*sys.modules, file=sys.stderr)"
    ran = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, timeout=30)
    assert ran.returncode == 0
    assert set(heavy) & set(ran.stderr.split()) == set()
