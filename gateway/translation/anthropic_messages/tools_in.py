"""Tools of a client, and which of them must be used."""

from typing import Any, Final

from gateway.conversation.parts import Native
from gateway.conversation.request import Choice, Tool
from gateway.translation.anthropic_messages.asked import NAME, MessagesConversation, cache_of
from gateway.translation.codec import Json
from gateway.translation.values import needed, optional, typed, wrong

FIELDS: Final = frozenset(("type", "name", "description", "input_schema", "strict", "cache_control"))

HINTS: Final = frozenset(("eager_input_streaming", "defer_loading"))
"""How a call is streamed, and whether a tool may stay out of the prompt until it is searched for."""


def read_tools(asked: MessagesConversation, body: Json) -> None:
    """Functions, the provider's own tools as they stand, and the choice among them."""
    for at, given in enumerate(optional(body, "tools", list, "") or ()):
        place = f"tools.{at}"
        tool = typed(given, dict, place)
        kind = optional(tool, "type", str, place) or "custom"
        if kind == "custom":
            asked.tools.append(_tool(asked, tool, place))
        else:
            asked.native_tools.append(Native(NAME, kind, tool))
    _choose(asked, optional(body, "tool_choice", dict, ""))


def _tool(asked: MessagesConversation, tool: dict[str, Any], place: str) -> Tool:
    """One function; what the neutral form lacks goes to the hints, or to the extras as `tools.FIELD`, by tool."""
    name = needed(tool, "name", str, place)
    for field, value in tool.items():
        if field in HINTS and value is not None:
            asked.hints.setdefault("tools", {}).setdefault(name, {})[field] = value
        elif field not in FIELDS and value is not None and not (field == "allowed_callers" and value == ["direct"]):
            asked.extras.setdefault(f"tools.{field}", {})[name] = value
    return Tool(
        name,
        optional(tool, "description", str, place) or "",
        needed(tool, "input_schema", dict, place),
        optional(tool, "strict", bool, place),
        cache=cache_of(optional(tool, "cache_control", dict, place)),
    )


MODES: Final = {"auto": Choice("auto"), "any": Choice("required"), "none": Choice("none")}


def _choose(asked: MessagesConversation, choice: dict[str, Any] | None) -> None:
    """Which tool must be used, and whether several may be at once."""
    if choice is None:
        return
    kind = needed(choice, "type", str, "tool_choice")
    if kind == "tool":
        asked.choice = Choice("named", needed(choice, "name", str, "tool_choice"))
    elif kind in MODES:
        asked.choice = MODES[kind]
    else:
        raise wrong("tool_choice.type", "must be auto, any, tool or none.")
    single = optional(choice, "disable_parallel_tool_use", bool, "tool_choice")
    asked.parallel = None if single is None else not single
    for field, value in choice.items():
        if field not in ("type", "name", "disable_parallel_tool_use") and value is not None:
            asked.extras[f"tool_choice.{field}"] = value
