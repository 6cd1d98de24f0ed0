"""Errors of Bedrock, and of what stands before it."""

import pytest

from gateway.conversation.answer import Fault
from gateway.translation.bedrock_converse import CODEC
from gateway.translation.bedrock_converse.faults import STATUSES
from tests.translation.bedrock_converse.shapes import model


@pytest.mark.parametrize("capital", ["message", "Message"])
def test_the_message_is_read_however_it_is_written(capital):
    body = f'{{"{capital}":"The model is busy."}}'.encode()
    assert CODEC.read_fault(429, body) == Fault(429, "The model is busy.", "ThrottlingException")


def test_a_type_in_the_body_is_surer_than_the_status():
    body = b'{"__type":"com.amazon.coral.service#UnrecognizedClientException","message":"Bad token."}'
    assert CODEC.read_fault(403, body).kind == "UnrecognizedClientException"


@pytest.mark.parametrize(
    "body", [b"", b"<html>Bad gateway</html>", b"\xff", b"[]", b"3", b'{"message":7}', b"[" * 9999]
)
def test_any_other_body_still_is_an_error(body):
    fault = CODEC.read_fault(503, body)
    assert fault.status == 503
    assert fault.message
    assert fault.kind == "ServiceUnavailableException"


def test_exceptions_have_the_statuses_that_botocore_knows():
    for name, status in STATUSES.items():
        shape = model().shape_for(name[:1].upper() + name[1:])
        assert shape.metadata["error"]["httpStatusCode"] == status
