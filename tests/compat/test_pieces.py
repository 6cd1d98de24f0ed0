"""Streams cut into events: server-sent ones, and AWS's frames."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.compat.pieces import Events, Frames
from gateway.wire import aws_event_stream
from tests.compat.scripted import cuts

FRAMES = aws_event_stream.encode({":event-type": "messageStart"}, b'{"role":"assistant"}') + aws_event_stream.encode(
    {":exception-type": "throttlingException", ":message-type": "exception"}, b'{"message":"slow"}'
)


@given(st.lists(st.integers(0, 400), max_size=12))
def test_frames_have_the_names_of_events_or_of_exceptions(places):
    pieces = Frames()
    found = [one for part in cuts(FRAMES, places) for one in pieces.feed(part)]
    assert found == [(b"messageStart", b'{"role":"assistant"}'), (b"throttlingException", b'{"message":"slow"}')]


@given(st.lists(st.integers(0, 400), max_size=12), st.sampled_from([b"\n", b"\r\n", b"\r"]))
def test_events_have_their_names_and_texts(places, line):
    text = b"event: a\ndata: 1\ndata: 2\n\n: note\n\ndata: 3\n\ndata: cut".replace(b"\n", line)
    pieces = Events()
    found = [one for part in cuts(text, places) for one in pieces.feed(part)]
    assert found == [(b"a", b"1\n2"), (b"", b"3")]


def test_a_frame_without_a_name_has_none():
    assert list(Frames().feed(aws_event_stream.encode({}, b"{}"))) == [(b"", b"{}")]


@pytest.mark.parametrize("text", [b"x" * 40, FRAMES[:-1] + b"x", b"data: {}\n\n" * 4])
def test_bytes_that_are_no_frames_raise(text):
    with pytest.raises(ValueError):
        list(Frames().feed(text))


def test_what_came_before_a_frame_that_is_corrupt_is_passed_on():
    pieces, found = Frames(), []
    with pytest.raises(ValueError):
        found.extend(pieces.feed(FRAMES[:-1] + b"x"))
    assert found == [(b"messageStart", b'{"role":"assistant"}')]
