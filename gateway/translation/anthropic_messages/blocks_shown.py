"""Content blocks of an answer, as a client of this dialect reads them."""

from typing import Any, Final

import msgspec

from gateway.conversation.parts import Media, Native, Part, Refusing, Text, Thinking, ToolUse
from gateway.translation.anthropic_messages.asked import NAME
from gateway.translation.anthropic_messages.citations import location
from gateway.translation.anthropic_messages.thoughts import packed, signed_call
from gateway.translation.codec import Json

decode: Final = msgspec.json.decode


def input_of(arguments: str) -> dict[str, Any]:
    """A call's arguments as the object that `input` must be; text that is none is kept, as `arguments`."""
    if not arguments.strip():
        return {}
    try:
        given = decode(arguments)
    except (msgspec.DecodeError, RecursionError):
        given = None
    return given if isinstance(given, dict) else {"arguments": arguments}


def shown_text(part: Text) -> Json:
    """A text block; `citations` only where there are some."""
    block: Json = {"type": "text", "text": part.text}
    if part.citations:
        block["citations"] = [location(cited) for cited in part.citations]
    return block


def shown_thought(part: Thinking) -> Json:
    """A thinking block, or a redacted one for what Anthropic itself encrypted."""
    if part.redacted and part.maker == NAME:
        return {"type": "redacted_thinking", "data": part.redacted}
    return {"type": "thinking", "thinking": part.text, "signature": packed(part)}


def shown_media(part: Media) -> Json:
    """What a model drew or spoke, in the form of a request's block: Messages has no place for it in answers."""
    if part.data:
        source: Json = {"type": "base64", "media_type": part.mime, "data": part.data}
    elif part.url:
        source = {"type": "url", "url": part.url}
    else:
        source = {"type": "file", "file_id": part.file}
    return {"type": part.kind, "source": source}


def shown(part: Part) -> list[Json]:
    """The blocks of one part: two where a call is signed by another dialect's model, none for what is another's own."""
    if isinstance(part, Text):
        return [shown_text(part)]
    if isinstance(part, Thinking):
        return [shown_thought(part)]
    if isinstance(part, ToolUse):
        call: Json = {"type": "tool_use", "id": part.id, "name": part.name, "input": input_of(part.arguments)}
        return [call, signature_block(part.id, part.signature, part.maker)] if part.signature else [call]
    if isinstance(part, Refusing):
        return [{"type": "text", "text": part.text}]
    if isinstance(part, Media):
        return [shown_media(part)]
    if isinstance(part, Native) and part.dialect == NAME:
        return [part.value]
    return []


def signature_block(call: str, signature: str, maker: str) -> Json:
    """The block in which a call's signature goes to the client and comes back."""
    return {"type": "redacted_thinking", "data": signed_call(call, signature, maker)}
