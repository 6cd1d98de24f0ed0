"""A provider's stream in neutral events.

Each output item becomes a part when it begins, but for a message, whose contents are parts, and for a provider's own
tools, which are given out when they are whole. What an event repeats (`done` events, the last response) fills in what
the deltas before it left out: some providers send no deltas of arguments, some no item after its beginning.
"""

from collections.abc import Callable, Iterable
from typing import Any, Final

import msgspec

from gateway.conversation.answer import Fault
from gateway.conversation.events import Count, End, Failed, Finish, Start, StreamEvent
from gateway.conversation.parts import Refusing, Text
from gateway.dialects.reading import SURROGATE
from gateway.translation.codec import Json
from gateway.translation.openai_responses.answers_in import fingerprint, seconds
from gateway.translation.openai_responses.counts import read_usage
from gateway.translation.openai_responses.faults import fault_in
from gateway.translation.openai_responses.outcome import read_reason
from gateway.translation.openai_responses.pieces import Events, Pieces, key_of
from gateway.translation.values import soft

decode: Final = msgspec.json.Decoder().decode

NOTHING: Final[tuple[StreamEvent, ...]] = ()


class ResponsesReader:
    """One stream."""

    __slots__ = ("over", "pieces", "started")

    def __init__(self) -> None:
        self.pieces = Pieces()
        self.started = False
        self.over = False

    def read(self, name: bytes, text: bytes) -> Iterable[StreamEvent]:
        """The neutral events of one event; its `type` counts, and SSE's name only where there is none."""
        if self.over or text == b"[DONE]":
            return NOTHING
        try:
            event = document(text)
        except (ValueError, RecursionError):
            event = None
        if type(event) is not dict:
            return self._failed(Fault(502, "The provider sent an event that cannot be read.", "api_error"))
        kind = event.get("type")
        act = ACTIONS.get(kind) if type(kind) is str else ACTIONS.get(name.decode("latin-1"))
        if act is not None:
            return act(self, event)
        return self._failed(fault_in(event)) if kind is None and event.get("error") else NOTHING

    def end(self) -> Iterable[StreamEvent]:
        """A Failed where the provider's last event did not come; else nothing is owed."""
        if self.over:
            return NOTHING
        return self._failed(Fault(502, "The provider's stream ended before the response was complete.", "api_error"))

    def _failed(self, fault: Fault) -> Events:
        """The end of it all."""
        self.over = True
        return [Failed(fault)]

    def error(self, event: Json) -> Iterable[StreamEvent]:
        """An `error` event, with its members at the top or under `error`."""
        return self._failed(fault_in(event))

    def _events(self) -> Events:
        """A list to put events in; it has the Start where the provider sent no response before."""
        return [] if self.started else [*self.created({})]

    def created(self, event: Json) -> Iterable[StreamEvent]:
        """The first of the events that carry a response."""
        if self.started:
            return NOTHING
        self.started = True
        said = soft(event.get("response"), dict, {})
        return [
            Start(
                soft(said.get("id"), str, ""),
                soft(said.get("model"), str, ""),
                seconds(said.get("created_at")),
                fingerprint=fingerprint(said),
            )
        ]

    def added(self, event: Json) -> Iterable[StreamEvent]:
        """An item begins."""
        events, item = self._events(), event.get("item")
        if type(item) is dict:
            self.pieces.begin(key_of(event), item, events)
        return events

    def content(self, event: Json) -> Iterable[StreamEvent]:
        """A content begins: of a message, or the open text of thoughts."""
        events, kind = self._events(), soft(event.get("part"), dict, {}).get("type")
        if kind == "output_text":
            self.pieces.words(event, Text, events)
        elif kind == "refusal":
            self.pieces.words(event, Refusing, events)
        elif kind == "reasoning_text":
            self.pieces.thoughts(event, "content_index", events)
        return events

    def text(self, event: Json) -> Iterable[StreamEvent]:
        """More words, with their log probabilities."""
        delta = event.get("delta")
        if type(delta) is not str:
            return NOTHING
        events = self._events()
        piece = self.pieces.words(event, Text, events)
        piece.add(delta, events)
        piece.weigh(event.get("logprobs"), events)
        return events

    def refusal(self, event: Json) -> Iterable[StreamEvent]:
        """More words of refusal."""
        delta = event.get("delta")
        if type(delta) is not str:
            return NOTHING
        events = self._events()
        self.pieces.words(event, Refusing, events).add(delta, events)
        return events

    def arguments(self, event: Json) -> Iterable[StreamEvent]:
        """More of a call's arguments; those of a call that has not begun are taken from its end."""
        delta, piece = event.get("delta"), self.pieces.at(event)
        if type(delta) is not str or piece is None:
            return NOTHING
        events: Events = []
        piece.add(delta, events)
        return events

    def summary(self, event: Json) -> Iterable[StreamEvent]:
        """More of a summary, or the beginning of one, which sets it off from the one before."""
        return self._thoughts(event, "summary_index")

    def thoughts(self, event: Json) -> Iterable[StreamEvent]:
        """More of thoughts in open text."""
        return self._thoughts(event, "content_index")

    def _thoughts(self, event: Json, section: str) -> Events:
        """More of an item's thoughts."""
        events = self._events()
        piece = self.pieces.thoughts(event, section, events)
        delta = event.get("delta")
        if piece is not None and type(delta) is str:
            piece.add(delta, events)
        return events

    def text_done(self, event: Json) -> Iterable[StreamEvent]:
        """A text is whole: what no delta brought is added."""
        events: Events = []
        piece = self.pieces.at(event)
        if piece is not None:
            piece.rest(event.get("text"), events)
            piece.weigh_whole(event.get("logprobs"), events)
        return events

    def annotation(self, event: Json) -> Iterable[StreamEvent]:
        """A citation for a text."""
        events: Events = []
        piece = self.pieces.at(event)
        if piece is not None:
            piece.cite(event.get("annotation"), events)
        return events

    def content_done(self, event: Json) -> Iterable[StreamEvent]:
        """A content of a message is whole."""
        events: Events = []
        piece, part = self.pieces.at(event), event.get("part")
        if piece is not None and type(part) is dict and part.get("type") in ("output_text", "refusal"):
            piece.fill(part, events)
        return events

    def item_done(self, event: Json) -> Iterable[StreamEvent]:
        """An item is whole."""
        events, item = self._events(), event.get("item")
        if type(item) is dict:
            self.pieces.whole(key_of(event), item, events)
        return events

    def finished(self, event: Json) -> Iterable[StreamEvent]:
        """The response is whole, or as whole as it will be."""
        events = [*self.created(event)]
        said = soft(event.get("response"), dict, {})
        if said.get("status") == "failed" or said.get("error"):
            return [*events, *self._failed(fault_in(said))]
        self.pieces.finish(soft(said.get("output"), list, []), events)
        events.append(Finish(0, *read_reason(said, self.pieces.seen)))
        usage = read_usage(said.get("usage"))
        if usage is not None:
            events.append(Count(usage, soft(said.get("service_tier"), str, "")))
        self.over = True
        events.append(End())
        return events


