"""Token counts, in and out."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openai.types.responses import ResponseUsage

from gateway.call import Usage
from gateway.translation.openai_responses.counts import merge, read_usage, write_usage

COUNT = st.integers(0, 10**9)


@given(COUNT, COUNT, COUNT, COUNT, COUNT)
def test_what_is_written_is_read_again(fresh, cached, kept, words, thoughts):
    read, wrote = fresh + cached + kept, words + thoughts
    usage = Usage(read, wrote, read + wrote, cached, kept, output_reasoning_tokens=thoughts)
    written = write_usage(usage)
    ResponseUsage.model_validate(written)
    assert read_usage(written) == usage


@pytest.mark.parametrize("odd", [None, {}, [], 5, "x", {"input_tokens": []}])
def test_what_is_no_usage_is_none(odd):
    assert read_usage(odd) is None


def test_what_is_odd_in_a_usage_is_as_if_absent():
    odd = {
        "input_tokens": 5,
        "output_tokens": 2,
        "input_tokens_details": "x",
        "output_tokens_details": {"reasoning_tokens": -1},
    }
    assert read_usage(odd) == Usage(5, 2, 7)


def test_later_counts_go_over_earlier_ones_and_none_changes_nothing():
    old = Usage(input_tokens=5, output_tokens=1)
    assert merge(None, old) is old
    assert merge(old, Usage(output_tokens=3)) == Usage(input_tokens=5, output_tokens=3)
    assert old.output_tokens == 1
    assert write_usage(None) is None
