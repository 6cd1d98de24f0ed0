"""A stream for a client of this dialect, as the official SDK's accumulator takes it.

Only the first candidate is written: there is no place for more. Words that follow one another are one message.
"""

from collections.abc import Callable
from typing import Any, Final

import msgspec

from gateway.call import Usage
from gateway.conversation.answer import Reason
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
from gateway.conversation.parts import Refusing, Text, Thinking, ToolUse
from gateway.conversation.request import Conversation
from gateway.translation.codec import Json
from gateway.translation.openai_responses.answers_out import Ids, besides, items_of
from gateway.translation.openai_responses.counts import merge, write_usage
from gateway.translation.openai_responses.faults import error_event
from gateway.translation.openai_responses.frame import frame
from gateway.translation.openai_responses.lines import Lines, encode
from gateway.translation.openai_responses.logprobs import entries_of
from gateway.translation.openai_responses.outcome import write_failure, write_outcome
from gateway.translation.openai_responses.thoughts import seal_call
from gateway.translation.openai_responses.tracks import CallTrack, MessageTrack, ThoughtsTrack, WordsTrack

Track = WordsTrack | CallTrack | ThoughtsTrack


class ResponsesWriter:
    """One stream."""

    def __init__(self, conversation: Conversation) -> None:
        self.conversation = conversation
        self.lines = Lines()
        self.frame: Json = {}
        self.ids = Ids("")
        self.output: list[Json] = []
        self.tracks: dict[int, Track] = {}
        self.message: MessageTrack | None = None
        self.words: WordsTrack | None = None
        self.refused = False
        self.reason: Reason | None = None
        self.native = ""
        self.usage: Usage | None = None
        self.tier = ""
        self.over = False

    def write(self, event: StreamEvent) -> bytes:
        """The bytes for one event; an answer whose beginning did not come is begun with what comes first."""
        if self.over:
            return b""
        act = ACTIONS[type(event)]
        if self.frame or isinstance(event, Start | Failed):
            return act(self, event)
        return self._start(Start()) + act(self, event)

    def _start(self, event: Start) -> bytes:
        """The response is there, and in progress."""
        if self.frame:
            return b""
        self.frame = frame(self.conversation, event.id, event.model, event.created)
        self.frame |= besides("", event.fingerprint)
        self.ids = Ids(self.frame["id"])
        self.tier = event.service_tier
        response = msgspec.Raw(encode(self.frame))
        created = self.lines.event("response.created", response=response)
        return created + self.lines.event("response.in_progress", response=response)

    def _open(self, event: Open) -> bytes:
        """A part begins, and with it an item, or a content of the last one."""
        if event.index:
            return b""
        part = event.part
        if isinstance(part, Text | Refusing):
            return self._begin_words(event.at, part)
        if isinstance(part, Thinking):
            said = self._leave_message()
            id, index = self._reserve("rs", part.id)
            thoughts = self.tracks[event.at] = ThoughtsTrack(self.lines, id, index, msgspec.structs.replace(part))
            return said + thoughts.begin()
        if isinstance(part, ToolUse):
            said = self._leave_message()
            id, index = self._reserve("ctc" if part.custom else "fc", "")
            call = self.tracks[event.at] = CallTrack(self.lines, id, index, msgspec.structs.replace(part))
            return said + call.begin()
        return b"".join(self._whole(item) for item in items_of(part))

    def _begin_words(self, at: int, part: Text | Refusing) -> bytes:
        """A content of the message at the end, or of a new one."""
        said = b""
        if self.message is None:
            self.message = MessageTrack(self.lines, *self._reserve("msg", ""))
            said = self.message.begin()
        self.refused = self.refused or isinstance(part, Refusing)
        words = self.tracks[at] = WordsTrack(self.message, part)
        return said + words.begin()

    def _reserve(self, prefix: str, id: str) -> tuple[str, int]:
        """An id and the place in the output for an item that begins."""
        index = len(self.output)
        self.output.append({})
        return self.ids.give(prefix, id, index), index

    def _leave_message(self) -> bytes:
        """The message at the end is whole unless one of its contents is still open."""
        message, self.message = self.message, None
        if message is None:
            return b""
        message.left = True
        return b"" if message.open else self._end_message(message)

    def _end_message(self, message: MessageTrack) -> bytes:
        """Put a whole message into the output."""
        self.output[message.index] = message.item
        return message.end()

    def _whole(self, item: Json) -> bytes:
        """An item that is whole at once; one that came with an id keeps it."""
        said = self._leave_message()
        index = len(self.output)
        item = self.ids.named(item, index)
        self.output.append(item)
        said += self.lines.event("response.output_item.added", output_index=index, item=item)
        return said + self.lines.event("response.output_item.done", output_index=index, item=item)

    def _add(self, event: Add) -> bytes:
        """A delta."""
        track = None if event.index else self.tracks.get(event.at)
        if track is None or not event.text:
            return b""
        if type(track) is WordsTrack:
            self.words = track
        return track.add(event.text)

    def _sign(self, event: Sign) -> bytes:
        """A signature, which is written when its part is whole."""
        track = None if event.index else self.tracks.get(event.at)
        if isinstance(track, ThoughtsTrack):
            track.thinking.signature, track.thinking.maker = event.signature, event.maker
        elif isinstance(track, CallTrack):
            track.call.signature, track.call.maker = event.signature, event.maker
        return b""

    def _cite(self, event: Cite) -> bytes:
        """An annotation."""
        track = None if event.index else self.tracks.get(event.at)
        return track.cite(event.citation) if isinstance(track, WordsTrack) else b""

    def _logprobs(self, event: Logprobs) -> bytes:
        """Log probabilities of the text that was last added to."""
        return self.words.weigh(entries_of(event.value)) if self.words is not None and not event.index else b""

    def _close(self, event: Close) -> bytes:
        """A part is whole."""
        return b"" if event.index else self._end_part(event.at)

    def _end_part(self, at: int) -> bytes:
        """End a part, and its item if nothing else can come in it."""
        track = self.tracks.pop(at, None)
        if track is None:
            return b""
        if isinstance(track, WordsTrack):
            said = track.end()
            message = track.message
            return said + self._end_message(message) if message.left and not message.open else said
        said, self.output[track.index] = track.end()
        if isinstance(track, CallTrack) and track.call.signature:
            said += self._whole(seal_call(track.call))
        return said

    def _finish(self, event: Finish) -> bytes:
        """Why the candidate ended, which the last event says."""
        if not event.index:
            self.reason, self.native = event.reason, event.native_reason
        return b""

    def _count(self, event: Count) -> bytes:
        """Tokens, which the last event says."""
        self.usage = merge(self.usage, event.usage)
        self.tier = event.service_tier or self.tier
        return b""

    def _failed(self, event: Failed) -> bytes:
        """A failed response, if there is one, and the error event that the SDKs raise."""
        self.over = True
        said = b""
        if self.frame:
            said = self.lines.event("response.failed", response=self._response(write_failure(event.fault)))
        return said + self.lines.raw(error_event(event.fault, self.lines.number))

    def _end(self, _: End) -> bytes:
        """The whole response."""
        self.over = True
        said = b"".join(self._end_part(at) for at in tuple(self.tracks))
        outcome = write_outcome(self.reason, self.native, refused=self.refused)
        status = outcome["status"]
        if self.message is not None and status == "incomplete":
            self.message.item["status"] = "incomplete"
        said += self._leave_message()
        kind = f"response.{status if status in ('incomplete', 'failed') else 'completed'}"
        return said + self.lines.event(kind, response=self._response(outcome))

    def _response(self, outcome: Json) -> Json:
        """The response with all that is whole of its output."""
        return {
            **self.frame,
            **outcome,
            "output": [item for item in self.output if item],
            "usage": write_usage(self.usage),
            **besides(self.tier, ""),
        }


ACTIONS: Final[dict[type[Any], Callable[[ResponsesWriter, Any], bytes]]] = {
    Start: ResponsesWriter._start,
    Open: ResponsesWriter._open,
    Add: ResponsesWriter._add,
    Sign: ResponsesWriter._sign,
    Cite: ResponsesWriter._cite,
    Close: ResponsesWriter._close,
    Logprobs: ResponsesWriter._logprobs,
    Finish: ResponsesWriter._finish,
    Count: ResponsesWriter._count,
    Failed: ResponsesWriter._failed,
    End: ResponsesWriter._end,
}
