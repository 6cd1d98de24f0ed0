"""The processes that are measured, and those they talk to: all on loopback, all started and stopped here."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
PATH = "/v1/bench/bench/{provider}/v1/chat/completions"
ANSWER = (
    '{"id": "chatcmpl-0123456789abcdefghijklmnop", "object": "chat.completion", "created": 1700000000, '
    '"model": "gpt-4o-mini-2024-07-18", "choices": [{"index": 0, "message": {"role": "assistant", "content": "'
    + "A gateway stands between applications and providers. "
    * 6
    + '", "refusal": null}, "logprobs": null, "finish_reason": "stop"}], "usage": {"prompt_tokens": 116, '
    '"completion_tokens": 63, "total_tokens": 179, "prompt_tokens_details": {"cached_tokens": 0}}, '
    '"service_tier": "default"}'
)
YAML = """
providers:
  fast: {base_url: "http://127.0.0.1:%(json)d/v1", dialect: openai}
  slow: {base_url: "http://127.0.0.1:%(sse)d/v1", dialect: openai}
prices:
  custom-fast/*: {input: 0.15, output: 0.60}
  custom-slow/*: {input: 0.15, output: 0.60}
accounts:
  bench:
    gateways:
      bench:
        authentication:
          tokens: [{name: bench, token: bench-token-0123456789}]
"""


@dataclass
class Target:
    """One row: a command, where it listens, and which of its paths lead to the fast and the slow upstream."""

    name: str
    command: list[str]
    port: int
    fast: str = PATH.format(provider="custom-fast")
    slow: str = PATH.format(provider="custom-slow")
    env: dict[str, str] = field(default_factory=dict)
    streams: bool = True
    cpu: int = 1
    model: str = "{}"
    """How the target wants a model's name written."""
    url: Path | None = None
    """Where a process that chooses its own port writes the URL that its paths are below."""


def free_port() -> int:
    """A port of loopback that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextlib.contextmanager
def running(target: Target, folder: Path) -> Iterator[subprocess.Popen[bytes]]:
    """The target's process, from listening to its end; what it prints goes to a file."""
    if target.url is not None:
        target.url.unlink(missing_ok=True)
    with (folder / f"{target.name.replace(' ', '-')}.out").open("wb") as out:
        environ = {k: v for k, v in os.environ.items() if not k.startswith("OTEL_")} | target.env
        process = subprocess.Popen(
            ["taskset", "-c", str(target.cpu), *target.command], stdout=out, stderr=out, env=environ, cwd=ROOT
        )
        try:
            if target.url is not None:
                announced(target, target.url, process)
            wait_for(target.port, process)
            yield process
        finally:
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def announced(target: Target, file: Path, process: subprocess.Popen[bytes]) -> None:
    """Learn the target's port, and where its paths begin, from the file that it writes."""
    until = time.monotonic() + 20
    while not file.exists():
        if process.poll() is not None or time.monotonic() > until:
            raise SystemExit(f"{target.name} does not start; see bench/run")
        time.sleep(0.005)
    url = urlsplit(file.read_text())
    assert url.port
    target.port = url.port
    target.fast, target.slow = url.path.rstrip("/") + target.fast, url.path.rstrip("/") + target.slow


def wait_for(port: int, process: subprocess.Popen[bytes]) -> None:
    """Return when something listens on `port`; raises when the process ends or 20 s pass."""
    until = time.monotonic() + 20
    while time.monotonic() < until:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        if process.poll() is not None:
            break
        time.sleep(0.005)
    raise SystemExit(f"{process.args} does not listen on {port}; see bench/run")


def nginx(folder: Path, name: str, server: str, ports: dict[str, int]) -> list[str]:
    """The command of an nginx with one server block; @NAMES@ are ports."""
    place = folder / name
    (place / "tmp").mkdir(parents=True, exist_ok=True)
    text = (HERE / "nginx.conf").read_text().replace("@SERVER@", server)
    for word, port in ports.items():
        text = text.replace(f"@{word}@", str(port))
    (place / "nginx.conf").write_text(text)
    return ["nginx", "-p", str(place), "-c", str(place / "nginx.conf"), "-e", "stderr"]


def upstreams(folder: Path) -> tuple[Target, Target, Target]:
    """What the targets talk to: JSON at once (nginx), event streams (our mock), and a sink for spans; all on CPU 0."""
    json, sse, sink = free_port(), free_port(), free_port()
    location = f"location / {{ return 200 '{ANSWER}'; }}"
    command = nginx(folder, "json", location, {"JSON": 1, "SSE": 1, "PORT": json})
    return (
        Target("upstream-json", command, json, cpu=0),
        Target("upstream-sse", [sys.executable, "-m", "bench.mock", str(sse)], sse, cpu=0),
        Target("upstream-sink", [sys.executable, "-m", "bench.sink", str(sink)], sink, cpu=0),
    )


def targets(folder: Path, json: int, sse: int, sink: int) -> list[Target]:
    """The rows of the table, the measure first."""
    ports = {name: free_port() for name in ("bare", "off", "on", "nginx")}
    yaml = folder / "gateways.yaml"
    yaml.write_text(YAML % {"json": json, "sse": sse})
    serve = [sys.executable, "-m", "gateway", "serve", "--config", str(yaml), "--port"]
    bare = [sys.executable, "-m", "uvicorn", "bench.bare:app", "--port", str(ports["bare"]), "--no-access-log"]
    proxy = "proxy_http_version 1.1; proxy_set_header Connection '';" + "".join(
        f"location /{name}/ {{ proxy_buffering off; proxy_pass http://{name}/; }}" for name in ("fast", "slow")
    )
    return [
        Target("bare route", bare, ports["bare"], streams=False),
        Target("gateway, tracing off", [*serve, str(ports["off"])], ports["off"]),
        Target(
            "gateway, all spans",
            [*serve, str(ports["on"])],
            ports["on"],
            env={"OTEL_EXPORTER_OTLP_ENDPOINT": f"http://127.0.0.1:{sink}", "OTEL_METRICS_EXPORTER": "none"},
        ),
        Target(
            "nginx",
            nginx(folder, "proxy", proxy, {"JSON": json, "SSE": sse, "PORT": ports["nginx"]}),
            ports["nginx"],
            fast="/fast/v1/chat/completions",
            slow="/slow/v1/chat/completions",
        ),
    ]
