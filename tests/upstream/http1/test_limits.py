"""Timeouts as one call brings them."""

from math import inf

from gateway.upstream.http1.limits import ENDLESS, patience


def test_no_timeout_is_endless_patience():
    assert patience(None, 5.0) is ENDLESS
    assert patience({}, 5.0) is ENDLESS
    assert ENDLESS.until == ENDLESS.connect == inf


def test_total_is_a_moment_and_the_rest_are_spans():
    made = patience({"connect": 1.0, "first_byte": 2.0, "idle": 3.0, "total": 4.0}, 100.0)
    assert (made.connect, made.first_byte, made.idle, made.until) == (1.0, 2.0, 3.0, 104.0)


def test_pool_follows_connect_and_write_follows_first_byte():
    made = patience({"connect": 1.0, "first_byte": 2.0}, 0.0)
    assert (made.pool, made.write, made.idle, made.until) == (1.0, 2.0, inf, inf)
    assert patience({"connect": 1.0, "pool": 7.0}, 0.0).pool == 7.0


def test_httpx_s_read_stands_for_first_byte_and_idle():
    made = patience({"connect": None, "read": 3.0, "write": 4.0, "pool": None}, 0.0)
    assert (made.connect, made.pool, made.first_byte, made.write, made.idle) == (inf, inf, 3.0, 4.0, 3.0)
