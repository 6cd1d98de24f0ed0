"""Why answers end, in both directions."""

from typing import get_args

import pytest

from gateway.conversation.answer import Reason
from gateway.translation.openai_chat.reasons import finish, reason

OFFICIAL = {"stop", "length", "tool_calls", "content_filter", "function_call"}


@pytest.mark.parametrize("why", get_args(Reason))
def test_every_reason_has_an_official_word(why):
    assert finish(why, calls=False, legacy=False) in OFFICIAL
    assert finish(why, calls=True, legacy=True) in OFFICIAL


@pytest.mark.parametrize("word", sorted(OFFICIAL - {"function_call"}))
def test_official_words_return_to_themselves(word):
    assert finish(reason(word, calls=False), calls=False, legacy=False) == word
    legacy = finish(reason("function_call", calls=True), calls=True, legacy=True)
    assert legacy == "function_call"


def test_calls_tell_the_reason_where_none_was_given():
    assert finish(None, calls=True, legacy=False) == "tool_calls"
    assert finish(None, calls=False, legacy=False) == "stop"
    assert finish("stop", calls=True, legacy=False) == "tool_calls"
