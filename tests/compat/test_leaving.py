"""Streams that are translated go out event by event, and a client that leaves ends them at the provider."""

import time

import pytest

from tests import corpus
from tests.compat import recordings
from tests.compat.recordings import OWN
from tests.compat.stage import replayed
from tests.compat.talkers import TALKERS
from tests.compat.test_streams import CHOSEN, pieces, shortest
from tests.world import Says

pytestmark = corpus.present

PAUSE = 0.04


def slow(recording):
    """Each of a stream's events a while after the one before it."""
    return Says(200, replayed(recording).headers, pieces(recording), "chunked", pause=PAUSE)


def begun(stage, client, recording, slug, id):
    """An SDK's stream of a recording."""
    sdk, model, headers = stage.talker(client, slug).sdk, f"{slug}/{recording.model}", stage.headers(id, slug)
    hi = [{"role": "user", "content": "Hi"}]
    if client == "openai_chat":
        return sdk.chat.completions.create(model=model, messages=hi, stream=True, extra_headers=headers)
    if client == "openai_responses":
        return sdk.responses.create(model=model, input="Hi", stream=True, extra_headers=headers)
    if client == "anthropic_messages":
        return sdk.messages.create(model=model, max_tokens=9, messages=hi, stream=True, extra_headers=headers)
    return sdk.models.generate_content_stream(**stage.talker(client, slug).asked(model, headers))


def words(group, slug):
    """The shortest stream of a group that says more than a few words, since some clients get calls whole."""
    fitting = [one for one in recordings.groups()[group] if one.exchange.stream and one.exchange.status == 200]
    fitting = [one for one in fitting if len(pieces(one)) > 12 and one.said.first.text and not one.said.first.calls]
    return min(fitting, key=lambda one: len(pieces(one))), slug


SPOKEN = {
    client: lambda client=client: (
        words("anthropic messages", "anthropic") if client == "openai_chat" else words("openai chat", OWN)
    )
    for client in TALKERS
}


@pytest.mark.parametrize("client", TALKERS)
def test_events_go_out_when_they_come(stage, client):
    recording, slug = SPOKEN[client]()
    id = f"{recording.id}/{client}/slow"
    stage.player.said[id] = slow(recording)
    moments = [time.monotonic() for _ in begun(stage, client, recording, slug, id)]
    took = PAUSE * (len(pieces(recording)) - 1)
    assert len(moments) > 3
    assert moments[-1] - moments[0] > took / 2


@pytest.mark.parametrize("dialect", CHOSEN)
@pytest.mark.parametrize("client", ["openai_chat", "openai_responses", "anthropic_messages"])
def test_a_client_that_leaves_ends_the_stream_at_the_provider(stage, client, dialect):
    if client == dialect:
        return
    recording, slug = shortest(dialect)
    id = f"{recording.id}/{client}/left"
    stage.player.said[id] = Says(200, replayed(recording).headers, pieces(recording), "chunked", pause=5)
    before = len(stage.provider.gone)
    stream = begun(stage, client, recording, slug, id)
    stream.close()
    until = time.monotonic() + 2
    while len(stage.provider.gone) == before and time.monotonic() < until:
        time.sleep(0.01)
    assert len(stage.provider.gone) > before
    assert stage.line(id)["outcome"] == "abandoned"
