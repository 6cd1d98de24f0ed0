"""A stream's neutral events put together into the completion that they tell of, their order checked on the way."""

from collections.abc import Iterable
from typing import Any

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
from gateway.conversation.parts import Media, Native, Text, Thinking, ToolUse
from gateway.translation.gemini_generate import CODEC


class Gathered:
    """Takes events one by one; an event out of order fails an assertion."""

    def __init__(self) -> None:
        self.completion = Completion()
        self.fault: Fault | None = None
        self.begun = self.ended = False
        self.candidates: dict[int, Candidate] = {}
        self.open: dict[tuple[int, int], Any] = {}

    def take(self, event: StreamEvent) -> None:
        assert not self.ended, "nothing follows the end"
        assert self.fault is None, "nothing follows a failure"
        assert self.begun or isinstance(event, Start | Failed), "an answer starts with its names"
        getattr(self, f"take_{type(event).__name__.lower()}")(event)

    def candidate(self, index: int) -> Candidate:
        return self.candidates.setdefault(index, Candidate(index=index))

    def take_start(self, event: Start) -> None:
        assert not self.begun, "an answer starts once"
        self.begun = True
        done = self.completion
        done.id, done.model, done.created, done.service_tier = event.id, event.model, event.created, event.service_tier

    def take_open(self, event: Open) -> None:
        parts = self.candidate(event.index).parts
        assert event.at == len(parts), "parts are numbered as they begin"
        if isinstance(event.part, ToolUse):
            assert event.part == ToolUse(event.part.id, event.part.name), "a call begins empty"
        else:
            empty = (Text(), Thinking(summary=True))
            assert isinstance(event.part, Media | Native) or event.part in empty, "words begin empty"
        parts.append(event.part)
        self.open[event.index, event.at] = event.part

    def take_add(self, event: Add) -> None:
        assert event.text, "nothing is not added"
        part = self.open[event.index, event.at]
        name = "arguments" if isinstance(part, ToolUse) else "text"
        setattr(part, name, getattr(part, name) + event.text)

    def take_sign(self, event: Sign) -> None:
        part = self.open[event.index, event.at]
        part.signature, part.maker = event.signature, event.maker

    def take_cite(self, event: Cite) -> None:
        self.open[event.index, event.at].citations.append(event.citation)

    def take_close(self, event: Close) -> None:
        del self.open[event.index, event.at]

    def take_logprobs(self, event: Logprobs) -> None:
        candidate = self.candidate(event.index)
        before = candidate.logprobs or {"content": [], "refusal": None}
        candidate.logprobs = {**before, "content": before["content"] + event.value["content"]}

    def take_finish(self, event: Finish) -> None:
        candidate = self.candidate(event.index)
        assert not [at for at in self.open if at[0] == event.index], "parts are closed before the end"
        assert candidate.reason is None, "a candidate ends once"
        candidate.reason, candidate.native_reason = event.reason, event.native_reason

    def take_count(self, event: Count) -> None:
        self.completion.usage, self.completion.service_tier = event.usage, event.service_tier

    def take_failed(self, event: Failed) -> None:
        self.fault = event.fault

    def take_end(self, event: End) -> None:
        assert all(one.reason for one in self.candidates.values()), "every candidate ends"
        self.ended = True


def gathered(events: Iterable[StreamEvent]) -> Gathered:
    whole = Gathered()
    for event in events:
        whole.take(event)
    whole.completion.candidates = [whole.candidates[index] for index in sorted(whole.candidates)]
    return whole


def streamed(chunks: Iterable[bytes]) -> Gathered:
    """What the reader says of these chunks."""
    reader = CODEC.reader()
    events = [event for chunk in chunks for event in reader.read(b"", chunk)]
    return gathered([*events, *reader.end()])
