"""Heads that were read before: only the same bytes mean the same."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.server.heads import LARGEST, MOST, Heads, facts

HEAD = b"POST /v1/a HTTP/1.1\r\nhost: x\r\nContent-Length: %d\r\nx-b: 1\r\n\r\n"
SCOPE = facts(b"POST", b"/v1/a", "1.1", [(b"host", b"x")])


def learnt(data):
    return Heads().learn(data, SCOPE)


def test_the_same_head_with_another_length_is_known_with_its_body():
    head = learnt(HEAD % 2 + b"{}")
    assert head.body(HEAD % 5 + b"hello") == b"hello"
    assert head.body(HEAD % 0) == b""


def test_a_head_without_a_body_is_known_only_whole():
    data = b"GET /v1/a HTTP/1.1\r\nhost: x\r\n\r\n"
    head = learnt(data)
    assert head.body(data) == b""
    assert head.body(data + b"x") is None
    assert head.body(data[:-1]) is None


@pytest.mark.parametrize(
    "data",
    [
        HEAD % 3 + b"{}",
        HEAD % 2 + b"{}x",
        (HEAD % 2)[:-10],
        (HEAD % 2).replace(b"x-b: 1", b"x-b: 2") + b"{}",
        (HEAD % 2).replace(b"POST", b"PUT ") + b"{}",
        (HEAD % 2).replace(b": 2\r", b": +2\r") + b"{}",
        (HEAD % 2).replace(b": 2\r", b": 2 \r") + b"{}",
        (HEAD % 2).replace(b": 2\r", b": 0x2\r") + b"{}",
        (HEAD % 2).replace(b": 2\r", b": \xc2\xb2\r") + b"{}",
        (HEAD % 2).replace(b": 2\r", b": \r") + b"{}",
        (HEAD % 2).replace(b": 2\r\n", b": 2\n") + b"{}",
        b"",
    ],
)
def test_anything_else_is_read_anew(data):
    assert learnt(HEAD % 2 + b"{}").body(data) is None


def test_a_length_that_is_written_in_an_odd_way_is_not_remembered():
    assert learnt((HEAD % 2).replace(b"Content-Length:", b"Content-Length:\x0b") + b"{}") is None


def test_a_head_that_is_long_or_not_whole_is_not_remembered():
    assert learnt(HEAD.replace(b"x-b: 1", b"x-b: " + b"1" * LARGEST) % 2 + b"{}") is None
    assert learnt((HEAD % 2)[:-2]) is None


def test_connections_share_what_is_remembered_and_its_memory_has_an_end():
    heads = Heads()
    first = heads.learn(HEAD % 2 + b"{}", SCOPE)
    assert heads.learn(HEAD % 3 + b"{ }", SCOPE) is first
    for number in range(2 * MOST):
        heads.learn(HEAD.replace(b"x-b: 1", b"x-b: %d" % number) % 2 + b"{}", SCOPE)
    assert len(heads.known) <= MOST


@given(st.binary(max_size=40), st.integers(0, 120), st.binary(max_size=3))
def test_whatever_differs_from_the_head_is_never_taken_for_it(body, at, other):
    data = HEAD % len(body) + body
    head = learnt(HEAD % 2 + b"{}")
    assert head.body(data) == body
    changed = data[:at] + other + data[at + len(other) :]
    found = head.body(changed)
    assert found is None or changed == HEAD % len(found) + found or changed[: len(head.before)] == head.before
