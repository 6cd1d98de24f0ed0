"""The Completion that a stream of neutral events amounts to, with a check of the order that the contract demands."""

from gateway.conversation.answer import Candidate, Completion
from gateway.conversation.events import Add, Cite, Close, Count, End, Finish, Logprobs, Open, Sign, Start
from gateway.conversation.parts import ToolUse


def gathered(events):
    kinds = [type(event) for event in events]
    assert kinds[0] is Start
    assert kinds[-1] is End
    assert kinds.count(Start) == kinds.count(End) == kinds.count(Finish) == 1
    assert kinds.index(Finish) > max((n for n, kind in enumerate(kinds) if kind in (Open, Add, Close)), default=0)
    gathering = Gathering()
    for event in events:
        gathering.acts[type(event)](event)
    return gathering.completion


class Gathering:
    def __init__(self):
        self.candidate = Candidate()
        self.completion = Completion(candidates=[self.candidate])
        self.parts = {}
        self.closed = set()
        self.tokens = []
        self.acts = {
            Start: self.start,
            Open: self.open,
            Add: self.add,
            Sign: self.sign,
            Cite: self.cite,
            Close: self.close,
            Logprobs: self.weigh,
            Finish: self.finish,
            Count: self.count,
            End: self.end,
        }

    def part(self, event):
        assert event.at not in self.closed
        return self.parts[event.at]

    def start(self, event):
        self.completion.id, self.completion.model, self.completion.created = event.id, event.model, event.created
        self.completion.fingerprint = event.fingerprint

    def open(self, event):
        assert event.at == len(self.parts)
        self.parts[event.at] = event.part

    def add(self, event):
        assert event.text
        part = self.part(event)
        field = "arguments" if isinstance(part, ToolUse) else "text"
        setattr(part, field, getattr(part, field) + event.text)

    def sign(self, event):
        part = self.part(event)
        part.signature, part.maker = event.signature, event.maker

    def cite(self, event):
        self.part(event).citations.append(event.citation)

    def close(self, event):
        self.part(event)
        self.closed.add(event.at)

    def weigh(self, event):
        self.tokens += event.value["content"]

    def finish(self, event):
        self.candidate.reason, self.candidate.native_reason = event.reason, event.native_reason

    def count(self, event):
        self.completion.usage, self.completion.service_tier = event.usage, event.service_tier

    def end(self, event):
        assert self.closed == set(self.parts)
        self.candidate.parts = list(self.parts.values())
        self.candidate.logprobs = {"content": self.tokens, "refusal": None} if self.tokens else None
