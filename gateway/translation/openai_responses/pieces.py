"""The parts of a stream while they are under way: what has come of each, and what is still owed."""

from typing import Any

from gateway.conversation.events import Add, Cite, Close, Logprobs, Open, Sign, StreamEvent
from gateway.conversation.parts import Native, Part, Refusing, Text, Thinking
from gateway.translation.codec import Json
from gateway.translation.openai_responses.answers_in import READERS, words
from gateway.translation.openai_responses.citations import read_citation
from gateway.translation.openai_responses.logprobs import neutral
from gateway.translation.openai_responses.outcome import Seen
from gateway.translation.openai_responses.own import NAME
from gateway.translation.openai_responses.thoughts import BREAK, read_thinking
from gateway.translation.values import soft

Events = list[StreamEvent]

Key = int | str
"""What tells items apart: their number in the output, or their id where a provider does not count."""


class Piece:
    """One part; `got` counts its characters, so that what a later event repeats can be told from what it adds."""

    __slots__ = ("at", "cited", "closed", "got", "kind", "section", "weighed")

    def __init__(self, at: int) -> None:
        self.at = at
        self.got = 0
        self.cited = 0
        self.kind = ""
        self.section = 0
        self.weighed = False
        self.closed = False

    def add(self, delta: str, events: Events) -> None:
        """More text."""
        if delta and not self.closed:
            self.got += len(delta)
            events.append(Add(0, self.at, delta))

    def rest(self, text: object, events: Events) -> None:
        """What the whole text has beyond that which came."""
        if type(text) is str and len(text) > self.got:
            self.add(text[self.got :], events)

    def weigh(self, entries: object, events: Events) -> None:
        """Log probabilities of what was just added."""
        if type(entries) is list and entries:
            self.weighed = True
            events.append(Logprobs(0, neutral(entries)))

    def weigh_whole(self, entries: object, events: Events) -> None:
        """Log probabilities of the whole text, where its deltas had none."""
        if not self.weighed:
            self.weigh(entries, events)

    def cite(self, annotation: object, events: Events) -> None:
        """A citation."""
        citation = read_citation(annotation)
        if citation is not None and not self.closed:
            self.cited += 1
            events.append(Cite(0, self.at, citation))

    def fill(self, content: Json, events: Events) -> None:
        """All that a whole content of a message has beyond what came."""
        if self.closed:
            return
        self.rest(content.get("refusal" if content.get("type") == "refusal" else "text"), events)
        self.weigh_whole(content.get("logprobs"), events)
        for annotation in soft(content.get("annotations"), list, [])[self.cited :]:
            self.cite(annotation, events)

    def close(self, events: Events) -> None:
        """The part is whole."""
        if not self.closed:
            self.closed = True
            events.append(Close(0, self.at))


