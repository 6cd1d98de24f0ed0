"""The short way to a log line says what the long way says."""

import json
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.call import Answer, Asked, Attempt, Record, Trace, Usage
from gateway.logs import line, usual

texts = st.text(st.characters(blacklist_categories=["Cs"]), max_size=12)
tokens = st.none() | st.integers(0, 2**53)
moments = st.floats(1, 1e6)
costs = st.none() | st.decimals(0, 1000, allow_nan=False, allow_infinity=False) | st.just(Decimal("NaN"))
askeds = st.builds(Asked, texts, texts, texts, st.booleans())
usages = st.none() | st.builds(Usage, tokens, tokens, tokens, output_reasoning_tokens=tokens)
answers = st.none() | st.builds(Answer, usages, texts)
attempts = st.builds(
    Attempt,
    provider=texts.filter(bool), asked=askeds, started=moments, key_alias=texts, status=st.integers(200, 399),
    first_chunk=st.just(0.0) | moments, ended=moments, answer=answers, cost=costs,
)  # fmt: skip
traces = st.none() | st.builds(Trace, st.just("a" * 32), st.just("b" * 16))
records = st.builds(
    Record,
    id=st.just("0192aaaa-bbbb-7ccc-8ddd-eeeeeeeeeeee"), created=st.integers(0, 2**61), started=moments, account=texts,
    gateway=texts, config_version=texts, method=st.just("POST"), path=texts, asked=askeds, token=texts, event_id=texts,
    decided=st.dictionaries(texts, texts | st.integers(-5, 5) | st.booleans(), max_size=3),
    metadata=st.dictionaries(texts, texts | st.integers(-5, 5) | st.booleans(), max_size=3), user_agent=texts,
    request_type=texts, response_type=texts, request_size=st.integers(0, 9**9), response_size=st.integers(0, 9**9),
    status=st.integers(100, 599), step=st.integers(0, 9), attempts=st.lists(attempts, min_size=1, max_size=1),
    cost=costs, unpriced=st.booleans(), custom_cost=st.booleans(), ended=moments, overhead=st.floats(-1, 10),
    trace=traces,
)  # fmt: skip


def read(text):
    assert text.endswith(b"}\n")
    assert text.count(b"\n") == 1
    return json.loads(text, parse_float=lambda written: round(float(written), 3) if "." in written else float(written))


@given(records)
@settings(max_examples=300, deadline=None)
def test_the_short_way_says_what_the_long_way_says(record):
    assert usual.usual(record)
    short, long = read(usual.render(record)), read(line.render(record))
    assert short.keys() == long.keys()
    for name in ("duration", "overhead_ms", "ttft_ms"):
        assert short.pop(name) == pytest.approx(long.pop(name), abs=0.0015)
    for name in ("duration", "ttft_ms"):
        assert short["attempts"][0].pop(name) == pytest.approx(long["attempts"][0].pop(name), abs=0.0015)
    assert short == long


def plain(**fields):
    tried = Attempt("p", Asked("chat", "d", "m"), 1.0, status=200, ended=2.0)
    made = Record(id="1", created=1, started=1.0, status=200, attempts=[tried], ended=2.0)
    for name, value in fields.items():
        setattr(made, name, value)
    return made


@pytest.mark.parametrize(
    "fields",
    [
        {"attempts": []}, {"refusal": "x"}, {"outcome": "abandoned"}, {"cached": True}, {"status": 0},
        {"request_payload": b""}, {"response_payload": b"{}"},
        {"attempts": [Attempt("p", Asked(), 1.0, status=500)]},
        {"attempts": [Attempt("p", Asked(), 1.0, status=200, error="timeout")]},
        {"attempts": [Attempt("p", Asked(), 1.0, status=200)] * 2},
    ],
)  # fmt: skip
def test_a_call_that_is_not_like_most_goes_the_long_way(fields):
    assert usual.usual(plain())
    assert not usual.usual(plain(**fields))


def test_what_is_remembered_has_an_end():
    for number in range(2 * usual.MOST):
        usual.render(plain(path=str(number)))
    assert len(usual._known) <= usual.MOST


def test_a_text_without_utf_8_is_left_to_the_long_way():
    with pytest.raises(UnicodeEncodeError):
        usual.render(plain(path="\ud800"))


def test_what_is_remembered_of_calls_has_an_end_in_number_and_in_size():
    for number in range(2 * usual.MOST):
        usual.render(plain(path=f"files/{number}"))
    assert 0 < len(usual._known) <= usual.MOST
    before = dict(usual._known)
    long = plain(path="x" * usual.LARGEST, user_agent="y")
    assert read(usual.render(long)) == read(usual.render(long))
    assert usual._known == before
