import asyncio

import msgspec

from tests.edge.stage import ASK, Stage


def test_calls_are_counted_while_they_run_and_each_keeps_its_site(tmp_path):
    stage = Stage(tmp_path)
    edge, seen = stage.process.edge, []
    first = edge.site
    handler = first.gateways[b"acme", b"main"].handler

    class Slow:
        async def __call__(self, call):
            seen.append(edge.in_flight)
            await asyncio.sleep(0.05)
            return await handler(call)

    slow = msgspec.structs.replace(first.gateways[b"acme", b"main"], handler=Slow())

    async def main():
        edge.site = msgspec.structs.replace(first, gateways={**first.gateways, (b"acme", b"main"): slow})
        running = [asyncio.create_task(stage.answered(parts=[ASK])) for _ in range(3)]
        await asyncio.sleep(0.02)
        edge.site = msgspec.structs.replace(first, version="later", gateways={})
        refused = await stage.answered()
        return await asyncio.gather(*running), refused

    answers, refused = asyncio.run(main())
    assert [one.status for one in answers] == [200, 200, 200]
    assert refused.code == "unknown_gateway"
    assert seen[-1] == 3
    assert edge.in_flight == 0
    versions = [record.config_version for record in stage.records]
    assert sorted(versions) == sorted([first.version] * 3 + ["later"])
