"""A provider's stream, event by event.

https://platform.claude.com/docs/en/build-with-claude/streaming. A block that the neutral form lacks is held until it is
whole. Usage comes twice, in message_start and with totals in message_delta; the reason once, before message_stop.
"""

from collections.abc import Iterable
from typing import Any, Final

import msgspec

from gateway.conversation.answer import Fault
from gateway.conversation.events import Add, Cite, Close, Count, End, Failed, Finish, Open, Sign, Start, StreamEvent
from gateway.conversation.parts import Native, Text, Thinking, ToolUse
from gateway.dialects.anthropic import AnthropicCounts
from gateway.dialects.dialect import merge
from gateway.translation.anthropic_messages.asked import NAME
from gateway.translation.anthropic_messages.blocks_answered import answered, plain
from gateway.translation.anthropic_messages.blocks_in import arguments_of
from gateway.translation.anthropic_messages.blocks_shown import input_of
from gateway.translation.anthropic_messages.citations import citation
from gateway.translation.anthropic_messages.faults import streamed_fault, thrown
from gateway.translation.anthropic_messages.stops import reason
from gateway.translation.anthropic_messages.usage import counts, tier
from gateway.translation.anthropic_messages.wrapped import unwrapped
from gateway.translation.codec import Json
from gateway.translation.values import soft

decode: Final = msgspec.json.decode

NOTHING: Final[tuple[StreamEvent, ...]] = ()

TEXTS: Final[dict[Any, str]] = {"text_delta": "text", "input_json_delta": "partial_json", "thinking_delta": "thinking"}
"""The field of each kind of delta that adds text to a part."""


class Block:
    """A block that is open: its place among the parts, or all of it so far where it is held until it is whole."""

    __slots__ = ("at", "cited", "given", "held", "json")

    def __init__(self, at: int, held: Json | None, given: dict[str, Any]) -> None:
        self.at = at
        self.held = held
        self.given = given
        """The `input` of a call whose block began with it."""
        self.json: list[str] | None = None
        self.cited: list[StreamEvent] = []
        """Citations, which Anthropic sends before the words that they are for."""


