"""Two processes, one Redis: their calls together stay within each limit."""

import asyncio
import json
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from gateway.stores import opened
from tests.policies.limited import answered, attempted, budgets, call, costing, rates, whole

ROOT = Path(__file__).resolve().parents[2]

PROCESS = """
import asyncio, json, sys
from tests.policies.test_limits_shared import many
print(json.dumps(asyncio.run(many(sys.argv[1], sys.argv[2]))))
"""

LIMITS = {
    "requests": "{requests: 100, per: 1d}",
    "sliding": "{requests: 100, per: 1d, technique: sliding}",
    "tokens": "{tokens: 1000, per: 1d}",
    "concurrent": "{concurrent: 100}",
    "spend": "[{name: all, limit: 0.01, calendar: month}]",
}


async def many(url, kind):
    """Statuses of 500 calls, 30 at one time; a place at one time is given back only when all are through."""
    store = opened(url)
    policy = (budgets if kind == "spend" else rates)(LIMITS[kind], store)
    one_after_another = asyncio.Semaphore(30)

    async def ask():
        async with one_after_another:
            one = call(max_tokens=10)
            if kind == "concurrent":
                try:
                    return (await policy(one, answered())).status
                except Exception as refusal:
                    return refusal.status
            provider = costing("0.0001") if kind == "spend" else answered(attempted(5, 5))
            return (await whole(policy, one, provider)).status

    try:
        return await asyncio.gather(*[ask() for _ in range(500)])
    finally:
        await store.aclose()


@pytest.fixture(scope="module")
def redis(tmp_path_factory):
    server = shutil.which("redis-server")
    if server is None:
        pytest.skip("there is no redis-server")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    words = [server, "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]
    process = subprocess.Popen(words, cwd=tmp_path_factory.mktemp("redis"), stdout=subprocess.DEVNULL)
    try:
        for _ in range(200):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            asyncio.run(asyncio.sleep(0.02))
        yield f"redis://127.0.0.1:{port}/0?timeout=5000"
    finally:
        process.terminate()
        process.wait(10)


@pytest.mark.parametrize("kind", LIMITS)
def test_two_processes_together_let_through_what_one_would(redis, kind):
    words = [sys.executable, "-c", PROCESS, f"{redis}&prefix={kind}:", kind]
    both = [subprocess.Popen(words, cwd=ROOT, stdout=subprocess.PIPE) for _ in range(2)]
    statuses = [status for one in both for status in json.loads(one.communicate(timeout=60)[0])]
    assert {200, 429} == set(statuses)
    assert statuses.count(200) == 100
