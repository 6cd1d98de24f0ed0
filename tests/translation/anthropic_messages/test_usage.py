from hypothesis import given
from hypothesis import strategies as st

from gateway.call import Usage
from gateway.translation.anthropic_messages.usage import counts, tier, uncounted, written

TOKENS = st.integers(0, 2**40)


def test_tokens_in_include_the_caches_here_and_not_there():
    told = {
        "input_tokens": 10,
        "cache_read_input_tokens": 200,
        "cache_creation_input_tokens": 30,
        "cache_creation": {"ephemeral_5m_input_tokens": 10, "ephemeral_1h_input_tokens": 20},
        "output_tokens": 7,
        "output_tokens_details": {"thinking_tokens": 3},
    }
    usage = counts(told).usage()
    assert usage == Usage(240, 7, 247, 200, 30, 20, 3)
    assert written(usage) == told


@given(TOKENS, TOKENS, TOKENS, TOKENS)
def test_what_is_written_is_read_as_it_was(fresh, read, wrote, out):
    usage = Usage(fresh + read + wrote, out, fresh + read + wrote + out, read, wrote)
    assert counts(written(usage)).usage() == usage


def test_other_providers_counts_fit_the_dialects_arithmetic():
    assert written(Usage(100, 5, input_cached_tokens=60)) == {
        "input_tokens": 40,
        "cache_creation_input_tokens": 0,
        "cache_read_input_tokens": 60,
        "output_tokens": 5,
    }
    assert written(Usage(10, 5, input_cached_tokens=60))["input_tokens"] == 0
    assert written(None) == {"input_tokens": 0, "output_tokens": 0}


def test_an_odd_count_is_as_if_absent():
    assert counts({"input_tokens": "many", "output_tokens": 3}).output_tokens == 3
    assert counts({"input_tokens": -1}).usage() is None
    assert counts([1]).usage() is None


def test_the_tier_has_a_neutral_word():
    assert tier(counts({"service_tier": "standard"})) == "default"
    assert written(Usage(1, 1), "default")["service_tier"] == "standard"
    assert "service_tier" not in written(Usage(1, 1), "flex")


def test_what_is_no_token_is_kept_apart():
    assert uncounted({"input_tokens": 1, "server_tool_use": {"web_search_requests": 2}, "speed": None}) == {
        "usage.server_tool_use": {"web_search_requests": 2}
    }
    assert uncounted(None) == {}
