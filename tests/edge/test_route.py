import re
from urllib.parse import unquote_to_bytes

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.call import Refusal
from gateway.edge import route

PIECES = [b"/", b".", b"..", b"%2e", b"%2E", b"%2f", b"%2F", b"%5c", b"\\", b"a", b"v1", b"%00", b"%", b"\x00", b" ",
          b"\xff", b";", b"?", b":", b"@", b"%252e", b"\n", b"\x7f", b"~", b"models", b"%3b", b"%C3%A9"]  # fmt: skip
pieces = st.lists(st.sampled_from(PIECES), max_size=12).map(b"".join)


def test_a_path_is_split_and_its_rest_kept_as_it_came():
    place = route.read(b"/v1/acme/main/openai/v1/files/a%20b//c:d@e~f")
    assert place == (b"acme", b"main", b"openai", b"v1/files/a%20b//c:d@e~f")


@pytest.mark.parametrize("path", [b"/v1", b"/v1/", b"/v1/acme", b"/v1/acme/main", b"/v1/acme/main/openai"])
def test_short_paths_have_empty_parts(path):
    assert route.read(path).rest == b""


@pytest.mark.parametrize(
    "path", [b"", b"/", b"/v2/a/b/c/d", b"v1/a/b/c", b"//v1/a/b/c/d", b"/V1/a/b/c", b"x/v1/a/b/c/d"]
)
def test_other_paths_are_not_found(path):
    with pytest.raises(Refusal) as refused:
        route.read(path)
    assert refused.value.status == 404


ESCAPES = [
    b"..", b".", b"../x", b"x/..", b"x/../y", b"x/./y", b"%2e%2e", b"x/%2E%2e/y", b".%2e/x", b"%2e./x", b"x/..%2fy",
    b"..%2f..%2fadmin", b"x%2f..%2fy", b"x%2F%2e%2E%2Fy", b"x%2f..", b"..\\x", b"x\\y", b"x%5cy", b"..;/x",
    b"x/..;a=b/y",
    b"x%00", b"x%0d%0ay", b"x%0Ay", b"a b", b"a\x01b", b"a\x7fb", b"a\xffb", b"\xc3\xa9", b"a\tb", b"..%3b/x",
]  # fmt: skip


@pytest.mark.parametrize("rest", ESCAPES)
def test_a_path_that_could_mean_another_is_refused(rest):
    with pytest.raises(Refusal) as refused:
        route.read(b"/v1/acme/main/openai/" + rest)
    assert (refused.value.status, refused.value.code) == (400, "invalid_path")


@pytest.mark.parametrize(
    "rest", [b"a.b", b"v1.5/x", b".well-known/x", b"..x", b"x..", b"a...b", b"models/gpt-4.1", b"x%2Fy", b"x%2Ey",
             b"%20", b"m:stream", b"...", b"a/.../b", b"%C3%A9", b"x%2F.hidden", b"@cf/m-3.1", b"a+b,c=d;e!'()*~$&"]
)  # fmt: skip
def test_a_path_that_only_looks_odd_passes_as_it_is(rest):
    assert route.read(b"/v1/acme/main/openai/" + rest).rest == rest


@given(pieces)
@settings(deadline=None, max_examples=1500)
def test_what_passes_climbs_out_of_nothing_however_it_is_read(rest):
    try:
        place = route.read(b"/v1/a/g/p/" + rest)
    except Refusal:
        return
    assert place.rest == rest
    assert not re.search(rb"[\x00-\x20\x7f-\xff\\]", rest)
    for read in (rest, unquote_to_bytes(rest)):
        assert not {b".", b".."} & set(re.split(rb"[/\\]", read))


@pytest.mark.parametrize("segment", [b"a", b"A-1_.z", b"0" * 64])
def test_plain_names_are_names(segment):
    assert route.named(segment, "account") == segment.decode()


@pytest.mark.parametrize("segment", [b"", b"-a", b".a", b"a b", b"a%20", b"a\n", b"\xff", b"0" * 65, b"<script>"])
def test_anything_else_is_no_name(segment):
    with pytest.raises(Refusal, match="The account in the path") as refused:
        route.named(segment, "account")
    assert refused.value.status == 400
