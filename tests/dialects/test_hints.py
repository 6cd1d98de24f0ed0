"""When a provider wants to be asked again, in each way of saying it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.dialects.hints import wait

NOW = 1_800_000_000.0  # 2027-01-15T08:00:00Z


def told(*headers, status=429, body=b""):
    return wait(status, list(headers), body, NOW)


@pytest.mark.parametrize(
    ("name", "value", "seconds"),
    [
        (b"retry-after", b"20", 20),
        (b"retry-after", b" 1.5 ", 1.5),
        (b"retry-after", b"Fri, 15 Jan 2027 08:00:20 GMT", 20),
        (b"retry-after", b"Fri, 15 Jan 2027 07:59:00 GMT", 0),
        (b"retry-after-ms", b"250", 0.25),
        (b"x-ratelimit-reset-requests", b"1s", 1),
        (b"x-ratelimit-reset-tokens", b"6m0s", 360),
        (b"x-ratelimit-reset-tokens", b"7.66s", 7.66),
        (b"x-ratelimit-reset-requests", b"120ms", 0.12),
        (b"x-ratelimit-reset-requests", b"1h2m3s", 3723),
        (b"x-ratelimit-reset-tokens-minute", b"42.5", 42.5),
        (b"x-ratelimit-reset", b"1800000060000", 60),
        (b"x-ratelimit-reset", b"1800000060", 60),
        (b"ratelimit-reset", b"30", 30),
        (b"anthropic-ratelimit-tokens-reset", b"2027-01-15T08:01:00Z", 60),
        (b"anthropic-ratelimit-input-tokens-reset", b"2027-01-15T10:01:00+02:00", 60),
    ],
)
def test_each_way_of_saying_it(name, value, seconds):
    assert told((name, value)) == pytest.approx(seconds)


@pytest.mark.parametrize(
    "value", [b"", b"soon", b"-1", b"1e9", b"nan", b"inf", b"0x10", b"9" * 40, b"1s" * 40, b"Fri, 99 Jan 2027", b"\xff"]
)
def test_nonsense_says_nothing(value):
    assert told((b"retry-after", value), (b"x-ratelimit-reset-requests", value)) is None


def test_the_surest_word_counts():
    every = [(b"x-ratelimit-reset-requests", b"9s"), (b"retry-after", b"5"), (b"retry-after-ms", b"4500")]
    assert told(*every) == 4.5
    assert told(*every[:2]) == 5


def test_of_several_limits_the_one_that_is_used_up_counts():
    headers = [
        (b"x-ratelimit-remaining-requests", b"0"),
        (b"x-ratelimit-reset-requests", b"30s"),
        (b"x-ratelimit-remaining-tokens", b"500"),
        (b"x-ratelimit-reset-tokens", b"90s"),
    ]
    assert told(*headers) == 30
    assert told(*headers[1:]) == 30
    assert told(headers[0], (b"x-ratelimit-remaining-tokens", b"0"), headers[1], headers[3]) == 90


def test_resets_count_for_a_429_alone():
    assert told((b"x-ratelimit-reset-requests", b"1s"), status=503) is None
    assert told((b"retry-after", b"1"), status=503) == 1


def test_google_says_it_in_the_body():
    body = b'{"error": {"details": [{"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": "34.07s"}]}}'
    assert told(body=body) == 34.07
    assert told((b"retry-after", b"1"), body=body) == 1


@given(
    st.binary(max_size=80),
    st.sampled_from((b"retry-after", b"retry-after-ms", b"x-ratelimit-reset", b"ratelimit-reset")),
)
def test_anything_is_a_wait_or_nothing(value, name):
    found = told((name, value), body=value)
    assert found is None or 0 <= found < 1e13
