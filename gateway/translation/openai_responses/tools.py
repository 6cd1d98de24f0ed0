"""Tools and the choice among them, read and written."""

from typing import Any, Final

from gateway.conversation.losses import Losses
from gateway.conversation.parts import Native
from gateway.conversation.request import Choice, Conversation, Tool
from gateway.translation.codec import Json
from gateway.translation.openai_responses.own import NAME, AllowedTools
from gateway.translation.values import needed, optional, typed, wrong

KNOWN: Final = {
    "function": frozenset(("type", "name", "description", "parameters", "strict")),
    "custom": frozenset(("type", "name", "description", "format")),
}

EMPTY: Final[Json] = {"type": "object", "properties": {}}
"""The schema of a function without arguments; some providers refuse null."""


def read_tools(value: list[Any]) -> tuple[list[Tool], list[Native]]:
    """Functions and free-text tools, and apart from them all that only this dialect has; raises Refusal 400."""
    tools: list[Tool] = []
    natives: list[Native] = []
    for number, one in enumerate(value):
        place = f"tools[{number}]"
        tool = typed(one, dict, place)
        kind = needed(tool, "type", str, place)
        known = KNOWN.get(kind)
        if known is not None:
            needed(tool, "name", str, place)
        beyond = [name for name, value in tool.items() if known and name not in known and value not in (None, False)]
        if known is None:
            natives.append(Native(NAME, kind, tool))
        elif beyond:
            natives.append(Native(NAME, f"{place}.{beyond[0]}", tool))
        else:
            tools.append(_read_tool(tool, place))
    return tools, natives


def _read_tool(tool: Json, place: str) -> Tool:
    """One function or free-text tool. `strict` stays None where it is absent, which here means: strict if possible."""
    description = optional(tool, "description", str, place) or ""
    if tool["type"] == "custom":
        form = optional(tool, "format", dict, place)
        return Tool(tool["name"], description, custom=form if form is not None else True)
    return Tool(
        tool["name"],
        description,
        optional(tool, "parameters", dict, place),
        optional(tool, "strict", bool, place),
    )


def read_choice(value: object, whole: list[Any]) -> Choice | None:
    """The neutral choice; None for one of a provider's own tools. Raises Refusal 400."""
    if isinstance(value, str):
        if value not in ("auto", "none", "required"):
            raise wrong("tool_choice", "must be auto, none, required or an object.")
        return Choice(value)  # type: ignore[arg-type]  # checked above
    form = typed(value, dict, "tool_choice")
    kind = needed(form, "type", str, "tool_choice")
    if kind in KNOWN:
        return Choice("named", needed(form, "name", str, "tool_choice"))
    if kind != "allowed_tools":
        return None
    mode = needed(form, "mode", str, "tool_choice")
    if mode not in ("auto", "required"):
        raise wrong("tool_choice.mode", "must be auto or required.")
    needed(form, "tools", list, "tool_choice")
    return AllowedTools(mode, form=form, whole=tuple(whole))  # type: ignore[arg-type]  # checked above


def allowed(choice: AllowedTools, tools: list[Tool], natives: list[Native]) -> tuple[list[Tool], list[Native]]:
    """Those of the tools that may be used: functions by name, a provider's own by type."""
    listed = [one for one in choice.form["tools"] if isinstance(one, dict)]
    names = {one.get("name") for one in listed if one.get("type") in KNOWN}
    kinds = {one.get("type") for one in listed}
    some = [tool for tool in tools if tool.name in names]
    own = [native for native in natives if native.name in kinds or native.value.get("name") in names]
    return some, own


def write_tools(conversation: Conversation, losses: Losses) -> list[Json]:
    """All tools for a provider, with an account of what it does not take."""
    if isinstance(conversation.choice, AllowedTools):
        return list(conversation.choice.whole)
    written: list[Json] = []
    own = conversation.dialect == NAME
    for tool in conversation.tools:
        if tool.cache is not None:
            losses.allows("cache")
        if not losses.allows("tools.custom" if tool.custom is not None else "tools"):
            continue
        strict = tool.strict
        if strict and not losses.allows("tools.strict"):
            strict = False
        written.append(write_tool(tool, strict if own else bool(strict)))
    for native in conversation.native_tools:
        if native.dialect == NAME:
            written.append(native.value)
        else:
            losses.lose(native.name)
    return written


def write_tool(tool: Tool, strict: bool | None) -> Json:
    """One function or free-text tool; `strict` is left out where it is None."""
    written: Json = {"type": "function" if tool.custom is None else "custom", "name": tool.name}
    if tool.description:
        written["description"] = tool.description
    if tool.custom is not None:
        if isinstance(tool.custom, dict):
            written["format"] = tool.custom
        return written
    written["parameters"] = tool.schema if tool.schema is not None else EMPTY
    if strict is not None:
        written["strict"] = strict
    return written


def write_choice(conversation: Conversation) -> str | Json | None:
    """`tool_choice`; None where the client gave none."""
    choice = conversation.choice
    if choice is None:
        return None
    if isinstance(choice, AllowedTools):
        return choice.form
    if choice.mode != "named":
        return choice.mode
    custom = any(tool.name == choice.name and tool.custom is not None for tool in conversation.tools)
    return {"type": "custom" if custom else "function", "name": choice.name}
