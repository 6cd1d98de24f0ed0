"""The splitter and the writer of server-sent events."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.wire.aws_event_stream import encode
from gateway.wire.sse import Event, Splitter, TooLong, comment, over, write


def split(*chunks):
    splitter = Splitter()
    return [event for chunk in chunks for event in splitter.feed(chunk)]


@pytest.mark.parametrize("end", [b"\n", b"\r\n", b"\r"])
def test_each_kind_of_line_end_closes_lines_and_events(end):
    text = end.join([b"event: a", b"data: 1", b"data: 2", b"", b"data:3", b"", b""])
    assert split(text) == [Event(b"1\n2", b"a"), Event(b"3")]


def test_a_byte_order_mark_and_comments_and_unknown_fields_say_nothing():
    assert split(b"\xef\xbb\xbf: hello\nretry: 10\nnonsense\ndata: x\n\n") == [Event(b"x")]


def test_one_space_after_the_colon_belongs_to_the_syntax():
    assert split(b"data:  two\n\ndata\n\n") == [Event(b" two"), Event(b"")]


def test_an_id_holds_for_the_events_after_it_and_a_name_does_not():
    events = split(b"id: 7\nevent: a\ndata: x\n\ndata: y\n\nid: b\0d\ndata: z\n\n")
    assert events == [Event(b"x", b"a", b"7"), Event(b"y", b"", b"7"), Event(b"z", b"", b"7")]


def test_an_event_without_data_or_without_its_blank_line_is_none():
    assert split(b"event: ping\n\ndata: half") == []


def test_a_line_that_never_ends_is_refused_in_linear_time():
    splitter = Splitter(limit=10**6)
    begun = time.perf_counter()
    with pytest.raises(TooLong):
        for _ in range(10_000):
            splitter.feed(b"x" * 1000)
    assert time.perf_counter() - begun < 2


def test_an_event_that_never_ends_is_refused():
    splitter = Splitter(limit=10_000)
    with pytest.raises(TooLong):
        for _ in range(10_000):
            splitter.feed(b"data: xxxxxxxx\n")


lines = st.binary(max_size=20).map(lambda line: line.replace(b"\r", b"").replace(b"\n", b""))
events = st.builds(
    Event,
    st.lists(lines, min_size=1, max_size=3).map(b"\n".join),
    lines,
    lines.filter(lambda line: b"\0" not in line and line != b""),
)


@settings(max_examples=200, deadline=None)
@given(st.lists(events, max_size=5))
def test_what_is_written_is_read_back(given_events):
    assert split(b"".join(map(write, given_events))) == given_events


pieces = st.sampled_from(
    [b"data: a", b"data:", b"\n", b"\r", b"\r\n", b"\n\n", b":", b"event: e", b"id: 1", b"\xef\xbb\xbf"]
)


@settings(max_examples=300, deadline=None)
@given(st.lists(pieces, max_size=20).map(b"".join), st.data())
def test_where_the_bytes_are_cut_changes_nothing(text, choose):
    cuts = sorted(choose.draw(st.lists(st.integers(0, len(text)), max_size=8)))
    chunks = [text[a:b] for a, b in zip([0, *cuts], [*cuts, len(text)], strict=True)]
    assert split(*chunks) == split(*[text[i : i + 1] for i in range(len(text))]) == split(text)


def test_a_comment_is_no_event():
    assert split(comment(b"still\nhere"), comment()) == []


@pytest.mark.parametrize(
    ("tail", "said_all"),
    [
        (b"data: [DONE]\n\n", True),
        (b'data: {"a": 1}\n\ndata: [DONE]\n\n', True),
        (b'event: error\ndata: {"type": "error"}\n\n', True),
        (b'event: ping\ndata: {}\n\nevent: error\ndata: {"type": "error"}\n\n', True),
        (b'data: {"choices": []}\n\ndata: {"error": {"message": "no"}}\n\n', True),
        (encode({":message-type": "exception", ":exception-type": "modelStreamErrorException"}, b"{}"), True),
        (encode({":message-type": "event", ":event-type": "chunk"}, b'{"text": "exception"}'), False),
        (b'data: {"choices": [{"delta": {"content": "event: error"}}]}\n\n', False),
        (b'event: error\ndata: {"type": "error"}\n\ndata: {"more": 1}\n\n', False),
        (b'data: {"choices": []}\n\n', False),
        (b"\n\n", False),
        (b"", False),
    ],
)
def test_clients_may_leave_at_an_end_mark_and_at_an_error(tail, said_all):
    assert over(tail) is said_all
