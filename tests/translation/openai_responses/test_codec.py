"""The dialect offers both sides, under the name by which it is known."""

from gateway.dialects import DIALECTS
from gateway.translation.openai_responses import CODEC


def test_both_sides_are_there():
    assert CODEC.name in DIALECTS
    assert CODEC.framing == "sse"
    sides = (
        CODEC.read_request,
        CODEC.write_request,
        CODEC.read_answer,
        CODEC.write_answer,
        CODEC.reader,
        CODEC.writer,
        CODEC.read_fault,
        CODEC.write_fault,
    )
    assert None not in sides
