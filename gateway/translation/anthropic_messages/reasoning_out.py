"""How to think, in the form that the model takes, and the `max_tokens` that leaves room for it."""

from collections.abc import Callable
from typing import Any, Final, TypeAlias

from gateway.conversation.parts import Thinking, ToolResult, ToolUse
from gateway.conversation.request import Conversation, Effort, Reasoning
from gateway.translation.anthropic_messages.account import Account
from gateway.translation.anthropic_messages.asked import NAME
from gateway.translation.anthropic_messages.models import level
from gateway.translation.codec import Json

BUDGETS: Final[dict[Effort, int]] = {
    "minimal": 1024,
    "low": 4096,
    "medium": 8192,
    "high": 16_384,
    "xhigh": 20_000,
    "max": 23_808,
}
"""Tokens for each effort, where a model wants a budget; the largest leaves ANSWER of the 32,000 Opus 4 can write."""

LEAST: Final = 1024
"""Anthropic takes no smaller budget."""

ANSWER: Final = 8192
"""`max_tokens` where the client gave none."""

THOUGHTFUL: Final = 32_000
"""The same where the model decides how long to think, which counts towards it."""

Writes: TypeAlias = Callable[[Json, Reasoning, Conversation, Account], bool]
"""Puts what is asked for into the body; False where the model cannot do it."""


def write_reasoning(body: Json, conversation: Conversation, account: Account) -> None:
    """Put `thinking` and `output_config.effort` into the body, then the `max_tokens` that is missing."""
    asked = _allowed(conversation.reasoning or Reasoning(), account)
    if asked != Reasoning() and not _form(asked, account)(body, asked, conversation, account):
        for name in _names(asked):
            account.lose(name)
    if "max_tokens" not in conversation.parameters:
        body["max_tokens"] = _limit(body, account)


def _names(asked: Reasoning) -> list[str]:
    """What was asked for, in the words of FEATURES."""
    fields = [name for name in ("effort", "budget", "show") if getattr(asked, name) is not None]
    return [f"reasoning.{name}" for name in (*fields, *(("adaptive",) if asked.adaptive else ()))]


def _allowed(asked: Reasoning, account: Account) -> Reasoning:
    """What of it the provider takes."""
    kept: dict[str, Any] = {}
    for name in _names(asked):
        field = name.removeprefix("reasoning.")
        if account.quirks.reasoning == "none":
            account.lose(name)
        elif account.takes(name):
            kept[field] = getattr(asked, field)
    return Reasoning(**kept)


def _form(asked: Reasoning, account: Account) -> Writes:
    """How this is said to this model."""
    if account.own:
        return _write_own
    if asked.effort == "none" or asked.budget == 0:
        return _write_off
    if asked.effort is None and asked.budget is None and not asked.adaptive:
        return _write_show
    return FORMS[account.model.thinking]


def _display(show: bool | None) -> dict[str, Any]:
    """The `display` of thinking; nothing where the client did not say."""
    return {} if show is None else {"display": "summarized" if show else "omitted"}


def _write_own(body: Json, asked: Reasoning, conversation: Conversation, account: Account) -> bool:
    """A Messages client's own words, back as they were."""
    if asked.effort is not None:
        body["output_config"] = {"effort": asked.effort}
    if asked.adaptive:
        body["thinking"] = {"type": "adaptive", **_display(asked.show)}
    elif asked.budget == 0:
        body["thinking"] = {"type": account.model.off or "disabled", **_display(asked.show)}
    elif asked.budget is not None:
        body["thinking"] = {"type": "enabled", "budget_tokens": asked.budget, **_display(asked.show)}
    return True


def _write_off(body: Json, asked: Reasoning, conversation: Conversation, account: Account) -> bool:
    """No thinking: nothing need be said to a model that does not think unasked, and some cannot be told."""
    if account.model.unasked and account.model.off:
        body["thinking"] = {"type": account.model.off}
    return not account.model.unasked or bool(account.model.off)


def _write_show(body: Json, asked: Reasoning, conversation: Conversation, account: Account) -> bool:
    """Whether to show thoughts, to a model that thinks unasked; others have none to show."""
    if account.model.unasked:
        body["thinking"] = {"type": "adaptive", **_display(asked.show)}
    return True


def _write_adaptive(body: Json, asked: Reasoning, conversation: Conversation, account: Account) -> bool:
    """Thinking as long as it takes, with an effort where one was asked for, or tokens from which to guess it."""
    body["thinking"] = {"type": "adaptive", **_display(asked.show)}
    effort, budget = asked.effort, asked.budget or 0
    if effort is None and budget > 0:
        effort = next((effort for effort, tokens in BUDGETS.items() if budget <= tokens), "max")
    if effort is not None:
        body["output_config"] = {"effort": level(effort, account.model.efforts)}
    return True


def _write_budget(body: Json, asked: Reasoning, conversation: Conversation, account: Account) -> bool:
    """Thinking for a number of tokens, less than the whole answer may have."""
    if asked.effort is not None and account.model.efforts:
        body["output_config"] = {"effort": level(asked.effort, account.model.efforts)}
    if _answers_a_tool(conversation):
        return True
    most = conversation.parameters.get("max_tokens") or account.model.room
    if most <= LEAST:
        return False
    budget = asked.budget if asked.budget is not None and asked.budget > 0 else BUDGETS[asked.effort or "medium"]
    if budget >= most:
        budget = most * 4 // 5
    shown = _display(asked.show) if asked.show is False else {}
    body["thinking"] = {"type": "enabled", "budget_tokens": max(LEAST, budget), **shown}
    return True


def _write_none(body: Json, asked: Reasoning, conversation: Conversation, account: Account) -> bool:
    """A model that cannot think."""
    return False


FORMS: Final[dict[str, Writes]] = {"adaptive": _write_adaptive, "budget": _write_budget, "": _write_none}


def _answers_a_tool(conversation: Conversation) -> bool:
    """Whether the model goes on after a tool call whose thoughts did not come back.

    Such a turn must begin with them, and Anthropic refuses it with thinking on; most dialects' clients lose them.
    """
    for message in reversed(conversation.messages):
        if message.role == "assistant":
            calls = any(isinstance(part, ToolUse) for part in message.parts)
            return calls and not any(isinstance(part, Thinking) and part.maker == NAME for part in message.parts)
        if message.role == "user" and not any(isinstance(part, ToolResult) for part in message.parts):
            return False
    return False


def _limit(body: Json, account: Account) -> int:
    """The `max_tokens` for a client that gave none."""
    thinking = body.get("thinking", {})
    kind = thinking.get("type")
    wanted: int = ANSWER
    if kind == "enabled":
        wanted += thinking["budget_tokens"]
    elif kind == "adaptive" or (kind is None and account.model.unasked):
        wanted = THOUGHTFUL
    return wanted if account.own else min(wanted, account.model.room)
