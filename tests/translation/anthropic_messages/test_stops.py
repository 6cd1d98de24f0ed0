from typing import get_args

import pytest
from anthropic.types import StopReason

from gateway.conversation.answer import Reason
from gateway.translation.anthropic_messages.stops import reason, stop_reason


@pytest.mark.parametrize("word", get_args(StopReason))
def test_every_word_of_the_sdk_comes_back(word):
    assert reason(word) != "other"
    assert stop_reason(reason(word), word, "") == word


def test_every_reason_has_a_word_of_the_sdk():
    for ours in get_args(Reason):
        assert stop_reason(ours, "SAFETY", "") in get_args(StopReason)


def test_a_word_that_is_new_is_other_and_only_an_own_one_goes_back():
    assert reason("compaction") == "other"
    assert stop_reason("other", "compaction", "") == "compaction"
    assert stop_reason("other", "RECITATION", "") == "end_turn"


def test_a_call_or_a_refusal_counts_more_than_a_mere_stop():
    assert stop_reason("stop", "stop", "call") == "tool_use"
    assert stop_reason("stop", "stop", "refusal") == "refusal"
    assert stop_reason("length", "length", "call") == "max_tokens"
