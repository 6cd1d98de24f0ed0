"""`make bench`: CPU per call of the gateway beside a bare Starlette route on the same server, interleaved.

CPU is user and system time of the target's whole process tree over what it finished. Load and upstreams run on one core,
the target on the other. Times of these machines drift; the ratios to the bare route are what to quote.
"""

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import time
from collections import defaultdict
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from bench import policies, unified
from bench.load import HEADERS, MESSAGES, Load, cpu, memory
from bench.peers import peers
from bench.targets import HERE, Target, running, targets, upstreams

LIMITS = {
    ("gateway, tracing off", "call"): 1.9,
    ("gateway, all spans", "call"): 3.2,
    ("gateway, tracing off", "burst"): 4.5,
    ("gateway, tracing off", "chunk"): 0.6,
}
OTHERS = {"policies": policies.table, "unified": unified.table}


def body(target: Target, folder: Path, model: str, **more: Any) -> Path:
    """A request body in a file, its model named as the target wants it."""
    named = target.model.format(model)
    path = folder / f"{named.replace(':', '-')}.json"
    path.write_text(json.dumps({"model": named, "messages": MESSAGES, "temperature": 0.2, "max_tokens": 200, **more}))
    return path


def calls(target: Target, folder: Path, seconds: float) -> dict[str, Any]:
    """wrk with 16 connections on the fast upstream."""
    url = f"http://127.0.0.1:{target.port}{target.fast}"
    return Load(url, body(target, folder, "mock-json"), folder / "headers").run(seconds)


def streams(target: Target, folder: Path, seconds: float, delay: int) -> dict[str, Any]:
    """Streams of 100 chunks from the slow upstream, `delay` milliseconds between them."""
    model = f"mock-sse-n100-d{delay}" if delay else "mock-sse-n100"
    asked = {
        "host": "127.0.0.1",
        "port": target.port,
        "path": target.slow,
        "body": str(body(target, folder, model, stream=True, stream_options={"include_usage": True})),
        "headers": str(folder / "headers"),
        "connections": 20 if delay else 8,
        "repeat": 1_000_000,
        "seconds": seconds,
        "stagger": 0.2,
        "timeout": 30,
    }
    command = ["taskset", "-c", "0", sys.executable, str(HERE / "stream_client.py"), json.dumps(asked)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return dict(json.loads(done.stdout.splitlines()[-1]))


def measure(target: Target, pid: int, folder: Path, seconds: float) -> dict[str, float]:
    """One round of one target: microseconds per call, per burst of 100 chunks and per paced chunk."""
    row: dict[str, float] = {}
    calls(target, folder, 0.5)
    before = cpu(pid)
    done = calls(target, folder, seconds)
    row["call"] = (cpu(pid) - before) / done["requests"]
    row["rps"], row["p50 ms"], row["p99 ms"] = (
        done["requests"] / done["seconds"],
        done["p50_us"] / 1e3,
        done["p99_us"] / 1e3,
    )
    row["bad"] = done["bad"]
    if target.streams:
        for name, delay, per in (("burst", 0, 1), ("chunk", 10, 100)):
            before = cpu(pid)
            done = streams(target, folder, seconds, delay)
            row[name] = (cpu(pid) - before) / max(1, done["requests"]) / per
            row["bad"] += done["failed"]
    row["MB"] = memory(pid)
    return row


def table(rows: dict[str, list[dict[str, float]]], starts: dict[str, float]) -> list[str]:
    """Medians, as Markdown, with the ratios to the bare route and the limits that are missed."""
    middle = {
        name: {key: statistics.median(r[key] for r in some if key in r) for key in some[-1]}
        for name, some in rows.items()
    }
    one = middle["bare route"]["call"]
    lines = [
        "| | us/call | x bare | us/burst of 100 | x bare | us/paced chunk | x bare | calls/s | p50 ms | p99 ms | MB | start s | bad |",
        "|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|",
    ]
    for name, row in middle.items():
        cells = [name]
        for key in ("call", "burst", "chunk"):
            value = row.get(key)
            limit = LIMITS.get((name, key))
            mark = " (over)" if value and limit and value / one > limit else ""
            cells += [f"{value:.1f}", f"{value / one:.2f}{mark}"] if value is not None else ["", ""]
        cells += [f"{row['rps']:.0f}", f"{row['p50 ms']:.2f}", f"{row['p99 ms']:.2f}", f"{row['MB']:.0f}"]
        cells += [f"{starts[name]:.2f}", f"{row['bad']:.0f}"]
        lines.append("| " + " | ".join(cells) + " |")
    return lines


def main() -> int:
    """Print the table that was asked for; 1 when a limit is missed and --strict is given."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=4)
    parser.add_argument("--table", choices=("main", *OTHERS), default=os.environ.get("BENCH_TABLE") or "main")
    parser.add_argument("--strict", action="store_true", help="exit 1 when a limit is missed")
    asked = parser.parse_args()
    for tool in ("nginx", "wrk", "taskset"):
        if not shutil.which(tool):
            print(f"bench needs {tool}: apt-get install nginx-light wrk util-linux")
            return 2
    folder = HERE / "run"
    folder.mkdir(exist_ok=True)
    (folder / "headers").write_text(HEADERS)
    if asked.table in OTHERS:
        print("\n".join(OTHERS[asked.table](folder, asked.rounds, asked.seconds)))
        return 0
    return compared(folder, asked)


def compared(folder: Path, asked: argparse.Namespace) -> int:
    """The main table."""
    rows: dict[str, list[dict[str, float]]] = defaultdict(list)
    starts: dict[str, float] = {}
    with ExitStack() as stack:
        ups = upstreams(folder)
        for up in ups:
            stack.enter_context(running(up, folder))
        chosen = targets(folder, *(up.port for up in ups)) + peers(folder, ups[0].port, ups[1].port)
        processes = {}
        for target in chosen:
            began = time.monotonic()
            processes[target.name] = stack.enter_context(running(target, folder))
            starts[target.name] = time.monotonic() - began
        for number in range(asked.rounds):
            for target in chosen[number % 2 :] + chosen[: number % 2]:
                rows[target.name].append(measure(target, processes[target.name].pid, folder, asked.seconds))
                print(f"# round {number + 1}: {target.name}: {rows[target.name][-1]}", file=sys.stderr)
    rows = {target.name: rows[target.name] for target in chosen}
    lines = table(rows, starts)
    print("\n".join(lines))
    return 1 if asked.strict and any("(over)" in line for line in lines) else 0


if __name__ == "__main__":
    raise SystemExit(main())
