"""The official Node SDKs through the gateway: each script makes its calls in turn and prints what it got."""

import json
import os
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.sdks.stage import TOKEN, Seen, Stage
from tests.world import Asked

HERE = Path(__file__).parent / "node"
LOCK = HERE / "package-lock.json"
INSTALLED = HERE / "node_modules" / ".package-lock.json"


@dataclass
class Played:
    """One script's run: what it printed, what the provider was asked, what the gateway wrote down."""

    said: dict
    requests: list[Asked]
    lines: list[dict]


@pytest.fixture(scope="session")
def node():
    """The path of node, the packages of the lock file installed."""
    npm = shutil.which("npm")
    if npm is None:
        pytest.skip("npm is not installed")
    if not INSTALLED.exists() or INSTALLED.stat().st_mtime < LOCK.stat().st_mtime:
        command = [npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--prefer-offline"]
        done = subprocess.run(command, cwd=HERE, capture_output=True, text=True, timeout=100)
        assert done.returncode == 0, done.stderr
    return shutil.which("node")


def play(stage: Stage, node: str, slug: str, script: str, key: str, calls: int) -> Played:
    """Run a script that makes so many calls."""
    mine = ("OPENAI_", "ANTHROPIC_", "NODE_")
    environ = {name: value for name, value in os.environ.items() if not name.startswith(mine)} | {"TOKEN": TOKEN}
    command = [node, script, stage.url(slug), key, stage.url(slug, "closed")]
    with stage.watch(slug) as seen:
        done = subprocess.run(command, cwd=HERE, capture_output=True, text=True, timeout=60, env=environ)
        assert done.returncode == 0, done.stderr
        return Played(json.loads(done.stdout), seen.requests, lines(seen, calls))


def lines(seen: Seen, calls: int) -> list[dict]:
    found = seen.lines(calls)
    assert len(found) == calls
    return found


@pytest.fixture(scope="module")
def openai(stage, node):
    return play(stage, node, "openai", "openai.mjs", "sk-client", 11)


@pytest.fixture(scope="module")
def anthropic(stage, node):
    return play(stage, node, "anthropic", "anthropic.mjs", "sk-ant-client", 6)


def test_openai_chats_and_streams(openai):
    assert openai.said["chat"]["text"] == openai.said["stream"]["text"] == "Hello there."
    assert openai.said["chat"]["usage"] == openai.said["stream"]["usage"]
    assert openai.said["chat"]["usage"]["total_tokens"] == 30


def test_openai_gets_a_tool_calls_arguments_in_their_pieces(openai):
    called = openai.said["tools"]
    assert [piece for piece in called["pieces"] if piece] == ['{"ci', 'ty": "L', 'isbon"}']
    assert (called["name"], json.loads(called["arguments"])) == ("weather", {"city": "Lisbon"})


def test_openai_gets_responses_and_embeddings(openai):
    assert (openai.said["response"]["text"], openai.said["response"]["usage"]["output_tokens"]) == ("Hello there.", 9)
    assert openai.said["responseStream"] == ["Hello", " there."]
    assert openai.said["embedding"] == [0.5, -1]


def test_openais_classes_of_errors_are_raised(openai):
    unauthorized, limited = openai.said["unauthorized"], openai.said["limited"]
    assert (unauthorized["error"], unauthorized["status"]) == ("AuthenticationError", 401)
    assert "cf-aig-authorization" in unauthorized["message"]
    assert (limited["error"], limited["code"]) == ("RateLimitError", "rate_limit_exceeded")


@pytest.mark.parametrize("case", ["broken", "responseBroken"])
def test_openais_stream_that_breaks_raises_and_does_not_just_end(openai, case):
    assert (openai.said[case]["error"], openai.said[case].get("code")) == ("APIError", "stream_broken")


def test_openais_calls_are_written_down(openai):
    assert [(line["model"], line["stream"], line["tokens_in"], line["outcome"]) for line in openai.lines] == [
        ("gpt-4o-mini", False, 21, "served"),
        ("gpt-4o-mini", True, 21, "served"),
        ("gpt-4o-mini", True, None, "served"),
        ("gpt-4o-mini", False, 21, "served"),
        ("gpt-4o-mini", True, 21, "served"),
        ("text-embedding-3-small", False, 5, "served"),
        ("gpt-4o-mini", False, 21, "served"),
        (None, False, None, "refused"),
        ("gpt-limited", False, None, "served"),
        *[("gpt-cut", True, None, "failed")] * 2,
    ]


def test_openais_paths_and_keys_arrive(openai):
    assert [asked.target for asked in openai.requests[:6]] == [
        *["/v1/chat/completions"] * 3, *["/v1/responses"] * 2, "/v1/embeddings"]  # fmt: skip
    assert {asked.header("authorization") for asked in openai.requests[:6]} == {"Bearer sk-client"}
    assert openai.requests[6].header("authorization") == "Bearer stored-key-of-openai"
    assert TOKEN not in str(openai.requests)


def test_anthropic_asks_and_streams(anthropic):
    message, streamed = anthropic.said["message"], dict(anthropic.said["stream"])
    assert streamed.pop("texts") == ["Let me ", "look."]
    assert message == streamed
    assert (message["thinking"], message["text"]) == ("Lisbon is a city.", "Let me look.")
    assert (message["input"], message["stop"], message["out"]) == ({"city": "Lisbon"}, "tool_use", 17)


def test_anthropics_classes_of_errors_are_raised(anthropic):
    assert anthropic.said["unauthorized"] == {
        "error": "AuthenticationError", "status": 401, "type": "authentication_error"}  # fmt: skip
    assert anthropic.said["limited"] == {"error": "RateLimitError", "status": 429, "type": "rate_limit_error"}


def test_anthropics_stream_that_breaks_raises_and_does_not_just_end(anthropic):
    assert (anthropic.said["broken"]["error"], anthropic.said["broken"]["type"]) == ("APIError", "api_error")


def test_anthropics_calls_are_written_down(anthropic):
    fields = ("stream", "tokens_in", "tokens_out", "outcome")
    assert [tuple(line[field] for field in fields) for line in anthropic.lines[:4]] == [
        (False, 56, 17, "served"),
        (True, 56, 17, "served"),
        (False, 56, 17, "served"),
        (False, None, None, "refused"),
    ]
    assert anthropic.requests[2].header("x-api-key") == "stored-key-of-anthropic"
    assert {asked.target for asked in anthropic.requests} == {"/v1/messages"}


def test_the_lock_file_names_no_registry():
    assert not re.findall(r'"resolved"|https?://', LOCK.read_text())
