import json
from decimal import Decimal

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.settings.sentences import Validator
from gateway.settings.units import Deadline, Drain, Duration, Keys, Money, Proxy, Secret, Size, instant

UNITS = [Duration, Deadline, Size, Money, Secret, Proxy, Keys, Drain]
ANY = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False, allow_infinity=False), st.text(max_size=20)
)
LIKELY = st.one_of(
    ANY,
    st.from_regex(r"[0-9]{0,12}(\.[0-9]{0,7})?(ms|s|m|h|d|B|KB|KiB|MiB|GiB|TB)?\n?", fullmatch=True),
    st.from_regex(r"(http|https|socks5|socks5h|ftp)://[a-z.]{0,9}(:1)?/?\n?", fullmatch=True),
    st.lists(ANY, max_size=3),
    st.dictionaries(
        st.sampled_from(["delay", "timeout", "default", "a b", "", "x\n"]), ANY | st.just("5s"), max_size=3
    ),
)


@pytest.mark.parametrize("unit", UNITS)
def test_a_unit_reads_exactly_what_its_schema_accepts(unit):
    validator = Validator(unit.SCHEMA)

    @given(LIKELY)
    @settings(max_examples=300, deadline=None, database=None)
    def agree(value):
        try:
            unit.read(value)
            accepted = True
        except ValueError:
            accepted = False
        assert accepted == validator.is_valid(value)

    agree()


@pytest.mark.parametrize("unit", UNITS)
def test_a_units_schema_is_a_schema_and_takes_its_own_examples(unit):
    jsonschema.Draft202012Validator.check_schema(unit.SCHEMA)
    for example in unit.SCHEMA.get("examples", ()):
        unit.read(example)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("250ms", 0.25), ("30s", 30), ("5m", 300), ("1h", 3600), ("30d", 2592000), ("1.5h", 5400), ("0", 0), (0, 0)],
)
def test_a_duration_is_read_in_seconds(text, seconds):
    assert Duration.read(text) == seconds


@pytest.mark.parametrize("text", ["", "30", 30, "-1s", "1 s", "s", "1.s", "1e3s", "30s\n", None, True, "9" * 20 + "d"])
def test_what_is_no_duration_is_refused(text):
    with pytest.raises(ValueError):
        Duration.read(text)


@pytest.mark.parametrize("text", ["0s", "0", 0, "0.0ms", "00d"])
def test_a_deadline_is_longer_than_nothing(text):
    with pytest.raises(ValueError):
        Deadline.read(text)


@pytest.mark.parametrize(("text", "size"), [("25MiB", 26214400), ("64KB", 64000), ("1GiB", 2**30), (12, 12), ("7B", 7)])
def test_a_size_is_read_in_bytes(text, size):
    assert Size.read(text) == size


@pytest.mark.parametrize("written", [0.1, "0.1", 0.15, 1e-7, 0.000000123, 3, "1000000.000000000000000001"])
def test_money_is_the_digits_that_were_written(written):
    assert Money.read(written) == Decimal(str(written))


def test_money_never_becomes_a_binary_fraction():
    assert sum([Money.read(0.1)] * 10, Decimal(0)) == Decimal(1)


@pytest.mark.parametrize("written", [-0.01, "-1", "1e5", float("inf"), "", True, None, 10**10])
def test_what_is_no_price_is_refused(written):
    with pytest.raises(ValueError):
        Money.read(written)


def test_a_secret_shows_itself_nowhere():
    secret = Secret("hunter2")
    shown = [repr(secret), str(secret), repr([secret]), repr({"a": Keys({"default": (secret,)})}), "%s" % secret]  # noqa: UP031 - this way too
    assert not any("hunter2" in text for text in shown)
    assert secret.reveal() == "hunter2"


def test_a_secret_in_an_f_string_fails():
    with pytest.raises(TypeError):
        f"{Secret('hunter2')}"


def test_a_proxys_password_is_a_secret():
    assert "hunter2" not in repr(Proxy.read("http://me:hunter2@proxy:3128"))


def test_the_refusal_of_a_value_does_not_repeat_it():
    with pytest.raises(ValueError) as raised:
        Proxy.read("ftp://hunter2")
    assert "hunter2" not in str(raised.value)


@pytest.mark.parametrize(
    ("written", "keys"),
    [
        ("k", {"default": ("k",)}),
        (["k", "l"], {"default": ("k", "l")}),
        ({"default": "k", "batch": ["l", "m"]}, {"default": ("k",), "batch": ("l", "m")}),
    ],
)
def test_keys_are_written_in_three_ways(written, keys):
    assert {alias: tuple(key.reveal() for key in ring) for alias, ring in Keys.read(written).items()} == keys


def test_a_drain_is_a_time_or_two_times():
    assert Drain.read("10s") == Drain(0, 10)
    assert Drain.read({"delay": "5s", "timeout": "1m"}) == Drain(5, 60)
    assert Drain.read({"delay": "5s"}) == Drain(5, 30)


def test_a_day_begins_at_midnight_utc():
    assert instant("1970-01-02") == 86400
    assert instant("1970-01-01T01:00Z") == 3600
    with pytest.raises(ValueError):
        instant("2027-02-30")


def test_schemas_of_units_are_json():
    assert all(json.loads(json.dumps(unit.SCHEMA)) == unit.SCHEMA for unit in UNITS)


def test_a_drain_says_what_it_is():
    assert repr(Drain(5, 60)) == "Drain(delay=5, timeout=60)"
