"""Answers of any kind read as an answer of each dialect: vectors or a fault, and nothing raised."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.conversation.answer import Fault
from gateway.translation.embeddings import CODECS, Quirks, Vectors
from tests.translation.embeddings.requests_of import read, wanted

every = pytest.mark.parametrize("dialect", CODECS)


@every
@pytest.mark.parametrize("text", [b"", b"<html>", b'{"data": [', b"\xff", b"[]", b"5", b"null", b"[" * 100_000])
def test_what_is_no_json_object_is_a_fault(dialect, text):
    assert CODECS[dialect].read_answer(text, wanted(), Quirks()).status == 502


names = ("data", "embedding", "embeddings", "index", "values", "predictions", "float", "usage", "meta", "statistics")
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(names), inner, max_size=3),
    max_leaves=12,
)


@every
@settings(max_examples=60, deadline=None)
@given(values)
def test_nonsense_is_a_fault_or_vectors_and_raises_nothing(dialect, answer):
    text = json.dumps(answer).encode()
    assert isinstance(CODECS[dialect].read_answer(text, wanted(), Quirks()), Vectors | Fault)


@pytest.mark.parametrize("mark", [b"\xef\xbb\xbf", b"  \n"])
@pytest.mark.parametrize("word", [b"x", b"\\ud83d", b"\xff", b"\\ud83d\\ude00"])
def test_broken_text_beside_the_vectors_does_not_hide_them(mark, word):
    text = mark + b'{"embeddings": {"float": [[0.5]]}, "texts": ["' + word + b'"]}'
    assert CODECS["cohere_embed"].read_answer(text, wanted(), Quirks()) == Vectors([[0.5]])


@every
def test_a_number_beyond_all_bounds_is_a_fault_in_a_vector(dialect):
    huge = [10**400]
    answer = {
        "data": [{"embedding": huge}],
        "embedding": huge,
        "embeddings": [{"values": huge}],
        "predictions": [{"embeddings": {"values": huge}}],
    }
    assert isinstance(read(dialect, answer, wanted()), Fault)
