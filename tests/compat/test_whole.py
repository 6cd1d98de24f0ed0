"""Answers that are read whole, and played as streams where a stream was asked for."""

import asyncio
import gzip
import time

import pytest

from gateway.call import Broken, Record
from gateway.compat import whole
from gateway.conversation.answer import Candidate, Completion, Fault
from gateway.conversation.parts import Citation, Media, Refusing, Text, Thinking, ToolUse
from gateway.conversation.request import Conversation
from gateway.translation.codecs import CODECS
from tests.compat.scripted import events, says


def record():
    return Record("1", 0, 0.0)


def read(reply, most=100):
    return asyncio.run(whole.read(record(), reply, most))


def test_a_body_is_read_and_its_reply_closed():
    reply = says(b"ab", chunks=[b"a", b"b"])
    assert read(reply) == b"ab"
    assert reply.body.closed


def test_a_packed_body_is_unpacked():
    assert read(says(gzip.compress(b"x" * 50), content_encoding=b"gzip")) == b"x" * 50


@pytest.mark.parametrize(
    "reply",
    [
        lambda: says(b"", chunks=[b"x" * 60, b"x" * 60]),
        lambda: says(b"", chunks=[b"x", Broken("off")]),
        lambda: says(b"no gzip", content_encoding=b"gzip"),
        lambda: says(gzip.compress(b"x" * 101), content_encoding=b"gzip"),
        lambda: says(gzip.compress(gzip.compress(b"x" * 10**7)), content_encoding=b"gzip, gzip"),
    ],
    ids=["long", "cut", "odd", "long inside", "bomb"],
)
def test_what_cannot_be_read_is_broken_and_closed(reply):
    one = reply()
    source = one.body
    with pytest.raises(Broken):
        read(one, 10**5 if len(source.left[0]) > 150 else 100)
    assert source.closed


def test_time_spent_waiting_is_no_time_of_ours():
    async def slow():
        await asyncio.sleep(0.05)
        yield b"x"

    reply, told = says(b""), record()
    reply.body = slow()
    begun = time.perf_counter()
    asyncio.run(whole.read(told, reply, 9))
    assert 0.04 < told.waited <= time.perf_counter() - begun


@pytest.mark.parametrize("text", [b"", b"<html>", b"[1]", b'"x"', b"null", b"\xff", b'{"a":' * 100000])
def test_what_is_no_object_is_a_fault(text):
    assert whole.decoded(text) == Fault(502, "The provider's answer is not JSON.", "api_error")


def test_an_object_is_itself():
    assert whole.decoded(b'{"a": 1}') == {"a": 1}


def test_an_answer_without_a_date_is_of_now_and_one_without_an_end_has_one():
    assert abs(whole.filled(Completion()).created - time.time()) < 5
    assert whole.filled(Completion(created=7)).created == 7


PARTS = [
    Thinking("hm", "c2ln", maker="anthropic_messages"),
    Text("Hello", [Citation(url="https://a.example", cited="Hel")]),
    ToolUse("toolu_1", "f", '{"a":1}'),
]


@pytest.mark.parametrize("client", [name for name, codec in CODECS.items() if codec.writer and codec.reader])
def test_a_whole_answer_played_is_what_its_reader_makes_it(client):
    codec = CODECS[client]
    answer = Completion("i", "m", 7, [Candidate(PARTS, "tool_use")])
    asked = Conversation(client, "m", [], stream=True, include_usage=True)
    played = whole.played(whole.events(answer), codec.writer(asked))
    assert b"Hello" in played
    assert b"hm" in played or client == "openai_chat"
    assert events(played)


def test_every_kind_of_part_is_opened_and_closed():
    parts = [*PARTS, Refusing("No"), Media("image", "image/png", "aGk=")]
    made = list(whole.events(Completion(candidates=[Candidate(parts, logprobs={"content": []})])))
    opened = [one.at for one in made if type(one).__name__ == "Open"]
    closed = [one.at for one in made if type(one).__name__ == "Close"]
    assert opened == closed == list(range(len(parts)))
    assert [type(one).__name__ for one in made][-3:] == ["Logprobs", "Finish", "End"]
    assert not any(getattr(one.part, "text", "") for one in made if type(one).__name__ == "Open")
    assert [part.text for part in parts if isinstance(part, Text | Thinking)] == ["hm", "Hello"]


def test_only_an_end_that_is_missing_is_made_up():
    ends = [Candidate(), Candidate(reason="length"), Candidate(native_reason="ODD")]
    assert [one.reason for one in whole.filled(Completion(candidates=ends)).candidates] == ["stop", "length", None]
