import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.call import Refusal
from gateway.policies.access import LONGEST, SLOTS, Access, Holder, bare, digest

MINE, OTHER, LATE = b"gw-mine-0123456789", b"gw-other-0123456789", b"gw-late-0123456789"
HOLDER = Holder("web", metadata={"team": "web"})
EVERYONE = frozenset(map(digest, (MINE, OTHER, LATE)))
DOOR = Access({digest(MINE): HOLDER, digest(LATE): Holder("late", time.time() - 1)}, EVERYONE)
OPEN = Access(None, EVERYONE)


def admit(door, *headers, query=b"", **control):
    said = {name.replace("_", "-").encode(): value for name, value in control.items()}
    return door.admit(list(headers), said, query)


@pytest.mark.parametrize("slot", sorted(SLOTS))
@pytest.mark.parametrize("form", [b"%b", b"Bearer %b", b"bearer  %b ", b"Token %b", b"Key %b", b"BEARER %b"])
def test_a_token_opens_from_every_slot_and_stays_here(slot, form):
    admitted = admit(DOOR, (slot, form % MINE), (b"x-mine", b"1"))
    assert admitted.holder == HOLDER
    assert admitted.headers == [(b"x-mine", b"1")]


def test_our_own_header_decides_alone():
    assert admit(DOOR, (b"authorization", b"Bearer sk-1"), cf_aig_authorization=b"Bearer " + MINE).holder == HOLDER
    with pytest.raises(Refusal, match="Unauthorized"):
        admit(DOOR, (b"authorization", b"Bearer " + MINE), cf_aig_authorization=b"Bearer wrong")


@pytest.mark.parametrize("token", [OTHER, b"", b"wrong", MINE[:-1], MINE + b"0", MINE.upper(), b"x" * 10_000])
def test_anything_else_is_refused(token):
    for kind in ({"cf_aig_authorization": b"Bearer " + token}, {}):
        with pytest.raises(Refusal) as refused:
            admit(DOOR, *([] if kind else [(b"authorization", b"Bearer " + token)]), **kind)
        assert (refused.value.status, refused.value.number, refused.value.code) == (401, 2009, "unauthorized")


def test_a_token_longer_than_any_is_refused_even_if_its_beginning_is_one():
    long = b"y" * LONGEST
    door = Access({digest(long): HOLDER}, frozenset([digest(long)]))
    assert admit(door, cf_aig_authorization=long).holder == HOLDER
    for token in (long + b"y", long + b"yy"):
        with pytest.raises(Refusal):
            admit(door, cf_aig_authorization=token)


def test_an_expired_token_is_told_so_by_name():
    with pytest.raises(Refusal, match="the token late expired on") as refused:
        admit(DOOR, (b"x-api-key", LATE))
    assert refused.value.code == "token_expired"


def test_tokens_of_any_gateway_never_travel_on():
    admitted = admit(OPEN, (b"authorization", b"Bearer " + OTHER), (b"x-api-key", b"sk-real"), query=b"key=" + MINE)
    assert admitted.holder is None
    assert admitted.headers == [(b"x-api-key", b"sk-real")]
    assert admitted.query == b""


def test_a_key_in_the_query_that_is_no_token_keeps_its_bytes():
    query = b"alt=sse&key=AIza%2D1&&x=%41&key=" + MINE.replace(b"-", b"%2d") + b"&empty="
    admitted = admit(DOOR, query=query)
    assert admitted.query == b"alt=sse&key=AIza%2D1&&x=%41&empty="
    assert admitted.holder == HOLDER


@pytest.mark.parametrize("name", [b"%6bey", b"k%65y", b"%6B%65%79"])
def test_a_token_whose_parameter_is_written_in_escapes_stays_here_too(name):
    assert admit(DOOR, query=b"a=1&" + name + b"=" + MINE).query == b"a=1"


def test_an_open_gateway_without_any_token_anywhere_changes_nothing():
    headers = [(b"authorization", b"Bearer x")]
    admitted = Access(None, frozenset()).admit(headers, {}, b"key=1")
    assert (admitted.headers, admitted.query, admitted.holder) == (headers, b"key=1", None)


@given(st.binary(max_size=40))
@settings(deadline=None, max_examples=200)
def test_any_bytes_are_a_candidate_and_none_of_them_breaks_it(value):
    bare(value)
    with pytest.raises(Refusal):
        admit(DOOR, (b"authorization", value), query=b"key=" + value)
