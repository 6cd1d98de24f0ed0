"""Parts of a request's messages as content blocks."""

import re
from collections.abc import Callable
from typing import Any, Final
from zlib import crc32

from gateway.conversation.parts import Media, Native, Part, Refusing, Text, Thinking, ToolResult, ToolUse
from gateway.translation.anthropic_messages.account import Account
from gateway.translation.anthropic_messages.asked import NAME, cache_control
from gateway.translation.anthropic_messages.blocks_shown import input_of
from gateway.translation.anthropic_messages.citations import returned
from gateway.translation.anthropic_messages.media_out import source_of, written_media
from gateway.translation.codec import Json

ID: Final = re.compile(r"[A-Za-z0-9_-]+")
"""What Anthropic takes as the id of a call."""

OTHER: Final = re.compile(r"[^A-Za-z0-9_-]")


def call_id(given: str) -> str:
    """An id that Anthropic takes, the same for a call and its result; one that it takes already stays."""
    if ID.fullmatch(given):
        return given
    # The sum keeps ids apart that differ only in the letters that were replaced.
    return f"{OTHER.sub('_', given)[:100]}_{crc32(given.encode('utf-8', 'replace')):08x}"


def written_block(part: Part, account: Account) -> Json | None:
    """One part as a block, with its cache marker; None where nothing is left of it."""
    block = WRITES[type(part)](part, account)
    cache = getattr(part, "cache", None)
    if block is not None and cache is not None and account.takes("cache"):
        block["cache_control"] = cache_control(cache)
    return block


def _text(part: Text, account: Account) -> Json | None:
    """Words; Anthropic refuses blocks that are blank, so they are left out."""
    if not part.text.strip() and not account.own:
        return None
    block: Json = {"type": "text", "text": part.text}
    if part.citations and (own := returned(part.citations)):
        block["citations"] = own
    return block


def _refusing(part: Refusing, account: Account) -> Json | None:
    """The words of a refusal are words here."""
    return _text(Text(part.text), account)


def _media(part: Media, account: Account) -> Json | None:
    """An image or a document; sound and film are lost."""
    return written_media(part, account)


def _thinking(part: Thinking, account: Account) -> Json | None:
    """An own thought that is signed or encrypted; others only their makers can use."""
    if not account.takes("thinking") or part.maker != NAME:
        return None
    if part.redacted:
        return {"type": "redacted_thinking", "data": part.redacted}
    return {"type": "thinking", "thinking": part.text, "signature": part.signature}


def _tool_use(part: ToolUse, account: Account) -> Json | None:
    """A call; one of a free-text tool is lost with the tool."""
    if part.custom:
        account.takes("tools.custom")
        return None
    return {"type": "tool_use", "id": call_id(part.id), "name": part.name, "input": input_of(part.arguments)}


def _tool_result(part: ToolResult, account: Account) -> Json | None:
    """What a tool said: one plain text as a string, else blocks, and nothing where it said nothing."""
    block: Json = {"type": "tool_result", "tool_use_id": call_id(part.id)}
    inside = [written for one in part.parts if (written := _inside(one, account)) is not None]
    if len(inside) == 1 and set(inside[0]) == {"type", "text"}:
        block["content"] = inside[0]["text"]
    elif inside:
        block["content"] = inside
    if part.error and account.takes("tool_result.error"):
        block["is_error"] = True
    return block


def _inside(part: Part, account: Account) -> Json | None:
    """A part of a result; images and documents in it have rules of their own besides."""
    if isinstance(part, Media) and part.kind in ("image", "document") and not account.takes(f"tool_result.{part.kind}"):
        return None
    return written_block(part, account)


def _native(part: Native, account: Account) -> Json | None:
    """What only this dialect knows, as it stands; what only another knows is lost by its name."""
    if part.dialect != NAME:
        account.lose(part.name)
        return None
    value = part.value
    return dict(value) if isinstance(value, dict) else None


WRITES: Final[dict[type[Any], Callable[[Any, Account], Json | None]]] = {
    Text: _text,
    Refusing: _refusing,
    Media: _media,
    Thinking: _thinking,
    ToolUse: _tool_use,
    ToolResult: _tool_result,
    Native: _native,
}


def spoken(part: Part, account: Account) -> bool:
    """Whether a part may stand in an assistant's turn; images there are noted as lost."""
    if isinstance(part, Media) and not account.own:
        account.lose(f"{part.kind}.{source_of(part)}")
        return False
    return True
