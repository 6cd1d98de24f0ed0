"""Calls: their ids and arguments."""

import pytest

from gateway.conversation.parts import ToolUse
from gateway.translation.gemini_generate.calls import Ledger, made_id, parsed, written_id


def test_an_id_is_the_same_for_the_same_place_and_another_elsewhere():
    assert made_id("answer", 0, 1) == made_id("answer", 0, 1)
    assert len({made_id("answer", 0, 1), made_id("answer", 0, 2), made_id("other", 0, 1)}) == 3
    assert len(made_id("\ud800")) < 30


def test_google_gets_back_its_own_ids_only():
    assert written_id(made_id("answer")) == {}
    assert written_id("") == {}
    assert written_id("toolu_1") == {"id": "toolu_1"}


@pytest.mark.parametrize(("text", "args"), [("", {}), (" ", {}), ("{}", {}), ('{"a":[1]}', {"a": [1]})])
def test_arguments_are_an_object(text, args):
    assert parsed(text) == args


@pytest.mark.parametrize("text", ["{", "[]", "3", "null", '"x"', "[" * 100_000])
def test_other_arguments_are_none(text):
    assert parsed(text) is None


def test_a_result_without_an_id_is_for_the_first_call_of_its_name_that_waits():
    ledger = Ledger()
    for id, name in (("1", "add"), ("2", "sub"), ("3", "add"), ("4", "add")):
        ledger.asked(ToolUse(id, name))
    assert ledger.answered("1", "") == ("1", "add")
    assert ledger.answered("", "add") == ("3", "add")
    assert ledger.answered("", "sub") == ("2", "sub")
    assert ledger.answered("", "add") == ("4", "add")
    assert ledger.answered("", "add") == ("", "add")
    assert ledger.answered("9", "other") == ("9", "other")
