"""One choice of a stream: from what a chunk adds to it, to events of parts that open, grow and close."""

from base64 import b64decode, b64encode
from collections.abc import Callable
from typing import Any, Final

from gateway.conversation.events import Add, Cite, Close, Logprobs, Open, Sign, StreamEvent
from gateway.conversation.parts import Native, Part, Refusing, Text, Thinking
from gateway.translation.codec import Json
from gateway.translation.openai_chat import answers_in, citations, thoughts
from gateway.translation.openai_chat.calls import Calls
from gateway.translation.openai_chat.natives import CHOICE, MESSAGE, native
from gateway.translation.values import soft

HOT: Final = frozenset(("role", "content", "reasoning", "reasoning_content"))
"""Members of a delta that nearly every chunk has, and nothing but."""

COLD: Final = answers_in.SAID | {"token_id", "channel"}
CHOICE_COLD: Final = frozenset(("index", "delta", "finish_reason", "logprobs"))


class Track:
    """What has been said of one choice; `out` is where its events go."""

    __slots__ = (
        "at",
        "audio",
        "calls",
        "closed",
        "index",
        "key",
        "late",
        "native_reason",
        "natives",
        "open",
        "reason",
        "refusal",
        "sound",
        "stop",
        "text",
        "thought",
    )

    def __init__(self, index: int, answer: str) -> None:
        self.index = index
        self.at = 0
        self.open: list[int] = []
        """Parts that are open, in the order in which they began."""
        self.text = self.thought = self.refusal = -1
        """The open part of the kind; -1 where there is none."""
        self.key: object = None
        """Which of the provider's thoughts the open one is."""
        self.calls = Calls(self, answer)
        self.audio: Json = {}
        self.sound: list[str] = []
        """What is spoken: all but its bytes, and they in pieces."""
        self.late: list[Native] = []
        """Annotations that are no citations."""
        self.natives: Json = {}
        self.reason = self.native_reason = self.stop = ""
        self.closed = False

    def begin(self, part: Part, out: list[StreamEvent]) -> int:
        """Open a part, and return its number."""
        at = self.at
        self.at = at + 1
        self.open.append(at)
        out.append(Open(self.index, at, part))
        return at

    def shut(self, at: int, out: list[StreamEvent]) -> None:
        """Close a part."""
        self.open.remove(at)
        out.append(Close(self.index, at))

    def whole(self, part: Part, out: list[StreamEvent]) -> None:
        """A part that is there at once."""
        self.shut(self.begin(part, out), out)

    def feed(self, choice: Json, out: list[StreamEvent]) -> None:
        """Everything that a chunk adds."""
        delta = choice.get("delta")
        if isinstance(delta, dict):
            if delta.keys() <= HOT:
                self._hot(delta, out)
            else:
                self._all(delta, out)
        scores = choice.get("logprobs")
        if scores is not None and (scores := answers_in.logprobs(scores)) is not None:
            out.append(Logprobs(self.index, scores))
        if not choice.keys() <= CHOICE_COLD:
            self._aside(choice)
        word = choice.get("finish_reason")
        if word and isinstance(word, str):
            self.reason = word
            self.close(out)

    def _hot(self, delta: Json, out: list[StreamEvent]) -> None:
        """Thoughts and text."""
        words = delta.get("reasoning_content") or delta.get("reasoning")
        if words and isinstance(words, str):
            self.think(words, None, out)
        content = delta.get("content")
        if content:
            self.say(content, out)

    def _all(self, delta: Json, out: list[StreamEvent]) -> None:
        """Every member a delta may have, in the order in which they are in a whole answer."""
        details = delta.get("reasoning_details")
        words = delta.get("reasoning_content") or delta.get("reasoning")
        spoken = isinstance(details, list) and self._details(details, out)
        if words and not spoken and isinstance(words, str):
            self.think(words, None, out)
        for one in thoughts.on_message(delta.get("extra_content")):
            self._proof(one, out)
        for name, read in RARE:
            value = delta.get(name)
            if value:
                read(self, value, out)
        self.calls.feed(delta, out)
        self._keep(MESSAGE, delta, COLD)

    def think(self, words: str, key: object, out: list[StreamEvent]) -> None:
        """More thoughts; `key` tells one thought from another where a provider counts them."""
        if self.thought < 0 or key != self.key:
            self._hush(out)
            summary = isinstance(key, tuple) and key[0] == "reasoning.summary"
            self.thought, self.key = self.begin(Thinking(summary=summary), out), key
        out.append(Add(self.index, self.thought, words))

    def _hush(self, out: list[StreamEvent]) -> None:
        """Close what is spoken or thought, since something else begins."""
        if self.thought >= 0:
            self.shut(self.thought, out)
        if self.text >= 0:
            self.shut(self.text, out)
        self.thought = self.text = -1

    def say(self, content: Any, out: list[StreamEvent]) -> None:  # noqa: ANN401 - JSON
        """More text, or Mistral's chunks."""
        if isinstance(content, str):
            if self.text < 0:
                self._hush(out)
                self.text = self.begin(Text(), out)
            out.append(Add(self.index, self.text, content))
            return
        for part in answers_in.content(content):
            if isinstance(part, Text):
                self.say(part.text, out)
            elif isinstance(part, Thinking):
                self.think(part.text, None, out)
            else:
                self.whole(part, out)

    def _details(self, details: list[Any], out: list[StreamEvent]) -> bool:
        """Thoughts in OpenRouter's form; whether any of them has words."""
        spoken = False
        for item in details:
            found = thoughts.thought(item) if isinstance(item, dict) else None
            if found is None:
                continue
            if found.redacted:
                self._proof(found, out)
                continue
            key = (item.get("type"), item.get("index"))
            if found.text and found.signature and self.thought >= 0 and self.key is None:
                # A whole thought once more, with its proof: this is how our own writer signs.
                spoken = True
            elif found.text:
                spoken = True
                self.think(found.text, key, out)
            if found.signature:
                self._sign(found, key, out)
        return spoken

    def _sign(self, found: Thinking, key: object, out: list[StreamEvent]) -> None:
        """The signature of the open thought, or of one without words."""
        if self.thought < 0:
            found.text = ""
            self._proof(found, out)
            return
        self.key = key
        out.append(Sign(self.index, self.thought, found.signature, found.maker))

    def _proof(self, found: Thinking, out: list[StreamEvent]) -> None:
        """A thought that is encrypted, or a signature alone."""
        if self.thought >= 0:
            self.shut(self.thought, out)
            self.thought = -1
        self.whole(found, out)

    def see(self, images: object, out: list[StreamEvent]) -> None:
        """Images that the model made; each is whole."""
        for item in images if isinstance(images, list) else ():
            if (image := answers_in.picture(item)) is not None:
                self.whole(image, out)

    def refuse(self, words: object, out: list[StreamEvent]) -> None:
        """More of a refusal."""
        if isinstance(words, str):
            if self.refusal < 0:
                self._hush(out)
                self.refusal = self.begin(Refusing(), out)
            out.append(Add(self.index, self.refusal, words))

    def cite(self, annotations: object, out: list[StreamEvent]) -> None:
        """Citations of the text so far; other annotations wait for the end."""
        cited, others = citations.read(annotations)
        self.late += others
        if cited and self.text < 0:
            self._hush(out)
            self.text = self.begin(Text(), out)
        out += [Cite(self.index, self.text, one) for one in cited]

    def quiet(self, out: list[StreamEvent]) -> None:
        """A tool call begins: text and thoughts are whole, and open parts do not wait on one another."""
        self._hush(out)

    def hear(self, audio: object, _: list[StreamEvent]) -> None:
        """More of what is spoken; it is one part at the end, for its transcript belongs to it."""
        for name, value in audio.items() if isinstance(audio, dict) else ():
            if name == "data" and isinstance(value, str):
                self.sound.append(value)
            elif name == "transcript" and isinstance(value, str):
                self.audio[name] = self.audio.get(name, "") + value
            else:
                self.audio[name] = value

    def _aside(self, choice: Json) -> None:
        """Members of a choice that not all have."""
        self.native_reason = soft(choice.get("native_finish_reason"), str, "") or self.native_reason
        self.stop = soft(choice.get("stop_reason"), str, "") or self.stop
        self._keep(CHOICE, choice, answers_in.ASIDE)

    def _keep(self, prefix: str, holder: Json, known: frozenset[str]) -> None:
        """Keep what only this dialect knows until the end: lists grow, of all else the last one counts."""
        for name, value in holder.items():
            if not answers_in.notable(name, value, known):
                continue
            before = self.natives.get(prefix + name)
            if isinstance(value, list) and isinstance(before, list):
                before.extend(value)
            else:
                self.natives[prefix + name] = value

    def close(self, out: list[StreamEvent]) -> None:
        """Everything has been said."""
        self.closed = True
        self.calls.close(out)
        for at in list(self.open):
            self.shut(at, out)
        self.text = self.thought = self.refusal = -1

    def last(self, out: list[StreamEvent]) -> None:
        """What has waited for the end."""
        self.close(out)
        if self.sound:
            self.audio["data"] = joined(self.sound)
        for part in (*answers_in.sound(self.audio), *self.late):
            self.whole(part, out)
        for prefix in (MESSAGE, CHOICE):
            for name, value in self.natives.items():
                if name.startswith(prefix):
                    self.whole(native(name, value), out)


RARE: Final[tuple[tuple[str, Callable[[Track, Any, list[StreamEvent]], None]], ...]] = (
    ("content", Track.say),
    ("refusal", Track.refuse),
    ("annotations", Track.cite),
    ("images", Track.see),
    ("audio", Track.hear),
)
"""What is read of a delta that has more than text and thoughts."""


def joined(pieces: list[str]) -> str:
    """Pieces of base64 as one; where one but the last is padded, each stands for bytes of its own."""
    if not any(piece.endswith("=") for piece in pieces[:-1]):
        return "".join(pieces)
    try:
        return b64encode(b"".join(b64decode(piece) for piece in pieces)).decode()
    except ValueError:
        return ""
