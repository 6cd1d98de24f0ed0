"""A replica in a process of its own: `python -m tests.stores.replica URL SKEW COUNT`, then a round for each line."""

import asyncio
import json
import sys
import time

from gateway.stores import opened
from gateway.stores.store import Claim


async def play(url, skew, count):
    wall = time.time
    time.time = lambda: wall() + skew  # this machine's clock is wrong
    store = opened(url)
    loop = asyncio.get_running_loop()
    print("ready", flush=True)
    while line := await loop.run_in_executor(None, sys.stdin.readline):
        wanted = [Claim(*one) for one in json.loads(line)]
        verdicts = await asyncio.gather(*(store.reserve(wanted) for _ in range(count)))
        print(sum(one.granted for one in verdicts), flush=True)
    await store.aclose()


asyncio.run(play(sys.argv[1], float(sys.argv[2]), int(sys.argv[3])))
