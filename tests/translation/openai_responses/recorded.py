"""Recorded exchanges of this dialect, and small tools that the tests of all its files share."""

import json
from functools import cache

from gateway.conversation.losses import Losses
from gateway.translation.codec import Quirks
from gateway.translation.openai_responses import CODEC
from gateway.wire.sse import Splitter
from tests import corpus

SURFACES = ("responses", "mantle-responses")


@cache
def exchanges():
    return tuple(one for one in corpus.exchanges() if one.surface in SURFACES)


def requests():
    """Recorded requests as JSON, by their ids."""
    return {
        one.id: json.loads(one.request_body) for one in exchanges() if one.request_recorded and one.request_body.strip()
    }


def answers():
    """Recorded whole answers as JSON, by their ids."""
    return {one.id: json.loads(one.body) for one in exchanges() if one.status == 200 and not one.stream}


def streams():
    """Recorded streams as lists of SSE events, by their ids."""
    return {one.id: Splitter().feed(one.body) for one in exchanges() if one.status == 200 and one.stream}


def neutral(events, reader=None):
    """What a reader makes of SSE events."""
    reader = reader or CODEC.reader()
    found = [event for one in events for event in reader.read(one.name, one.text)]
    return [*found, *reader.end()]


def streamed(completion_events, conversation):
    """The bytes that a writer makes of neutral events."""
    writer = CODEC.writer(conversation)
    return b"".join(writer.write(event) for event in completion_events)


def parsed(stream):
    """The JSON of every event in a stream's bytes, each checked to have its type as its SSE name."""
    events = Splitter().feed(stream)
    found = [json.loads(event.text) for event in events]
    assert [event.name.decode() for event in events] == [one["type"] for one in found]
    return found


def written(conversation, quirks=None):
    """The body of a request, with its losses."""
    losses = Losses(CODEC.rules)
    return CODEC.write_request(conversation, losses, quirks or Quirks()).body, losses
