"""What is sent, how it is sent, and what a process has used meanwhile."""

import json
import os
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.targets import HERE

TICK = 1_000_000 / os.sysconf("SC_CLK_TCK")
HEADERS = (
    "content-type: application/json\naccept: application/json\nauthorization: Bearer sk-bench-provider-key\n"
    "cf-aig-authorization: Bearer bench-token-0123456789\nuser-agent: OpenAI/Python 1.90.0\n"
    "x-stainless-lang: python\nx-stainless-os: Linux\nx-stainless-arch: x64\nx-stainless-runtime: CPython\n"
    "x-stainless-retry-count: 0\n"
)
MESSAGES = [
    {"role": "system", "content": "You are a helpful assistant. Answer in at most three sentences, in plain words."},
    {"role": "user", "content": "What does a content delivery network do, and why would I put one before my shop?"},
]


def cpu(pid: int) -> float:
    """Microseconds of CPU that a process and its children have used."""
    total, todo = 0.0, [pid]
    while todo:
        one = todo.pop()
        fields = Path(f"/proc/{one}/stat").read_text().rsplit(") ", 1)[1].split()
        total += (int(fields[11]) + int(fields[12])) * TICK
        for task in Path(f"/proc/{one}/task").iterdir():
            todo += map(int, (task / "children").read_text().split())
    return total


def memory(pid: int) -> float:
    """Resident megabytes."""
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6


@dataclass
class Load:
    """The same request over and over; `unique` lets `@NUMBER@` in its body be another number each time."""

    url: str
    body: Path
    headers: Path
    unique: str = ""

    def run(self, seconds: float) -> dict[str, Any]:
        """wrk with 16 connections."""
        environ = os.environ | {"WRK_BODY": str(self.body), "WRK_HEADERS": str(self.headers), "WRK_UNIQUE": self.unique}
        script, time = str(HERE / "post.lua"), f"-d{max(1, round(seconds))}s"
        command = ["taskset", "-c", "0", "wrk", "-t1", "-c16", time, "-s", script, "--latency", self.url]
        done = subprocess.run(command, env=environ, capture_output=True, text=True, check=True)
        return dict(json.loads(done.stdout.splitlines()[-1]))