class Pieces:
    """All parts of a stream, by the number of their item and of their content within it."""

    __slots__ = ("_done", "_found", "_ids", "_order", "seen")

    def __init__(self) -> None:
        self._order: list[Piece] = []
        self._found: dict[tuple[Key, int], Piece] = {}
        self._done: set[Key] = set()
        self._ids: set[str] = set()
        self.seen = Seen()

    def at(self, event: Json) -> Piece | None:
        """The part that an event is about; a call's and an item of thoughts' is their first."""
        return self._found.get((key_of(event), number(event, "content_index")))

    def open(self, key: tuple[Key, int], part: Part, events: Events) -> Piece:
        """A part begins."""
        piece = self._found[key] = Piece(len(self._order))
        self._order.append(piece)
        self.seen.note(part)
        events.append(Open(0, piece.at, part))
        return piece

    def words(self, event: Json, kind: type[Text | Refusing], events: Events) -> Piece:
        """The part for a content of a message, opened if it is not there, for which the one before is closed.

        A content's own end does not close it: some providers name its citations only with the whole message.
        """
        key = (key_of(event), number(event, "content_index"))
        piece = self._found.get(key)
        if piece is not None:
            return piece
        before = self._found.get((key[0], key[1] - 1))
        if before is not None:
            before.close(events)
        return self.open(key, kind(), events)

    def thoughts(self, event: Json, section: str, events: Events) -> Piece | None:
        """The part for an item's thoughts; None where it already has text of the other kind.

        Its summaries, or its texts, are numbered: a further one is set off by two line breaks.
        """
        key = (key_of(event), 0)
        piece = self._found.get(key)
        if piece is None:
            id = soft(event.get("item_id"), str, "")
            piece = self.open(key, Thinking(id=id, maker=NAME, summary=section == "summary_index"), events)
            piece.kind = section
        if piece.kind != section:
            return None
        at = number(event, section)
        if at > piece.section:
            piece.section = at
            piece.add(BREAK, events)
        return piece

    def begin(self, index: Key, item: Json, events: Events) -> None:
        """A call begins: it can be opened at once, since its name is known."""
        if item.get("type") in ("function_call", "custom_tool_call") and (index, 0) not in self._found:
            self._call(index, item, events)

    def _call(self, index: Key, item: Json, events: Events) -> Piece:
        """Open a call without its arguments, which follow."""
        call: Any = READERS[item["type"]](item)
        call.arguments = ""
        return self.open((index, 0), call, events)

    def whole(self, index: Key, item: Json, events: Events) -> None:
        """An item is whole: the rest of its parts, all of those that had not begun; once for each item."""
        if index in self._done:
            return
        self._done.add(index)
        id = item.get("id")
        if type(id) is str:
            self._ids.add(id)
        kind = item.get("type")
        if kind == "message":
            self._message(index, item, events)
        elif kind == "reasoning":
            self._thinking(index, item, events)
        elif type(kind) is str and kind in READERS:
            piece = self._found.get((index, 0)) or self._call(index, item, events)
            piece.rest(item.get("input" if kind == "custom_tool_call" else "arguments"), events)
            piece.close(events)
        else:
            self.open((index, 0), Native(NAME, soft(kind, str, "item"), item), events).close(events)

    def _message(self, index: Key, item: Json, events: Events) -> None:
        """Every content of a message."""
        contents = [one for one in soft(item.get("content"), list, []) if type(one) is dict]
        for place, content in enumerate(contents):
            piece = self._found.get((index, place))
            if piece is None:
                part = words(content, [])
                if part is None:
                    continue
                piece = self.open((index, place), type(part)(), events)
            piece.fill(content, events)
            piece.close(events)

    def _thinking(self, index: Key, item: Json, events: Events) -> None:
        """Thoughts with their signature, which may differ from the one with which they began."""
        whole = read_thinking(item)
        piece = self._found.get((index, 0))
        if piece is None:
            begun = Thinking(id=whole.id, maker=NAME, summary=whole.summary)
            piece = self.open((index, 0), begun, events)
        if not piece.got:
            piece.add(whole.text, events)
        if whole.signature and not piece.closed:
            events.append(Sign(0, piece.at, whole.signature, NAME))
        piece.close(events)

    def finish(self, output: list[Any], events: Events) -> None:
        """The response is whole: items of its output that the stream left out, and an end to all that is open."""
        for index, item in enumerate(output):
            if type(item) is dict and not (type(item.get("id")) is str and item["id"] in self._ids):
                self.whole(index, item, events)
        for piece in self._order:
            piece.close(events)


def key_of(event: Json) -> Key:
    """Which item an event is about."""
    index = event.get("output_index")
    if type(index) is int:
        return index
    item = event.get("item")
    id = item.get("id") if type(item) is dict else event.get("item_id")
    return id if type(id) is str else 0


def number(event: Json, name: str) -> int:
    """An index; 0 where it is none."""
    value = event.get(name)
    return value if type(value) is int else 0
