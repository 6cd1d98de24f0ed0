import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.settings.nodes import meaning


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("", None), ("~", None), ("null", None), ("Null", None), ("nULL", "nULL"),
        ("true", True), ("True", True), ("FALSE", False), ("tRue", "tRue"),
        ("0", 0), ("-7", -7), ("+7", 7), ("1.5", 1.5), (".5", 0.5), ("5.", 5.0), ("1e3", 1000.0), ("-1.5E-3", -0.0015),
    ],
)  # fmt: skip
def test_a_plain_scalar_means_what_yaml_1_2_says(text, value):
    assert meaning(text) == value
    assert type(meaning(text)) is type(value)


@pytest.mark.parametrize(
    "text",
    [
        "yes", "no", "on", "off", "y", "2027-01-01", "2027-01-01T10:00:00Z", "1:30", "0123", "0x1f", "0o17", "1_000",
        "1e999", ".inf", ".nan", "9" * 64, "12e4" + "5" * 60, ".", "-", "+", "e", "1e", "1.2.3", "5m", "=", "1 2",
    ],
)  # fmt: skip
def test_what_yaml_1_1_would_make_of_it_stays_text(text):
    assert meaning(text) == text


@given(st.text(max_size=30))
@settings(max_examples=300, deadline=None, database=None)
def test_any_text_has_a_meaning_that_json_can_hold(text):
    value = meaning(text)
    assert value is None or isinstance(value, bool | int | float | str)
    assert value == value
