import asyncio

import pytest

from gateway.call import Broken
from gateway.policies.seat import SLOW
from tests.policies.cached import SSE, STREAM, Upstream, ask, cache, client


def stream():
    return ask(asked=STREAM)


def test_a_slow_client_slows_nobody_and_loses_what_no_longer_fits():
    chunk = b"data: " + b"x" * 65_536 + b"\n\n"

    async def story():
        policy, upstream = cache(max_bytes="1MiB"), Upstream(*[chunk] * 64, headers=SSE)
        slow = asyncio.create_task(client(policy, upstream, stream(), pace=0.2))
        quick = await client(policy, upstream, stream())
        assert not slow.done()
        with pytest.raises(Broken, match=SLOW):
            await slow
        return upstream, quick

    upstream, quick = asyncio.run(story())
    assert (len(upstream.calls), len(quick.chunks)) == (1, 64)


def test_alone_one_may_be_slow():
    chunk = b"data: " + b"x" * 65_536 + b"\n\n"
    upstream = Upstream(*[chunk] * 64, headers=SSE)
    assert len(asyncio.run(client(cache(max_bytes="1MiB"), upstream, stream(), pace=0.001)).chunks) == 64


def test_nobody_reads_far_ahead_of_a_single_slow_client():
    chunk = b"data: " + b"x" * 65_536 + b"\n\n"

    async def story():
        policy, upstream = cache(max_bytes="1MiB"), Upstream(*[chunk] * 64, headers=SSE)
        task = asyncio.create_task(client(policy, upstream, stream(), pace=3600))
        await asyncio.sleep(0.1)
        read = upstream.streams[0].read
        task.cancel()
        await asyncio.wait([task])
        return read

    assert asyncio.run(story()) <= 19
