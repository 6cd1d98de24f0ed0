"""The rules of the house that no linter knows: size of files, tests beside sources, names, words."""

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SOURCES = sorted((ROOT / "gateway").rglob("*.py"))
LONGEST = 300

FORBIDDEN = re.compile(
    r"(?:^|_)(?:manager|service|helper|util|utils|common|processor|factory)(?:_|$)|Manager$|Helper$|Factory$|Handler$"
)


@pytest.mark.parametrize(
    "path", SOURCES + sorted((ROOT / "tests").rglob("*.py")), ids=lambda p: str(p.relative_to(ROOT))
)
def test_no_file_is_longer_than_a_reader_can_hold(path):
    assert path.read_text(encoding="utf-8").count("\n") <= LONGEST


@pytest.mark.parametrize("path", SOURCES, ids=lambda p: str(p.relative_to(ROOT)))
def test_every_definition_says_what_it_is(path):
    tree = ast.parse(path.read_text(encoding="utf-8"))
    silent = [] if ast.get_docstring(tree) else ["the module"]
    for node in ast.walk(tree):
        if not isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef) or ast.get_docstring(node):
            continue
        if not (node.name.startswith("__") and node.name.endswith("__")):
            silent.append(f"{node.name} (line {node.lineno})")
    assert not silent


@pytest.mark.parametrize("path", SOURCES, ids=lambda p: str(p.relative_to(ROOT)))
def test_names_say_what_a_thing_is_and_not_that_it_does_things(path):
    tree = ast.parse(path.read_text(encoding="utf-8"))
    names = [n.name for n in ast.walk(tree) if isinstance(n, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)]
    assert not [name for name in [*names, path.stem] if FORBIDDEN.search(name)]


def test_no_provider_is_named_outside_its_folder():
    # Provider names in quotes outside providers/ and dialects/ are how gateways rot (834 places in one of them).
    names = re.compile(
        r"[\"'](?:openai|anthropic|cerebras|groq|mistral|cohere|deepseek|perplexity(?:-ai)?|grok|aws-bedrock"
        r"|google-ai-studio|google-vertex-ai|azure-openai|workers-ai|openrouter|together|fireworks)[\"']"
    )
    guilty = []
    for path in SOURCES:
        inside = path.relative_to(ROOT / "gateway").parts
        if inside[0] in ("providers", "dialects"):
            continue
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            if names.search(line) and "Literal[" not in line:
                guilty.append(f"{'/'.join(inside)}:{number}")
    assert not guilty


def test_imports_go_down_only():
    done = subprocess.run(
        [sys.executable, "-c", "from importlinter.cli import lint_imports_command as c; c()"],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr
