"""What the documentation shows is what works: YAML is loaded, commands and programs are run."""

import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from urllib.parse import unquote

import pytest

from gateway.cli.known import providers
from gateway.settings.load import load
from gateway.settings.nodes import plain
from gateway.settings.parse import parse
from gateway.settings.problems import Problems
from tests import world

ROOT = Path(__file__).resolve().parents[2]
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").rglob("*.md"))]
BLOCK = re.compile(r"(?:<!-- (runs|serves) -->\n)?```([a-z]+)\n(.*?)```", re.DOTALL)
ORDINARY = "http://127.0.0.1:8787"
KEY = "a-provider-key-of-some-length"
REDIRECTED = {"cerebras": "/v1", "openai": "/v1", "anthropic": "", "google-ai-studio": "", "aws-bedrock": ""}
"""Providers that examples call, and what their base URLs end in."""

ANSWERS = {
    "/chat/completions": {
        "id": "c1", "object": "chat.completion", "created": 1, "model": "llama-3.3-70b",
        "choices": [{"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": "Hello"}}],
        "usage": {"prompt_tokens": 2, "completion_tokens": 3, "total_tokens": 5},
    },
    "/messages": {
        "id": "m1", "type": "message", "role": "assistant", "model": "claude-sonnet-4-5", "stop_reason": "end_turn",
        "stop_sequence": None, "content": [{"type": "text", "text": "Hello yourself"}],
        "usage": {"input_tokens": 2, "output_tokens": 3},
    },
    "/models/gemini-2.5-flash:generateContent": {
        "candidates": [{"content": {"role": "model", "parts": [{"text": "Hello yourself"}]}, "finishReason": "STOP"}],
        "usageMetadata": {"promptTokenCount": 2, "candidatesTokenCount": 3, "totalTokenCount": 5},
    },
    "/model/eu.amazon.nova-lite-v1:0/converse": {
        "output": {"message": {"role": "assistant", "content": [{"text": "Hello yourself"}]}}, "stopReason": "end_turn",
        "usage": {"inputTokens": 2, "outputTokens": 3, "totalTokens": 5}, "metrics": {"latencyMs": 1},
    },
}  # fmt: skip

