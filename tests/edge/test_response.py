from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.call import Asked, Record, Trace
from gateway.edge import response


def record(**fields):
    return Record(id="0192", created=0, started=1.0, **fields)


def read(lines):
    assert lines.endswith(b"\r\n")
    return dict(line.split(b": ", 1) for line in lines.split(b"\r\n")[:-1])


@pytest.mark.parametrize(
    ("cost", "text"),
    [("0.000024", b"0.000024"), ("1E-9", b"0.000000001"), ("0", b"0"), ("1.500", b"1.5"), ("1E+3", b"1000"),
     ("0.00", b"0"), ("100", b"100"), ("12345.678900", b"12345.6789")],
)  # fmt: skip
def test_money_is_exact_and_has_no_exponent(cost, text):
    assert response.money(Decimal(cost)) == text


@given(st.text(max_size=400))
@settings(deadline=None, max_examples=200)
def test_whatever_a_client_sent_becomes_a_header_value_that_breaks_nothing(text):
    made = response.printable(text)
    assert len(made) <= response.LONGEST
    assert all(0x20 <= byte < 0x7F for byte in made)


def test_facts_are_told_where_they_are_known():
    told = read(response.facts(record(head_sent=1.5, waited=0.4)))
    assert told[b"cf-aig-log-id"] == told[b"cf-aig-request-id"] == told[b"cf-aig-event-id"] == b"0192"
    assert float(told[b"cf-aig-overhead"]) == pytest.approx(100)
    assert not {b"cf-aig-provider", b"cf-aig-model", b"cf-aig-cost", b"traceparent"} & told.keys()
    full = record(
        event_id="ev\r\nx", provider="p", asked=Asked(model="m"), cost=Decimal("0.5"),
        trace=Trace("a" * 32, "b" * 16, sampled=True), step=2,
    )  # fmt: skip
    told = read(response.facts(full))
    assert told[b"cf-aig-event-id"] == b"ev??x"
    assert (told[b"cf-aig-provider"], told[b"cf-aig-model"], told[b"cf-aig-cost"]) == (b"p", b"m", b"0.5")
    assert told[b"traceparent"] == b"00-" + b"a" * 32 + b"-" + b"b" * 16 + b"-01"
    assert told[b"cf-aig-step"] == b"2"


def test_overhead_is_never_negative():
    one = record(waited=1e9)
    response.stamp(one)
    assert one.overhead == 0
    assert one.head_sent > 0
