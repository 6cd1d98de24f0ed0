"""Claude's events out of Bedrock's frames."""

import base64

import msgspec
import pytest

from gateway.compat.pieces import Frames
from gateway.compat.rendered import Rendered
from gateway.compat.unwrapping import Unwrapping
from gateway.wire import aws_event_stream
from tests.compat.scripted import Source, events, stepped

START = b'{"type":"message_start","message":{}}'
STOP = b'{"type":"message_stop"}'


def frame(inside, name="chunk"):
    packed = msgspec.json.encode({"bytes": base64.b64encode(inside).decode()})
    return aws_event_stream.encode({":event-type": name}, packed)


def unwrapped(*frames):
    return stepped(Rendered(Source(frames), Frames(), Unwrapping()))


def test_events_come_out_byte_for_byte_under_their_names():
    assert unwrapped(frame(START), frame(STOP)) == (
        b"event: message_start\ndata: " + START + b"\n\nevent: message_stop\ndata: " + STOP + b"\n\n"
    )


def test_an_exception_is_an_error_event_and_nothing_follows_it():
    exception = aws_event_stream.encode({":exception-type": "throttlingException"}, b'{"message":"Too many requests"}')
    text = unwrapped(frame(START), exception + frame(STOP), frame(STOP))
    assert [one["type"] for one in events(text)] == ["message_start", "error"]
    assert events(text)[1]["error"]["message"] == "Too many requests"


@pytest.mark.parametrize(
    "payload", [b"no json", b'{"bytes": 5}', b'{"bytes": "%%%"}', b'{"bytes": "bm8="}', b'{"a":' * 100000, b"[]"]
)
def test_what_cannot_be_read_is_an_error_event(payload):
    text = unwrapped(frame(START) + aws_event_stream.encode({":event-type": "chunk"}, payload) + frame(STOP))
    assert [one["type"] for one in events(text)] == ["message_start", "error"]


def test_no_line_break_of_a_providers_makes_an_event_of_its_own():
    text = unwrapped(frame(b'{"type":\n"message_stop"}'), frame(b'{"type":"x\\ndata: y"}'))
    assert text == b'event: message_stop\ndata: {"type":\ndata: "message_stop"}\n\nevent: xdata:y\ndata: ' + (
        b'{"type":"x\\ndata: y"}\n\n'
    )


def test_a_stream_that_ends_before_its_last_event_says_so_once():
    assert [one["type"] for one in events(unwrapped(frame(START)))] == ["message_start", "error"]
    error = b'{"type":"error","error":{"type":"overloaded_error","message":"x"}}'
    assert [one["type"] for one in events(unwrapped(frame(error)))] == ["error"]
