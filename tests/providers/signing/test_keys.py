import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.providers.signing.keys import credential, problem, structured


@pytest.mark.parametrize("text", ["", "{", "[1]", '"a"', "sk-1", "{" * 10_000, '{"a": "\ud800"}', "null"])
def test_a_key_that_is_no_json_object_has_no_fields(text):
    assert structured(text) == {}


def test_only_text_fields_of_a_json_key_are_kept():
    assert structured(' {"a": "b", "c": 1, "d": null, "e": {}} ') == {"a": "b"}


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=30))
def test_a_key_without_a_problem_can_stand_in_a_header(text):
    if not problem(text):
        assert b"\n" not in text.encode("ascii")
        assert b"\r" not in text.encode("ascii")


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=30))
def test_blank_space_is_never_a_credential(value):
    assert credential(value) is False or value.strip()
