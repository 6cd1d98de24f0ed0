"""Errors, read and written."""

import json

import pytest
from google.genai import errors

from gateway.conversation.answer import Fault
from gateway.translation.gemini_generate.faults import HTTP, fault_of, read_fault, write_fault

ERROR = {
    "code": 400,
    "message": "API key not valid.",
    "status": "INVALID_ARGUMENT",
    "details": [
        {"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": "API_KEY_INVALID"},
        {"@type": "type.googleapis.com/google.rpc.BadRequest", "fieldViolations": [{"field": "contents"}]},
    ],
}


@pytest.mark.parametrize("said", [{"error": ERROR}, [{"error": ERROR}]])
def test_an_error_is_read(said):
    expected = Fault(400, "API key not valid.", "INVALID_ARGUMENT", "API_KEY_INVALID", "contents")
    assert read_fault(400, json.dumps(said).encode()) == expected


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b"<html>Bad</html>", "<html>Bad</html>"),
        (b"", "The provider answered with status 502."),
        (b"\xff", "\ufffd"),
        (b"[]", "[]"),
        (b"3", "3"),
        (b"[" * 100_000, "[" * 2000),
        (b'{"error": "No."}', "No."),
        (b'{"error": {"message": 3}}', "The provider answered with an error."),
        (b'{"error": {"status": "UNAVAILABLE", "details": [3, {"fieldViolations": 3}]}}', "UNAVAILABLE"),
    ],
)
def test_any_body_is_an_error(body, message):
    fault = read_fault(502, body)
    assert (fault.status, fault.message) == (502, message)


@pytest.mark.parametrize(
    ("error", "status"),
    [
        ({"code": 503, "status": "UNAVAILABLE"}, 503),
        ({"status": "RESOURCE_EXHAUSTED"}, 429),
        ({"code": 14}, 502),
        ({"code": True}, 502),
        ("No.", 502),
    ],
)
def test_in_mid_stream_the_error_says_its_status(error, status):
    assert fault_of(error).status == status


@pytest.mark.parametrize("status", [400, 401, 402, 403, 404, 408, 409, 413, 429, 499, 500, 501, 502, 503, 504, 529])
def test_an_error_is_written_in_words_of_google_rpc(status):
    error = write_fault(Fault(status, "No.", "overloaded_error", code="x"))["error"]
    assert (error["code"], error["message"]) == (status, "No.")
    assert error["status"] in HTTP
    assert "details" not in error


def test_googles_own_word_is_kept():
    written = write_fault(Fault(400, "No.", "FAILED_PRECONDITION", code="BILLING"))
    assert written["error"]["status"] == "FAILED_PRECONDITION"
    assert fault_of(written["error"]) == Fault(400, "No.", "FAILED_PRECONDITION", "BILLING")


def test_the_sdk_raises_it():
    written = write_fault(Fault(429, "Slow down."))
    raised = errors.ClientError(429, written)
    assert (raised.code, raised.message, raised.status) == (429, "Slow down.", "RESOURCE_EXHAUSTED")
