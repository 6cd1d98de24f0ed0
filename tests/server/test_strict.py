"""What makes a head ambiguous, by itself and without a socket."""

from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.server import strict

PLAIN = [(b"host", b"a")]


def problem(url=b"/x", headers=None, version="1.1"):
    headers = PLAIN if headers is None else headers
    found = strict.problem(url, headers, dict(headers), version)
    return found.status if found else None


def test_a_plain_head_is_served():
    assert problem() is None
    assert problem(version="1.0", headers=[]) is None
    assert problem(headers=[*PLAIN, (b"transfer-encoding", b"Chunked")]) is None
    assert problem(headers=[*PLAIN, (b"x", b"1"), (b"x", b"2"), (b"content-length", b"3")]) is None


def test_what_stands_twice_is_refused_only_where_it_matters():
    for name, value in ((b"host", b"a"), (b"content-length", b"3"), (b"expect", b"100-continue")):
        assert problem(headers=[(b"host", b"a"), (name, value), (name, value)]) == 400


def test_a_length_beside_chunks_is_refused():
    assert problem(headers=[*PLAIN, (b"transfer-encoding", b"chunked"), (b"content-length", b"3")]) == 400


def test_the_limits_have_their_own_answers():
    assert problem(b"/" + b"a" * 16384) == 414
    assert problem(headers=[*PLAIN, *((b"x%d" % n, b"") for n in range(200))]) == 431
    assert problem(version="2.0") == 505


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=40))
def test_a_path_is_a_part_of_the_target_and_holds_nothing_odd(url):
    for target in (url, b"/" + url, b"http://a/" + url):
        if path := strict.path_of(target, dict(PLAIN)):
            assert target.endswith(path)
            assert path.startswith(b"/")
            assert not set(path) & set(b" #\0\r\n\t\x7f\xff")


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=40))
def test_a_host_never_holds_a_path_a_query_or_a_password(host):
    for value in (host, b"a" + host, b"a:" + host):
        if strict.framed({b"host": value}, "1.1"):
            assert not set(value) & set(b"/?#@\\ \0\r\n\t,")
