"""The cache around the real heart, called through the real edge."""

import asyncio
import json

import msgspec

from gateway.policies.cache_key import Source
from gateway.policies.onion import onion
from tests.edge.stage import ASK, STREAM, YAML, Stage
from tests.policies.cached import EVENTS, cache, until

PATH = b"/v1/acme/full/demo/chat/completions"
OWN = b"/v1/acme/full/custom-own/chat/completions"
LONG = json.dumps({"choices": [{"finish_reason": "stop", "message": {"content": "x" * 400_000}}]}).encode()


def stage(folder, yaml=YAML, **said):
    """A stage whose gateway `full` has a cache."""
    made = Stage(folder, yaml)
    gateways = made.process.edge.site.gateways
    gateway = gateways[b"acme", b"full"]
    policy = cache(name="acme/full", **said)
    policy.keys.sources = {"demo": Source(frozenset((b"authorization",)))}
    gateways[b"acme", b"full"] = msgspec.structs.replace(gateway, handler=onion([policy], gateway.handler))
    return made


def put(made, *bodies, **said):
    async def calls():
        return [await made.answered(PATH, (body,), **said) for body in bodies]

    return asyncio.run(calls())


def test_a_call_and_its_repetition_over_the_edge(tmp_path):
    made = stage(tmp_path)
    miss, hit = put(made, ASK, json.dumps(json.loads(ASK)).encode())
    assert (miss.headers[b"cf-aig-cache-status"], hit.headers[b"cf-aig-cache-status"]) == (b"MISS", b"HIT")
    assert hit.body == miss.body
    assert hit.headers[b"content-length"] == b"%d" % len(hit.body)
    assert (miss.headers[b"cf-aig-attempts"], hit.headers[b"cf-aig-attempts"]) == (b"1", b"0")
    assert hit.headers[b"cf-aig-cost"] == b"0"
    first, second = made.records
    assert (first.cached, len(first.attempts), second.cached, second.attempts) == (False, 1, True, [])
    assert first.attempts[0].answer.usage.output_tokens == second.decided["cache_saved_tokens_out"]
    assert second.outcome == "served"


def test_a_stream_and_its_repetition_over_the_edge(tmp_path):
    made = stage(tmp_path)
    miss, hit = put(made, STREAM, STREAM)
    assert hit.headers[b"cf-aig-cache-status"] == b"HIT"
    assert hit.headers[b"content-type"].startswith(b"text/event-stream")
    assert hit.body == miss.body
    assert hit.body.endswith(b"data: [DONE]\n\n")
    assert [message.get("body") for message in hit.sent[1:]] == [message.get("body") for message in miss.sent[1:]]


def test_many_at_once_over_the_edge(tmp_path):
    made = stage(tmp_path)

    async def calls():
        return await asyncio.gather(*[made.answered(PATH, (STREAM,)) for _ in range(50)])

    got = asyncio.run(calls())
    assert len({one.body for one in got}) == 1
    assert sum(len(record.attempts) for record in made.records) == 1
    assert sum(record.cached for record in made.records) == 49


class Peer:
    """A provider on a socket that answers each connection's first request with `pieces`."""

    def __init__(self, *pieces, stay=False):
        self.pieces, self.stay = pieces, stay
        self.asked = self.left = 0
        self.gone = asyncio.Event()

    async def answer(self, reader, writer):
        await reader.readuntil(b"\r\n\r\n")
        self.asked += 1
        for piece in self.pieces:
            writer.write(piece)
            await writer.drain()
            await asyncio.sleep(0.01)
        if self.stay:
            await reader.read()
            self.gone.set()
        writer.close()
        self.left += 1


def over_a_socket(folder, peer, story):
    """Run `story(stage)` with `peer` behind the provider custom-own."""

    async def run():
        server = await asyncio.start_server(peer.answer, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        own = f"providers: {{own: {{base_url: 'http://127.0.0.1:{port}/v1', auth: none}}}}\n"
        made = stage(folder, own + YAML)
        async with server:
            told = await story(made)
            await made.process.composer.transports.aclose()
            await until(lambda: peer.left == peer.asked)
        return told, made.records

    return asyncio.run(run())


def chunked(*chunks):
    head = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n"
    return [head, *[b"%x\r\n%b\r\n" % (len(chunk), chunk) for chunk in chunks]]


def test_a_stream_from_a_socket_comes_again_in_the_same_chunks(tmp_path):
    peer = Peer(*chunked(*EVENTS), b"0\r\n\r\n")

    async def story(made):
        return await made.answered(OWN, (STREAM,)), await made.answered(OWN, (STREAM,))

    (miss, hit), records = over_a_socket(tmp_path, peer, story)
    assert (hit.headers[b"cf-aig-cache-status"], peer.asked) == (b"HIT", 1)
    pieces = [[message["body"] for message in one.sent[1:] if message["body"]] for one in (miss, hit)]
    assert pieces[0] == pieces[1] == list(EVENTS)
    assert records[0].attempts[0].error == ""


def test_a_long_answer_with_its_length_comes_again(tmp_path):
    head = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n" % len(LONG)
    peer = Peer(head + LONG[:300_000], LONG[300_000:])

    async def story(made):
        return await made.answered(OWN), await made.answered(OWN)

    (miss, hit), records = over_a_socket(tmp_path, peer, story)
    assert (hit.headers[b"cf-aig-cache-status"], peer.asked) == (b"HIT", 1)
    assert miss.body == hit.body == LONG
    assert hit.headers[b"content-length"] == b"%d" % len(LONG)
    assert [record.outcome for record in records] == ["served", "served"]


def test_the_connection_to_the_provider_ends_with_the_last_client(tmp_path):
    peer = Peer(*chunked(EVENTS[0]), stay=True)

    async def story(made):
        calls = [asyncio.create_task(made.answered(OWN, (STREAM,))) for _ in range(2)]
        while not peer.asked:
            await asyncio.sleep(0.01)
        await asyncio.sleep(0.05)
        calls[0].cancel()
        await asyncio.wait(calls[:1])
        await asyncio.sleep(0.05)
        assert not peer.gone.is_set()
        calls[1].cancel()
        async with asyncio.timeout(0.25):
            await peer.gone.wait()
        await asyncio.wait(calls)

    over_a_socket(tmp_path, peer, story)
    assert peer.asked == 1


def test_the_others_survive_the_first_client_that_leaves_over_the_edge(tmp_path):
    peer = Peer(*chunked(*EVENTS), b"0\r\n\r\n")

    async def story(made):
        calls = [made.answered(OWN, (STREAM, "leave")), *[made.answered(OWN, (STREAM,)) for _ in range(3)]]
        return (await asyncio.gather(*calls))[1:]

    others, records = over_a_socket(tmp_path, peer, story)
    assert peer.asked == 1
    assert [one.body for one in others] == [b"".join(EVENTS)] * 3
    assert [(record.outcome, len(record.attempts)) for record in records] == [
        ("abandoned", 0),
        ("served", 1),
        ("served", 0),
        ("served", 0),
    ]
