"""Turns of a client, and its system prompt."""

from typing import Any, Final

from gateway.conversation.parts import Native, Part, ToolResult, ToolUse
from gateway.conversation.request import Message, Role
from gateway.translation.anthropic_messages.asked import NAME
from gateway.translation.anthropic_messages.blocks_in import read_blocks, read_content, read_text
from gateway.translation.codec import Json
from gateway.translation.values import needed, typed, wrong

ROLES: Final[dict[str, Role]] = {"user": "user", "assistant": "assistant", "system": "system"}


def read_messages(body: Json) -> list[Message]:
    """The system prompt and every turn; a tool's result gets the tool's name from the call before it."""
    messages = _system(body.get("system"))
    names: dict[str, str] = {}
    for at, given in enumerate(needed(body, "messages", list, "")):
        place = f"messages.{at}"
        message = _message(typed(given, dict, place), place)
        _name(message.parts, names)
        messages.append(message)
    return messages


def _system(system: object) -> list[Message]:
    """The system prompt as one message; none where it is absent or empty."""
    if system is None or system == "" or system == []:
        return []
    if isinstance(system, str):
        return [Message("system", read_content(system, "system"))]
    return [Message("system", read_blocks(system, "system", {"text": read_text}))]


def _message(given: dict[str, Any], place: str) -> Message:
    """One turn; one that says more than role and content (`clear_at`, say) is kept whole, as a single Native."""
    role = ROLES.get(needed(given, "role", str, place))
    if role is None:
        raise wrong(f"{place}.role", "must be user, assistant or system.")
    for name, value in given.items():
        if name not in ("role", "content") and value is not None:
            return Message(role, [Native(NAME, f"messages.{name}", given)])
    content = given.get("content")
    if content is None:
        raise wrong(f"{place}.content", "is missing: a string or an array of content blocks belongs here.")
    parts = read_content(content, f"{place}.content")
    if role == "user" and parts and all(isinstance(part, ToolResult) for part in parts):
        role = "tool"
    return Message(role, parts)


def _name(parts: list[Part], names: dict[str, str]) -> None:
    """Remember the tools that are called, and put their names on the results of these calls."""
    for part in parts:
        if isinstance(part, ToolUse):
            names[part.id] = part.name
        elif isinstance(part, ToolResult):
            part.name = names.get(part.id, "")
