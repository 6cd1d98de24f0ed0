"""The error codes that answers give, whatever their status."""

import json

import pytest

from gateway.call import Usage
from gateway.wire.aws_event_stream import encode
from tests.dialects.answers import SSE, STREAM, events, read


@pytest.mark.parametrize(
    ("document", "code"),
    [
        ({"error": {"code": "server_error", "message": "x"}}, "server_error"),
        ({"error": {"code": 502, "message": "x"}}, "502"),
        ({"error": {"code": 429, "type": "rate_limit"}}, "rate_limit"),
        ({"error": {"code": None, "type": None, "message": "x"}}, "error"),
        ({"error": "out of memory"}, "error"),
        ({"error": 5}, ""),
        ({"error": None}, ""),
    ],
)
def test_an_error_inside_a_200_is_reported(document, code):
    assert read("openai_chat", json.dumps(document).encode()).error == code
    assert read("openai_chat", events(*STREAM[:2], document), SSE).error == code
    assert read("openai_chat", events(*STREAM[:2] * 500, document) + b"data: [DONE]\n\n", SSE).error == code


def test_an_error_event_of_each_kind_of_stream_is_reported():
    anthropic = {"type": "error", "error": {"type": "overloaded_error", "message": "x"}}
    assert read("anthropic_messages", b"event: error\n" + events(anthropic), SSE).error == "overloaded_error"
    plain = {"type": "error", "code": "rate_limit_exceeded", "message": "x"}
    assert read("openai_responses", events({"type": "a"}, {"type": "b"}, plain), SSE).error == "rate_limit_exceeded"
    failed = {"type": "response.failed", "response": {"id": "r", "status": "failed", "error": {"code": "server_error"}}}
    assert read("openai_responses", events({"type": "a"}, {"type": "b"}, failed), SSE).error == "server_error"
    google = {"error": {"code": 503, "status": "UNAVAILABLE"}}
    assert read("gemini_generate", events(google), SSE).error == "UNAVAILABLE"
    aws = encode({":message-type": "exception", ":exception-type": "throttlingException"}, b'{"message":"x"}')
    assert read("bedrock_converse", aws, b"application/vnd.amazon.eventstream").error == "throttlingException"


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b'{"error":{"code":"model_not_found","type":"invalid_request_error"}}', "model_not_found"),
        (b'[{"error":{"code":400,"status":"INVALID_ARGUMENT"}}]', "INVALID_ARGUMENT"),
        (b'{"type":"error","error":{"type":"not_found_error"}}', "not_found_error"),
        (b'{"code":"invalid-argument","error":"some prose"}', "invalid-argument"),
        (b'{"__type":"com.amazon#ThrottlingException"}', "ThrottlingException"),
        (b'{"success":false,"errors":[{"code":7003,"message":"x"}]}', "7003"),
        (b'{"error":"overloaded","error_type":"overloaded"}', "overloaded"),
        (b'{"error":"prose"}', ""),
        (b"<html>Bad gateway</html>", ""),
        (b"", ""),
        (b'data: {"error":{"code":"in_a_stream"}}\n\n', "in_a_stream"),
    ],
)
@pytest.mark.parametrize("dialect", ["openai_chat", "gemini_generate", ""])
def test_a_failure_has_its_code_and_no_usage(dialect, body, code):
    if not dialect and body.startswith(b"data"):
        return
    answer = read(dialect, body, b"", status=400, stream=True)
    assert (answer.error, answer.usage) == (code, None)


def test_bedrocks_headers_stand_in_where_the_body_counts_nothing():
    headers = [
        (b"x-amzn-bedrock-input-token-count", b"3"),
        (b"x-amzn-bedrock-output-token-count", b"4"),
        (b"x-amzn-bedrock-cache-read-input-token-count", b"100"),
    ]
    assert read("bedrock_invoke", b'{"outputs":[]}', headers=headers).usage == Usage(103, 4, 107, 100)
    own = b'{"usage":{"input_tokens":1,"output_tokens":2}}'
    assert read("bedrock_invoke", own, headers=headers).usage == Usage(1, 2, 3)
    wrong = [
        (b"x-amzn-errortype", b"ValidationException:http://internal"),
        (b"x-amzn-bedrock-input-token-count", b"-1"),
    ]
    failed = read("bedrock_invoke", b'{"message":"x"}', status=400, headers=wrong)
    assert (failed.error, failed.usage) == ("ValidationException", None)
