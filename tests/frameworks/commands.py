"""Coding agents as their users start them, without a person and without any network but loopback."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.frameworks.runs import HERE

PACKAGES = HERE / "agents" / "node_modules"
NOTE = "The secret word is marmalade."
ASK = "Read note.txt and tell me what it says."


def program(pattern: str) -> Path:
    """The program of a package for this kind of machine."""
    found = sorted(PACKAGES.glob(pattern))
    if not found:
        pytest.skip("the coding agents are not installed: see docs/tasks/frameworks.md")
    return found[0]


def desk(folder: Path) -> Path:
    """A folder to work in, with a note to read."""
    work = folder / "work"
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir()
    (work / "note.txt").write_text(NOTE + "\n")
    (folder / "home").mkdir(exist_ok=True)
    return work


def started(command: list[str], folder: Path, environment: dict[str, str]) -> str:
    """What a program printed."""
    nowhere = dict.fromkeys(("HTTPS_PROXY", "https_proxy"), "http://127.0.0.1:9")
    given = {"PATH": os.environ["PATH"], "HOME": str(folder / "home"), "NO_PROXY": "127.0.0.1", **nowhere}
    done = subprocess.run(
        command,
        cwd=folder / "work",
        env={**given, **environment},
        capture_output=True,
        text=True,
        timeout=60,
        stdin=subprocess.DEVNULL,
    )
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    return done.stdout
