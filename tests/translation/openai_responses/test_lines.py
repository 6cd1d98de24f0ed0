"""Events are numbered lines, and a delta is pasted together as the encoder would write it."""

import json

from hypothesis import given
from hypothesis import strategies as st

from gateway.translation.openai_responses.lines import Lines, delta_head
from gateway.wire.sse import Splitter


@given(st.text())
def test_a_delta_is_json_with_its_number_behind_it(text):
    lines = Lines()
    lines.event("response.created", response={})
    head = delta_head("response.output_text.delta", {"item_id": "msg_1", "output_index": 0})
    [event] = Splitter().feed(lines.delta(head, text))
    assert event.name == b"response.output_text.delta"
    assert json.loads(event.text) == {
        "type": "response.output_text.delta",
        "item_id": "msg_1",
        "output_index": 0,
        "delta": text,
        "sequence_number": 1,
    }
