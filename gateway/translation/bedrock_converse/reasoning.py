"""Thinking, asked for in the way of each family."""

from collections.abc import Callable
from typing import Final

import msgspec

from gateway.conversation.losses import Losses
from gateway.conversation.parts import Thinking, ToolResult, ToolUse
from gateway.conversation.request import Conversation, Reasoning
from gateway.translation.bedrock_converse.blocks import CLAUDE, NAME
from gateway.translation.bedrock_converse.families import Family
from gateway.translation.codec import Json

OWN: Final = (NAME, CLAUDE)
"""Whose thoughts Claude takes back."""

LEAST: Final = 1024
"""Tokens: the smallest budget that Claude takes."""

BUDGETS: Final = {"minimal": 1024, "low": 2048, "medium": 8192, "high": 16384, "xhigh": 24576, "max": 32000}
"""Tokens that stand for an effort, where Claude knows only budgets."""


class Wish(msgspec.Struct, frozen=True):
    """What a client asks of thinking, and what decides how to write it."""

    reasoning: Reasoning
    family: Family
    limit: int | None
    """max_tokens."""
    apart: bool
    """Whether effort does not switch thinking on: so it is where the client speaks Claude's own dialect."""
    resumed: bool
    """Whether the model goes on after a tool call whose thoughts did not come back."""

    @property
    def off(self) -> str:
        """The name of what says not to think; empty where nothing does."""
        if self.reasoning.effort == "none":
            return "reasoning.effort"
        return "reasoning.budget" if self.reasoning.budget == 0 else ""

    @property
    def effort(self) -> str:
        """The effort in the family's words; empty where none was asked for."""
        effort = self.reasoning.effort or ""
        return self.family.efforts.get(effort, effort)


def write_reasoning(conversation: Conversation, family: Family, losses: Losses) -> tuple[Json, str]:
    """Fields for additionalModelRequestFields, and the effort for outputConfig; each empty where there is none."""
    given = conversation.reasoning
    if given is None:
        return {}, ""
    kept = Reasoning(
        given.effort if given.effort is not None and losses.allows("reasoning.effort") else None,
        given.budget if given.budget is not None and losses.allows("reasoning.budget") else None,
        given.adaptive and losses.allows("reasoning.adaptive"),
        given.show if given.show is not None and losses.allows("reasoning.show") else None,
    )
    limit = conversation.parameters.get("max_tokens")
    apart = conversation.dialect == CLAUDE
    wish = Wish(kept, family, limit, apart, not apart and _answers_a_tool(conversation))
    return WAYS[family.thinking](wish, losses)


def _answers_a_tool(conversation: Conversation) -> bool:
    """Whether a call's result is given without the thoughts before the call: with thinking on, Claude refuses that."""
    for message in reversed(conversation.messages):
        if message.role == "assistant":
            calls = any(isinstance(part, ToolUse) for part in message.parts)
            return calls and not any(isinstance(part, Thinking) and part.maker in OWN for part in message.parts)
        if message.role == "user" and not any(isinstance(part, ToolResult) for part in message.parts):
            return False
    return False


def _lose(wish: Wish, losses: Losses, *fields: str) -> None:
    """Note those of the fields that the client gave."""
    for name in fields:
        if getattr(wish.reasoning, name) not in (None, False):
            losses.lose(f"reasoning.{name}")


def _never(wish: Wish, losses: Losses) -> tuple[Json, str]:
    """A family without thoughts: not to think is all that can be asked."""
    if not wish.off:
        _lose(wish, losses, "effort", "budget", "adaptive")
    return {}, ""


def _untold(wish: Wish, losses: Losses) -> tuple[Json, str]:
    """A family that decides alone."""
    if wish.off:
        losses.lose(wish.off)
    _lose(wish, losses, "effort", "budget", "adaptive")
    if wish.reasoning.show is False:
        losses.lose("reasoning.show")
    return {}, ""


def _budgeted(wish: Wish, losses: Losses) -> tuple[Json, str]:
    """Claude up to 4.5: a budget, which stands for an effort too."""
    asked = wish.reasoning
    if wish.off:
        return {"thinking": {"type": "disabled"}}, ""
    if wish.resumed:
        return {}, ""
    if asked.adaptive:
        losses.lose("reasoning.adaptive")
    budget = asked.budget
    if budget is not None and budget < 0:
        losses.lose("reasoning.budget")
        budget = None
    if budget is None and asked.effort is not None and not wish.apart:
        budget = _within(BUDGETS[asked.effort], wish.limit)
    if budget is None:
        _lose(wish, losses, "effort")
        return {}, ""
    if asked.show is False:
        losses.lose("reasoning.show")
    return {"thinking": {"type": "enabled", "budget_tokens": budget}}, ""


def _within(budget: int, limit: int | None) -> int | None:
    """A budget below max_tokens, as Claude demands; None where that leaves too little."""
    fitting = budget if limit is None else min(budget, limit - 1)
    return fitting if fitting >= LEAST else None


def _claude(wish: Wish, losses: Losses) -> tuple[Json, str]:
    """Claude since 4.6: adaptive thinking with an effort, which Converse has a field for."""
    asked = wish.reasoning
    if wish.off:
        if wish.family.thinking == "always":
            losses.lose(wish.off)
            return {}, ""
        return {"thinking": {"type": "disabled"}}, ""
    effort = wish.effort
    thinking: Json | None = None
    if asked.budget is not None and asked.budget > 0:
        if wish.family.thinking == "either":
            thinking = None if wish.resumed else {"type": "enabled", "budget_tokens": asked.budget}
        else:
            losses.lose("reasoning.budget")
    elif asked.adaptive or asked.budget is not None or (effort and not wish.apart):
        thinking = {"type": "adaptive"}
    if thinking is None:
        return {}, effort
    if asked.show is not None:
        thinking["display"] = "summarized" if asked.show else "omitted"
    return {"thinking": thinking}, effort


def _nova(wish: Wish, losses: Losses) -> tuple[Json, str]:
    """Nova 2: one of three efforts, and thoughts that are never shown (Amazon Nova 2 User Guide, "Reasoning")."""
    if wish.off:
        return {"reasoningConfig": {"type": "disabled"}}, ""
    _lose(wish, losses, "budget", "adaptive")
    if not wish.effort:
        return {}, ""
    if wish.reasoning.show:
        losses.lose("reasoning.show")
    return {"reasoningConfig": {"type": "enabled", "maxReasoningEffort": wish.effort}}, ""


def _gpt_oss(wish: Wish, losses: Losses) -> tuple[Json, str]:
    """gpt-oss: one of three efforts, and thoughts that are always shown."""
    if wish.reasoning.show is False:
        losses.lose("reasoning.show")
    if wish.off:
        losses.lose(wish.off)
        return {}, ""
    _lose(wish, losses, "budget", "adaptive")
    return ({"reasoning_effort": wish.effort} if wish.effort else {}), ""


WAYS: Final[dict[str, Callable[[Wish, Losses], tuple[Json, str]]]] = {
    "": _untold,
    "never": _never,
    "budget": _budgeted,
    "either": _claude,
    "adaptive": _claude,
    "always": _claude,
    "nova": _nova,
    "gpt_oss": _gpt_oss,
}
