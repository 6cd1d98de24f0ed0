import asyncio
import json
import os
import threading
import time

import msgspec
import pytest

from gateway.call import Record
from gateway.process import COMPANY, MOMENT
from gateway.settings.problems import Problems
from tests.edge.stage import YAML, Stage


@pytest.fixture
def stage(tmp_path):
    return Stage(tmp_path)


def numbers(stage, name):
    text = asyncio.run(stage.process.metrics_text()).decode()
    return {
        line.rpartition(" ")[0]: float(line.rpartition(" ")[2]) for line in text.splitlines() if line.startswith(name)
    }


def test_a_reported_call_is_counted_and_written_where_wanted(stage):
    written = []
    stage.process.writer.write = written.append
    stage.request()
    stage.request(headers=[(b"cf-aig-collect-log", b"false")])
    assert len(written) == 1
    assert sum(numbers(stage, "gateway_calls_total").values()) == 2


def test_bodies_kept_for_spans_alone_do_not_reach_the_log(stage):
    written = []
    stage.process.writer.write = written.append
    stage.request(b"/v1/acme/full/demo/chat/completions", headers=[(b"cf-aig-collect-log-payload", b"false")])
    stage.request(b"/v1/acme/full/demo/chat/completions")
    assert [b'"request":null' in line for line in written] == [True, False]


def test_an_edit_is_applied_or_rejected_and_counted_once(stage):
    process, file = stage.process, stage.process.watcher.path
    reads = process.watcher.read
    version = process.edge.site.version
    file.write_text("accounts: [")
    for _ in range(3):
        with pytest.raises(Problems):
            reads()
    assert process.edge.site.version == version
    file.write_text(YAML.replace("main", "other"))
    asyncio.run(process.apply(reads()))
    assert process.edge.site.version != version
    file.write_text("accounts: [")
    with pytest.raises(Problems):
        reads()
    counted = numbers(stage, "gateway_config_reloads_total")
    assert sorted(counted.values()) == [1, 2]
    assert [value for key, value in counted.items() if "rejected" in key] == [2]


def test_the_event_loop_turns_while_many_gateways_are_composed(stage):
    process = stage.process
    process.watcher.path.write_text(
        "accounts: {acme: {gateways: {" + ",".join(f"g{n}: {{}}" for n in range(400)) + "}}}"
    )

    async def stalled() -> float:
        """The part of an edit for which the loop stood still at the longest."""
        longest, loaded = 0.0, process.read(process.path, {}, {})
        begun = time.perf_counter()
        applying = asyncio.create_task(process.apply(loaded))
        while not applying.done():
            before = time.perf_counter()
            await asyncio.sleep(0.001)
            longest = max(longest, time.perf_counter() - before)
        return longest / (time.perf_counter() - begun)

    # Whoever composes in the loop stops it for all of the time, every time; a busy machine does so now and then.
    assert min(asyncio.run(stalled()) for _ in range(5)) < 0.8
    assert len(process.edge.site.gateways) == 400


def test_a_gauge_is_of_the_moment_also_for_a_sibling_who_asks(stage):
    seen, handler = [], stage.process.edge.site.gateways[b"acme", b"main"].handler

    class Asking:
        async def __call__(self, call):
            points = stage.process.snapshot().points["gateway_calls_in_flight"]
            seen.extend(point.value for point in points)
            return await handler(call)

    site = stage.process.edge.site
    key = (b"acme", b"main")
    asking = {**site.gateways, key: msgspec.structs.replace(site.gateways[key], handler=Asking())}
    stage.process.edge.site = msgspec.structs.replace(site, gateways=asking)
    stage.request()
    assert seen == [1]


def test_opening_and_closing_leaves_no_thread_and_no_file(tmp_path):
    before = set(threading.enumerate())
    open_files = len(os.listdir("/proc/self/fd"))

    async def main():
        async with Stage(tmp_path).process.running():
            await asyncio.sleep(0.05)

    asyncio.run(main())
    assert not [
        thread for thread in threading.enumerate() if thread not in before and not thread.name.startswith("asyncio")
    ]
    assert len(os.listdir("/proc/self/fd")) <= open_files + 1


def over(number=0, **fields):
    """A call that is over."""
    return Record(id=f"call-{number}", created=1, started=1.0, ended=2.0, status=200, **fields)


def test_calls_are_told_of_together_once_there_are_enough_or_a_moment_has_passed(stage):
    written = []
    stage.process.writer.write = written.append

    async def main():
        for number in range(COMPANY - 1):
            stage.process.report(over(number), None)
        assert written == []
        stage.process.report(over(COMPANY - 1), None)
        assert len(written) == COMPANY
        assert stage.process.timer is None
        stage.process.report(over(COMPANY), None)
        timer = stage.process.timer
        stage.process.report(over(COMPANY + 1), None)
        assert stage.process.timer is timer
        assert len(written) == COMPANY
        await asyncio.sleep(5 * MOMENT)
        assert len(written) == COMPANY + 2
        assert stage.process.timer is None

    asyncio.run(main())
    ids = [json.loads(line)["id"] for line in written]
    assert ids == [f"call-{number}" for number in range(COMPANY + 2)]


def test_who_asks_for_numbers_gets_those_of_calls_that_still_wait(stage):
    async def main():
        stage.process.report(over(), None)
        return stage.process.snapshot().points["gateway_calls_total"]

    (point,) = asyncio.run(main())
    assert point.value == 1


def test_a_close_tells_of_the_calls_that_wait(tmp_path):
    written = []
    stage = Stage(tmp_path)
    stage.process.writer.write = written.append

    async def main():
        async with stage.process.running():
            stage.process.report(over(), None)
            assert written == []

    asyncio.run(main())
    assert len(written) == 1
    assert stage.process.timer is None


def test_a_call_that_cannot_be_told_of_costs_the_others_nothing(stage, caplog):
    written = []
    stage.process.writer.write = written.append

    async def main():
        stage.process.report(over(1), None)
        stage.process.report(over(2, metadata={"a": object()}), None)
        stage.process.report(over(3), None)
        stage.process.account()

    asyncio.run(main())
    assert [json.loads(line)["id"] for line in written] == ["call-1", "call-3"]
    assert "call-2" in caplog.text
