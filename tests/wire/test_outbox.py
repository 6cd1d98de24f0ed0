"""Writing at the end of a turn of the loop."""

import asyncio

from gateway.wire.outbox import Outbox


class Socket:
    def __init__(self, name, log, fault=None):
        self.name, self.log, self.fault = name, log, fault

    def flush(self):
        self.log.append(self.name)
        if self.fault is not None:
            raise self.fault


def test_all_of_a_turn_is_written_in_a_row_at_its_end():
    log = []

    async def main():
        box = Outbox()

        async def call(name):
            log.append(f"{name} works")
            box.soon(Socket(name, log))

        await asyncio.gather(*[call(name) for name in "abc"])
        await asyncio.sleep(0)
        box.soon(Socket("d", log))
        await asyncio.sleep(0)

    asyncio.run(main())
    assert log == ["a works", "b works", "c works", "a", "b", "c", "d"]


def test_a_write_that_fails_takes_nothing_from_the_others(caplog):
    log = []

    async def main():
        box = Outbox()
        box.soon(Socket("a", log, OSError("no")))
        box.soon(Socket("b", log))
        await asyncio.sleep(0)

    asyncio.run(main())
    assert log == ["a", "b"]
    assert "a write failed" in caplog.text
