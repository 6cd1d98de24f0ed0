"""The body of a universal call: read strictly, and what is wrong is said with its place."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.call import Refusal
from gateway.policies.steps import MOST, read

STEP = {"provider": "openai", "endpoint": "chat/completions"}


def one(**fields):
    return read(json.dumps([STEP | fields]).encode())[0]


def refused(body):
    with pytest.raises(Refusal) as no:
        read(body if isinstance(body, bytes) else json.dumps(body).encode())
    assert no.value.status == 400
    return no.value.sentence


def test_a_step_is_read():
    step = one(
        headers={"Authorization": "Bearer sk", "Content-Type": "application/json; x=1", "cf-aig-cache-ttl": 60},
        query={"model": "m"},
        endpoint="/openai/chat?api-version=1&x=%2e%2e",
    )
    assert (step.provider, step.path, step.query) == (b"openai", b"openai/chat", b"api-version=1&x=%2e%2e")
    assert step.headers == [(b"authorization", b"Bearer sk"), (b"content-type", b"application/json; x=1")]
    assert (step.control, step.body) == ({b"cf-aig-cache-ttl": b"60"}, b'{"model": "m"}')


def test_one_object_is_one_step():
    assert len(read(json.dumps(STEP).encode())) == 1


def test_a_query_keeps_its_bytes_and_a_string_is_the_body_itself():
    assert read(b'[{"provider":"a","endpoint":"","query":{"b":1.10, "a":12345678901234567890}}]')[0].body == (
        b'{"b":1.10, "a":12345678901234567890}'
    )
    assert one(query="plain \u00e9 text").body == "plain \u00e9 text".encode()
    assert one().body == b""


def test_config_becomes_headers_and_headers_of_the_step_win():
    config = {"requestTimeout": 1000, "maxAttempts": 2, "retryDelay": 0, "backoff": "linear"}
    assert one(config=config, headers={"CF-AIG-Max-Attempts": "3"}).control == {
        b"cf-aig-request-timeout": b"1000",
        b"cf-aig-max-attempts": b"3",
        b"cf-aig-retry-delay": b"0",
        b"cf-aig-backoff": b"linear",
    }


def test_the_older_authorization_counts_where_headers_have_none():
    assert (b"authorization", b"Bearer a") in one(authorization="Bearer a").headers
    assert (b"authorization", b"b") in one(authorization="a", headers={"authorization": "b"}).headers


def test_objects_of_ours_are_json_and_switches_are_words():
    step = one(headers={"cf-aig-metadata": {"user": 1}, "cf-aig-skip-cache": True, "x-n": 2})
    assert step.control == {b"cf-aig-metadata": b'{"user":1}', b"cf-aig-skip-cache": b"true"}
    assert (b"x-n", b"2") in step.headers


def test_headers_of_the_connection_do_not_travel():
    names = ("host", "content-length", "connection", "transfer-encoding", "upgrade", "x-forwarded-for", "te", "expect")
    assert one(headers=dict.fromkeys(names, "x")).headers == [(b"content-type", b"application/json")]


@pytest.mark.parametrize(
    ("second", "sentence"),
    [
        ({"endpoint": "x"}, "[1]: Object missing required field `provider`."),
        ({"provider": 1, "endpoint": "x"}, "[1].provider: Expected `str`, got `int`."),
        (STEP | {"extra": 1}, "[1]: Object contains unknown field `extra`."),
        (STEP | {"config": {"maxAttempts": 6}}, "[1].config.maxAttempts: Expected `int` <= 5."),
        (STEP | {"config": {"requestTimeout": 0}}, "[1].config.requestTimeout: Expected `int` >= 1."),
        (STEP | {"config": {"backoff": "no"}}, "[1].config.backoff: Invalid enum value 'no'."),
        (STEP | {"headers": {"x": None}}, "[1].headers.x: expected text."),
        (STEP | {"headers": {"x": {"a": 1}}}, "[1].headers.x: expected text."),
        (STEP | {"headers": {"x y": "1"}}, "[1].headers: a name holds a character that no header's name can."),
        (STEP | {"headers": {"x": "a\r\ny: b"}}, "[1].headers.x: it holds a line break"),
        (STEP | {"headers": {"x": "1", "X": "2"}}, "[1].headers.X: given twice"),
        (STEP | {"authorization": "a\nb"}, "[1].authorization: it holds a line break"),
        (STEP | {"endpoint": "a/../b"}, "[1].endpoint: it holds a dot segment"),
        (STEP | {"endpoint": "a/%2e%2E/b"}, "[1].endpoint: it holds a dot segment"),
        (STEP | {"endpoint": "a b"}, "[1].endpoint: it holds a dot segment"),
        (STEP | {"endpoint": "a\\b"}, "[1].endpoint: it holds a dot segment"),
        (STEP | {"endpoint": "a?b#c"}, "[1].endpoint: it holds a dot segment"),
        (STEP | {"endpoint": "a?b c"}, "[1].endpoint: it holds a dot segment"),
        (STEP | {"endpoint": "\u00e9"}, "[1].endpoint: percent-encode"),
    ],
)
def test_what_is_wrong_is_said_with_its_place(second, sentence):
    assert refused([STEP, second]).startswith(sentence)


@pytest.mark.parametrize(
    "body", [b"", b"[]", b"null", b"[1]", b"{", b"[" * 5000, b"\xff", b'"x"', b'[{"provider":"\xff"}]']
)
def test_nonsense_is_refused(body):
    assert refused(body)


def test_no_sentence_repeats_a_secret():
    assert "sk-secret" not in refused(
        [STEP | {"headers": {"authorization": "sk-secret\n"}, "authorization": "sk-secret\n"}, 1]
    )
    assert "sk-secret" not in refused([STEP | {"headers": {"authorization": "sk-\nsecret"}}])


def test_there_are_bounds():
    assert len(read(json.dumps([STEP] * MOST).encode())) == MOST
    assert refused([STEP] * (MOST + 1)) == f"A universal call has 1 to {MOST} steps."
    assert refused([STEP | {"headers": {f"x{number}": "1" for number in range(101)}}]).startswith("[0].headers")


FIELDS = st.sampled_from(("provider", "endpoint", "headers", "authorization", "query", "config", "x"))


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(FIELDS, inner),
    )
)
def test_anything_is_read_or_refused(value):
    found = None
    try:
        read(json.dumps(value).encode())
    except Refusal as no:
        found = no
    assert found is None or (found.status == 400 and "\n" not in found.sentence)
