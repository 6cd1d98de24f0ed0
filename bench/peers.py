"""Other gateways beside ours, where they are installed: a folder that BENCH_PEERS names has one folder for each of them.

TensorZero, in a virtual environment of its own since it is no dependency of ours:

    python3 -m venv bench/run/peers/tensorzero/v && bench/run/peers/tensorzero/v/bin/pip install tensorzero
    BENCH_PEERS=bench/run/peers make bench
"""

import os
from pathlib import Path

from bench.targets import HERE, Target

TENSORZERO = """
[gateway]
disable_pseudonymous_usage_analytics = true
observability.enabled = false
"""
MODEL = """
[models."{name}"]
routing = ["mock"]
[models."{name}".providers.mock]
type = "openai"
model_name = "{name}"
api_base = "http://127.0.0.1:{port}/v1/"
api_key_location = "none"
"""


def peers(folder: Path, json: int, sse: int) -> list[Target]:
    """A row for each peer that is installed; none where BENCH_PEERS is not set. Raises SystemExit for an empty folder."""
    named = os.environ.get("BENCH_PEERS")
    if not named:
        return []
    place = Path(named).resolve()
    found = [tensorzero(folder, python, json, sse) for python in place.glob("tensorzero/v/bin/python")]
    if not found:
        raise SystemExit(f"BENCH_PEERS: no peer is installed in {place}; bench/peers.py says how")
    return found


def tensorzero(folder: Path, python: Path, json: int, sse: int) -> Target:
    """TensorZero's gateway with nothing stored, on whatever port it takes."""
    config, url = folder / "tensorzero.toml", folder / "tensorzero.url"
    models = {"mock-json": json, "mock-sse-n100": sse, "mock-sse-n100-d10": sse}
    config.write_text(TENSORZERO + "".join(MODEL.format(name=name, port=port) for name, port in models.items()))
    return Target(
        "TensorZero",
        [str(python), str(HERE / "serve_tensorzero.py"), str(config), str(url)],
        0,
        fast="/chat/completions",
        slow="/chat/completions",
        model="tensorzero::model_name::{}",
        url=url,
    )