def document(text: bytes) -> Any:  # noqa: ANN401 - JSON
    """Decoded JSON; half surrogate pairs, which some providers cut in two, become U+FFFD. Raises ValueError."""
    try:
        return decode(text)
    except msgspec.DecodeError:
        mended = SURROGATE.sub(rb"\\ufffd", text)
        if mended == text:
            raise
        return decode(mended)


ACTIONS: Final[dict[str, Callable[[ResponsesReader, Json], Iterable[StreamEvent]]]] = {
    "response.created": ResponsesReader.created,
    "response.queued": ResponsesReader.created,
    "response.in_progress": ResponsesReader.created,
    "response.output_item.added": ResponsesReader.added,
    "response.content_part.added": ResponsesReader.content,
    "response.output_text.delta": ResponsesReader.text,
    "response.output_text.done": ResponsesReader.text_done,
    "response.output_text.annotation.added": ResponsesReader.annotation,
    "response.refusal.delta": ResponsesReader.refusal,
    "response.reasoning_summary_part.added": ResponsesReader.summary,
    "response.reasoning_summary_text.delta": ResponsesReader.summary,
    "response.reasoning_text.delta": ResponsesReader.thoughts,
    "response.function_call_arguments.delta": ResponsesReader.arguments,
    "response.custom_tool_call_input.delta": ResponsesReader.arguments,
    "response.content_part.done": ResponsesReader.content_done,
    "response.output_item.done": ResponsesReader.item_done,
    "response.completed": ResponsesReader.finished,
    "response.incomplete": ResponsesReader.finished,
    "response.failed": ResponsesReader.finished,
    "response.cancelled": ResponsesReader.finished,
    "error": ResponsesReader.error,
}
