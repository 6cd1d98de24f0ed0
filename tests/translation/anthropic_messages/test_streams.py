"""Whole streams through reader and writer: what they add up to stays the same."""

import pytest
from anthropic.types import Message
from hypothesis import given
from hypothesis import strategies as st

from gateway.conversation.answer import Candidate, Completion
from gateway.conversation.events import Add, Close, Open, Sign
from gateway.conversation.parts import Text, Thinking, ToolUse
from gateway.translation.anthropic_messages import CODEC
from tests import corpus
from tests.translation.anthropic_messages.recorded import block, read_all, said, streams
from tests.translation.anthropic_messages.streamed import CLIENT, ended, put_together, written

PARTS = st.lists(
    st.builds(Text, st.text(max_size=9))
    | st.builds(
        Thinking, st.text(max_size=9), st.text("abc", min_size=1, max_size=4), maker=st.just("anthropic_messages")
    )
    | st.builds(ToolUse, st.just("id"), st.text("ab", min_size=1), st.just('{"a": 1}')),
    max_size=4,
)


def streamed(parts, draw):
    """Events of parts whose pieces come in any order that keeps each part's own."""
    queues = []
    for at, part in enumerate(parts):
        text = part.arguments if isinstance(part, ToolUse) else part.text
        empty = ToolUse(part.id, part.name) if isinstance(part, ToolUse) else type(part)()
        cut = draw.draw(st.integers(0, len(text)))
        signs = [Sign(0, at, part.signature, part.maker)] if isinstance(part, Thinking) else []
        adds = [Add(0, at, piece) for piece in (text[:cut], text[cut:]) if piece]
        queues.append([Open(0, at, empty), *adds, *signs, Close(0, at)])
    told, opened = [], 0
    while any(queues):
        ready = [at for at, queue in enumerate(queues) if queue and at <= opened]
        at = draw.draw(st.sampled_from(ready))
        opened = max(opened, at + 1)
        told.append(queues[at].pop(0))
    return told


@given(PARTS, st.data())
def test_a_stream_adds_up_to_the_answer_written_whole(parts, draw):
    message = put_together(written(*ended(*streamed(parts, draw)))).to_dict()
    expected = CODEC.write_answer(Completion("resp_1", "gpt-5", candidates=[Candidate(parts, "stop")]), CLIENT)
    assert message["content"] == Message.model_validate(expected).to_dict()["content"]
    assert message["stop_reason"] == expected["stop_reason"]


@corpus.present
@pytest.mark.parametrize(("id", "events"), streams() if corpus.FOLDER.is_dir() else [])
def test_every_recorded_stream_is_written_so_that_the_sdk_makes_the_same_of_it(id, events):
    before = plain(put_together([said(*one) for one in events]))
    after = plain(put_together(written(*read_all(CODEC.reader(), events))))
    assert after == before


def plain(message):
    """Without what the neutral form of a stream has no place for."""
    told = message.model_dump(exclude_none=True)
    for name in ("inference_geo", "server_tool_use"):
        told["usage"].pop(name, None)
    told["content"] = [block(one) for one in told["content"]]
    return told
