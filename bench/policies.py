"""`BENCH_TABLE=policies make bench`: what each policy adds to a call, and all of them on.

All rows are gateways of one process before an upstream that answers at once. What a row adds is told beside a gateway
without policies that gets the same kind of bodies: where the cache may not hit, no two of them are alike.
"""

import json
import sys
from pathlib import Path
from typing import Any

from bench.load import MESSAGES
from bench.rows import Row, lines, measured
from bench.targets import Target, free_port, running, upstreams

MOST = 60.0
"""Microseconds that all policies may add together."""
LIMITS = "rate_limit: {requests: 9000000000000, per: 30d, by: token}"
BUDGET = "spend_limits: [{name: money, limit: 9000000, calendar: month}]"
RETRY, BREAKER = "retry: {}", "circuit_breaker: {}"
FALLBACK = "fallback: [{to: custom-other/mock-json}]"
CACHE = "cache: {ttl: 1h}"
GATEWAYS = {
    "plain": "",
    "rate_limit": LIMITS,
    "rate_limit-tokens": "rate_limit: {tokens: 9000000000000, per: 1h, technique: sliding, by: [token, model]}",
    "rate_limit-three": "rate_limit: [{requests: 9000000000000, per: 30d}, {tokens: 9000000000000, per: 30d},"
    " {concurrent: 1000}]",
    "spend_limits": BUDGET,
    "cache": CACHE,
    "fallback": FALLBACK,
    "retry": RETRY,
    "circuit_breaker": BREAKER,
    "all": ", ".join((LIMITS, BUDGET, CACHE, FALLBACK, RETRY, BREAKER)),
}
YAML = """
providers:
  fast: {base_url: "http://127.0.0.1:%(port)d/v1", dialect: openai}
  other: {base_url: "http://127.0.0.1:%(port)d/v1", dialect: openai}
prices: {custom-fast/*: {input: 0.15, output: 0.60}}
accounts:
  bench:
    gateways:
%(gateways)s
"""
GATEWAY = "      %s: {authentication: {tokens: [{name: bench, token: bench-token-0123456789}]}%s}"


def asked(gateway: str) -> str:
    """The path of a gateway's chats."""
    return f"/v1/bench/{gateway}/custom-fast/chat/completions"


def compact(body: dict[str, Any]) -> str:
    """JSON as the SDKs write it."""
    return json.dumps(body, separators=(",", ":"), ensure_ascii=False)


def rows() -> list[Row]:
    """The table's rows, those without policies first."""
    body = {"model": "mock-json", "messages": MESSAGES, "temperature": 0.2, "max_tokens": 200}
    same, other = compact(body), compact(body | {"user": "@NUMBER@"})
    plain, differing = "no policies", "no policies, bodies differ"
    found = [Row(plain, asked("plain"), same), Row(differing, asked("plain"), other, unique=True)]
    alone = [name for name in GATEWAYS if name not in ("plain", "cache", "all")]
    found += [Row(name.replace("-", ", "), asked(name), same, plain) for name in alone]
    for name, said in (("cache", "cache"), ("all", "all policies")):
        found.append(Row(f"{said}, hit", asked(name), same, plain))
        found.append(Row(f"{said}, miss", asked(name), other, differing, unique=True))
    return found


def table(folder: Path, rounds: int, seconds: float) -> list[str]:
    """Measure, and say it as Markdown."""
    upstream, _, _ = upstreams(folder)
    yaml, port = folder / "policies.yaml", free_port()
    gateways = "\n".join(GATEWAY % (name, f", {text}" if text else "") for name, text in GATEWAYS.items())
    yaml.write_text(YAML % {"port": upstream.port, "gateways": gateways})
    serve = [sys.executable, "-m", "gateway", "serve", "--config", str(yaml), "--port", str(port)]
    with running(upstream, folder):
        found = rows()
        return lines(found, measured(found, Target("policies", serve, port), folder, rounds, seconds), MOST)
