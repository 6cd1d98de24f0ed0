"""Forgetting by prefix in Redis: SCAN through every primary node, bounded in time."""

import re
from collections.abc import Callable
from typing import Any, Final

from redis.asyncio import RedisCluster

from gateway.stores.link import Client, Link
from gateway.stores.store import StoreLost

STEP: Final = 500
LONGEST: Final = 60.0
"""Seconds that forgetting may take in all."""


async def forget(link: Link, prefix: str, clock: Callable[[], float]) -> int:
    """How many keys began with the prefix and are gone."""
    until = clock() + LONGEST
    dropped = 0
    for node in await link.guard(primaries):
        cursor = b"0"
        while True:
            cursor, found = page(await link.guard(Step(cursor, prefix, node)))
            beginning = prefix.encode()
            keys = [key for key in found if key.startswith(beginning)]
            if keys:
                dropped += await link.guard(Removal(keys))
            if cursor == b"0":
                break
            if clock() > until:
                raise StoreLost("Redis has too many keys to look through")
    return dropped


async def primaries(client: Client) -> list[Any]:
    """The nodes to look through; one that is none where Redis is alone."""
    if not isinstance(client, RedisCluster):
        return [None]
    await client.initialize()
    return list(client.get_primaries())


class Step:
    """One page of keys."""

    def __init__(self, cursor: bytes, prefix: str, node: Any) -> None:  # noqa: ANN401 - the client's own
        self._words = "SCAN", cursor, "MATCH", re.sub(r"([*?\[\]\\])", r"\\\1", prefix) + "*", "COUNT", STEP
        self._node = node

    async def __call__(self, client: Client) -> Any:  # noqa: ANN401 - hostile until checked
        """Of one node, as a cluster's client would merge the pages of all."""
        if self._node is None:
            return await client.execute_command(*self._words)
        return await self._node.execute_command(*self._words)


class Removal:
    """Keys to forget, each by a command of its own as they lie in different slots."""

    def __init__(self, keys: list[bytes]) -> None:
        self._keys = keys

    async def __call__(self, client: Client) -> int:
        """How many were still there."""
        pipeline = client.pipeline(transaction=False)
        for key in self._keys:
            pipeline.execute_command("UNLINK", key)
        return sum(1 for gone in await pipeline.execute() if gone == 1)


def page(answer: Any) -> tuple[bytes, list[bytes]]:  # noqa: ANN401 - hostile until checked
    """A cursor and keys, however the client's callbacks have dressed them."""
    try:
        cursor, keys = answer
        after = cursor if isinstance(cursor, bytes) else str(int(cursor)).encode()
        found = [key for key in keys if isinstance(key, bytes)]
    except (TypeError, ValueError):
        raise StoreLost("Redis answered something else") from None
    return after, found