class MessagesReader:
    """One message's stream."""

    def __init__(self) -> None:
        self._begun = self._over = False
        self._blocks: dict[int, Block] = {}
        self._parts = 0
        self._counts = AnthropicCounts()
        self._reason = ""
        self._stop: str | None = None
        self._kinds = {
            "content_block_start": self._start_block,
            "content_block_stop": self._stop_block,
            "message_start": self._start,
            "message_delta": self._delta,
        }

    def read(self, name: bytes, text: bytes) -> Iterable[StreamEvent]:
        """The neutral events of one event; nothing for pings, for events that are new, and after the end."""
        if self._over:
            return NOTHING
        if name.endswith(b"Exception"):
            return self._fail(thrown(name, text))
        try:
            said = decode(unwrapped(text) if name == b"chunk" else text)
            kind = said.get("type")
            if kind == "content_block_delta":
                return self._add(said["index"], said["delta"])
            return self._other(kind, said)
        except (ValueError, RecursionError, AttributeError, LookupError, TypeError):
            return self._fail(Fault(502, "The provider's stream has an event that cannot be read."))

    def end(self) -> Iterable[StreamEvent]:
        """What a stream without message_stop still owes; a Failed where it ended before it said why."""
        if self._over:
            return NOTHING
        if not self._reason:
            return self._fail(Fault(502, "The provider's stream ended before its answer did."))
        return self._end()

    def _other(self, kind: object, said: Json) -> Iterable[StreamEvent]:
        """Any event that is no delta of a block."""
        if isinstance(kind, str) and (take := self._kinds.get(kind)) is not None:
            return take(said)
        if kind == "message_stop":
            return self._end()
        if kind == "error" or (kind is None and "error" in said):
            return self._fail(streamed_fault(said))
        return NOTHING

    def _fail(self, fault: Fault) -> Iterable[StreamEvent]:
        """The end of it all."""
        self._over = True
        return (Failed(fault),)

    def _start(self, said: Json) -> Iterable[StreamEvent]:
        """message_start: names, and tokens in; a second one changes nothing."""
        message = soft(said.get("message"), dict, {})
        if self._begun:
            return NOTHING
        self._begun = True
        merge(self._counts, counts(message.get("usage")))
        model, id = soft(message.get("model"), str, ""), soft(message.get("id"), str, "")
        events: list[StreamEvent] = [Start(id, model, service_tier=tier(self._counts))]
        if usage := self._counts.usage():
            events.append(Count(usage, tier(self._counts)))
        return events

    def _start_block(self, said: Json) -> Iterable[StreamEvent]:
        """content_block_start; a block may begin with something in it already."""
        block = said["content_block"]
        events: list[StreamEvent] = [] if self._begun else [*self._start({})]
        if not plain(block):
            self._blocks[said["index"]] = Block(-1, dict(block), {})
            return events
        at, self._parts = self._parts, self._parts + 1
        part = answered(block)
        self._blocks[said["index"]] = opened = Block(at, None, {})
        if isinstance(part, Text):
            first, cited = part.text, part.citations
            events.append(Open(0, at, Text()))
            opened.cited += [Cite(0, at, one) for one in cited]
        elif isinstance(part, Thinking):
            first = part.text
            events.append(Open(0, at, Thinking(redacted=part.redacted, maker=NAME)))
            if part.signature:
                events.append(Sign(0, at, part.signature, NAME))
        else:
            assert isinstance(part, ToolUse)
            first, opened.given = "", soft(block.get("input"), dict, {})
            events.append(Open(0, at, ToolUse(part.id, part.name)))
        if first:
            events.append(Add(0, at, first))
        return events

    def _add(self, index: int, delta: Json) -> Iterable[StreamEvent]:
        """content_block_delta: the one event that comes by the hundred."""
        block = self._blocks[index]
        if block.held is not None:
            _grow(block, delta)
            return NOTHING
        kind = delta.get("type")
        field = TEXTS.get(kind)
        if field is None:
            return _beside(block, kind, delta)
        added = delta[field]
        if not isinstance(added, str):
            raise TypeError(kind)
        if not added:
            return NOTHING
        block.given = {}
        return (Add(0, block.at, added),)

    def _stop_block(self, said: Json) -> Iterable[StreamEvent]:
        """content_block_stop; one that was never opened is passed over."""
        block = self._blocks.pop(said["index"], None)
        return NOTHING if block is None else self._close(block)

    def _close(self, block: Block) -> list[StreamEvent]:
        """A block's end: arguments that came with its beginning and not bit by bit, or the whole of a held one."""
        if block.held is None:
            events: list[StreamEvent] = [Add(0, block.at, arguments_of(block.given))] if block.given else []
            return [*events, *block.cited, Close(0, block.at)]
        if block.json is not None:
            block.held["input"] = input_of("".join(block.json))
        at, self._parts = self._parts, self._parts + 1
        name = soft(block.held.get("type"), str, "")
        return [Open(0, at, Native(NAME, name, block.held)), Close(0, at)]

    def _delta(self, said: Json) -> Iterable[StreamEvent]:
        """message_delta: why it ended, and the tokens up to there; told at the end."""
        delta = soft(said.get("delta"), dict, {})
        merge(self._counts, counts(said.get("usage")))
        self._reason = soft(delta.get("stop_reason"), str, "") or self._reason
        self._stop = soft(delta.get("stop_sequence"), str, "") or self._stop
        return NOTHING

    def _end(self) -> Iterable[StreamEvent]:
        """Everything that is owed, once; a message that says it is whole and not why has merely stopped."""
        self._over = True
        events: list[StreamEvent] = [] if self._begun else [Start()]
        for block in self._blocks.values():
            events += self._close(block)
        events.append(Finish(0, reason(self._reason or "end_turn"), self._reason, self._stop))
        if usage := self._counts.usage():
            events.append(Count(usage, tier(self._counts)))
        events.append(End())
        return events


def _beside(block: Block, kind: object, delta: Json) -> Iterable[StreamEvent]:
    """A delta that adds no text: a signature, a citation, or something new, which is passed over."""
    if kind == "signature_delta":
        return (Sign(0, block.at, soft(delta.get("signature"), str, ""), NAME),)
    if kind == "citations_delta":
        block.cited.append(Cite(0, block.at, citation(delta["citation"])))
    return NOTHING


def _grow(block: Block, delta: Json) -> None:
    """Add to a block that is held: JSON of its input apart, texts to what is there, anything else in its place."""
    assert block.held is not None
    for name, value in delta.items():
        if name == "partial_json" and isinstance(value, str):
            if block.json is None:
                block.json = []
            block.json.append(value)
        elif name != "type":
            before = block.held.get(name)
            joined = isinstance(before, str) and isinstance(value, str)
            block.held[name] = before + value if joined else value
