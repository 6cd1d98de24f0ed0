import asyncio
import logging
import os
import time
from contextlib import asynccontextmanager
from functools import partial

import pytest

from gateway.reload import Watcher
from gateway.settings.load import load

ONE = "accounts: {a: {gateways: {one: {}}}}\n"
TWO = "accounts: {a: {gateways: {one: {}, two: {}}}}\n"
BAD = "accounts: {a: {gatways: {}}}\n"


def gateways(loaded):
    return list(loaded.document.accounts["a"].gateways)


class Watched:
    """A watcher of a file, and what it applied."""

    def __init__(self, path, apply=None, **env):
        self.applied = []
        read = partial(load, path, env, None)
        self.watcher = Watcher(path, apply or self.apply, read, read())
        self.watcher.interval = 0.02

    async def apply(self, loaded):
        self.applied.append(loaded)

    async def until(self, condition):
        async with asyncio.timeout(5):
            while not condition():
                await asyncio.sleep(0.01)

    async def polls(self, number):
        """Wait until the watcher has looked a few times more."""
        looked = 0
        look = self.watcher.look

        async def counting():
            nonlocal looked
            await look()
            looked += 1

        self.watcher.look = counting
        await self.until(lambda: looked >= number)
        self.watcher.look = look


@asynccontextmanager
async def watching(path, apply=None, **env):
    watched = Watched(path, apply, **env)
    task = asyncio.create_task(watched.watcher.run())
    try:
        yield watched
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


@pytest.fixture
def path(tmp_path):
    path = tmp_path / "gateways.yaml"
    path.write_text(ONE)
    return path


def test_a_changed_file_is_in_force_within_a_second(path):
    async def scenario():
        async with watching(path) as watched:
            watched.watcher.interval = 0.5
            await asyncio.sleep(0.2)
            path.write_text(TWO)
            async with asyncio.timeout(1):
                await watched.until(lambda: watched.applied)
            assert [gateways(loaded) for loaded in watched.applied] == [["one", "two"]]

    asyncio.run(scenario())


def test_a_file_that_was_only_touched_is_not_applied_again(path):
    async def scenario():
        async with watching(path) as watched:
            await watched.polls(3)
            os.utime(path, (1, 1))
            await watched.polls(5)
            assert watched.applied == []

    asyncio.run(scenario())


def test_a_change_between_the_first_reading_and_the_first_look_is_not_lost(path):
    async def scenario():
        watched = Watched(path)
        path.write_text(TWO)
        task = asyncio.create_task(watched.watcher.run())
        await watched.until(lambda: watched.applied)
        task.cancel()

    asyncio.run(scenario())


def test_a_bad_edit_is_reported_once_with_all_its_problems_and_changes_nothing(path, caplog):
    async def scenario():
        async with watching(path) as watched:
            first = watched.watcher.current.version
            path.write_text(BAD)
            await watched.until(lambda: not watched.watcher.healthy)
            os.utime(path, (1, 1))
            await watched.polls(5)
            assert watched.applied == []
            assert watched.watcher.current.version == first
            assert "unknown key `gatways`; did you mean `gateways`?" in watched.watcher.last_error

    with caplog.at_level(logging.INFO, "gateway.reload"):
        asyncio.run(scenario())
    first, _, last = [record.getMessage() for record in caplog.records]
    assert first.startswith(f"{path}:1:12: accounts.a: `gateways` is missing")
    assert last.endswith("keeps serving")


def test_after_a_bad_edit_the_next_good_one_is_applied(path):
    async def scenario():
        async with watching(path) as watched:
            path.write_text(BAD)
            await watched.until(lambda: not watched.watcher.healthy)
            path.write_text(TWO)
            await watched.until(lambda: watched.applied)
            assert watched.watcher.healthy

    asyncio.run(scenario())


def test_a_bad_edit_that_is_taken_back_is_healthy_again(path):
    async def scenario():
        async with watching(path) as watched:
            path.write_text(BAD)
            await watched.until(lambda: not watched.watcher.healthy)
            path.write_text(ONE)
            await watched.until(lambda: watched.watcher.healthy)
            assert watched.applied == []

    asyncio.run(scenario())


def test_a_configmap_is_picked_up_when_kubernetes_swaps_its_symlink(tmp_path):
    for version, text in (("..1", ONE), ("..2", TWO)):
        (tmp_path / version).mkdir()
        (tmp_path / version / "gateways.yaml").write_text(text)
        # Same size and time of change on both sides: the real path alone tells them apart.
        os.utime(tmp_path / version / "gateways.yaml", (1, 1))
    (tmp_path / "..data").symlink_to("..1")
    (tmp_path / "gateways.yaml").symlink_to("..data/gateways.yaml")

    async def scenario():
        async with watching(tmp_path / "gateways.yaml") as watched:
            await watched.polls(3)
            (tmp_path / "..data_tmp").symlink_to("..2")
            (tmp_path / "..data_tmp").rename(tmp_path / "..data")
            await watched.until(lambda: watched.applied)
            assert gateways(watched.applied[0]) == ["one", "two"]

    asyncio.run(scenario())


