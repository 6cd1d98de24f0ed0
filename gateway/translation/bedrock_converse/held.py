"""Content blocks of a stream between their first and their last event; some are opened only when they are whole."""

import base64
import binascii
from typing import Final, Literal, TypeAlias

import msgspec

from gateway.conversation.parts import Citation, Part, Thinking
from gateway.translation.bedrock_converse.blocks import NAME
from gateway.translation.bedrock_converse.pieces import media, native
from gateway.translation.codec import Json
from gateway.translation.values import soft

Kind: TypeAlias = Literal["text", "thinking", "tool", "redacted", "server", "toolResult", "image"]
"""`server` is a call that Bedrock runs itself; it, results of it, images and encrypted thoughts wait to be whole."""

decode: Final = msgspec.json.Decoder().decode


class Block:
    """One of them."""

    __slots__ = ("at", "begin", "citations", "given", "kind")

    def __init__(self, kind: Kind, begin: Json) -> None:
        self.kind = kind
        self.begin = begin
        """What contentBlockStart said of it."""
        self.at = -1
        """The number of the part, where it is already open."""
        self.given: list[str] = []
        """Pieces that wait for the end: only of blocks that are opened whole, and of calls the first."""
        self.citations: list[Citation] = []


def whole(block: Block) -> Part | None:
    """The part of a block that could not be opened before it was whole."""
    if block.kind == "redacted":
        return Thinking(redacted=_joined(block.given), maker=NAME)
    if block.kind == "server":
        return native("toolUse", {**block.begin, "input": _parsed("".join(block.given))}, _named(block, "name"))
    if block.kind == "toolResult":
        return native("toolResult", block.begin, _named(block, "type"))
    if block.kind == "image":
        source = soft(block.begin.get("source"), dict, {})
        pieces = [piece for piece in block.given if piece]
        held = {**source, "bytes": _joined(pieces)} if pieces else source
        return media("image", {**block.begin, "source": held})
    return None


def _named(block: Block, member: str) -> str:
    """What to call a block in an error."""
    return soft(block.begin.get(member), str, "")


def _parsed(text: str) -> object:
    """Arguments as the object that a whole answer has; as text where they are broken."""
    try:
        return decode(text) if text else {}
    except (ValueError, RecursionError):
        return text


def _joined(pieces: list[str]) -> str:
    """Base64 of several pieces' bytes; each piece ends in padding of its own."""
    if len(pieces) == 1:
        return pieces[0]
    try:
        return base64.b64encode(b"".join(map(base64.b64decode, pieces))).decode()
    except binascii.Error:
        return "".join(pieces)
