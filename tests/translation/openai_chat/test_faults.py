"""Errors, read from every provider's form, and raised by the official SDK from ours."""

import httpx2
import msgspec
import openai
import pytest

from gateway.conversation.answer import Fault
from gateway.translation.openai_chat import CODEC
from tests import corpus
from tests.translation.openai_chat.whole import recorded

BODIES = [
    (
        400,
        b'{"error":{"message":"no","type":"invalid_request_error","param":"stop","code":"bad"}}',
        Fault(400, "no", "invalid_request_error", "bad", "stop"),
    ),
    (400, b'{"code":"Client error","error":"no"}', Fault(400, "no", "", "Client error")),
    (429, b'{"error":{"code":429,"message":"slow"}}', Fault(429, "slow")),
    (400, b'[{"error":{"code":400,"message":"no","status":"INVALID_ARGUMENT"}}]', Fault(400, "no", "INVALID_ARGUMENT")),
    (401, b'{"detail":"Unauthorized"}', Fault(401, "Unauthorized")),
    (422, b'{"detail":[{"msg":"x"}]}', Fault(422, '[{"msg":"x"}]')),
    (
        401,
        b'{"object":"error","message":"no","type":"invalid","param":null,"code":"1000","request_id":"r"}',
        Fault(401, "no", "invalid", "1000", request_id="r"),
    ),
    (403, b'{"success":false,"errors":[{"code":10000,"message":"no"}]}', Fault(403, "no", "", "10000")),
    (500, b'{"error":"oh"}', Fault(500, "oh")),
    (
        400,
        b'{"error":{"message":"Provider returned error","code":400,"metadata":{"raw":"too long"}}}',
        Fault(400, "Provider returned error: too long"),
    ),
    (502, b"<html>bad gateway</html>", Fault(502, "<html>bad gateway</html>")),
    (503, b"", Fault(503, "The provider gave no reason.")),
    (500, b"5", Fault(500, "The provider gave no reason.")),
    (500, b"[]", Fault(500, "The provider gave no reason.")),
    (500, b'{"error":{"message":5,"type":[],"code":{}}}', Fault(500, '{"message":5,"type":[],"code":{}}')),
    (500, b"[" * 100_000, Fault(500, "[" * 2000)),
    (200, b'{"error":{"message":"slow","code":429}}', Fault(429, "slow")),
    (200, b'{"error":{"message":"no","code":"x","status_code":400}}', Fault(400, "no", "", "x")),
    (200, b'{"error":{"message":"no","type":"overloaded_error"}}', Fault(503, "no", "overloaded_error")),
    (200, b'{"error":{"message":"no"}}', Fault(502, "no")),
]


@pytest.mark.parametrize(("status", "body", "fault"), BODIES)
def test_every_form_of_error(status, body, fault):
    assert CODEC.read_fault(status, body) == fault


CLASSES = {
    400: openai.BadRequestError,
    401: openai.AuthenticationError,
    403: openai.PermissionDeniedError,
    404: openai.NotFoundError,
    409: openai.ConflictError,
    422: openai.UnprocessableEntityError,
    429: openai.RateLimitError,
    500: openai.InternalServerError,
    502: openai.InternalServerError,
    529: openai.InternalServerError,
}


def client(status, body, content_type="application/json"):
    """The official client, before a provider that answers all calls with this body."""

    def answer(_):
        return httpx2.Response(status, content=body, headers={"content-type": content_type})

    http = httpx2.Client(transport=httpx2.MockTransport(answer))
    return openai.OpenAI(api_key="k", base_url="http://x", http_client=http, max_retries=0)


@pytest.mark.parametrize("status", CLASSES)
def test_the_official_sdk_raises_its_class_with_the_message(status):
    fault = Fault(status, "It is so.", "RESOURCE_EXHAUSTED", param="stop")
    body = msgspec.json.encode(CODEC.write_fault(fault))
    with pytest.raises(CLASSES[status], match=r"It is so\.") as caught:
        client(status, body).chat.completions.create(model="m", messages=[])
    assert caught.value.code == "RESOURCE_EXHAUSTED"
    assert caught.value.param == "stop"
    assert caught.value.type.endswith("_error")


def test_an_error_of_this_dialect_is_the_same_when_it_is_written_again():
    fault = Fault(400, "no", "invalid_request_error", "bad", "stop")
    assert CODEC.read_fault(400, msgspec.json.encode(CODEC.write_fault(fault))) == fault


@corpus.present
def test_every_recorded_error_says_why():
    failures = [one for one in recorded() if one.status >= 400]
    assert len(failures) > 20
    for exchange in failures:
        fault = CODEC.read_fault(exchange.status, exchange.body)
        assert fault.status == exchange.status
        assert fault.message != "The provider gave no reason."
        assert fault.message.split(":")[0].encode()[:20] in exchange.body
