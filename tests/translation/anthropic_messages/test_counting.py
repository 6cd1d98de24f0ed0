import json

import pytest

from gateway.call import Refusal
from gateway.conversation.losses import Losses
from gateway.conversation.request import Reasoning, Tool
from gateway.translation.anthropic_messages.counting import read_count, read_total, write_count, write_total
from gateway.translation.anthropic_messages.rules import RULES
from gateway.translation.codec import Quirks
from tests import corpus
from tests.translation.anthropic_messages.given import asked
from tests.translation.anthropic_messages.recorded import exchanges, plain

REQUEST = {
    "model": "claude-opus-4-6",
    "system": "Be brief.",
    "messages": [{"role": "user", "content": "Hello"}],
    "tools": [{"name": "f", "input_schema": {"type": "object"}}],
    "thinking": {"type": "adaptive"},
}


def counted(conversation):
    losses = Losses(RULES)
    return write_count(conversation, losses, Quirks()).body, losses.refused


def test_a_request_for_a_count_comes_back_as_it_was():
    assert counted(read_count(REQUEST)) == (REQUEST, [])


def test_what_only_an_answer_needs_is_left_out():
    body, lost = counted(
        asked(
            stream=True,
            parameters={"temperature": 1.5, "max_tokens": 9, "stop": ["a"], "user": "u", "seed": 1},
            tools=[Tool("f")],
            reasoning=Reasoning("high"),
        )
    )
    assert lost == []
    assert set(body) == {"model", "messages", "tools", "thinking"}


def test_a_broken_request_is_refused():
    with pytest.raises(Refusal, match="messages"):
        read_count({"model": "m"})


def test_the_answer_is_one_number():
    assert read_total(write_total(12)) == 12
    assert read_total({}) is read_total({"input_tokens": "12"}) is read_total({"input_tokens": True}) is None


@corpus.present
def test_recorded_counts_are_read_and_written_back():
    seen = [one for one in exchanges() if one.surface == "count_tokens"]
    assert len(seen) >= 3
    for one in seen:
        request = json.loads(one.request_body)
        body, lost = counted(read_count(request))
        assert (plain(body), lost) == (plain(request), [])
        if one.status == 200:
            total = json.loads(one.body)
            assert write_total(read_total(total)) == total
