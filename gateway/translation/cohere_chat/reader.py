"""The events of Cohere's v2 chat (https://docs.cohere.com/v2/docs/streaming)."""

from collections.abc import Callable, Iterable
from typing import Any, Final, Literal

import msgspec

from gateway.conversation.answer import Fault
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
    Start,
    StreamEvent,
)
from gateway.conversation.parts import Citation, Part, Text, Thinking, ToolUse
from gateway.translation.codec import Json
from gateway.translation.cohere_chat.pieces import citations, logprobs, reason, usage
from gateway.translation.cohere_chat.turns import NAME
from gateway.translation.values import soft

decode: Final = msgspec.json.Decoder().decode

DONE: Final = b"[DONE]"
PLAN: Final = -1
"""The place of the plan among the content, whose own indices begin at 0."""

BROKEN: Final = Failed(Fault(502, "The provider sent an event that cannot be read."))
SHORT: Final = Failed(Fault(502, "The provider's stream was cut short."))


class ChatReader:
    """Reads one stream. Parts are opened by their first words, for Cohere also begins content that stays empty."""

    __slots__ = ("_calls", "_cited", "_next", "_over", "_parts", "_silent", "_started")

    def __init__(self) -> None:
        self._parts: dict[int, tuple[int, str]] = {}
        """Open texts and thoughts: by the index of their content, the part's number and `text` or `thinking`."""
        self._calls: dict[int, int] = {}
        self._silent: set[int] = set()
        """Numbers of calls that have no arguments yet."""
        self._cited: dict[int, list[Citation]] = {}
        """Citations by the part's number: they wait for the end of its text."""
        self._next = 0
        self._started = False
        self._over: Literal["", "finished", "failed"] = ""

    def read(self, name: bytes, text: bytes) -> Iterable[StreamEvent]:
        """The neutral events of one event; its type stands inside it too, and types new to us are passed over."""
        if self._over or text == DONE:
            return ()
        try:
            event = decode(text)
        except (ValueError, RecursionError):
            event = None
        if not isinstance(event, dict):
            return self._fail(BROKEN)
        kind = event.get("type")
        way = WAYS.get(kind) if isinstance(kind, str) else None
        if way is not None:
            return way(self, event) if self._started else [*self._begin({}), *way(self, event)]
        if kind == "message-start":
            return self._begin(event)
        if not isinstance(kind, str) and isinstance(event.get("message"), str):
            return self._fail(Failed(Fault(502, event["message"])))
        return ()

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

    def _begin(self, event: Json) -> Iterable[StreamEvent]:
        """The start, once."""
        if self._started:
            return ()
        self._started = True
        return (Start(soft(event.get("id"), str, "")),)

    def _open(self, part: Part) -> Open:
        """Number a part."""
        at, self._next = self._next, self._next + 1
        return Open(0, at, part)

    def _content(self, event: Json) -> Iterable[StreamEvent]:
        """More words or thoughts. This runs for nearly every event of a stream."""
        content = _message(event, "content")
        said = content.get("text")
        kind = "text"
        if type(said) is not str or not said:
            said, kind = content.get("thinking"), "thinking"
        if type(said) is not str or not said:
            return self._measured(event)
        events = self._more(soft(event.get("index"), int, 0), kind, said)
        return [*events, *self._measured(event)] if "logprobs" in event else events

    def _more(self, index: int, kind: str, said: str) -> Iterable[StreamEvent]:
        """More of a part, the first of which opens it and closes the one before."""
        known = self._parts.get(index)
        if known is not None:
            return (Add(0, known[0], said),) if known[1] == kind else ()
        events = self._settle()
        opened = self._open(Text() if kind == "text" else Thinking(maker=NAME))
        self._parts[index] = (opened.at, kind)
        return [*events, opened, Add(0, opened.at, said)]

    def _measured(self, event: Json) -> Iterable[StreamEvent]:
        """Log probabilities of what was just said."""
        item = event.get("logprobs")
        found = logprobs([item]) if item else None
        return () if found is None else (Logprobs(0, found),)

    def _plan(self, event: Json) -> Iterable[StreamEvent]:
        """More of the plan before a tool call, which is a thought."""
        said = _held(event).get("tool_plan")
        return self._more(PLAN, "thinking", said) if isinstance(said, str) and said else ()

    def _settle(self) -> list[StreamEvent]:
        """Close texts and thoughts. Not before something else begins, for citations may come after the last word."""
        events: list[StreamEvent] = []
        for at, _kind in self._parts.values():
            events += [Cite(0, at, citation) for citation in self._cited.pop(at, ())]
            events.append(Close(0, at))
        self._parts.clear()
        return events

    def _call(self, event: Json) -> Iterable[StreamEvent]:
        """A tool call begins."""
        call = _message(event, "tool_calls")
        function = soft(call.get("function"), dict, {})
        part = ToolUse(soft(call.get("id"), str, ""), soft(function.get("name"), str, ""))
        index = soft(event.get("index"), int, 0)
        left = self._calls.get(index)
        # A call begins where another of its index never ended: only nonsense does that.
        events = self._settle() if left is None else [*self._settle(), *self._hang_up(left)]
        opened = self._open(part)
        self._calls[index] = opened.at
        self._silent.add(opened.at)
        return [*events, opened, *self._arguments(event)]

    def _arguments(self, event: Json) -> Iterable[StreamEvent]:
        """More of a call's arguments."""
        at = self._calls.get(soft(event.get("index"), int, 0))
        said = soft(_message(event, "tool_calls").get("function"), dict, {}).get("arguments")
        if at is None or not isinstance(said, str) or not said:
            return ()
        self._silent.discard(at)
        return (Add(0, at, said),)

    def _called(self, event: Json) -> Iterable[StreamEvent]:
        """A tool call ends."""
        at = self._calls.pop(soft(event.get("index"), int, 0), None)
        return () if at is None else self._hang_up(at)

    def _hang_up(self, at: int) -> list[StreamEvent]:
        """Close a call. One without arguments gets an empty object, as a whole answer has it."""
        if at not in self._silent:
            return [Close(0, at)]
        self._silent.discard(at)
        return [Add(0, at, "{}"), Close(0, at)]

    def _cite(self, event: Json) -> Iterable[StreamEvent]:
        """A citation, for the text that it names or the one that is open."""
        given = _message(event, "citations")
        index = given.get("content_index")
        known = self._parts.get(index) if type(index) is int else None
        if type(index) is not int:
            known = next((one for one in self._parts.values() if one[1] == "text"), None)
        if known is not None and known[1] == "text":
            self._cited.setdefault(known[0], []).extend(citations(given))
        return ()

    def _finish(self, event: Json) -> Iterable[StreamEvent]:
        """The end of the message, with its usage; or the error that ended it."""
        delta = soft(event.get("delta"), dict, {})
        word, error = soft(delta.get("finish_reason"), str, ""), soft(delta.get("error"), str, "")
        if error:
            return self._fail(Failed(Fault(504 if word == "TIMEOUT" else 500, error, code=word)))
        events = self._settle()
        for at in self._calls.values():
            events += self._hang_up(at)
        self._over = "finished"
        events.append(Finish(0, reason(word), word))
        counted = usage(delta.get("usage"))
        if counted is not None:
            events.append(Count(counted))
        return events


def _held(event: Json) -> dict[str, Any]:
    """`delta.message`; empty where it is not there."""
    delta = event.get("delta")
    message = delta.get("message") if isinstance(delta, dict) else None
    return message if isinstance(message, dict) else {}


def _message(event: Json, member: str) -> dict[str, Any]:
    """A member of `delta.message` that is an object; empty where it is not."""
    value = _held(event).get(member)
    return value if isinstance(value, dict) else {}


WAYS: Final[dict[str, Callable[[ChatReader, Json], Iterable[StreamEvent]]]] = {
    "content-start": ChatReader._content,
    "content-delta": ChatReader._content,
    "tool-plan-delta": ChatReader._plan,
    "tool-call-start": ChatReader._call,
    "tool-call-delta": ChatReader._arguments,
    "tool-call-end": ChatReader._called,
    "citation-start": ChatReader._cite,
    "message-end": ChatReader._finish,
}
"""content-end and citation-end say nothing new."""
