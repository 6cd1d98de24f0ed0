"""A unified call made one of its provider's own."""

import pytest

from gateway.call import Refusal
from gateway.compat.aim import at, spoken, strict
from tests.compat.scripted import REACH, UNIFIED, unified


def test_the_clients_own_dialect_is_spoken_where_the_provider_has_it():
    openrouter = REACH["openrouter"]
    for dialect in ("openai_chat", "openai_responses", "anthropic_messages"):
        assert spoken(openrouter, "m", dialect).dialect == dialect
    assert spoken(openrouter, "m", "gemini_generate").dialect == "openai_chat"


def test_a_provider_that_speaks_nothing_of_the_kind_is_refused():
    with pytest.raises(Refusal) as refused:
        spoken(REACH["deepgram"], "m", "openai_chat")
    assert (refused.value.status, refused.value.number, refused.value.code) == (400, 2110, "unsupported_endpoint")


def test_the_call_is_the_providers_and_its_record_and_endings_stay():
    call = UNIFIED.resolved(unified(b"messages", b'{"model": "groq/m"}', b"x=1"))
    made = at(call, REACH["groq"], (b"chat/completions", b"y=2"), ([], b'{"model": "m", "stream": true}'))
    assert (made.path, made.query, made.form, made.method) == (b"chat/completions", b"y=2", "", "POST")
    assert (made.asked.dialect, made.asked.model, made.asked.stream) == ("openai_chat", "m", True)
    assert made.record is call.record
    assert made.endings is call.endings


def test_losses_are_refused_unless_the_client_says_otherwise():
    assert strict(unified()) is strict(unified(cf_aig_strict=b"true")) is True
    assert strict(unified(cf_aig_strict=b" False ")) is False
    with pytest.raises(Refusal):
        strict(unified(cf_aig_strict=b"0"))
