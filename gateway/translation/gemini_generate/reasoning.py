"""How much to think, in the words of each generation of models (ai.google.dev/gemini-api/docs/openai and /thinking)."""

from typing import Final

from gateway.conversation.request import Effort, Reasoning
from gateway.translation.codec import Json
from gateway.translation.gemini_generate.models import generation
from gateway.translation.gemini_generate.outgoing import Outgoing

LEVELS: Final[dict[Effort, str]] = {
    "minimal": "MINIMAL",
    "low": "LOW",
    "medium": "MEDIUM",
    "high": "HIGH",
    "xhigh": "HIGH",
    "max": "HIGH",
}
BUDGETS: Final[dict[Effort, int]] = {"none": 0, "minimal": 1024, "low": 1024, "medium": 8192, "high": 24576}
"""Tokens, as Google's own OpenAI-compatible endpoint has them."""

MOST: Final = 24576
MOST_PRO: Final = 32768
"""The largest budgets that models take."""


def write_reasoning(asked: Reasoning, out: Outgoing) -> Json:
    """The thinkingConfig; empty where there is nothing to say."""
    config: Json = {}
    if asked.show is not None and _thinks(out, "reasoning.show", quiet=not asked.show):
        config["includeThoughts"] = asked.show
    if asked.effort is not None and _thinks(out, "reasoning.effort", quiet=asked.effort == "none"):
        config.update(_effort(asked.effort, out))
    if asked.budget is not None and _thinks(out, "reasoning.budget", quiet=asked.budget == 0):
        _budget(asked.budget, config, out)
    if asked.adaptive and _thinks(out, "reasoning.adaptive", quiet=False) and generation(out.model) != "3":
        config.setdefault("thinkingBudget", -1)
    return config


def _thinks(out: Outgoing, name: str, *, quiet: bool) -> bool:
    """Whether the model can be asked for it; `quiet` where a model that never thinks does so anyway."""
    if not out.allows(name):
        return False
    if out.own or generation(out.model) != "old":
        return True
    if not quiet:
        out.losses.lose(name)
    return False


def _effort(effort: Effort, out: Outgoing) -> Json:
    """An effort as a level, or as a budget for models that know none."""
    if out.own:
        return {"thinkingLevel": effort.upper()}
    if effort == "none" and _always(out.model):
        out.losses.lose("reasoning.effort")
        return {}
    if generation(out.model) == "3":
        return {"thinkingLevel": "LOW" if effort == "minimal" and "-pro" in out.model else LEVELS[effort]}
    return {"thinkingBudget": BUDGETS.get(effort, _most(out.model))}


def _always(model: str) -> bool:
    """Whether a model cannot but think."""
    return generation(model) == "3" or (generation(model) == "2.5" and "-pro" in model)


def _most(model: str) -> int:
    """The largest budget that a model takes."""
    return MOST_PRO if "-pro" in model else MOST


def _budget(budget: int, config: Json, out: Outgoing) -> None:
    """A budget beside or instead of an effort; Google refuses both at once, so that the level stays."""
    if not out.own:
        if "thinkingLevel" in config or (budget == 0 and _always(out.model)):
            out.losses.lose("reasoning.budget")
            return
        if generation(out.model) != "unknown":
            budget = min(budget, _most(out.model))
    config["thinkingBudget"] = budget
