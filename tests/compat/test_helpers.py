"""Every translated stream through the helpers of OpenAI's SDK, which are stricter than its plain streams."""

import pytest

from tests import corpus
from tests.compat import recordings
from tests.compat.heard import Heard, differences

pytestmark = corpus.present

HI = [{"role": "user", "content": "Hi"}]


def chat(talker, heard, model, headers):
    """`chat.completions.stream`; thoughts it does not put together."""
    options = {"include_usage": True}
    with talker.sdk.chat.completions.stream(
        model=model, messages=HI, stream_options=options, extra_headers=headers
    ) as stream:
        done = stream.until_done().get_final_completion()
    for choice in done.choices:
        said = choice.message.model_dump(warnings=False)
        calls = [
            (call["id"], call["function"]["name"], call["function"]["arguments"]) for call in said["tool_calls"] or ()
        ]
        heard.voices.append(talker.spoken(said, calls, choice.finish_reason))
    heard.usage = talker.read(done.usage)


def responses(talker, heard, model, headers):
    """`responses.stream`; of one that is incomplete it has no final response."""
    with talker.sdk.responses.stream(model=model, input="Hi", extra_headers=headers) as stream:
        last = [event for event in stream if event.type in ("response.completed", "response.incomplete")]
    talker.hear(heard, last[0].response)


RAISES = ("length", "content_filter")
"""Ends that the helper for chat completions always makes an exception of."""
HELPERS = {"openai_chat": chat, "openai_responses": responses}


@pytest.mark.parametrize("group", sorted(recordings.groups()) if (corpus.FOLDER / "dev").is_dir() else [])
@pytest.mark.parametrize("client", HELPERS)
def test_the_helpers_for_streams_make_the_same_of_them(stage, client, group):
    wrong = []
    for one in recordings.groups()[group]:
        slug = recordings.home(one, client)
        if not slug or one.dialect == client or not one.exchange.stream or one.said.failed:
            continue
        if client == "openai_chat" and one.said.first.reason in RAISES:
            continue
        talker, heard = stage.talker(client, slug), Heard()
        talker.passed = False
        headers = stage.headers(f"{one.id}/helper/{client}", slug)
        try:
            HELPERS[client](talker, heard, f"{slug}/{recordings.named(one, slug)}", headers)
            found = differences(heard, talker.wish(one.said, one.dialect))
        except Exception as error:
            found = f"{type(error).__name__}: {error}"[:600]
        if found:
            wrong.append((one.id, slug, found))
    assert not wrong, "\n".join(map(str, wrong))
