"""A provider's stream in the client's dialect: however it is cut, and however it is taken."""

import asyncio
import gzip

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.compat.pieces import Events, Frames
from gateway.compat.rendered import Rendered, Rendering
from gateway.compat.unwrapping import Unwrapping
from gateway.conversation.request import Conversation
from gateway.translation.codecs import CODECS
from gateway.wire import compression, sse
from tests.compat.scripted import STREAM, Source, Taker, cuts, delta, events, relayed, stepped

CLIENTS = [name for name, codec in CODECS.items() if codec.writer is not None]
TEXT = b"".join(STREAM)
ERROR = b'data: {"error": {"message": "boom", "type": "server_error"}}\n\n'


def rendered(source, client="anthropic_messages", **more):
    reader, writer = CODECS["openai_chat"].reader, CODECS[client].writer
    asked = Conversation(client, "m", [], stream=True, include_usage=True)
    return Rendered(source, Events(), Rendering(reader(), writer(asked)), **more)


def plainly(text, client="anthropic_messages"):
    """The same without any body around it: the codecs alone."""
    rendering = rendered(Source([]), client).renders
    made = [rendering.event(event.name, event.text) for event in sse.Splitter().feed(text)]
    return b"".join([*made, rendering.end()])


@pytest.mark.parametrize("client", CLIENTS)
@settings(max_examples=40)
@given(places=st.lists(st.integers(0, 2000), max_size=15), knows=st.booleans(), every=st.integers(0, 3))
@pytest.mark.parametrize("tail", [b"", ERROR + delta("late")], ids=["whole", "failing"])
def test_any_chunking_gives_the_same_bytes_by_steps_and_by_relay(client, tail, places, knows, every):
    text = TEXT[: -len(STREAM[-1]) - len(STREAM[-2])] + tail if tail else TEXT
    expected = unstamped(plainly(text, client))
    chunks = cuts(text, places)
    assert unstamped(stepped(rendered(Source(chunks, knows=knows), client))) == expected
    taker = Taker(every)
    assert unstamped(relayed(rendered(Source(chunks, pushes=True, knows=knows), client), taker)) == expected
    assert taker.last == 1


def unstamped(text):
    """Without the ids that a writer makes up."""
    import re

    return re.sub(rb'"(?:id|responseId|item_id)":"[^"]*"|"created(?:_at)?":\d+', b"", text)


def test_each_event_goes_out_when_it_has_come():
    taker = Taker()
    relayed(rendered(Source(STREAM, pushes=True)), taker)
    assert b"Hel" in taker.parts[0]
    assert b"lo" in taker.parts[1]


@pytest.mark.parametrize("client", CLIENTS)
def test_a_failure_ends_the_stream_at_once_and_the_provider_is_not_heard_to_its_end(client):
    source = Source([delta("a"), ERROR, delta("never"), ERROR], pushes=True)
    taker = Taker()
    text = relayed(rendered(source, client), taker)
    assert b"boom" in text
    assert b"never" not in text
    assert source.left
    assert taker.last == 1


def test_what_follows_the_last_event_is_heard_and_not_said():
    source = Source([*STREAM, delta("late"), ERROR])
    text = stepped(rendered(source))
    assert text == plainly(TEXT)
    assert not source.left


@pytest.mark.parametrize("pushes", [True, False])
def test_bytes_that_are_no_events_become_an_error_after_what_was_good(pushes):
    frames = Rendered(Source([b"x" * 64, b"y"], pushes), Frames(), rendered(Source([])).renders)
    text = relayed(frames, Taker()) if pushes else stepped(frames)
    assert [event["type"] for event in events(text)] == ["error"]
    long = [delta("a"), b"data: " + b"x" * (sse.LIMIT + 1)]
    text = relayed(rendered(Source(long, True)), Taker()) if pushes else stepped(rendered(Source(long)))
    assert b'"text":"a"' in text
    assert events(text)[-1]["error"]["message"] == "The provider's stream cannot be read."


def test_a_packed_stream_is_unpacked_and_what_was_good_of_it_stays():
    def inflater():
        return compression.Inflater(compression.plan(b"gzip"))

    packed = gzip.compress(TEXT)
    assert stepped(rendered(Source(cuts(packed, range(9, 900, 31))), inflater=inflater())) == plainly(TEXT)
    broken = gzip.compress(delta("a")) + b"no gzip"
    text = stepped(rendered(Source([broken]), inflater=inflater()))
    assert b'"text":"a"' in text
    assert events(text)[-1]["type"] == "error"


@pytest.mark.parametrize("client", CLIENTS)
@pytest.mark.parametrize("chunks", [[], [delta("a")]])
def test_a_stream_that_is_cut_short_says_so(client, chunks):
    text = stepped(rendered(Source(chunks), client))
    assert b"error" in text


def test_a_taker_that_has_enough_is_asked_again():
    taker = Taker(every=1)
    source = Source(STREAM, pushes=True)
    body = rendered(source)
    assert asyncio.run(body.relay(taker))
    assert len(taker.parts) == 1
    assert len(source.left) == len(STREAM) - 1
    assert relayed(body, taker) == plainly(TEXT)


def test_a_source_that_cannot_push_and_a_body_that_is_over_say_so():
    assert asyncio.run(rendered(Source([b"x"])).relay(Taker())) is False
    body = rendered(Source(STREAM, pushes=True))
    relayed(body, Taker())
    assert asyncio.run(body.relay(Taker())) is False


def test_the_unwrapped_end_as_their_provider_ends():
    body = Rendered(Source([]), Frames(), Unwrapping())
    assert b"ended too soon" in stepped(body)
    assert body.ended
