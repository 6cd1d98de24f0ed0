"""ConverseStream's events (API reference, ConverseStreamOutput), each in a frame that names it."""

from collections.abc import Callable, Iterable
from typing import Final, Literal

from gateway.conversation.answer import Fault
from gateway.conversation.events import (
    Add,
    Cite,
    Close,
    Count,
    End,
    Failed,
    Finish,
    Open,
    Sign,
    Start,
    StreamEvent,
)
from gateway.conversation.parts import Part, Text, Thinking, ToolUse
from gateway.translation.bedrock_converse.blocks import NAME
from gateway.translation.bedrock_converse.faults import read_exception
from gateway.translation.bedrock_converse.held import Block, Kind, decode, whole
from gateway.translation.bedrock_converse.pieces import (
    SERVER,
    citation,
    reason,
    stop_sequence,
    tier,
    usage,
)
from gateway.translation.codec import Json
from gateway.translation.values import soft

BROKEN: Final = Failed(Fault(502, "The provider sent an event that cannot be read."))
PARTS: Final = frozenset({b"contentBlockStart", b"contentBlockDelta", b"contentBlockStop", b"messageStop"})
"""What cannot come after messageStop."""

SHORT: Final = Failed(Fault(502, "The provider's stream was cut short."))

WAITING: Final[dict[str, Kind]] = {"toolUse": "server", "toolResult": "toolResult", "image": "image"}
"""Blocks that are opened only when they are whole, by the member of `start` that they have."""


