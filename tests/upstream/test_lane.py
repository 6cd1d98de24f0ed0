import pytest

from gateway.call import Refusal
from tests.upstream.calls import PATIENT, call, lane, provider, ring, with_headers

OPENAI = provider("http://127.0.0.1:9/v1")
STORED = ring(OPENAI, "sk-stored")


def test_a_lane_without_stored_keys_sends_what_the_client_sent():
    one = lane(OPENAI, None)
    assert one.ring(call()) is one.own


def test_an_alias_without_stored_keys_is_refused():
    with pytest.raises(Refusal, match="Configured aliases: none"):
        lane(OPENAI, None).ring(call(cf_aig_byok_alias=b"batch"))


def test_a_clients_key_is_recognised_and_preferred():
    one = lane(OPENAI, None, {"default": STORED})
    assert one.ring(call()) is STORED
    assert one.ring(with_headers(call(), (b"authorization", b"Bearer sk-own"))) is one.own


def test_a_call_may_ask_for_a_first_byte_sooner_or_later():
    one = lane(OPENAI, None)
    assert one.deadlines(call()) == PATIENT
    assert one.deadlines(call(cf_aig_request_timeout=b"250")) == PATIENT | {"first_byte": 0.25}
    with pytest.raises(Refusal):
        one.deadlines(call(cf_aig_request_timeout=b"soon"))
