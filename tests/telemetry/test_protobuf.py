import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, KeyValue
from opentelemetry.proto.trace.v1.trace_pb2 import ScopeSpans, Span, Status

from gateway.telemetry import protobuf as pb
from tests.telemetry.collector import plain


def read(*parts: bytes) -> Span:
    (span,) = ScopeSpans.FromString(pb.span(list(parts))).spans
    return span


def clean(text: str) -> str:
    return text[: pb.TEXT_CAP].encode("utf-8", "replace").decode()


any_text = st.text(st.characters(exclude_categories=()), max_size=60)
scalars = st.one_of(any_text, st.booleans(), st.integers(-(2**63), 2**63 - 1), st.floats(allow_nan=False), st.binary())


def expected(value: object) -> AnyValue:
    match value:
        case str():
            return AnyValue(string_value=clean(value))
        case bool():
            return AnyValue(bool_value=value)
        case int():
            return AnyValue(int_value=value)
        case float():
            return AnyValue(double_value=value)
        case bytes():
            return AnyValue(bytes_value=value)
    made = AnyValue()
    made.array_value.values.extend(expected(inner) for inner in value)
    made.array_value.SetInParent()
    return made


@settings(max_examples=200, deadline=None)
@given(any_text, st.one_of(scalars, st.lists(scalars, max_size=5)))
def test_an_attribute_is_what_protobuf_makes_of_it(key, value):
    (pair,) = read(pb.attribute(key, value)).attributes
    assert pair == KeyValue(key=clean(key), value=expected(value))


@settings(max_examples=100, deadline=None)
@given(any_text, any_text, st.integers(0, 2**63 - 1), st.floats(allow_nan=False))
def test_the_quick_ways_encode_alike(key, text, count, real):
    for _ in range(2):
        assert pb.Text(key)(text) == pb.Fresh(key)(text) == pb.attribute(key, text)
        assert pb.Count(key)(count) == pb.attribute(key, count)
        assert pb.Real(key)(real) == pb.attribute(key, real)


@settings(max_examples=100, deadline=None)
@given(st.integers(min_value=2**63) | st.integers(max_value=-(2**63) - 1))
def test_an_integer_beyond_64_bits_becomes_text(number):
    (pair,) = read(pb.attribute("n", number)).attributes
    assert int(pair.value.string_value, 16) == number


@settings(max_examples=100, deadline=None)
@given(
    st.recursive(scalars | st.none(), lambda inner: st.lists(inner) | st.dictionaries(any_text, inner), max_leaves=20)
)
def test_anything_nested_is_still_protobuf(value):
    (pair,) = read(pb.attribute("x", value)).attributes
    assert pair.key == "x"


def test_a_huge_integer_and_a_bottomless_list_are_bounded():
    bottomless: list = []
    bottomless.append(bottomless)
    wide = [[[0] * 1000] * 1000] * 1000
    for value in (10**100_000, bottomless, wide, {"a": {"b": {"c": {"d": 1}}}}):
        assert len(pb.attribute("x", value)) < 100_000


def test_text_is_cut_at_its_cap():
    (pair,) = read(pb.Text("k", 5)("a" * 100)).attributes
    assert pair.value.string_value == "aaaaa"
    (pair,) = read(pb.Fresh("k")("é" * 9000)).attributes
    assert pair.value.string_value == "é" * pb.TEXT_CAP


def test_a_key_remembers_only_so_many_values():
    key = pb.Text("k")
    for number in range(3 * pb.MEMO):
        key(str(number))
    assert len(key._memo) == pb.MEMO


def test_numbers_that_are_equal_to_a_dict_stay_what_they_are():
    assert plain(read(pb.attribute("k", True)).attributes[0].value) is True
    assert plain(read(pb.attribute("k", 1)).attributes[0].value) == 1
    assert read(pb.attribute("k", 1.0)).attributes[0].value.WhichOneof("value") == "double_value"
    assert math.isnan(plain(read(pb.Real("k")(math.nan)).attributes[0].value))


@pytest.mark.parametrize("parent", ["", "b" * 16])
def test_a_spans_fields_are_those_of_the_proto(parent):
    span = read(
        pb.identity("a" * 32, "c" * 16, parent),
        pb.moments(1, 2**62),
        pb.field(b"\x2a", b"name"),
        pb.field(b"\x1a", b"k=v"),
        pb.CLIENT,
        pb.REMOTE,
        pb.ERROR,
    )
    assert span == Span(
        trace_id=bytes.fromhex("a" * 32),
        span_id=bytes.fromhex("c" * 16),
        parent_span_id=bytes.fromhex(parent),
        trace_state="k=v",
        flags=0x301,
        name="name",
        kind=Span.SPAN_KIND_CLIENT,
        start_time_unix_nano=1,
        end_time_unix_nano=2**62,
        status=Status(code=Status.STATUS_CODE_ERROR),
    )