class ConverseReader:
    """Reads one stream. Text and thoughts have no start of their own: their first delta is it."""

    __slots__ = ("_blocks", "_next", "_over", "_started", "_ways")

    def __init__(self) -> None:
        self._blocks: dict[int, Block] = {}
        self._next = 0
        self._started = False
        self._over: Literal["", "finished", "failed"] = ""
        self._ways: dict[bytes, Callable[[Json], Iterable[StreamEvent]]] = {
            b"contentBlockDelta": self._delta,
            b"contentBlockStart": self._start,
            b"contentBlockStop": self._stop,
            b"messageStop": self._finish,
            b"metadata": self._count,
        }

    def read(self, name: bytes, text: bytes) -> Iterable[StreamEvent]:
        """The neutral events of one frame; those whose names are new to us are passed over."""
        if self._over and (self._over == "failed" or name in PARTS):
            return ()
        try:
            event = decode(text)
        except (ValueError, RecursionError):
            event = None
        if name.endswith(b"Exception"):
            return self._fail(Failed(read_exception(name.decode("latin-1"), soft(event, dict, {}))))
        if not isinstance(event, dict):
            return self._fail(BROKEN)
        way = self._ways.get(name)
        if way is None:
            return self._begin() if name == b"messageStart" else ()
        return way(event) if self._started else [*self._begin(), *way(event)]

    def end(self) -> Iterable[StreamEvent]:
        """The end, or that there was none."""
        if self._over == "failed":
            return ()
        finished, self._over = self._over, "failed"
        return (End(),) if finished else (SHORT,)

    def _fail(self, failed: Failed) -> Iterable[StreamEvent]:
        """Say what went wrong, and nothing more after it."""
        self._over = "failed"
        return (failed,)

    def _begin(self) -> Iterable[StreamEvent]:
        """The start, once."""
        if self._started:
            return ()
        self._started = True
        return (Start(),)

    def _start(self, event: Json) -> Iterable[StreamEvent]:
        """A tool call is opened; whatever can only be given whole waits for its end."""
        start = soft(event.get("start"), dict, {})
        index = soft(event.get("contentBlockIndex"), int, 0)
        # A block begins where another of its index never ended: only nonsense does that.
        left = self._blocks.pop(index, None)
        events = [] if left is None else self._close(left)
        name, given = next(iter(start.items()), ("", None))
        begin = soft(given, dict, {})
        if name == "toolUse" and begin.get("type") != SERVER:
            call = ToolUse(soft(begin.get("toolUseId"), str, ""), soft(begin.get("name"), str, ""))
            return [*events, self._open(index, Block("tool", begin), call)]
        if name in WAITING:
            self._blocks[index] = Block(WAITING[name], begin)
        return events

    def _open(self, index: int, block: Block, part: Part) -> Open:
        """Open the part of a block whose end is still to come."""
        self._blocks[index] = block
        return self._numbered(block, part)

    def _numbered(self, block: Block, part: Part) -> Open:
        """Open a part under the next number."""
        block.at, self._next = self._next, self._next + 1
        return Open(0, block.at, part)

    def _delta(self, event: Json) -> Iterable[StreamEvent]:
        """More of a block. This runs for nearly every frame of a stream."""
        delta = soft(event.get("delta"), dict, {})
        index = soft(event.get("contentBlockIndex"), int, 0)
        text = delta.get("text")
        if type(text) is str:
            return self._more(index, "text", text)
        for name, value in delta.items():
            if name in self.PIECES:
                return self.PIECES[name](self, index, value)
        return ()

    def _more(self, index: int, kind: Literal["text", "thinking"], text: str) -> Iterable[StreamEvent]:
        """More words or thoughts, the first of which open their part."""
        block = self._blocks.get(index)
        if block is not None:
            return (Add(0, block.at, text),) if block.kind == kind and text else ()
        if not text:
            return ()
        block = Block(kind, {})
        opened = self._open(index, block, Text() if kind == "text" else Thinking(maker=NAME))
        return (opened, Add(0, block.at, text))

    def _input(self, index: int, value: object) -> Iterable[StreamEvent]:
        """More of a call's arguments."""
        block = self._blocks.get(index)
        text = soft(soft(value, dict, {}).get("input"), str, "")
        if block is None or not text:
            return ()
        if block.kind == "tool":
            if not block.given:
                block.given.append(text)
            return (Add(0, block.at, text),)
        if block.kind == "server":
            block.given.append(text)
        return ()

    def _thought(self, index: int, value: object) -> Iterable[StreamEvent]:
        """More thoughts, their signature, or a piece of encrypted ones."""
        given = soft(value, dict, {})
        text, signature = given.get("text"), given.get("signature")
        redacted = soft(given.get("redactedContent"), str, "")
        if type(text) is str:
            return self._more(index, "thinking", text)
        if redacted:
            self._blocks.setdefault(index, Block("redacted", {})).given.append(redacted)
            return ()
        if type(signature) is not str or not signature:
            return ()
        block = self._blocks.get(index)
        if block is not None:
            return (Sign(0, block.at, signature, NAME),) if block.kind == "thinking" else ()
        block = Block("thinking", {})
        return (self._open(index, block, Thinking(maker=NAME)), Sign(0, block.at, signature, NAME))

    def _cited(self, index: int, value: object) -> Iterable[StreamEvent]:
        """A citation, which waits for the end of its text."""
        found = citation(value)
        block = self._blocks.get(index)
        opened: tuple[StreamEvent, ...] = ()
        if block is None and found is not None:
            block = Block("text", {})
            opened = (self._open(index, block, Text()),)
        if block is not None and found is not None:
            block.citations.append(found)
        return opened

    def _told(self, index: int, value: object) -> Iterable[StreamEvent]:
        """More of the result of a tool that Bedrock ran."""
        block = self._blocks.get(index)
        if block is not None and block.kind == "toolResult":
            block.begin = {**block.begin, "content": [*block.begin.get("content", []), *soft(value, list, [])]}
        return ()

    def _pictured(self, index: int, value: object) -> Iterable[StreamEvent]:
        """More of an image."""
        block = self._blocks.get(index)
        source = soft(soft(value, dict, {}).get("source"), dict, {})
        if block is not None and block.kind == "image" and source:
            block.begin = {**block.begin, "source": source}
            block.given.append(soft(source.get("bytes"), str, ""))
        return ()

    def _stop(self, event: Json) -> Iterable[StreamEvent]:
        """The end of a block; what was waiting for it comes now."""
        index = soft(event.get("contentBlockIndex"), int, 0)
        block = self._blocks.pop(index, None)
        return () if block is None else self._close(block)

    def _close(self, block: Block) -> list[StreamEvent]:
        """What is owed for one block. A call without arguments gets an empty object, as a whole answer has it."""
        if block.at < 0:
            part = whole(block)
            return [] if part is None else [self._numbered(block, part), Close(0, block.at)]
        events: list[StreamEvent] = [Cite(0, block.at, one) for one in block.citations]
        if block.kind == "tool" and not block.given:
            events.append(Add(0, block.at, "{}"))
        events.append(Close(0, block.at))
        return events

    def _finish(self, event: Json) -> Iterable[StreamEvent]:
        """The end of the message, and of blocks that were left open."""
        events: list[StreamEvent] = []
        for block in self._blocks.values():
            events += self._close(block)
        self._blocks.clear()
        self._over = "finished"
        word = soft(event.get("stopReason"), str, "")
        events.append(Finish(0, reason(word), word, stop_sequence(event)))
        return events

    def _count(self, event: Json) -> Iterable[StreamEvent]:
        """Tokens, which come last."""
        counted = usage(event.get("usage"))
        return () if counted is None else (Count(counted, tier(event)),)

    PIECES: Final[dict[str, Callable[["ConverseReader", int, object], Iterable[StreamEvent]]]] = {
        "toolUse": _input,
        "reasoningContent": _thought,
        "citation": _cited,
        "toolResult": _told,
        "image": _pictured,
    }
