"""What a test leaves open in uvloop fails the run, and neither hangs it nor hides the test's own failure."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
LEAVES = """
import asyncio
import uvloop

KEPT = []

def test_leaves_a_connection():
    async def play():
        server = await asyncio.start_server(lambda reader, writer: None, "127.0.0.1", 0)
        KEPT.append(await asyncio.open_connection(*server.sockets[0].getsockname()))
        assert {right}
    uvloop.run(play())
"""


@pytest.mark.parametrize(("right", "passed"), [("True", "1 passed"), ("False", "1 failed")])
def test_a_connection_left_open_fails_the_run(tmp_path, right, passed):
    (tmp_path / "test_it.py").write_text(LEAVES.format(right=right))
    command = [sys.executable, "-m", "pytest", "-c", str(ROOT / "pyproject.toml"), "-p", "tests.conftest", "-v"]
    done = subprocess.run(
        [*command, "-p", "no:cacheprovider", str(tmp_path / "test_it.py")],
        cwd=ROOT, capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    assert passed in done.stdout
    assert "LEFT OPEN" in done.stdout
    assert done.returncode == 1
