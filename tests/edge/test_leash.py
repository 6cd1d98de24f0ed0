import asyncio

import pytest

from gateway.edge.leash import DRAINED, EXCHANGE, GONE, Leash


class Cycle:
    """What our own server puts into the scope."""

    def __init__(self):
        self.watched, self.aborted = [], 0
        self.task = asyncio.current_task()

    def watch(self, *callbacks):
        self.watched.append(callbacks)

    def abort(self):
        self.aborted += 1


async def never():
    await asyncio.sleep(3600)


def scope(cycle=None):
    return {"extensions": {EXCHANGE: cycle}} if cycle else {}


def test_our_own_server_calls_back_and_needs_no_task():
    async def main():
        cycle, before = Cycle(), len(asyncio.all_tasks())
        leash = Leash(scope(cycle), never)
        leash.body_is_read()
        assert len(asyncio.all_tasks()) == before
        leash.abort()
        leash.slip()
        assert cycle.watched == [(leash.gone, leash.drained), (None, None)]
        assert cycle.aborted == 1

    asyncio.run(main())


@pytest.mark.parametrize(("pull", "why"), [("gone", GONE), ("drained", DRAINED)])
def test_a_pull_cancels_once_and_only_the_first_reason_counts(pull, why):
    async def main():
        leash = Leash(scope(Cycle()), never)
        getattr(leash, pull)()
        leash.gone()
        leash.drained()
        with pytest.raises(asyncio.CancelledError):
            await asyncio.sleep(1)
        assert (leash.why, leash.pulled()) == (why, True)
        assert asyncio.current_task().cancelling() == 0
        await asyncio.sleep(0)

    asyncio.run(main())


def test_somebody_elses_cancellation_is_not_ours():
    async def main():
        leash = Leash(scope(Cycle()), never)
        asyncio.current_task().cancel()
        with pytest.raises(asyncio.CancelledError):
            await asyncio.sleep(1)
        assert not leash.pulled()
        asyncio.current_task().uncancel()

    asyncio.run(main())


def test_after_slipping_nothing_cancels():
    async def main():
        leash = Leash(scope(Cycle()), never)
        leash.slip()
        leash.gone()
        await asyncio.sleep(0)

    asyncio.run(main())


def test_on_any_other_server_a_watcher_waits_for_the_disconnect():
    async def main():
        messages = [{"type": "http.request"}, {"type": "http.disconnect"}]

        async def receive():
            await asyncio.sleep(0.01)
            return messages.pop(0)

        leash = Leash(scope(), receive)
        leash.body_is_read()
        with pytest.raises(asyncio.CancelledError):
            await asyncio.sleep(2)
        assert leash.pulled()
        leash.slip()
        leash.abort()

    asyncio.run(main())


def test_a_call_that_others_wait_for_goes_on_without_its_client_until_it_is_let_go():
    async def main():
        leash, left = Leash(scope(Cycle()), never), []
        leash.hold(lambda: left.append(1))
        leash.gone()
        leash.gone()
        await asyncio.sleep(0)
        assert (left, leash.why) == ([1], "")
        leash.release()
        with pytest.raises(asyncio.CancelledError):
            await asyncio.sleep(1)
        assert (leash.why, leash.pulled()) == (GONE, True)

    asyncio.run(main())


def test_a_call_that_was_let_go_in_time_ends_with_its_client_as_any_other():
    async def main():
        leash, left = Leash(scope(Cycle()), never), []
        leash.hold(lambda: left.append(1))
        leash.release()
        await asyncio.sleep(0)
        leash.gone()
        with pytest.raises(asyncio.CancelledError):
            await asyncio.sleep(1)
        assert (left, leash.why, leash.pulled()) == ([], GONE, True)

    asyncio.run(main())


@pytest.mark.parametrize(("gone", "why"), [(False, DRAINED), (True, GONE)])
def test_a_process_that_stops_ends_a_held_call_too(gone, why):
    async def main():
        leash = Leash(scope(Cycle()), never)
        leash.hold(lambda: None)
        if gone:
            leash.gone()
        leash.drained()
        with pytest.raises(asyncio.CancelledError):
            await asyncio.sleep(1)
        assert (leash.why, leash.pulled()) == (why, True)

    asyncio.run(main())
