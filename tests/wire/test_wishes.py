import json
import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.call import Refusal
from gateway.wire.wishes import ENTRIES, LONGEST, metadata, milliseconds, switch

X = b"cf-aig-x"


@pytest.mark.parametrize(
    ("said", "means"), [(b"true", True), (b"false", False), (b"TRUE", True), (b" False ", False), (None, True)]
)
def test_a_switch_is_true_or_false_or_its_default(said, means):
    assert switch({X: said} if said is not None else {}, X, True) is means


@pytest.mark.parametrize("said", [b"", b"1", b"yes", b"maybe", b"true,true", b"\xff"])
def test_anything_else_in_a_switch_is_refused_by_name(said):
    with pytest.raises(Refusal, match="cf-aig-x: say `true` or `false`") as refused:
        switch({X: said}, X, True)
    assert (refused.value.status, refused.value.code) == (400, "invalid_header")


@given(st.integers(1, 86_400_000))
@settings(deadline=None, max_examples=30)
def test_milliseconds_are_seconds(number):
    assert milliseconds({X: b"%d" % number}, X) == number / 1000


@pytest.mark.parametrize(
    "said",
    [b"", b"0", b"-1", b"1.5", b"1e3", b"86400001", b"9" * 5000, b" 1", b"0x1", "²".encode("latin-1"), b"0" * 20],
)
def test_milliseconds_out_of_reason_are_refused(said):
    with pytest.raises(Refusal, match="give milliseconds"):
        milliseconds({X: said}, X)


@pytest.mark.parametrize("said", [b"0000000000019999999", b"000000000001" + b"9" * 5000])
def test_milliseconds_that_begin_well_are_read_to_their_end(said):
    with pytest.raises(Refusal, match="give milliseconds"):
        milliseconds({X: said}, X)


def tags(text):
    return metadata({b"cf-aig-metadata": text})


flat = st.one_of(st.text(max_size=8), st.integers(-(2**53), 2**53), st.booleans(), st.floats(-1e9, 1e9))


@given(st.dictionaries(st.text(max_size=8), flat, max_size=8), st.booleans())
@settings(deadline=None, max_examples=100)
def test_a_flat_object_comes_through_but_for_keys_of_cloudflares(given_, ascii_only):
    text = json.dumps(given_, ensure_ascii=ascii_only)
    try:
        written = text.encode()
    except UnicodeEncodeError:
        return
    assert tags(written) == {key: value for key, value in given_.items() if not key.startswith("cf.")}


@given(st.binary(max_size=60))
@settings(deadline=None, max_examples=200)
def test_any_bytes_are_read_or_refused(written):
    try:
        found = tags(written)
    except Refusal:
        return
    assert all(not isinstance(value, float) or math.isfinite(value) for value in found.values())


@pytest.mark.parametrize(
    "written",
    [b"", b"[]", b"null", b'{"a": {}}', b'{"a": [1]}', b'{"a": null}', b'{"a": 1e999}', b'{"a": NaN}', b"\xff", b"{",
     b"[" * 5000, b'{"a":' * 1500, b'"x"'],
)  # fmt: skip
def test_what_is_not_flat_is_refused(written):
    with pytest.raises(Refusal, match="give a flat JSON object"):
        tags(written)


def test_metadata_is_bounded():
    assert len(tags(json.dumps({str(n): n for n in range(ENTRIES)}).encode())) == ENTRIES
    with pytest.raises(Refusal, match=f"at most {ENTRIES} entries"):
        tags(json.dumps({str(n): n for n in range(ENTRIES + 1)}).encode())
    with pytest.raises(Refusal, match=f"at most {LONGEST} bytes"):
        tags(b'{"a": "' + b"x" * LONGEST + b'"}')


def test_an_absent_header_is_no_metadata():
    assert metadata({}) == {}
