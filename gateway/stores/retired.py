"""Stores that no new call asks any more, and that are closed when the last call that may still ask them is over."""

import asyncio

from gateway.stores.store import Store


class Retired:
    """They wait for that each in a task of its own."""

    def __init__(self) -> None:
        self.waiting: dict[Store, asyncio.Task[None]] = {}

    def add(self, store: Store, seconds: float) -> None:
        """Close `store` in so many seconds."""
        self.waiting[store] = asyncio.get_running_loop().create_task(self.close(store, seconds))

    async def close(self, store: Store, seconds: float) -> None:
        """Wait, and close it."""
        await asyncio.sleep(seconds)
        del self.waiting[store]
        await store.aclose()

    async def aclose(self) -> None:
        """Close all of them now."""
        waiting, self.waiting = self.waiting, {}
        for store, task in waiting.items():
            task.cancel()
            await store.aclose()