def test_a_referenced_file_is_watched_too(tmp_path, path):
    (tmp_path / "key").write_text("one")
    path.write_text("accounts: {a: {gateways: {one: {keys: {openai: '${file:key}'}}}}}")

    async def scenario():
        async with watching(path) as watched:
            await watched.polls(3)
            (tmp_path / "key").write_text("another")
            await watched.until(lambda: watched.applied)
            keys = watched.applied[0].document.accounts["a"].gateways["one"].keys
            assert keys["openai"]["default"][0].reveal() == "another"

    asyncio.run(scenario())


def test_a_missing_referenced_file_is_waited_for(tmp_path, path):
    async def scenario():
        async with watching(path) as watched:
            path.write_text("accounts: {a: {gateways: {one: {keys: {openai: '${file:key}'}}}}}")
            await watched.until(lambda: not watched.watcher.healthy)
            (tmp_path / "key").write_text("one")
            await watched.until(lambda: watched.applied)
            assert watched.watcher.healthy

    asyncio.run(scenario())


def test_a_file_that_is_gone_for_a_moment_is_no_problem(path):
    async def scenario():
        async with watching(path) as watched:
            await watched.polls(3)
            path.unlink()
            await watched.polls(3)
            assert watched.watcher.healthy
            path.write_text(TWO)
            await watched.until(lambda: watched.applied)
            assert watched.watcher.healthy

    asyncio.run(scenario())


def test_a_file_that_stays_away_is_reported_and_the_last_good_one_keeps_serving(path):
    async def scenario():
        async with watching(path) as watched:
            await watched.polls(3)
            path.unlink()
            await watched.until(lambda: not watched.watcher.healthy)
            assert watched.watcher.last_error == f"{path}: the file is gone"
            assert watched.applied == []
            path.write_text(ONE)
            await watched.until(lambda: watched.watcher.healthy)

    asyncio.run(scenario())


def test_a_file_that_is_being_written_is_read_when_it_is_whole(path):
    async def scenario():
        async with watching(path) as watched:
            await watched.polls(3)
            with path.open("w") as file:
                for part in [TWO[n : n + 4] for n in range(0, len(TWO), 4)]:
                    file.write(part)
                    file.flush()
                    await asyncio.sleep(0.04)
            await watched.until(lambda: watched.applied)
            assert watched.watcher.healthy
            assert [gateways(loaded) for loaded in watched.applied] == [["one", "two"]]

    asyncio.run(scenario())


def test_sighup_reloads_at_once_also_what_did_not_change(path):
    async def scenario():
        watched = Watched(path)
        assert await watched.watcher.reload_now()
        assert len(watched.applied) == 1
        path.write_text(BAD)
        assert not await watched.watcher.reload_now()
        assert not watched.watcher.healthy

    asyncio.run(scenario())


def test_a_configuration_that_cannot_be_applied_leaves_the_last_one_and_the_watcher_alive(path):
    applied = []

    async def apply(loaded):
        if "two" in gateways(loaded):
            raise RuntimeError("hunter2")
        applied.append(loaded)

    async def scenario():
        async with watching(path, apply) as watched:
            path.write_text(TWO)
            await watched.until(lambda: not watched.watcher.healthy)
            assert "RuntimeError" in watched.watcher.last_error
            assert "hunter2" not in watched.watcher.last_error
            path.write_text(ONE.replace("one", "three"))
            await watched.until(lambda: applied)
            assert watched.watcher.healthy

    asyncio.run(scenario())


def test_the_event_loop_turns_while_a_large_file_is_read(path):
    path.write_text("accounts: {a: {gateways: {" + ",".join(f"g{n}: {{}}" for n in range(20_000)) + "}}}")

    async def stalled(watched) -> float:
        """The part of a reload for which the loop stood still at the longest."""
        longest, stop = 0.0, False

        async def tick():
            nonlocal longest
            while not stop:
                begun = time.perf_counter()
                await asyncio.sleep(0.001)
                longest = max(longest, time.perf_counter() - begun)

        ticking = asyncio.create_task(tick())
        begun = time.perf_counter()
        await watched.watcher.reload_now()
        took, stop = time.perf_counter() - begun, True
        await ticking
        return longest / took

    async def scenario():
        watched = Watched(path)
        # Whoever reads in the loop stops it for all of the time, every time; a busy machine does so now and then.
        assert min([await stalled(watched) for _ in range(3)]) < 1 / 2

    asyncio.run(scenario())
