"""Where Cohere's models keep their thoughts, and how long they are asked to think."""

import re
from typing import Final

from gateway.conversation.losses import Losses
from gateway.conversation.request import Reasoning
from gateway.translation.codec import Json

PLANNERS: Final = re.compile(r"command(?:$|-light|-nightly|-r|-a-(?:03|translate|vision))|c4ai-")
"""Models before those that reason: what they think before a tool call is their `tool_plan`, not thinking content."""

BUDGETS: Final[dict[str, int | None]] = {
    "minimal": 512,
    "low": 2048,
    "medium": 8192,
    "high": None,
    "xhigh": None,
    "max": None,
}
"""Tokens that stand for an effort; None is no limit."""


def plans(model: str) -> bool:
    """Whether thoughts beside tool calls are a plan."""
    return PLANNERS.match(model) is not None


def write_thinking(reasoning: Reasoning, losses: Losses) -> Json:
    """The `thinking` field; empty where the client said nothing that it could hold."""
    effort = reasoning.effort if reasoning.effort is not None and losses.allows("reasoning.effort") else None
    budget = reasoning.budget if reasoning.budget is not None and losses.allows("reasoning.budget") else None
    adaptive = reasoning.adaptive and losses.allows("reasoning.adaptive")
    if reasoning.show is not None and (not reasoning.show or not losses.allows("reasoning.show")):
        losses.lose("reasoning.show")
    if effort == "none" or budget == 0:
        return {"type": "disabled"}
    if budget is not None and budget > 0:
        return {"type": "enabled", "token_budget": budget}
    if adaptive or budget is not None:
        return {"type": "enabled"}
    if effort is None:
        return {}
    tokens = BUDGETS[effort]
    return {"type": "enabled"} if tokens is None else {"type": "enabled", "token_budget": tokens}
