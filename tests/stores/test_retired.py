"""Stores that a reload has put out of use."""

import asyncio

from gateway.stores.retired import Retired


class Store:
    closed = 0

    async def aclose(self):
        self.closed += 1


def test_a_store_is_closed_once_its_last_calls_are_over_and_not_before():
    async def story():
        retired, store = Retired(), Store()
        retired.add(store, 0.05)
        await asyncio.sleep(0.01)
        assert store.closed == 0
        await asyncio.sleep(0.1)
        assert (store.closed, retired.waiting) == (1, {})
        await retired.aclose()
        assert store.closed == 1

    asyncio.run(story())


def test_all_are_closed_with_the_process():
    async def story():
        retired, some = Retired(), [Store(), Store()]
        for store in some:
            retired.add(store, 3600)
        await asyncio.sleep(0)
        await retired.aclose()
        assert [store.closed for store in some] == [1, 1]
        assert len(asyncio.all_tasks()) <= 3

    asyncio.run(story())
