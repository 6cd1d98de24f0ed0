"""A body on its way out: passed on as it comes or asked for, every chunk shown to the taps, the end said once."""

import asyncio

import pytest

from gateway.call import Broken, Reply
from tests.edge.stage import Stage
from tests.edge.test_exchange import replace_handler


@pytest.fixture
def stage(tmp_path):
    return Stage(tmp_path)


class Passing:
    """A body that passes its chunks on by itself up to `relays` of them at a time; those left must be asked for."""

    def __init__(self, chunks, relays=100, knows=True):
        self.left, self.relays, self.knows = list(chunks), relays, knows
        self.closed, self.ended, self.asked = 0, False, 0

    async def relay(self, taker):
        if not self.relays:
            return False
        enough = False
        while self.left and not enough and self.relays:
            chunk = self.next()
            self.relays -= 1
            enough = taker(chunk, self.ended)
        self.ended = self.ended or not self.left
        return True

    def next(self):
        chunk = self.left.pop(0)
        if isinstance(chunk, Exception):
            raise chunk
        self.ended = self.knows and not self.left
        return chunk

    def __aiter__(self):
        return self

    async def __anext__(self):
        if not self.left:
            raise StopAsyncIteration
        self.asked += 1
        return self.next()

    async def close(self):
        self.closed += 1


def sent(stage, body, length=None):
    """What goes out of a reply with this body, in pieces, and what a tap saw of it."""
    seen = []

    class Answering:
        async def __call__(self, call):
            headers = [(b"content-type", b"text/event-stream")]
            return Reply(200, headers, body, length, [seen.append], body.close)

    replace_handler(stage, Answering())
    got = stage.request()
    return [(message["body"], message["more_body"]) for message in got.sent[1:]], seen


@pytest.mark.parametrize("relays", [100, 3, 2, 1, 0])
def test_however_many_chunks_are_passed_on_each_goes_out_once_and_the_last_one_says_so(stage, relays):
    body = Passing([b"a", b"b", b"c"], relays)
    pieces, seen = sent(stage, body)
    assert pieces == [(b"a", True), (b"b", True), (b"c", False)]
    assert seen == [b"a", b"b", b"c"]
    assert body.asked == max(0, 3 - relays)
    assert body.closed == 1
    (record,) = stage.records
    assert (record.response_size, record.outcome) == (3, "served")


@pytest.mark.parametrize("relays", [100, 0])
def test_an_end_that_the_last_chunk_does_not_know_of_is_said_after_it(stage, relays):
    pieces, _ = sent(stage, Passing([b"a", b"b"], relays, knows=False))
    assert pieces == [(b"a", True), (b"b", True), (b"", False)]


def test_a_body_that_is_empty_has_an_end_too(stage):
    assert sent(stage, Passing([])) == ([(b"", False)], [])


@pytest.mark.parametrize("relays", [100, 1, 0])
def test_a_body_that_breaks_is_ended_as_an_event_and_closed(stage, relays):
    body = Passing([b"data: 1\n", Broken("It broke off.")], relays)
    pieces, seen = sent(stage, body)
    assert pieces[0] == (b"data: 1\n", True)
    assert pieces[1][0].startswith(b"\n\ndata: ")
    assert b"It broke off." in pieces[1][0]
    assert not pieces[1][1]
    assert len(pieces) == 2
    assert seen == [b"data: 1\n"]
    assert body.closed == 1
    (record,) = stage.records
    assert (record.outcome, record.refusal) == ("failed", "stream_broken")


@pytest.mark.parametrize("relays", [100, 0])
def test_a_tap_that_fails_fails_the_call_and_is_reported(stage, relays):
    body = Passing([b"a", b"b"], relays)

    def tap(chunk):
        raise LookupError

    class Answering:
        async def __call__(self, call):
            return Reply(200, [], body, None, [tap], body.close)

    replace_handler(stage, Answering())
    with pytest.raises(LookupError):
        asyncio.run(stage.answered())
    assert body.closed == 1
    assert len(stage.records) == 1
    assert stage.process.edge.in_flight == 0
