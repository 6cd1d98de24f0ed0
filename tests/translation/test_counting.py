"""Usage objects are counted as their meter counts them."""

import pytest

from gateway.dialects.bedrock import ConverseCounts
from gateway.dialects.reading import Shape
from gateway.translation.counting import usage_of

COUNTS = Shape(ConverseCounts)


def test_odd_counts_are_as_if_they_were_absent():
    usage = usage_of(COUNTS, {"inputTokens": 3, "outputTokens": "many", "cacheDetails": [1, {"ttl": "1h"}], "x": 1})
    assert (usage.input_tokens, usage.output_tokens, usage.input_cached_tokens) == (3, None, None)


@pytest.mark.parametrize("given", [None, 3, [], {}, {"inputTokens": -1}])
def test_what_counts_nothing_is_none(given):
    assert usage_of(COUNTS, given) is None
