import string
import time

from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.wire.headers import CONTROL, HOP_BY_HOP, OF_OUR_NETWORK, OF_THIS_HOP, incoming, outgoing

OTHERS = [b"accept", b"x-mine", b"authorization", b"content-type", b"cookie", b"cf-ray", b"cf-aig", b"x-cf-aig-y"]
OURS = [b"cf-aig-metadata", b"cf-aig-", b"cf-aig-authorization", b"traceparent", b"b3", b"x-fal-target-url"]
names = st.sampled_from([*OTHERS, *OURS, *sorted(OF_THIS_HOP), *sorted(OF_OUR_NETWORK), b"connection"])
values = st.one_of(
    st.text(string.printable, max_size=12).map(str.encode),
    st.lists(names, max_size=4).map(lambda some: b", ".join(some).title()),
    st.sampled_from([b"keep-alive", b"close", b"Keep-Alive", b""]),
)
headers = st.lists(st.tuples(names, values), max_size=20)


@given(headers)
@settings(deadline=None, max_examples=300)
def test_what_travels_on_is_part_of_what_came_in_its_order(given_):
    passing, control = incoming(given_)
    left = iter(given_)
    assert all(any(pair is one for one in left) for pair in passing)
    names = {name for name, _ in passing}
    assert not names & (OF_THIS_HOP | OF_OUR_NETWORK | CONTROL)
    assert not [name for name in names if name.startswith(b"cf-aig-")]
    assert all(name in CONTROL or name.startswith(b"cf-aig-") for name in control)
    assert all(value == next(v for n, v in given_ if n == name) for name, value in control.items())


@given(headers)
@settings(deadline=None, max_examples=300)
def test_whatever_connection_names_ends_here_both_ways_and_nothing_else(given_):
    nominated = {
        part.strip().lower() for name, value in given_ if name == b"connection" for part in value.split(b",")
    }  # fmt: skip
    passing, _ = incoming(given_)
    expected = [name for name, _ in given_ if name in OTHERS and name not in nominated]
    assert [name for name, _ in passing] == expected
    kept = [name for name, _ in outgoing(given_)]
    assert kept == [
        name for name, _ in given_
        if name not in HOP_BY_HOP and not name.startswith(b"cf-aig-")
        and (name not in nominated or name == b"content-length")
    ]  # fmt: skip


def test_repeated_headers_stay_repeated():
    pairs = [(b"set-cookie", b"a=1"), (b"x", b"1"), (b"set-cookie", b"b=2")]
    assert incoming(pairs)[0] == pairs
    assert outgoing(pairs) == pairs


def test_a_providers_length_stays_even_where_connection_names_it():
    assert outgoing([(b"connection", b"content-length"), (b"content-length", b"3")]) == [(b"content-length", b"3")]


def test_a_provider_cannot_speak_in_our_name():
    assert outgoing([(b"cf-aig-cost", b"0"), (b"cf-aig-log-id", b"x"), (b"cf-ray", b"1")]) == [(b"cf-ray", b"1")]


def test_many_nominations_and_many_headers_are_no_work():
    named = (b"connection", b",".join(b"n%d" % number for number in range(20_000)))
    many = [named, *((b"x-%d" % number, b"") for number in range(20_000))]
    began = time.perf_counter()
    assert len(incoming(many)[0]) == len(outgoing(many)) == 20_000
    assert time.perf_counter() - began < 1
