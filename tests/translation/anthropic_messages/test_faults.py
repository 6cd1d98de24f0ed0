import json

import anthropic
import httpx2
import pytest

from gateway.conversation.answer import Fault
from gateway.translation.anthropic_messages import CODEC
from gateway.translation.anthropic_messages.faults import streamed_fault, thrown
from tests import corpus
from tests.translation.anthropic_messages.recorded import exchanges

ANTHROPIC = b'{"type":"error","error":{"type":"not_found_error","message":"model: x"},"request_id":"req_1"}'
VERTEX = b'{"error":{"code":429,"message":"Quota.","status":"RESOURCE_EXHAUSTED"}}'


@pytest.mark.parametrize(
    ("status", "body", "fault"),
    [
        (404, ANTHROPIC, Fault(404, "model: x", "not_found_error", request_id="req_1")),
        (429, VERTEX, Fault(429, "Quota.", "RESOURCE_EXHAUSTED", "429")),
        (429, b"[" + VERTEX + b"]", Fault(429, "Quota.", "RESOURCE_EXHAUSTED", "429")),
        (403, b'{"message":"No access."}', Fault(403, "No access.")),
        (400, b'{"Message":"Bad.","__type":"x#ValidationException"}', Fault(400, "Bad.", "ValidationException")),
        (502, b"<html>Bad gateway</html>", Fault(502, "<html>Bad gateway</html>")),
        (500, b"", Fault(500, "HTTP status 500")),
        (500, b'{"error":"Oops"}', Fault(500, "Oops")),
        (500, b"[]", Fault(500, "[]")),
        (500, b"[" * 5000, Fault(500, "[" * 2000)),
        (500, b'{"error":{"message":5,"type":[],"code":null}}', Fault(500, "HTTP status 500")),
        (500, b"\xff\xfe", Fault(500, "\ufffd\ufffd")),
    ],
)
def test_any_body_is_a_fault(status, body, fault):
    assert CODEC.read_fault(status, body) == fault


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (400, anthropic.BadRequestError),
        (401, anthropic.AuthenticationError),
        (403, anthropic.PermissionDeniedError),
        (404, anthropic.NotFoundError),
        (413, anthropic.RequestTooLargeError),
        (429, anthropic.RateLimitError),
        (500, anthropic.InternalServerError),
        (503, anthropic.ServiceUnavailableError),
        (504, anthropic.DeadlineExceededError),
        (529, anthropic.OverloadedError),
    ],
)
def test_the_sdk_raises_from_what_is_written(status, error):
    body = CODEC.write_fault(Fault(status, "Because.", "THE_PROVIDERS_WORD", request_id="req_9"))
    transport = httpx2.MockTransport(lambda request: httpx2.Response(status, json=body))
    client = anthropic.Anthropic(api_key="k", max_retries=0, http_client=httpx2.Client(transport=transport))
    with pytest.raises(error, match="Because") as raised:
        client.messages.create(model="m", max_tokens=1, messages=[{"role": "user", "content": "Hi"}])
    assert raised.value.body == body
    assert body["request_id"] == "req_9"


def test_an_error_in_mid_stream_has_the_status_it_would_have_had():
    assert streamed_fault({"type": "error", "error": {"type": "overloaded_error", "message": "Busy"}}).status == 529
    assert streamed_fault({"error": {"code": 429, "message": "Quota"}}).status == 429
    assert streamed_fault({"error": {"code": 7, "message": "?"}}).status == 502
    assert streamed_fault({"error": {"code": "99999999", "message": "?"}}).status == 502


def test_an_exception_of_awss_framing_has_its_status_and_name():
    assert thrown(b"throttlingException", b'{"message":"Slow down"}') == Fault(429, "Slow down", "ThrottlingException")
    assert thrown(b"modelStreamErrorException", b"{}").status == 424
    assert thrown(b"someNewException", b"not json").status == 502


@corpus.present
def test_every_recorded_error_is_read_and_written_back():
    failed = [one for one in exchanges() if one.status != 200]
    assert len(failed) >= 10
    for one in failed:
        said = json.loads(one.body)
        fault = CODEC.read_fault(one.status, one.body)
        assert (fault.message, fault.kind) == (said["error"]["message"], said["error"]["type"])
        assert CODEC.write_fault(fault) == {"type": "error", **said}
