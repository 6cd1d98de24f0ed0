"""Streams as a client of this dialect gets them, and as the official SDK puts them together."""

import json

from anthropic.lib.streaming._messages import accumulate_event
from anthropic.types import RawMessageStreamEvent
from pydantic import TypeAdapter

from gateway.conversation.events import Count, End, Finish, Start
from gateway.translation.anthropic_messages import CODEC
from gateway.wire import sse
from tests.translation.anthropic_messages.given import asked
from tests.translation.anthropic_messages.recorded import written_all

CLIENT = asked(dialect="anthropic_messages", model="smart")
EVENT = TypeAdapter(RawMessageStreamEvent)


def written(*events):
    return [json.loads(one.text) for one in sse.Splitter().feed(written_all(CODEC.writer(CLIENT), events))]


def put_together(events):
    """The message that the official SDK makes of a stream."""
    message, buffers = None, {}
    for one in events:
        if one["type"] != "ping":
            event = EVENT.validate_python(one)
            message = accumulate_event(event=event, current_snapshot=message, json_bufs=buffers)
    return message


def ended(*events, reason="stop", usage=None):
    return (Start("resp_1", "gpt-5"), *events, Finish(0, reason), *([Count(usage)] if usage else []), End())
