import base64
import json

import pytest

from gateway.call import Refusal
from gateway.translation.anthropic_messages.wrapped import for_bedrock, for_vertex, unwrapped
from tests import corpus
from tests.translation.anthropic_messages.recorded import exchanges

BODY = {"model": "claude-sonnet-4-5", "max_tokens": 5, "stream": True, "messages": []}
HEADERS = [(b"anthropic-version", b"2023-06-01"), (b"anthropic-beta", b"a, b"), (b"x-app", b"cli")]


def test_vertex_wants_its_version_the_betas_in_their_header_and_no_model():
    wrapped = for_vertex(BODY, HEADERS)
    assert wrapped.body == {
        "max_tokens": 5,
        "stream": True,
        "messages": [],
        "anthropic_version": "vertex-2023-10-16",
    }
    assert (wrapped.model, wrapped.stream) == ("claude-sonnet-4-5", True)
    assert wrapped.headers == [(b"x-app", b"cli"), (b"anthropic-beta", b"a,b")]


def test_bedrock_wants_its_version_the_betas_in_the_body_and_neither_model_nor_stream():
    wrapped = for_bedrock(BODY, HEADERS)
    assert wrapped.body == {
        "max_tokens": 5,
        "messages": [],
        "anthropic_version": "bedrock-2023-05-31",
        "anthropic_beta": ["a", "b"],
    }
    assert (wrapped.model, wrapped.stream) == ("claude-sonnet-4-5", True)
    assert wrapped.headers == [(b"x-app", b"cli")]


def test_the_clients_body_stays_as_it_was_and_may_be_bytes():
    before = json.dumps(BODY)
    assert for_bedrock(before.encode(), []).body == for_bedrock(BODY, []).body
    assert json.dumps(BODY) == before
    assert not for_vertex({"model": "m"}, []).stream


def test_betas_in_the_body_go_with_those_of_the_header_once():
    given = {**BODY, "betas": ["b", "c"], "anthropic_beta": ["d", 5]}
    assert for_bedrock(given, HEADERS).body["anthropic_beta"] == ["a", "b", "d", "c"]
    assert for_vertex(given, HEADERS).headers[-1] == (b"anthropic-beta", b"a,b,d,c")
    assert "betas" not in for_vertex(given, []).body


@pytest.mark.parametrize("body", [b"{", b"[]", {}, {"model": 5}, {**BODY, "stream": "x"}, {**BODY, "betas": "x"}])
def test_a_body_that_is_no_request_is_refused(body):
    for wrap in (for_vertex, for_bedrock):
        with pytest.raises(Refusal):
            wrap(body, [])


def test_an_event_in_bedrocks_frames_is_base64():
    event = b'{"type":"ping"}'
    assert unwrapped(json.dumps({"bytes": base64.b64encode(event).decode(), "p": "abc"}).encode()) == event
    assert unwrapped(event) == event
    with pytest.raises(ValueError):
        unwrapped(b'{"bytes":"%%%"}')


@corpus.present
def test_recorded_requests_to_both_are_what_comes_out():
    seen = 0
    for one in exchanges():
        wrap = {"vertex": for_vertex, "bedrock": for_bedrock}.get(one.provider)
        if wrap is not None:
            body = json.loads(one.request_body)
            without = {name: value for name, value in body.items() if name != "anthropic_version"}
            wrapped = wrap({**without, "model": "m", "stream": one.stream}, [])
            assert {"stream": one.stream, **wrapped.body} == {"stream": one.stream, **body}
            seen += 1
    assert seen >= 28
