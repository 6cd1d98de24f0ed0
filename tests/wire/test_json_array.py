"""A JSON array split into its elements while it arrives."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.wire.json_array import Splitter, TooLong

values = st.recursive(
    st.none() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=8,
)
things = st.dictionaries(st.text(max_size=4), values, max_size=4) | st.lists(values, max_size=3)


@settings(max_examples=200, deadline=None)
@given(st.lists(things, max_size=5), st.sampled_from([None, 2]), st.integers(1, 30))
def test_every_element_comes_out_once_and_whole(elements, indent, size):
    text = json.dumps(elements, indent=indent).encode()
    splitter = Splitter()
    found = [one for at in range(0, len(text), size) for one in splitter.feed(text[at : at + size])]
    assert [json.loads(one) for one in found] == elements


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=100), st.integers(1, 10))
def test_nonsense_raises_nothing(text, size):
    splitter = Splitter()
    for at in range(0, len(text), size):
        splitter.feed(text[at : at + size])


def test_an_element_without_end_is_refused():
    splitter = Splitter(limit=1000)
    with pytest.raises(TooLong):
        for _ in range(100):
            splitter.feed(b'[{"a": "' + b"x" * 100)


def test_what_lies_between_elements_is_not_kept():
    splitter = Splitter(limit=1000)
    for _ in range(100):
        splitter.feed(b"1234567890, " * 100)
    assert splitter.pending <= 1
