"""Tools, their use, the answer's form and how much thought, for a provider."""

from collections.abc import Callable
from typing import Final

from gateway.conversation.request import Conversation, Effort, Reasoning, Tool
from gateway.translation.codec import Json
from gateway.translation.openai_chat.contents_out import marked
from gateway.translation.openai_chat.natives import DIALECT
from gateway.translation.openai_chat.terms import Terms

THRESHOLDS: Final[tuple[tuple[int, Effort], ...]] = ((0, "none"), (2048, "low"), (8192, "medium"))
"""Tokens to think for, up to which an effort stands for them."""


def tools(conversation: Conversation, terms: Terms) -> list[Json]:
    """Functions, free-text tools, and the provider's own where the client speaks the same dialect."""
    written = [
        marked(function(tool, terms) if tool.custom is None else custom(tool), tool.cache, terms)
        for tool in conversation.tools
        if terms.takes("tools" if tool.custom is None else "tools.custom")
    ]
    for native in conversation.native_tools:
        if native.dialect == DIALECT:
            written.append(native.value)
        else:
            terms.losses.lose(native.name)
    return written


def function(tool: Tool, terms: Terms) -> Json:
    """A function."""
    said: Json = {"name": tool.name}
    if tool.description:
        said["description"] = tool.description
    if tool.schema is not None:
        said["parameters"] = tool.schema
    if strict(tool.strict, "tools.strict", terms):
        said["strict"] = tool.strict
    return {"type": "function", "function": said}


def strict(wish: bool | None, name: str, terms: Terms) -> bool:
    """Whether to say how strict a schema is meant; not to be strict needs no word where none is understood."""
    if wish is None or (not wish and name in terms.quirks.refuses):
        return False
    return terms.takes(name)


def custom(tool: Tool) -> Json:
    """A tool that takes free text."""
    said: Json = {"name": tool.name}
    if tool.description:
        said["description"] = tool.description
    if isinstance(tool.custom, dict):
        said["format"] = tool.custom
    return {"type": "custom", "custom": said}


def toolless(conversation: Conversation) -> bool:
    """Whether another dialect's client has no tools, so that what it says of calling them is no wish."""
    return conversation.dialect != DIALECT and not (conversation.tools or conversation.native_tools)


def choice(conversation: Conversation, terms: Terms) -> str | Json | None:
    """`tool_choice`; None where it was not given or is lost."""
    asked = conversation.choice
    # OpenAI refuses a choice among no tools; forcing one is for it to judge.
    if asked is None or (asked.mode in ("auto", "none") and toolless(conversation)):
        return None
    if not terms.takes(f"tool_choice.{asked.mode}"):
        return None
    if asked.mode != "named":
        return terms.name(f"tool_choice.{asked.mode}", asked.mode)
    kind = "custom" if any(t.name == asked.name and t.custom is not None for t in conversation.tools) else "function"
    return {"type": kind, kind: {"name": asked.name}}


def form(conversation: Conversation, terms: Terms) -> Json | None:
    """`response_format`; None where it was not given or is lost."""
    asked = conversation.format
    if asked is None:
        return None
    if asked.kind == "json":
        return {"type": "json_object"} if terms.takes("format.json") else None
    if not terms.quirks.json_schema:
        terms.losses.lose("format.schema")
        return None
    if not terms.takes("format.schema"):
        return None
    said: Json = {"name": asked.name or "answer"}
    if asked.description:
        said["description"] = asked.description
    if asked.schema is not None:
        said["schema"] = asked.schema
    if strict(asked.strict, "format.strict", terms):
        said["strict"] = asked.strict
    return {"type": "json_schema", "json_schema": said}


def reasoning(conversation: Conversation, terms: Terms) -> Json:
    """The members of the body that say how much to think, in the provider's way."""
    asked = conversation.reasoning
    if asked is None:
        return {}
    if asked.show is not None and terms.quirks.reasoning != "object":
        terms.takes("reasoning.show")
    given = {
        "reasoning.effort": asked.effort is not None,
        "reasoning.budget": asked.budget is not None,
        "reasoning.adaptive": asked.adaptive,
    }
    taken = [terms.takes(name) for name, there in given.items() if there]
    if not any(taken) and terms.quirks.reasoning != "object":
        return {}
    return WAYS[terms.quirks.reasoning](asked, terms)


def effort(asked: Reasoning) -> Effort | None:
    """The effort asked for, or the one that stands for a budget; None leaves it to the model."""
    if asked.effort is not None or asked.budget is None or asked.budget < 0:
        return asked.effort
    return next((word for most, word in THRESHOLDS if asked.budget <= most), "high")


def _effort(asked: Reasoning, terms: Terms) -> Json:
    """OpenAI's `reasoning_effort`."""
    word = effort(asked)
    return {} if word is None else {"reasoning_effort": terms.name(f"reasoning.effort.{word}", word)}


def _object(asked: Reasoning, terms: Terms) -> Json:
    """OpenRouter's `reasoning`, in which tokens and effort exclude one another."""
    said: Json = {}
    if asked.effort is not None:
        said["effort"] = terms.name(f"reasoning.effort.{asked.effort}", asked.effort)
    elif asked.budget is not None and asked.budget > 0:
        said["max_tokens"] = asked.budget
    elif asked.budget == 0:
        said["effort"] = "none"
    elif asked.budget is not None or asked.adaptive:
        said["enabled"] = True
    if asked.show is not None:
        said["exclude"] = not asked.show
    return {"reasoning": said} if said else {}


def _thinking(asked: Reasoning, terms: Terms) -> Json:
    """`thinking: {type}` of DeepSeek and Z.ai; how hard is said beside it, where there is more than on and off."""
    if off(asked):
        return {"thinking": {"type": "disabled"}}
    said: Json = {"thinking": {"type": "enabled"}}
    if asked.budget is not None and asked.budget > 0:
        said["thinking"]["budget_tokens"] = asked.budget
    return said | (_effort(asked, terms) if asked.effort is not None else {})


def _switch(asked: Reasoning, _: Terms) -> Json:
    """Alibaba's `enable_thinking`; an effort in words switches it on or off."""
    said: Json = {"enable_thinking": not off(asked)}
    if asked.budget is not None and asked.budget > 0:
        said["thinking_budget"] = asked.budget
    return said


def _nothing(asked: Reasoning, terms: Terms) -> Json:
    """A provider whose models think or do not, as they please; only to leave it to them is no loss."""
    if asked.effort is not None:
        terms.losses.lose("reasoning.effort")
    if asked.budget is not None and asked.budget >= 0:
        terms.losses.lose("reasoning.budget")
    return {}


def off(asked: Reasoning) -> bool:
    """Whether no thoughts are wanted."""
    return asked.effort == "none" or (asked.effort is None and asked.budget == 0)


WAYS: Final[dict[str, Callable[[Reasoning, Terms], Json]]] = {
    "": _effort,
    "effort": _effort,
    "object": _object,
    "thinking": _thinking,
    "enable_thinking": _switch,
    "none": _nothing,
}