CHUNK = {"id": "c1", "object": "chat.completion.chunk", "created": 1, "model": "llama-3.3-70b"}
CHUNKS = [
    CHUNK | {"choices": [{"index": 0, "delta": {"role": "assistant", "content": "Hello"}, "finish_reason": None}]},
    CHUNK | {"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]},
    CHUNK | {"choices": [], "usage": ANSWERS["/chat/completions"]["usage"]},
]
STREAMED = [*(b"data: " + json.dumps(chunk).encode() + b"\n\n" for chunk in CHUNKS), b"data: [DONE]\n\n"]


def examples(languages, runs):
    for page in PAGES:
        text = page.read_text(encoding="utf-8")
        for match in BLOCK.finditer(text):
            if match[2] in languages and (match[1] == "runs") is runs:
                line = text.count("\n", 0, match.start()) + 1
                yield pytest.param(match[2], match[3], id=f"{page.relative_to(ROOT)}:{line}")


def served(page):
    """The gateways.yaml that a page's examples run against: its own, or else that of the repository."""
    for match in BLOCK.finditer(page.read_text(encoding="utf-8")):
        if match[1] == "serves":
            return match[3]
    return (ROOT / "gateways.yaml").read_text(encoding="utf-8")


def environment(text):
    """A value for every variable that a file refers to."""
    names = re.findall(r"\$\{([A-Z0-9_]+)(?::-)?\}", text)
    return {name: KEY if re.search("KEY|BEDROCK", name) else f"{name}-of-some-length" for name in names}


def running_examples():
    for example in examples({"sh", "python"}, runs=True):
        page = ROOT / example.id.rpartition(":")[0]
        yield pytest.param(page, *example.values, id=example.id)


def files():
    found = examples({"yaml"}, runs=False)
    return [example for example in found if re.search("^accounts:", example.values[1], re.MULTILINE)]


@pytest.mark.parametrize(("language", "text"), files())
def test_a_gateways_yaml_is_sound(tmp_path, language, text):
    path = tmp_path / "gateways.yaml"
    path.write_text(text, encoding="utf-8")
    for name in re.findall(r"\$\{file:([^}]+)\}", text):
        (tmp_path / name).write_text("a-key-of-some-length")
    loaded = load(path, environment(text) | {"REDIS_URL": "redis://redis.internal"}, providers())
    assert not [note for note in loaded.notes if "expired" in note.sentence]


def says(asked):
    # The versions before these are the SDKs' choice.
    path = re.sub(r"^/v1[a-z]*", "", unquote(asked.target.partition("?")[0]))
    answer = ANSWERS.get(path)
    if path == "/chat/completions" and json.loads(asked.body).get("stream"):
        return world.Says(headers={"content-type": "text/event-stream"}, chunks=STREAMED, framing="chunked")
    assert any(KEY in value for _, value in asked.headers)
    return world.Says(chunks=[json.dumps(answer).encode()]) if answer else world.Says(404)


@pytest.fixture(scope="module")
def provider():
    with world.provider(says) as provider:
        yield provider


@pytest.fixture(scope="module")
def gateways(tmp_path_factory, provider):
    """The gateways of the pages, started when their first example wants them."""
    running = {}

    def of(page):
        if page not in running:
            text = served(page)
            file = plain(parse(page, text)[0])
            own = {name: {"base_url": f"{provider.url}{version}"} for name, version in REDIRECTED.items()}
            file["providers"] = own | file.get("providers", {})
            gateway = world.Gateway(tmp_path_factory.mktemp("examples"), json.dumps(file), environment(text))
            running[page] = gateway
        return running[page]

    yield of
    for gateway in running.values():
        gateway.stop()


@pytest.fixture
def folder(tmp_path):
    """Where an example runs, with the command `gateway`, installed or not."""
    path = tmp_path / "bin" / "gateway"
    path.parent.mkdir()
    path.write_text(f'#!/bin/sh\nexec {sys.executable} -m gateway "$@"\n')
    path.chmod(0o755)
    return tmp_path


@pytest.mark.parametrize(("page", "language", "text"), list(running_examples()))
def test_an_example_works(gateways, folder, page, language, text):
    if "curl" in text and not shutil.which("curl"):
        pytest.skip("curl is not installed")
    (folder / "gateways.yaml").write_text(served(page), encoding="utf-8")
    gateway = gateways(page)
    before = len(gateway.lines())
    keys = dict.fromkeys(("CEREBRAS_API_KEY", "ANTHROPIC_API_KEY", "GEMINI_API_KEY"), KEY)
    program = text.replace(ORDINARY, gateway.url)
    ran = subprocess.run(
        [sys.executable, "-c", program] if language == "python" else ["sh", "-ec", program],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=60,
        env={"PATH": f"{folder / 'bin'}:{os.environ['PATH']}", "HOME": str(folder), "PYTHONPATH": str(ROOT)}
        | {"LITELLM_MASTER_KEY": "a-master-key-of-some-length"}
        | keys
        | environment(served(page)),
    )
    assert ran.returncode == 0, ran.stderr + ran.stdout
    assert re.search("Hello|price|sha256", ran.stdout), ran.stdout
    if ORDINARY in text:
        assert {line["status_code"] for line in waited(gateway, before)} == {200}


def waited(gateway, before):
    """The log lines since, once there is one."""
    world.time.sleep(0.05)
    for _ in range(60):
        if lines := gateway.lines()[before:]:
            return lines
        world.time.sleep(0.05)
    raise AssertionError("no log line")


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("accounts: {a: {gateways: {g: {\ncahce: {ttl: 5m}}}}}", 2),
        ("accounts: {a: {gateways: {g: {\nguardrails: {}}}}}", 2),
        ("accounts: {a: {gateways: {g: {\nspend_limits: [{limit: 5, per: 1d}]}}}}", 2),
        ("accounts: {a: {gateways: {g: {\nretry: {attempts: 300}}}}}", 2),
        ("server: {\nstate: 'sqlite://x'}\naccounts: {a: {gateways: {g: {}}}}", 2),
        ("server: {\nlogs: 'sqlite:///gateway.db'}\naccounts: {a: {gateways: {g: {}}}}", 2),
        ("accounts: &a {a: {gateways: {g: {}}}}\ndefaults:\n  <<: *a", 3),
        ("accounts: {a: {gateways: {g: !!map {}}}}", 1),
        ("accounts: {a: {gateways: {g: {logs: }}}}", 1),
        ("accounts: {a: {gateways: {g: {}}}}\n---\naccounts: {}", 2),
    ],
)
def test_what_the_docs_call_refused_is_refused_with_its_line(tmp_path, text, line):
    path = tmp_path / "gateways.yaml"
    path.write_text(text)
    with pytest.raises(Problems) as refused:
        load(path, {}, providers())
    assert any(said.startswith(f"{path}:{line}:") for said in refused.value.lines()), list(refused.value.lines())


@pytest.mark.parametrize(("language", "text"), list(examples({"toml"}, runs=False)))
def test_a_toml_file_is_toml(language, text):
    assert tomllib.loads(text)["model_providers"]["gateway"]["wire_api"] == "responses"


def test_there_are_examples():
    assert len(files()) >= 4
    assert len(list(examples({"sh", "python"}, runs=True))) >= 7


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page):
    for link in re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8")):
        if not link.startswith("https://"):
            assert (page.parent / link).exists(), link


def test_the_readme_begins_with_the_two_commands():
    head = (ROOT / "README.md").read_text(encoding="utf-8").split("##")[0]
    assert head.index("make serve") < head.index("make test") < head.index("curl")
    help = (
        subprocess.run(["make", "help"], cwd=ROOT, capture_output=True, text=True).stdout
        if shutil.which("make")
        else ""
    )
    for target in ("serve", "test", "check", "bench", "format", "lock"):
        assert not help or re.search(rf"^{target}\b", help, re.MULTILINE)
