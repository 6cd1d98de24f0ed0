import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.call import Trace
from gateway.telemetry.propagation import Passing, parent, traceparent, tracestate_of

TRACE, SPAN = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"
GOOD = f"00-{TRACE}-{SPAN}-01".encode()


def of(written: bytes, **more: bytes):
    return parent({b"traceparent": written, **{name.encode(): value for name, value in more.items()}})


@pytest.mark.parametrize("flags", [b"00", b"01", b"02", b"03", b"ff"])
def test_any_flags_are_read(flags):
    found = of(GOOD[:-2] + flags)
    assert (found.trace_id, found.span_id, found.flags) == (TRACE, SPAN, int(flags, 16))


@pytest.mark.parametrize("written", [b" " + GOOD, GOOD + b"\t ", b"01" + GOOD[2:], b"cc" + GOOD[2:] + b"-more-\xff"])
def test_blanks_around_and_later_versions_are_accepted(written):
    assert of(written).trace_id == TRACE


@pytest.mark.parametrize(
    "written",
    [
        b"",
        b"ff" + GOOD[2:],
        GOOD.upper(),
        GOOD + b"-00",
        GOOD[:-1],
        GOOD + b"0",
        b"cc" + GOOD[2:] + b"0",
        b"0" + GOOD,
        GOOD.replace(TRACE.encode(), b"0" * 32),
        GOOD.replace(SPAN.encode(), b"0" * 16),
        GOOD.replace(b"-", b"_"),
        GOOD.replace(b"4b", b"4g"),
        b"00-" + GOOD,
        GOOD + b"\n",
    ],
)
def test_a_header_that_breaks_the_rules_is_no_parent(written):
    assert of(written) is None


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=200), st.binary(max_size=200))
def test_nothing_makes_it_fail(written, state):
    found = of(written, tracestate=state)
    assert found is None or re.fullmatch("[0-9a-f]{32}", found.trace_id)


@settings(max_examples=100, deadline=None)
@given(st.integers(1, 2**128 - 1), st.integers(1, 2**64 - 1), st.integers(0, 255))
def test_what_is_written_is_read_again(trace, span, flags):
    sent = Passing(f"{trace:032x}", f"{span:016x}", flags=flags)
    found = of(traceparent(sent))
    assert (found.trace_id, found.span_id, found.flags) == (sent.trace_id, sent.span_id, flags)


def test_a_recorded_trace_names_the_span_that_sends():
    trace = Trace(TRACE, "a" * 16, sampled=True)
    assert traceparent(trace, SPAN) == GOOD
    assert traceparent(trace) == GOOD.replace(SPAN.encode(), b"a" * 16)
    assert traceparent(Trace(TRACE, SPAN)) == GOOD[:-2] + b"00"


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        (b"a=1,b=2", "a=1,b=2"),
        (b" a=1 ,\tb=2 , ,", "a=1,b=2"),
        (b"tenant@sys=x y", "tenant@sys=x y"),
        (b"a=1,a=2", ""),
        (b"A=1", ""),
        (b"a", ""),
        (b"a=1,=2", ""),
        (b"a=\xc3\xa9", ""),
        (b"a=1=2", ""),
        (b",".join(b"k%d=1" % n for n in range(32)), ",".join(f"k{n}=1" for n in range(32))),
        (b",".join(b"k%d=1" % n for n in range(33)), ""),
    ],
)
def test_tracestate_is_kept_or_dropped_whole(written, kept):
    assert tracestate_of(written) == kept


def test_a_long_tracestate_loses_long_members_first_then_the_last():
    long = b"long=" + b"x" * 200
    short = [b"k%d=" % n + b"y" * 90 for n in range(8)]
    kept = tracestate_of(b",".join([long, *short])).split(",")
    assert len(",".join(kept)) <= 512
    assert kept == [member.decode() for member in short[:5]]


def test_a_huge_tracestate_is_not_looked_at():
    assert tracestate_of(b"a=1," * 100_000) == ""


def test_cloudflares_headers_are_read_where_there_is_no_traceparent():
    headers = {b"cf-aig-otel-trace-id": TRACE.upper().encode(), b"cf-aig-otel-parent-span-id": SPAN.encode()}
    found = parent(headers)
    assert (found.trace_id, found.span_id, found.flags) == (TRACE, SPAN, 1)
    other = b"00-" + b"1" * 32 + b"-" + b"2" * 16 + b"-00"
    assert parent({**headers, b"traceparent": other}).trace_id == "1" * 32
    assert parent({**headers, b"traceparent": b"nonsense"}).trace_id == TRACE


@pytest.mark.parametrize("trace", [b"", b"0" * 32, b"1" * 31, b"g" * 32, b"1" * 33])
def test_cloudflares_headers_are_checked_too(trace):
    assert parent({b"cf-aig-otel-trace-id": trace, b"cf-aig-otel-parent-span-id": SPAN.encode()}) is None


def test_a_bad_parent_span_leaves_the_trace():
    found = parent({b"cf-aig-otel-trace-id": TRACE.encode(), b"cf-aig-otel-parent-span-id": b"0" * 16})
    assert (found.trace_id, found.span_id) == (TRACE, "")
