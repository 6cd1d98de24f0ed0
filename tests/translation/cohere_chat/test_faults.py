"""Errors of Cohere, and of what stands before it."""

import pytest

from gateway.conversation.answer import Fault
from gateway.translation.cohere_chat import CODEC


def test_the_message_and_the_id():
    assert CODEC.read_fault(400, b'{"id":"x","message":"invalid request: no model"}') == Fault(
        400, "invalid request: no model", request_id="x"
    )


def test_an_error_in_other_clothes():
    assert CODEC.read_fault(401, b'{"error":{"message":"no","type":"auth"}}') == Fault(401, "no", "auth")
    assert CODEC.read_fault(429, b'{"error":"slow down"}') == Fault(429, "slow down")


@pytest.mark.parametrize("body", [b"", b"<html>Bad gateway</html>", b"\xff", b"[]", b'{"message":7}', b"[" * 9999])
def test_any_other_body_still_is_an_error(body):
    fault = CODEC.read_fault(503, body)
    assert fault.status == 503
    assert fault.message
