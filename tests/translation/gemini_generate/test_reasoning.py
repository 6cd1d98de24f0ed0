"""How much to think, for each generation of models."""

import pytest

from gateway.conversation.request import Reasoning
from tests.translation.gemini_generate.asking import hello, write

PRO_3, FLASH_3 = "gemini-3.1-pro-preview", "gemini-3-flash-preview"
PRO_25, FLASH_25, OLD, LATEST = "gemini-2.5-pro", "gemini-2.5-flash", "gemini-2.0-flash", "gemini-flash-latest"


def thinking(model, dialect="openai_chat", **asked):
    written, losses = write(hello(model=model, dialect=dialect, reasoning=Reasoning(**asked)))
    return written.body.get("generationConfig", {}).get("thinkingConfig"), losses.refused


@pytest.mark.parametrize(
    ("model", "effort", "config"),
    [
        (PRO_3, "minimal", {"thinkingLevel": "LOW"}),
        (PRO_3, "medium", {"thinkingLevel": "MEDIUM"}),
        (FLASH_3, "minimal", {"thinkingLevel": "MINIMAL"}),
        (FLASH_3, "low", {"thinkingLevel": "LOW"}),
        (FLASH_3, "high", {"thinkingLevel": "HIGH"}),
        (FLASH_3, "max", {"thinkingLevel": "HIGH"}),
        (PRO_25, "low", {"thinkingBudget": 1024}),
        (PRO_25, "high", {"thinkingBudget": 24576}),
        (PRO_25, "max", {"thinkingBudget": 32768}),
        (FLASH_25, "minimal", {"thinkingBudget": 1024}),
        (FLASH_25, "medium", {"thinkingBudget": 8192}),
        (FLASH_25, "xhigh", {"thinkingBudget": 24576}),
        (FLASH_25, "none", {"thinkingBudget": 0}),
        (LATEST, "medium", {"thinkingBudget": 8192}),
        (OLD, "none", None),
    ],
)
def test_efforts(model, effort, config):
    assert thinking(model, effort=effort) == (config, [])


@pytest.mark.parametrize(
    ("model", "asked", "lost"),
    [
        (PRO_3, {"effort": "none"}, "reasoning.effort"),
        (FLASH_3, {"effort": "none"}, "reasoning.effort"),
        (PRO_25, {"effort": "none"}, "reasoning.effort"),
        (OLD, {"effort": "low"}, "reasoning.effort"),
        (OLD, {"budget": 100}, "reasoning.budget"),
        (PRO_25, {"budget": 0}, "reasoning.budget"),
        (FLASH_3, {"budget": 0}, "reasoning.budget"),
        (OLD, {"show": True}, "reasoning.show"),
        (OLD, {"adaptive": True}, "reasoning.adaptive"),
    ],
)
def test_what_a_model_cannot_do_is_lost(model, asked, lost):
    assert thinking(model, **asked) == (None, [lost])


@pytest.mark.parametrize(
    ("model", "asked", "config"),
    [
        (FLASH_25, {"budget": 512}, {"thinkingBudget": 512}),
        (PRO_3, {"budget": 512}, {"thinkingBudget": 512}),
        (FLASH_25, {"budget": 64000}, {"thinkingBudget": 24576}),
        (PRO_25, {"budget": 64000}, {"thinkingBudget": 32768}),
        (LATEST, {"budget": 64000}, {"thinkingBudget": 64000}),
        (FLASH_25, {"budget": 0}, {"thinkingBudget": 0}),
        (FLASH_25, {"budget": -1, "show": True}, {"includeThoughts": True, "thinkingBudget": -1}),
        (FLASH_25, {"adaptive": True}, {"thinkingBudget": -1}),
        (FLASH_25, {"adaptive": True, "effort": "low"}, {"thinkingBudget": 1024}),
        (PRO_3, {"adaptive": True, "show": False}, {"includeThoughts": False}),
        (OLD, {"budget": 0}, None),
        (OLD, {"show": False}, None),
    ],
)
def test_budgets(model, asked, config):
    assert thinking(model, **asked) == (config, [])


def test_a_level_and_a_budget_exclude_one_another():
    assert thinking(PRO_3, effort="low", budget=512) == ({"thinkingLevel": "LOW"}, ["reasoning.budget"])
    assert thinking(FLASH_25, effort="low", budget=512) == ({"thinkingBudget": 512}, [])


def test_a_client_of_this_dialect_gets_what_it_asked_for():
    asked = {"effort": "xhigh", "budget": 512, "show": True}
    config = {"includeThoughts": True, "thinkingLevel": "XHIGH", "thinkingBudget": 512}
    assert thinking(OLD, "gemini_generate", **asked) == (config, [])
