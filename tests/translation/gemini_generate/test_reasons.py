"""Why an answer ended."""

import pytest
from google.genai import types

from gateway.conversation.answer import Reason
from gateway.translation.gemini_generate.reasons import REASONS, WRITTEN, read_reason, word, write_reason


def test_every_reason_that_the_sdk_knows_is_read():
    odd = {"FINISH_REASON_UNSPECIFIED", "ESCALATION", "PUP_LIMITED_DISABLED"}
    assert {one.value for one in types.FinishReason} - odd <= REASONS.keys()
    assert {read_reason(one, calls=False) for one in odd} == {"other"}


def test_every_neutral_reason_has_a_word_that_the_sdk_knows():
    assert set(WRITTEN) == set(Reason.__args__)
    assert set(WRITTEN.values()) <= {one.value for one in types.FinishReason}


@pytest.mark.parametrize("native", REASONS)
def test_googles_own_word_comes_through(native):
    for calls in (False, True):
        assert write_reason(read_reason(native, calls=calls), native) == native


def test_stopping_for_tools():
    assert read_reason("STOP", calls=True) == "tool_use"
    assert read_reason("MAX_TOKENS", calls=True) == "length"
    assert write_reason("tool_use", "tool_calls") == "STOP"
    assert write_reason("length", "STOP") == "MAX_TOKENS"


@pytest.mark.parametrize(
    ("said", "meant"), [("STOP", "STOP"), (1, "STOP"), (2, "MAX_TOKENS"), (9, "OTHER"), (0, ""), (None, ""), ([], "")]
)
def test_a_reason_may_be_a_number(said, meant):
    assert word(said) == meant
