"""The usage that only the meter asked for is gone, and every other byte is there."""

import asyncio
import gzip
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.call import Broken
from gateway.compat.stripped import Stripped
from gateway.wire import compression, sse
from tests.compat.scripted import DONE, Source, Taker, chunk, cuts, delta, relayed, stepped

USAGE = chunk(choices=[], usage=DONE["usage"])
OTHERS = [
    delta("Hel"),
    delta('say "usage"'),
    chunk(choices=[], usage=None),
    chunk(choices=[{"index": 0, "delta": {}, "finish_reason": "stop"}], usage=DONE["usage"]),
    chunk(choices=[], prompt_filter_results=[]),
    b": keep-alive\n\n",
    b'event: x\ndata: not json "usage"\n\n',
    b"data: [DONE]\n\n",
    b'data: "usage"\n\n',
    b"\n\n",
    b'data: {"choices": [], "usage": {}}\n\n',
]

streams = st.tuples(
    st.lists(st.sampled_from(OTHERS), max_size=5), st.lists(st.sampled_from(OTHERS), max_size=3), st.booleans()
)


def crlf(text):
    return text.replace(b"\n", b"\r\n")


@given(streams, st.lists(st.integers(0, 2000), max_size=12), st.booleans(), st.integers(0, 3))
def test_any_chunking_by_steps_or_by_relay_gives_all_but_the_usage(stream, places, knows, every):
    before, after, windows = stream
    line = crlf if windows else bytes
    expected = line(b"".join([*before, *after]))
    chunks = cuts(line(b"".join([*before, USAGE, *after])), places)
    assert stepped(Stripped(Source(chunks, knows=knows))) == expected
    taker = Taker(every)
    assert relayed(Stripped(Source(chunks, pushes=True, knows=knows)), taker) == expected
    assert taker.last == 1


@given(st.lists(st.sampled_from(OTHERS), max_size=6), st.lists(st.integers(0, 2000), max_size=9))
def test_a_stream_without_usage_passes_untouched(parts, places):
    text = b"".join(parts)
    assert stepped(Stripped(Source(cuts(text, places)))) == text


def test_whole_events_are_not_held_back():
    parts = [delta("a"), delta("b"), USAGE, b"data: [DONE]\n\n"]
    taker = Taker()
    relayed(Stripped(Source(parts, pushes=True)), taker)
    assert taker.parts[:2] == parts[:2]


@pytest.mark.parametrize("knows", [True, False])
def test_usage_that_no_blank_line_ends_is_gone_too(knows):
    chunks = [delta("a"), USAGE.rstrip()]
    assert stepped(Stripped(Source(chunks, knows=knows))) == delta("a")
    assert relayed(Stripped(Source(chunks, pushes=True, knows=knows)), Taker()) == delta("a")


def test_what_is_unfinished_at_the_end_is_given_out():
    assert stepped(Stripped(Source([delta("a"), b"data: {"]))) == delta("a") + b"data: {"


@pytest.mark.parametrize(("pack", "coding"), [(gzip.compress, b"gzip"), (zlib.compress, b"deflate")])
def test_a_packed_stream_comes_out_plain(pack, coding):
    text = b"".join([delta("a"), USAGE, b"data: [DONE]\n\n"])
    inflater = compression.Inflater(compression.plan(coding))
    chunks = cuts(pack(text), range(0, 999, 7))
    assert stepped(Stripped(Source(chunks), inflater)) == delta("a") + b"data: [DONE]\n\n"


def test_a_stream_that_cannot_be_unpacked_is_broken():
    body = Stripped(Source([b"no gzip"]), compression.Inflater(compression.plan(b"gzip")))
    with pytest.raises(Broken):
        stepped(body)


def test_an_event_beyond_all_measure_is_let_go():
    huge = b"data: " + b"x" * (sse.LIMIT + 1)
    chunks = [huge[at : at + 2**20] for at in range(0, len(huge), 2**20)]
    first = asyncio.run(anext(Stripped(Source(chunks))))
    assert len(first) > sse.LIMIT


def test_a_source_that_cannot_push_says_so():
    assert asyncio.run(Stripped(Source([b"x"])).relay(Taker())) is False
