"""Thoughts are split into summaries at their titles, wherever the deltas were cut."""

import json

from hypothesis import given
from hypothesis import strategies as st

from gateway.conversation.parts import Thinking
from gateway.translation.openai_responses.lines import Lines
from gateway.translation.openai_responses.thoughts import summaries
from gateway.translation.openai_responses.tracks import ThoughtsTrack
from gateway.wire.sse import Splitter


@given(st.lists(st.text("a*\n", min_size=1, max_size=5), max_size=12))
def test_any_cut_gives_the_same_summaries(deltas):
    track = ThoughtsTrack(Lines(), "rs_1", 0, Thinking(maker="anthropic_messages"))
    stream = track.begin() + b"".join(track.add(delta) for delta in deltas)
    last, item = track.end()
    found = [json.loads(event.text) for event in Splitter().feed(stream + last)]
    texts = summaries("".join(deltas)) if deltas else []
    assert [one["text"] for one in item["summary"]] == texts
    shown = dict.fromkeys(range(len(texts)), "")
    for one in found:
        if one["type"] == "response.reasoning_summary_text.delta":
            shown[one["summary_index"]] += one["delta"]
    assert list(shown.values()) == texts
    opened = [one["summary_index"] for one in found if one["type"] == "response.reasoning_summary_part.added"]
    assert opened == list(range(len(texts)))
