"""A stream's neutral events put together into the completion that they tell of, their order checked on the way."""

import copy
from collections.abc import Iterable
from typing import Any

from gateway.call import Usage
from gateway.conversation.answer import Candidate, Completion, Fault
from gateway.conversation.events import (
    Add,
    Cite,
    Close,
    Count,
    End,
    Failed,
    Finish,
    Logprobs,
    Open,
    Sign,
    Start,
    StreamEvent,
)
from gateway.conversation.parts import Text, Thinking, ToolUse
from gateway.translation.codec import Reader


def events_of(reader: Reader, frames: Iterable[tuple[bytes, bytes]]) -> list[StreamEvent]:
    found: list[StreamEvent] = []
    for name, text in frames:
        found += reader.read(name, text)
    return [*found, *reader.end()]


class Gathered:
    """Takes events one by one; an event out of order fails an assertion."""

    def __init__(self) -> None:
        self.completion = Completion(candidates=[Candidate()])
        self.open: dict[int, Any] = {}
        self.cited: set[int] = set()
        self.fault: Fault | None = None
        self.state = "new"

    def take(self, event: StreamEvent) -> None:
        assert self.state not in ("ended", "failed"), "nothing follows the end"
        way = "begin" if isinstance(event, Open) else type(event).__name__.lower()
        getattr(self, way)(event)

    def start(self, event: Start) -> None:
        assert self.state == "new"
        self.state = "started"
        self.completion.id, self.completion.model = event.id, event.model

    def begin(self, event: Open) -> None:
        assert self.state == "started"
        parts = self.completion.candidates[0].parts
        assert event.at == len(parts), "parts are numbered as they begin"
        self.open[event.at] = copy.deepcopy(event.part)
        parts.append(self.open[event.at])

    def add(self, event: Add) -> None:
        assert event.text
        assert event.at not in self.cited, "words come before citations"
        part = self.open[event.at]
        if isinstance(part, ToolUse):
            part.arguments += event.text
        else:
            assert isinstance(part, Text | Thinking)
            part.text += event.text

    def sign(self, event: Sign) -> None:
        part = self.open[event.at]
        part.signature, part.maker = event.signature, event.maker

    def cite(self, event: Cite) -> None:
        self.cited.add(event.at)
        self.open[event.at].citations.append(event.citation)

    def close(self, event: Close) -> None:
        del self.open[event.at]

    def logprobs(self, event: Logprobs) -> None:
        candidate = self.completion.candidates[0]
        before = candidate.logprobs or {"content": [], "refusal": None}
        candidate.logprobs = {**before, "content": before["content"] + event.value["content"]}

    def finish(self, event: Finish) -> None:
        assert self.state == "started"
        assert not self.open, "parts are closed before the end"
        self.state = "finished"
        candidate = self.completion.candidates[0]
        candidate.reason, candidate.native_reason = event.reason, event.native_reason
        candidate.stop_sequence = event.stop_sequence

    def count(self, event: Count) -> None:
        assert isinstance(event.usage, Usage)
        assert self.state == "finished"
        self.completion.usage = event.usage
        self.completion.service_tier = event.service_tier

    def end(self, event: End) -> None:
        assert self.state == "finished"
        self.state = "ended"

    def failed(self, event: Failed) -> None:
        self.state = "failed"
        self.fault = event.fault


def gathered(events: Iterable[StreamEvent]) -> Gathered:
    """What the events say; `state` is `ended` or `failed`."""
    whole = Gathered()
    for event in events:
        whole.take(event)
    return whole
