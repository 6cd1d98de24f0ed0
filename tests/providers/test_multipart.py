import time

from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.providers.multipart import fields

WANTED = frozenset((b"model", b"stream"))


def form(parts, boundary=b"XX"):
    part = b'--%s\r\nContent-Disposition: form-data; name="%s"%s\r\n\r\n%s\r\n'
    return b"".join(part % (boundary, *one) for one in parts) + b"--" + boundary + b"--\r\n"


def read(body, kind=b"multipart/form-data; boundary=XX"):
    return fields(kind, body, WANTED)


def test_fields_are_found_on_both_sides_of_a_file():
    file = b'--not-a-mark\r\nContent-Disposition: form-data; name="model"\r\n\r\nfake\r\n'
    body = form(
        [
            (b"stream", b"", b"true"),
            (b"file", b'; filename="a.wav"\r\nContent-Type: audio/wav', file * 100),
            (b"model", b"", b"whisper-1"),
        ]
    )
    assert read(body) == {b"stream": "true", b"model": "whisper-1"}


def test_a_files_name_is_not_a_fields_name():
    assert read(form([(b"file", b'; filename="model"', b"x"), (b"other", b"", b"y")])) == {}


def test_the_first_of_two_values_counts_and_an_empty_one_is_a_value():
    assert read(form([(b"model", b"", b""), (b"model", b"", b"b")])) == {b"model": ""}


def test_a_value_too_long_for_a_name_is_left_out():
    assert read(form([(b"model", b"", b"m" * 257)])) == {}


def test_a_quoted_boundary_is_read_without_its_quotes():
    kind = b'multipart/form-data; charset=x; boundary="a b"'
    assert read(form([(b"model", b"", b"m")], b"a b"), kind) == {b"model": "m"}


def test_a_cut_off_body_says_nothing_of_its_last_part():
    assert read(form([(b"model", b"", b"whisper")])[:-10]) == {}
    assert read(b"") == read(b"--XX") == read(b"--XX--") == {}
    assert fields(b"multipart/form-data", form([(b"model", b"", b"m")]), WANTED) == {}


def test_time_grows_with_the_body_and_no_faster():
    began = time.perf_counter()
    for hostile in (b"--XX" * 2_000_000, b"\r\n--X" * 1_500_000, b"--XX\r\n" * 1_000_000, b"\r" * 8_000_000):
        read(hostile)
        read(form([(b"model", b"", hostile)]))
    assert time.perf_counter() - began < 2


PIECES = [b"--XX", b"\r\n", b"--", b'name="model"', b"Content-Disposition: form-data;", b"a"]
PARTS = st.tuples(st.sampled_from([b"model", b"stream", b"x"]), st.just(b""), st.binary(max_size=50))


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=200) | st.lists(st.sampled_from(PIECES)).map(b"".join))
def test_any_bytes_can_be_read(body):
    assert set(read(body)) <= WANTED


@settings(max_examples=100, deadline=None)
@given(st.lists(PARTS, max_size=8))
def test_what_a_form_holds_is_what_is_read(parts):
    expected = {}
    for name, _, value in parts:
        if name in WANTED:
            expected.setdefault(name, value.decode("utf-8", "replace"))
    if not any(b"\r\n--XX" in b"\r\n" + value for _, _, value in parts):
        assert read(form(parts)) == expected
