"""Usage, read and written."""

import pytest

from gateway.call import Usage
from gateway.translation.openai_chat.counts import beside, usage, written


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ({"prompt_tokens": 3, "completion_tokens": 4, "total_tokens": 7}, Usage(3, 4, 7)),
        ({"prompt_tokens": 3, "completion_tokens": "many"}, Usage(3, None, 3)),
        ({"prompt_tokens": -3}, None),
        ({"prompt_tokens": 3, "prompt_tokens_details": 5}, Usage(3, None, 3)),
        ({}, None),
    ],
)
def test_odd_counts_are_as_if_they_were_absent(raw, expected):
    assert usage(raw) == expected


def test_every_class_of_tokens_crosses():
    raw = {
        "prompt_tokens": 10,
        "completion_tokens": 20,
        "total_tokens": 30,
        "prompt_tokens_details": {"cached_tokens": 1, "cache_write_tokens": 2, "audio_tokens": 3},
        "completion_tokens_details": {"reasoning_tokens": 4, "audio_tokens": 5},
    }
    assert written(usage(raw), {}) == raw


def test_what_is_no_class_of_ours_crosses_by_its_path():
    raw = {
        "prompt_tokens": 1,
        "completion_tokens": 2,
        "total_tokens": 3,
        "completion_tokens_details": {"accepted_prediction_tokens": 0},
        "cost": 0.5,
        "cost_details": {"a": 1},
    }
    assert beside(raw) == {
        "usage.completion_tokens_details.accepted_prediction_tokens": 0,
        "usage.cost": 0.5,
        "usage.cost_details": {"a": 1},
    }
    assert written(usage(raw), beside(raw)) == raw
