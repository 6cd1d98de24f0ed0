"""Content blocks of a client's stream: their start, deltas and stop, one block after another."""

from typing import Any, Final

import msgspec
from msgspec.structs import replace

from gateway.conversation.events import Add, Cite, Close, Open, Sign
from gateway.conversation.parts import Native, Refusing, Text, Thinking, ToolUse
from gateway.translation.anthropic_messages.asked import NAME
from gateway.translation.anthropic_messages.blocks_shown import shown, signature_block
from gateway.translation.anthropic_messages.citations import location
from gateway.translation.anthropic_messages.thoughts import packed
from gateway.translation.codec import Json

encode: Final = msgspec.json.Encoder().encode

PIECES: Final[dict[type[Any], bytes]] = {
    Text: b',"delta":{"type":"text_delta","text":',
    Refusing: b',"delta":{"type":"text_delta","text":',
    Thinking: b',"delta":{"type":"thinking_delta","thinking":',
    ToolUse: b',"delta":{"type":"input_json_delta","partial_json":',
}
"""What stands between a block's index and a piece of its text, by the kind of part."""


def framed(name: str, said: Json) -> bytes:
    """One server-sent event."""
    return b"event: " + name.encode() + b"\ndata: " + encode(said) + b"\n\n"


class Block:
    """A part that goes out, or waits to: `before` and what follows make a delta around a piece of text."""

    __slots__ = ("before", "index", "maker", "part", "signature", "silent", "waiting")

    def __init__(self, part: Any) -> None:  # noqa: ANN401 - a Part; its kinds are told apart where it starts
        self.part = part
        self.signature, self.maker = "", ""
        self.index = -1
        self.before = b""
        self.silent = type(part) not in PIECES
        self.waiting: list[Open | Add | Sign | Cite | Close] | None = []


class Blocks:
    """The blocks of one message."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._held = 0
        self._next = 0
        self._blocks: dict[int, Block] = {}
        """Those that are open or wait, by the part's place, in the order in which they began."""

    def add(self, said: Add) -> bytes:
        """A piece of text for an open part; the way that every chunk of a stream goes."""
        block = self._blocks.get(said.at)
        if block is None or block.silent:
            return b""
        if block.waiting is None:
            return block.before + encode(said.text) + b"}}\n\n"
        block.waiting.append(said)
        self._held += len(said.text)
        return b"" if self._held <= self._most else self._release()

    def take(self, said: Open | Sign | Cite | Close) -> bytes:
        """Anything else of a part; something of a part that is not open is passed over."""
        if isinstance(said, Open):
            self._blocks[said.at] = block = Block(said.part)
            if len(self._blocks) > 1 and self._held <= self._most:
                return b""
            return self._start(block)
        waits = self._blocks.get(said.at)
        if waits is None:
            return b""
        if waits.waiting is not None:
            waits.waiting.append(said)
            return b""
        if isinstance(said, Close):
            return self._close(said.at) + self._advance()
        return self._tell(waits, said)

    def end(self) -> bytes:
        """Whatever is still open or waits, closed in order."""
        told = b""
        while self._blocks:
            at = next(iter(self._blocks))
            told += self._out(at) + (self._close(at) if at in self._blocks else b"")
        return told

    def _advance(self) -> bytes:
        """Let out what waits, up to a block that is still open."""
        told = b""
        while self._blocks:
            at, block = next(iter(self._blocks.items()))
            if block.waiting is None:
                break
            told += self._out(at)
        return told

    def _release(self) -> bytes:
        """Let out everything that waits, though blocks are open before it."""
        return b"".join([self._out(at) for at in list(self._blocks)])

    def _out(self, at: int) -> bytes:
        """Start a block that waits, with all that came for it; nothing for one that is out."""
        block = self._blocks[at]
        if block.waiting is None:
            return b""
        waiting = block.waiting
        told = [self._start(block)]
        for said in waiting:
            if isinstance(said, Add):
                self._held -= len(said.text)
                told.append(self.add(said))
            elif isinstance(said, Close):
                told.append(self._close(at))
            else:
                told.append(self.take(said))
        return b"".join(told)

    def _start(self, block: Block) -> bytes:
        """content_block_start, for a part that the client can see; some are whole with it."""
        block.waiting = None
        part = block.part
        if isinstance(part, Thinking):
            block.silent = bool(part.redacted) and part.maker == NAME
            part = part if block.silent else Thinking(part.text)
        blocks = shown(part)
        if not blocks:
            return b""
        block.index, self._next = self._next, self._next + 1
        index = str(block.index).encode()
        block.before = b'event: content_block_delta\ndata: {"type":"content_block_delta","index":' + index
        block.before += PIECES.get(type(part), b"")
        told = blocks[0]
        given: Json | None = None
        if isinstance(part, Native) and isinstance(told.get("input"), dict):
            # As Anthropic does it: a call begins empty, and its arguments follow.
            given, told = told["input"], {**told, "input": {}}
        started = _started(block, told)
        if isinstance(part, ToolUse):
            return started + self._delta(block, {"type": "input_json_delta", "partial_json": ""})
        if given is None:
            return started
        return started + self._delta(block, {"type": "input_json_delta", "partial_json": encode(given).decode()})

    def _delta(self, block: Block, delta: Json) -> bytes:
        """content_block_delta of any kind."""
        said = {"type": "content_block_delta", "index": block.index, "delta": delta}
        return framed("content_block_delta", said)

    def _tell(self, block: Block, said: Open | Sign | Cite) -> bytes:
        """A citation, or a signature; a call's signature waits for its end, where it gets a block of its own."""
        if isinstance(said, Cite):
            return self._delta(block, {"type": "citations_delta", "citation": location(said.citation)})
        if isinstance(said, Sign):
            block.signature, block.maker = said.signature, said.maker
        return b""

    def _close(self, at: int) -> bytes:
        """content_block_stop, after the signature of a thought."""
        block = self._blocks.pop(at)
        if block.index < 0:
            return b""
        told, part = b"", block.part
        if isinstance(part, Thinking | ToolUse) and block.signature:
            part = replace(part, signature=block.signature, maker=block.maker)
        if isinstance(part, Thinking) and not block.silent and (signature := packed(part)):
            told = self._delta(block, {"type": "signature_delta", "signature": signature})
        told += framed("content_block_stop", {"type": "content_block_stop", "index": block.index})
        if isinstance(part, ToolUse) and part.signature:
            proof = Block(part)
            proof.index, self._next = self._next, self._next + 1
            told += _started(proof, signature_block(part.id, part.signature, part.maker))
            told += framed("content_block_stop", {"type": "content_block_stop", "index": proof.index})
        return told


def _started(block: Block, content: Json) -> bytes:
    """The content_block_start of a block."""
    return framed(
        "content_block_start", {"type": "content_block_start", "index": block.index, "content_block": content}
    )
