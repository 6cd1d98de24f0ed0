"""Content blocks of a client: what the neutral form knows, and everything else as it stands, by name."""

from collections.abc import Callable
from typing import Any, Final, TypeAlias

import msgspec

from gateway.conversation.parts import Native, Part, Text, ToolResult, ToolUse
from gateway.translation.anthropic_messages.asked import DIRECT, NAME, cache_of
from gateway.translation.anthropic_messages.citations import citations
from gateway.translation.anthropic_messages.media_in import read_document, read_image
from gateway.translation.anthropic_messages.thoughts import hidden, unpacked
from gateway.translation.codec import Json
from gateway.translation.values import needed, optional, typed, wrong

encode: Final = msgspec.json.Encoder().encode

Reads: TypeAlias = Callable[[Json, str], Part]


def arguments_of(given: dict[str, Any]) -> str:
    """A tool call's `input` as JSON text; empty where it has no arguments."""
    return encode(given).decode() if given else ""


def read_text(block: Json, place: str) -> Part:
    """Words, with what they cite."""
    cache = cache_of(optional(block, "cache_control", dict, place))
    return Text(needed(block, "text", str, place), citations(optional(block, "citations", list, place)), cache)


def read_thinking(block: Json, place: str) -> Part:
    """An earlier thought, whoever's it is."""
    thought = unpacked(needed(block, "thinking", str, place), optional(block, "signature", str, place) or "")
    thought.cache = cache_of(optional(block, "cache_control", dict, place))
    return thought


def read_redacted(block: Json, place: str) -> Part:
    """An encrypted thought, or the signature of a tool call on its way back: a ToolUse without a name."""
    return hidden(needed(block, "data", str, place))


def read_tool_use(block: Json, place: str) -> Part:
    """A call that a model made."""
    return ToolUse(
        needed(block, "id", str, place),
        needed(block, "name", str, place),
        arguments_of(needed(block, "input", dict, place)),
        cache=cache_of(optional(block, "cache_control", dict, place)),
    )


def read_tool_result(block: Json, place: str) -> Part:
    """What a tool said: nothing, a text, or blocks."""
    content = block.get("content")
    if isinstance(content, str):
        parts: list[Part] = [Text(content)]
    else:
        parts = read_blocks(content, f"{place}.content", INSIDE) if content is not None else []
    return ToolResult(
        needed(block, "tool_use_id", str, place),
        parts,
        error=optional(block, "is_error", bool, place) or False,
        cache=cache_of(optional(block, "cache_control", dict, place)),
    )


INSIDE: Final[dict[str, Reads]] = {"text": read_text, "image": read_image, "document": read_document}
"""What may stand in a tool's result; the rest there is as it stands, so that results do not nest."""

KINDS: Final[dict[str, Reads]] = {
    **INSIDE,
    "thinking": read_thinking,
    "redacted_thinking": read_redacted,
    "tool_use": read_tool_use,
    "tool_result": read_tool_result,
}

FIELDS: Final[dict[str, frozenset[str]]] = {
    "text": frozenset(("type", "text", "citations", "cache_control")),
    "image": frozenset(("type", "source", "cache_control")),
    "document": frozenset(("type", "source", "title", "citations", "cache_control")),
    "thinking": frozenset(("type", "thinking", "signature", "cache_control")),
    "redacted_thinking": frozenset(("type", "data")),
    "tool_use": frozenset(("type", "id", "name", "input", "cache_control")),
    "tool_result": frozenset(("type", "tool_use_id", "content", "is_error", "cache_control")),
}
"""What the neutral form has of each block."""


def stranger(block: Json, kind: str) -> str:
    """The name of a block's field that the neutral form lacks, if it says something; empty where there is none."""
    for field, value in block.items():
        if field not in FIELDS[kind] and value is not None and not (field == "caller" and value == DIRECT):
            return field
    return ""


def read_block(block: Json, place: str, kinds: dict[str, Reads]) -> Part:
    """One block; it stays as it stands where the neutral form lacks its type, or something that it says."""
    kind = needed(block, "type", str, place)
    read = kinds.get(kind)
    if read is None:
        return Native(NAME, kind, block)
    if field := stranger(block, kind):
        return Native(NAME, f"{kind}.{field}", block)
    return read(block, place)


def read_blocks(content: object, place: str, kinds: dict[str, Reads]) -> list[Part]:
    """A list of blocks; raises Refusal 400 that names the block which is none."""
    if not isinstance(content, list):
        raise wrong(place, "must be a string or an array of content blocks.")
    return [read_block(typed(one, dict, f"{place}.{at}"), f"{place}.{at}", kinds) for at, one in enumerate(content)]


def read_content(content: object, place: str) -> list[Part]:
    """A turn's content, a plain string being one text; calls get the signatures that travelled beside them."""
    if isinstance(content, str):
        return [Text(content)]
    parts = read_blocks(content, place, KINDS)
    proofs = {part.id: part for part in parts if isinstance(part, ToolUse) and not part.name and part.signature}
    if not proofs:
        return parts
    kept = [part for part in parts if not (isinstance(part, ToolUse) and part.id in proofs and not part.name)]
    for part in kept:
        if isinstance(part, ToolUse) and (proof := proofs.get(part.id)):
            part.signature, part.maker = proof.signature, proof.maker
    return kept
