"""Rows that are all paths of one gateway process, measured in turn: what each costs beside another one."""

import sys
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

from bench.load import Load, cpu
from bench.targets import Target, running


@dataclass
class Row:
    """One kind of call."""

    name: str
    path: str
    body: str
    beside: str = ""
    """The row whose cost is taken off."""
    headers: str = "headers"
    """The file with its headers, in the folder of the run."""
    unique: bool = False
    """No two of its bodies are the same."""


def measured(rows: list[Row], target: Target, folder: Path, rounds: int, seconds: float) -> dict[str, float]:
    """Microseconds of CPU per call, the least of the rounds: what others do on the machine only adds to it. Raises
    SystemExit where calls fail.
    """
    found: dict[str, list[float]] = defaultdict(list)
    number = 0
    with running(target, folder) as process:
        for turn in range(rounds):
            for at, row in enumerate(rows[:: 1 if turn % 2 else -1]):
                place = folder / f"row-{at}.json"
                place.write_text(row.body)
                number += 1
                start = str(number * 1_000_000) if row.unique else ""
                load = Load(f"http://127.0.0.1:{target.port}{row.path}", place, folder / row.headers, start)
                if not turn:
                    load.run(1)
                    load.unique = str(number * 1_000_000 + 500_000) if row.unique else ""
                before = cpu(process.pid)
                done = load.run(seconds)
                if done["bad"] or not done["requests"]:
                    raise SystemExit(f"{row.name}: {done}; see bench/run")
                found[row.name].append((cpu(process.pid) - before) / done["requests"])
                print(f"# round {turn + 1}: {row.name}: {found[row.name][-1]:.1f}", file=sys.stderr)
    return {row.name: min(found[row.name]) for row in rows}


def lines(rows: list[Row], cost: dict[str, float], most: float | None = None) -> list[str]:
    """Markdown: each row, and what it adds to the one that it stands beside."""
    table = ["| | us/call | added |", "|---|--:|--:|"]
    for row in rows:
        added = cost[row.name] - cost[row.beside] if row.beside else None
        over = " (over)" if most is not None and added is not None and added > most else ""
        table.append(f"| {row.name} | {cost[row.name]:.1f} | {f'{added:+.1f}{over}' if added is not None else ''} |")
    return table
