"""The form of an answer and the thinking before it."""

import pytest

from gateway.conversation.request import Format, Reasoning
from gateway.translation.openai_responses.formats import (
    read_format,
    read_reasoning,
    write_format,
    write_reasoning,
)
from gateway.translation.openai_responses.own import SummedUp

ALL = {"reasoning.effort", "reasoning.budget", "reasoning.adaptive", "reasoning.show"}


@pytest.mark.parametrize(
    "form",
    [
        {"type": "json_object"},
        {"type": "json_schema", "name": "n", "schema": {"type": "object"}},
        {"type": "json_schema", "name": "n", "schema": {}, "description": "d", "strict": False},
    ],
)
def test_a_format_comes_back(form):
    found = read_format({"format": form})
    assert write_format(found, found.strict) == form


def test_a_schema_without_a_name_gets_one():
    assert write_format(Format("schema", {"type": "object"}), None)["name"] == "answer"


@pytest.mark.parametrize(
    "reasoning",
    [{}, {"effort": "minimal"}, {"effort": "xhigh", "summary": "auto"}, {"summary": "detailed"}, {"effort": "none"}],
)
def test_a_wish_for_thinking_comes_back(reasoning):
    wish = read_reasoning(reasoning)
    assert (write_reasoning(wish, ALL) if wish else {}) == reasoning


def test_no_wish_is_none():
    assert read_reasoning({"effort": None, "summary": None}) is None


def test_an_effort_goes_before_a_budget_and_hidden_thoughts_are_not_asked_for():
    assert write_reasoning(Reasoning("low", budget=50_000, show=False), ALL) == {"effort": "low"}
    assert write_reasoning(SummedUp("low", show=True, summary="concise"), {"reasoning.show"}) == {"summary": "concise"}
