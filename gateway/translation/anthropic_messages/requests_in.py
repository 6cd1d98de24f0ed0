"""Requests of clients of the Messages API: its official SDKs, Claude Code, and whoever else speaks it.

https://platform.claude.com/docs/en/api/messages. That `max_tokens` is missing, on which Anthropic insists, is no error:
another provider may not need it.
"""

from typing import Any, Final, get_args

from gateway.conversation.request import Effort, Format, Reasoning
from gateway.translation.anthropic_messages.asked import NAME, MessagesConversation
from gateway.translation.anthropic_messages.messages_in import read_messages
from gateway.translation.anthropic_messages.tools_in import read_tools
from gateway.translation.codec import Json
from gateway.translation.values import needed, optional, typed, wrong

PARAMETERS: Final[dict[str, tuple[str, type[Any]]]] = {
    "max_tokens": ("max_tokens", int),
    "temperature": ("temperature", float),
    "top_p": ("top_p", float),
    "top_k": ("top_k", int),
    "stop_sequences": ("stop", list),
    "service_tier": ("service_tier", str),
}
"""The body's fields that are parameters: their neutral names and types."""

TIERS: Final = {"standard_only": "default"}
"""Words for a service tier whose neutral one is another."""

HINTS: Final = frozenset(("cache_control", "diagnostics", "anthropic_version", "anthropic_beta", "betas"))
"""Fields that change nothing of what a model says. What a beta switches on stands in fields of its own."""

READ: Final = frozenset((*PARAMETERS, "model", "messages", "system", "stream", "tools", "tool_choice"))
"""Fields that are read one by one. The objects below are read field by field, and so are not in it."""

OBJECTS: Final = frozenset(("metadata", "thinking", "output_config", "output_format"))


def read_request(body: Json) -> MessagesConversation:
    """A request for a message, or for the count of its tokens; raises Refusal 400 that names the place."""
    asked = MessagesConversation(NAME, needed(body, "model", str, ""), [], include_usage=True)
    asked.messages = read_messages(body)
    asked.stream = optional(body, "stream", bool, "") or False
    _read_parameters(asked, body)
    read_tools(asked, body)
    _read_reasoning(asked, body)
    for name, value in body.items():
        if value is None or name in READ or name in OBJECTS:
            continue
        if "." in name:
            # Extras are named by paths, so this could be taken for a field of another one.
            raise wrong(name, "is no field of a request.")
        if name in HINTS or _changes_nothing(name, value):
            asked.hints[name] = value
        else:
            asked.extras[name] = value
    return asked


def _read_parameters(asked: MessagesConversation, body: Json) -> None:
    """Numbers, stop sequences, tier and the user; what `metadata` holds besides is metadata."""
    for field, (name, kind) in PARAMETERS.items():
        value = optional(body, field, kind, "")
        if value is not None:
            asked.parameters[name] = value
    for at, stop in enumerate(asked.parameters.get("stop", ())):
        typed(stop, str, f"stop_sequences.{at}")
    tier = asked.parameters.get("service_tier")
    if tier in TIERS:
        asked.parameters["service_tier"] = TIERS[tier]
    metadata = dict(optional(body, "metadata", dict, "") or {})
    user = optional(metadata, "user_id", str, "metadata")
    metadata.pop("user_id", None)
    if user is not None:
        asked.parameters["user"] = user
    if metadata:
        asked.parameters["metadata"] = metadata


def _read_reasoning(asked: MessagesConversation, body: Json) -> None:
    """What to think and in what form to answer: `thinking`, `output_config`, and `output_format`, its older place."""
    config = dict(optional(body, "output_config", dict, "") or {})
    effort = optional(config, "effort", str, "output_config")
    level: Effort | None = None
    if effort in get_args(Effort):
        level = effort  # type: ignore[assignment]  # it is one of Effort's
        config.pop("effort")
    reasoning = _thinking(asked, optional(body, "thinking", dict, ""), level)
    asked.reasoning = None if reasoning == Reasoning() else reasoning
    older = optional(body, "output_format", dict, "")
    form = optional(config, "format", dict, "output_config") or older
    if form is not None and form.get("type") == "json_schema":
        place = "output_format" if form is older else "output_config.format"
        asked.format = Format("schema", needed(form, "schema", dict, place), strict=True)
        config.pop("format", None)
    elif older is not None:
        asked.extras["output_format"] = older
    asked.extras.update({f"output_config.{name}": value for name, value in config.items() if value is not None})


SHOWN: Final = {"summarized": True, "omitted": False}


def _thinking(asked: MessagesConversation, given: dict[str, Any] | None, effort: Effort | None) -> Reasoning:
    """Whether and how long to think; a type that is new is an extra.

    `between_tools` is what newer models call `disabled`: both switch thinking off as far as the model can.
    """
    if given is None:
        return Reasoning(effort)
    kind = needed(given, "type", str, "thinking")
    if kind not in ("enabled", "adaptive", "disabled", "between_tools"):
        asked.extras["thinking"] = given
        return Reasoning(effort)
    budget = needed(given, "budget_tokens", int, "thinking") if kind == "enabled" else None
    display = optional(given, "display", str, "thinking")
    for name, value in given.items():
        known = name in ("type", "budget_tokens") or (name == "display" and value in SHOWN)
        if not known and value is not None:
            asked.extras[f"thinking.{name}"] = value
    off = kind in ("disabled", "between_tools")
    return Reasoning(effort, 0 if off else budget, adaptive=kind == "adaptive", show=SHOWN.get(display or ""))


def _changes_nothing(name: str, value: object) -> bool:
    """Whether a field says what holds anyway, or, of `context_management`, only which own thoughts to forget."""
    if name == "mcp_servers":
        return value == []
    if name == "speed":
        return value == "standard"
    if name != "context_management" or not isinstance(value, dict):
        return False
    edits = value.get("edits")
    kinds = [one.get("type") if isinstance(one, dict) else None for one in edits] if isinstance(edits, list) else [None]
    return set(value) <= {"edits"} and all(isinstance(one, str) and one.startswith("clear_thinking_") for one in kinds)
