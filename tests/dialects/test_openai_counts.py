"""How the likes of OpenAI count, by example of the ones that count differently."""

import pytest

from gateway.call import Usage
from gateway.dialects.openai_counts import Details, OpenAICounts


@pytest.mark.parametrize(
    ("read", "written", "total", "audio", "reasoning", "wanted"),
    [
        (10, 20, 30, None, 5, (10, 20)),
        (10, 20, None, None, 5, (10, 20)),
        (10, 20, 35, None, 5, (10, 25)),
        (10, 5, 15, None, 49, (10, 54)),
        (3, 11, 389, 375, None, (378, 11)),
        (3, 11, 394, 375, 5, (378, 16)),
        (400, 11, 411, 375, None, (400, 11)),
        (66, 6, 100, None, None, (66, 34)),
        (10, 20, 25, None, None, (10, 20)),
        (10, 20, 33, 7, None, (10, 20)),
    ],
)
def test_what_is_counted_beside_is_added_where_the_total_proves_it(read, written, total, audio, reasoning, wanted):
    counts = OpenAICounts(
        read,
        written,
        total_tokens=total,
        prompt_tokens_details=Details(audio_tokens=audio),
        completion_tokens_details=Details(reasoning_tokens=reasoning),
    )
    usage = counts.usage()
    assert usage == Usage(*wanted, sum(wanted), input_audio_tokens=audio, output_reasoning_tokens=reasoning)


def test_each_providers_word_for_cached_tokens_is_understood():
    for word in ("prompt_cache_hit_tokens", "num_cached_tokens", "cached_tokens"):
        assert OpenAICounts(10, 1, **{word: 4}).usage() == Usage(10, 1, 11, 4)
    zero = OpenAICounts(10, 1, prompt_tokens_details=Details(cached_tokens=0), cached_tokens=4)
    assert zero.usage() == Usage(10, 1, 11, 0)
