"""Errors of providers, and the form in which a client's SDK raises them."""

import json

import httpx
import openai
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.conversation.answer import Fault
from gateway.translation.openai_responses.faults import fault_in, read_fault, write_fault


@pytest.mark.parametrize(
    ("body", "message", "kind", "code"),
    [
        (b'{"error":{"message":"No.","type":"t","code":"c","param":"p"}}', "No.", "t", "c"),
        (b'{"error":{"message":"No.","type":"t","code":null}}', "No.", "t", ""),
        (b'{"code":"invalid-argument","error":"No key."}', "No key.", "", "invalid-argument"),
        (b'{"message":"No."}', "No.", "", ""),
        (b'{"detail":"No."}', "No.", "", ""),
        (b'{"error":{"code":429}}', "Bad Gateway", "", "429"),
        (b"<html>Oops</html>", "<html>Oops</html>", "", ""),
        (b"", "Bad Gateway", "", ""),
        (b"[]", "[]", "", ""),
        (b"\xff\xfe", "\ufffd\ufffd", "", ""),
        (b"[" * 100_000, "[" * 2000, "", ""),
    ],
)
def test_an_errors_body_is_read_whatever_it_is(body, message, kind, code):
    fault = read_fault(502, body)
    assert (fault.status, fault.message, fault.kind, fault.code) == (502, message, kind, code)


def test_an_unknown_status_has_a_name_too():
    assert read_fault(599, b"").message == "status 599"


@pytest.mark.parametrize(
    ("said", "status"),
    [
        ({"code": "rate_limit_exceeded", "message": "Slow down"}, 429),
        ({"code": "server_error", "message": "Oops"}, 500),
        ({"code": "invalid_image_url", "message": "Oops"}, 400),
        ({"code": "429", "message": "Oops"}, 429),
        ({"error": {"type": "invalid_request_error", "message": "Oops"}}, 400),
        ({"error": {"code": "never_seen", "message": "Oops"}}, 500),
    ],
)
def test_an_error_in_a_stream_has_the_status_it_would_have_had(said, status):
    assert fault_in(said).status == status


@given(
    st.binary(max_size=40)
    | st.dictionaries(
        st.sampled_from(["error", "code", "message"]), st.none() | st.integers() | st.text(max_size=3)
    ).map(lambda d: json.dumps(d).encode())
)
def test_reading_an_error_never_raises(body):
    assert read_fault(400, body).status == 400


def test_the_sdk_raises_from_what_is_written():
    fault = Fault(429, "Slow down", "RESOURCE_EXHAUSTED", "quota", "model")
    answer = httpx.Response(fault.status, json=write_fault(fault))
    transport = httpx.MockTransport(lambda _: answer)
    sdk = openai.OpenAI(api_key="k", http_client=httpx.Client(transport=transport), max_retries=0)
    with sdk, pytest.raises(openai.RateLimitError) as raised:
        sdk.responses.create(model="m", input="Hi")
    assert (raised.value.code, raised.value.type, raised.value.param) == ("quota", "RESOURCE_EXHAUSTED", "model")
    assert raised.value.body["message"] == "Slow down"


def test_an_error_without_a_type_gets_this_dialects_word_for_its_status():
    assert write_fault(Fault(503, "Busy"))["error"] == {
        "message": "Busy",
        "type": "overloaded_error",
        "param": None,
        "code": None,
    }
