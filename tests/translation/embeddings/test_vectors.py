"""Vectors packed, unpacked, put in order and proved sound."""

import base64
import struct
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.conversation.answer import Fault
from gateway.translation.embeddings import vectors
from gateway.translation.embeddings.vectors import Vectors, floats, in_order, pack, settled, signed, unpack
from tests.translation.embeddings.requests_of import wanted

numbers = st.lists(st.floats(width=32, allow_nan=False), min_size=1, max_size=20)


@settings(max_examples=100, deadline=None)
@given(numbers)
def test_packed_numbers_are_what_struct_makes_of_them_and_come_back(vector):
    assert pack(vector) == struct.pack(f"<{len(vector)}f", *vector)
    assert unpack(pack(vector)) == vector
    assert floats(base64.b64encode(pack(vector)).decode()) == pack(vector)


def test_the_lowest_byte_comes_first_on_any_machine(monkeypatch):
    monkeypatch.setattr(vectors, "SWAPPED", sys.byteorder == "little")
    assert pack([1.0]) == struct.pack(">f", 1.0)
    assert unpack(struct.pack(">f", 1.0)) == [1.0]


@pytest.mark.parametrize("text", ["AAA", "AAAA", "AAAAAA=", "AAAAAA== ", "AAAA\nAA==", "ÄÄÄÄ", "A-_A"])
def test_what_is_no_packed_vector_is_none(text):
    assert floats(text) is None


def test_signed_bytes_are_numbers():
    assert signed(base64.b64encode(bytes((0, 1, 127, 128, 255))).decode()) == [0.0, 1.0, 127.0, -128.0, -1.0]
    assert signed("!") is None


@settings(max_examples=100, deadline=None)
@given(st.permutations(list(range(6))))
def test_vectors_are_ordered_by_index(order):
    assert in_order([(index, [float(index)]) for index in order]) == [[float(index)] for index in range(6)]


@pytest.mark.parametrize("indexes", [(0, 0), (0, 2), (1, 2), (-1, 0), (0, None), (None, 1)])
def test_indexes_that_are_no_sequence_are_a_fault(indexes):
    assert isinstance(in_order([(index, [1.0]) for index in indexes]), Fault)


def test_vectors_without_index_stay_where_they_are():
    assert in_order([(None, [1.0]), (None, [2.0])]) == [[1.0], [2.0]]


@pytest.mark.parametrize(
    "found",
    [
        [],
        [[1.0]],
        [[1.0], [2.0], [3.0]],
        [[1.0], None],
        [[1.0], []],
        [[1.0], b""],
        [[1.0], [1.0, 2.0]],
        [[1.0], struct.pack("<2f", 1, 2)],
        [[1.0], struct.pack("<f", float("nan"))],
        [[1.0], struct.pack("<f", float("-inf"))],
    ],
)
def test_unsound_vectors_are_a_fault(found):
    fault = settled(found, wanted(["a", "b"]), Vectors([]))
    assert isinstance(fault, Fault)
    assert fault.status == 502


def test_sound_vectors_come_in_the_form_wanted():
    packed = struct.pack("<2f", 1, 2)
    assert settled([[3.0, 4.0], packed], wanted(["a", "b"]), Vectors([])) == Vectors([[3.0, 4.0], [1.0, 2.0]])
    kept = settled([packed], wanted("a", encoding_format="base64"), Vectors([]))
    assert kept == Vectors([packed])
