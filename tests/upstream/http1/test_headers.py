"""Headers that skip httpx2's constructor and still behave as its own."""

import httpx2

from gateway.upstream.http1.headers import Ready, headers, slowly

LINES = [(b"a", b"a", b"1"), (b"set-cookie", b"set-cookie", b"x\xe9"), (b"a", b"a", b"2")]


def test_the_fast_way_fits_this_version_of_httpx2():
    assert type(headers([(b"a", b"1")])) is Ready


def test_both_ways_make_the_same_headers():
    for made in (Ready(list(LINES)), slowly(list(LINES)), httpx2.Response(200, headers=Ready(list(LINES))).headers):
        assert made.raw == [(b"a", b"1"), (b"set-cookie", b"x\xe9"), (b"a", b"2")]
        assert made["A"] == "1, 2"
        assert made.get_list("a") == ["1", "2"]
        assert made["set-cookie"] == "x\xe9"
        made["b"] = "3"
        assert made.raw[-1] == (b"b", b"3")
