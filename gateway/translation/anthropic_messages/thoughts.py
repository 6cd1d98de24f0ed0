"""Thoughts on their way through this dialect: an own signature as it is, a foreign one with all its maker needs.

Another dialect's thought may have an id and encrypted text beside its signature, and Google signs tool calls. A client
gives back only a thinking block's `signature`, or a redacted block's `data`, so all of it is put in there, as a JSON
array behind the mark of `gateway.translation.signatures`; no provider's signature is one.
"""

from typing import Final

import msgspec

from gateway.conversation.parts import Thinking, ToolUse
from gateway.translation.anthropic_messages.asked import NAME
from gateway.translation.signatures import inward, outward

encode: Final = msgspec.json.Encoder().encode
decode: Final = msgspec.json.Decoder(list[str]).decode


def packed(thought: Thinking) -> str:
    """What a client gets as the signature of a thought; empty where there is nothing to give back."""
    if thought.maker == NAME:
        return thought.signature
    if thought.id or thought.redacted:
        whole = encode([thought.id, thought.redacted, thought.signature]).decode()
        return outward(whole, thought.maker, NAME)
    return outward(thought.signature, thought.maker, NAME)


def unpacked(text: str, signature: str) -> Thinking:
    """The thought that a client sent back; without a maker where nothing proves who thought it."""
    bare, maker = inward(signature, NAME)
    if not bare:
        return Thinking(text)
    fields = _fields(bare, maker)
    if len(fields) == 3:
        return Thinking(text, fields[2], fields[1], fields[0], maker)
    return Thinking(text, bare, maker=maker)


def hidden(data: str) -> Thinking | ToolUse:
    """What a `redacted_thinking` block holds: a thought, or what a foreign model signed a tool call with.

    Of the call, only id, signature and maker are filled in.
    """
    bare, maker = inward(data, NAME)
    if maker == NAME:
        return Thinking(redacted=bare, maker=NAME)
    fields = _fields(bare, maker)
    return ToolUse(fields[0], "", signature=fields[1], maker=maker) if len(fields) == 2 else unpacked("", data)


def signed_call(call: str, signature: str, maker: str) -> str:
    """The `data` of the block in which a tool call's foreign signature travels."""
    return outward(encode([call, signature]).decode(), maker, NAME)


def _fields(bare: str, maker: str) -> list[str]:
    """What was packed together for a foreign maker; nothing where it is a plain signature."""
    if maker == NAME or not bare.startswith("["):
        return []
    try:
        return decode(bare)
    except (msgspec.DecodeError, RecursionError):
        return []
