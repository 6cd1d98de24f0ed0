"""A provider's stream, chunk by chunk."""

from collections.abc import Iterable
from typing import Final

import msgspec

from gateway.conversation.answer import Fault
from gateway.conversation.events import Count, End, Failed, Finish, Start, StreamEvent
from gateway.dialects.reading import SURROGATE
from gateway.translation.codec import Json
from gateway.translation.openai_chat import answers_in, counts, faults
from gateway.translation.openai_chat.natives import EXTRAS, native
from gateway.translation.openai_chat.reasons import reason
from gateway.translation.openai_chat.track import Track
from gateway.translation.values import soft

decode: Final = msgspec.json.Decoder().decode

CHOICES: Final = 128
"""OpenAI's `n` ends there; what a provider numbers beyond it is not read."""


class ChatReader:
    """The reader of one stream. Finish comes with the stream's end, for extras and errors may follow the reason."""

    __slots__ = ("extras", "id", "over", "started", "tier", "tracks", "usage")

    def __init__(self) -> None:
        self.tracks: dict[int, Track] = {}
        self.extras: Json = {}
        self.usage: Json = {}
        self.id = self.tier = ""
        self.started = self.over = False

    def read(self, name: bytes, text: bytes) -> Iterable[StreamEvent]:
        """The events of one chunk; `[DONE]` ends the stream."""
        if self.over or not text:
            return ()
        try:
            chunk = decode(text)
        except (ValueError, RecursionError):
            if text.strip() == b"[DONE]":
                return self._ended()
            chunk = mended(text)
        if not isinstance(chunk, dict):
            return self._broken("an event that is no JSON object")
        if chunk.get("error") or name == b"error":
            return self._failed(faults.fault(200, chunk.get("error") or chunk))
        return self._chunk(chunk)

    def _chunk(self, chunk: Json) -> list[StreamEvent]:
        """What a chunk adds: to the answer's head, to its choices, to the usage."""
        out: list[StreamEvent] = []
        choices = chunk.get("choices")
        if not self.started and (choices or chunk.get("id")):
            self._start(chunk, out)
        if not chunk.keys() <= answers_in.ANSWER:
            self.extras |= {
                name: value for name, value in chunk.items() if name not in answers_in.ANSWER and value is not None
            }
        if isinstance(choices, list):
            for at, choice in enumerate(choices):
                if isinstance(choice, dict):
                    if choice.get("error"):
                        return [*out, *self._failed(faults.fault(200, choice["error"]))]
                    self._choice(choice, at, out)
        usage = chunk.get("usage") or soft(chunk.get("x_groq"), dict, {}).get("usage")
        if usage and isinstance(usage, dict):
            self._count(chunk, usage)
        return out

    def _start(self, chunk: Json, out: list[StreamEvent]) -> None:
        """The head of the answer; Azure's filter results come before it."""
        self.started = True
        self.id = soft(chunk.get("id"), str, "")
        self.tier = answers_in.tier(chunk)
        model, fingerprint = soft(chunk.get("model"), str, ""), soft(chunk.get("system_fingerprint"), str, "")
        out.append(Start(self.id, model, answers_in.created(chunk.get("created")), self.tier, fingerprint))

    def _choice(self, choice: Json, at: int, out: list[StreamEvent]) -> None:
        """Feed one choice's track."""
        index = choice.get("index")
        if type(index) is not int:
            index = at
        track = self.tracks.get(index)
        if track is None:
            if len(self.tracks) >= CHOICES:
                return
            track = self.tracks[index] = Track(index, self.id)
        track.feed(choice, out)
        usage = choice.get("usage")
        if usage and isinstance(usage, dict):
            # Moonshot's place for it.
            self._count(choice, usage)

    def _count(self, chunk: Json, usage: Json) -> None:
        """Keep usage: of what comes repeatedly the last is the whole, and null changes nothing."""
        self.usage |= {name: value for name, value in usage.items() if value is not None} if self.usage else usage
        self.tier = answers_in.tier(chunk) or self.tier

    def end(self) -> Iterable[StreamEvent]:
        """The end of the body: of the answer too, if all its choices gave a reason."""
        if self.over:
            return ()
        if not self.tracks or not all(track.closed for track in self.tracks.values()):
            return self._broken("an end before the answer's")
        return self._ended()

    def _ended(self) -> list[StreamEvent]:
        """All that has waited for the end."""
        if not self.started:
            return self._broken("no answer")
        self.over = True
        out: list[StreamEvent] = []
        if self.usage:
            self.extras |= counts.beside(self.usage)
        for track in self.tracks.values():
            track.last(out)
        if self.extras and self.tracks:
            next(iter(self.tracks.values())).whole(native(EXTRAS, self.extras), out)
        out += [finished(track) for track in self.tracks.values()]
        usage = counts.usage(self.usage) if self.usage else None
        if usage is not None:
            out.append(Count(usage, self.tier))
        out.append(End())
        return out

    def _failed(self, fault: Fault) -> list[StreamEvent]:
        """The provider's error; nothing after it is read."""
        self.over = True
        return [Failed(fault)]

    def _broken(self, what: str) -> list[StreamEvent]:
        """A stream that cannot be read on."""
        return self._failed(Fault(502, f"The provider's stream broke off: {what}.", "api_error", "stream_broken"))


def mended(text: bytes) -> object:
    """A chunk with half a surrogate pair, which a provider makes by cutting through an emoji; None for no JSON."""
    try:
        return decode(SURROGATE.sub(rb"\\ufffd", text).decode("utf-8", "replace").encode())
    except (ValueError, RecursionError):
        return None


def finished(track: Track) -> Finish:
    """Why a choice ended; a stream that was closed in order without a reason ended because all was said."""
    found = reason(track.reason or "stop", calls=bool(track.calls.every))
    if found == "stop" and track.stop:
        return Finish(track.index, "stop_sequence", track.native_reason or track.reason, track.stop)
    return Finish(track.index, found, track.native_reason or track.reason)
