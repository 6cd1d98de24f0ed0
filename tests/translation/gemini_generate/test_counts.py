"""Tokens, read and written."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.call import Usage
from gateway.translation.gemini_generate.counts import read_usage, write_usage

COUNT = st.integers(0, 1000)


def test_thoughts_are_part_of_the_output_and_tools_prompts_of_the_input():
    usage, tier = read_usage(
        {
            "promptTokenCount": 10,
            "toolUsePromptTokenCount": 5,
            "cachedContentTokenCount": 4,
            "candidatesTokenCount": 7,
            "thoughtsTokenCount": 3,
            "promptTokensDetails": [{"modality": "AUDIO", "tokenCount": 2}],
            "serviceTier": "STANDARD",
        }
    )
    assert usage == Usage(
        15, 10, 25, input_cached_tokens=4, output_reasoning_tokens=3, input_audio_tokens=2, output_audio_tokens=None
    )
    assert tier == "default"


@pytest.mark.parametrize("odd", [None, 3, [], {}, {"promptTokenCount": "many"}, {"promptTokenCount": -1}])
def test_an_odd_count_is_as_if_it_were_absent(odd):
    assert read_usage(odd) == (None, "")


@given(COUNT, COUNT, st.none() | COUNT, st.none() | COUNT, st.none() | COUNT)
def test_what_is_written_is_read_again(asked, answered, cached, thought, heard):
    usage = Usage(
        asked,
        answered + (thought or 0),
        asked + answered + (thought or 0),
        input_cached_tokens=cached,
        output_reasoning_tokens=thought,
        input_audio_tokens=heard,
    )
    written = write_usage(usage, "default")
    assert written["candidatesTokenCount"] == answered
    assert read_usage(written) == (usage, "default")


def test_what_is_not_known_is_not_written():
    assert write_usage(None, "") == {}
    assert write_usage(Usage(), "flex") == {"serviceTier": "flex"}
    assert write_usage(Usage(3, 4), "") == {"promptTokenCount": 3, "candidatesTokenCount": 4, "totalTokenCount": 7}


def test_sound_is_told_apart_from_words():
    written = write_usage(Usage(10, 8, 18, output_reasoning_tokens=2, output_audio_tokens=5), "")
    assert written["candidatesTokensDetails"] == [
        {"modality": "TEXT", "tokenCount": 1},
        {"modality": "AUDIO", "tokenCount": 5},
    ]
