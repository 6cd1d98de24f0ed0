"""Content blocks of an answer, as the provider wrote them: an odd field is as if absent."""

from collections.abc import Callable
from typing import Final

from gateway.conversation.parts import Native, Part, Text, Thinking, ToolUse
from gateway.translation.anthropic_messages.asked import DIRECT, NAME
from gateway.translation.anthropic_messages.blocks_in import arguments_of
from gateway.translation.anthropic_messages.citations import citations
from gateway.translation.codec import Json
from gateway.translation.values import soft


def answered_text(block: Json) -> Part:
    """Words, with what they cite."""
    return Text(soft(block.get("text"), str, ""), citations(block.get("citations")))


def answered_thinking(block: Json) -> Part:
    """A thought and what proves it."""
    return Thinking(soft(block.get("thinking"), str, ""), soft(block.get("signature"), str, ""), maker=NAME)


def answered_redacted(block: Json) -> Part:
    """A thought that is encrypted."""
    return Thinking(redacted=soft(block.get("data"), str, ""), maker=NAME)


def answered_tool_use(block: Json) -> Part:
    """A call of one of the client's tools."""
    name, given = soft(block.get("name"), str, ""), soft(block.get("input"), dict, {})
    return ToolUse(soft(block.get("id"), str, ""), name, arguments_of(given))


KINDS: Final[dict[str, Callable[[Json], Part]]] = {
    "text": answered_text,
    "thinking": answered_thinking,
    "redacted_thinking": answered_redacted,
    "tool_use": answered_tool_use,
}


def plain(block: Json) -> bool:
    """Whether the neutral form has all that a block says; a call made by code the provider runs (`caller`) it has not.

    `caller` and `toolset_name` must come back as they are, so such a call stays as it stands.
    """
    kind = block.get("type")
    if kind == "tool_use":
        return block.get("caller") in (None, DIRECT) and block.get("toolset_name") is None
    return isinstance(kind, str) and kind in KINDS


def answered(block: Json) -> Part:
    """One block as a part."""
    kind = soft(block.get("type"), str, "")
    return KINDS[kind](block) if plain(block) else Native(NAME, kind, block)
