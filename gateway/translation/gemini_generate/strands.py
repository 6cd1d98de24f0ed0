"""One candidate of an answer as events, the same whether it comes whole or in chunks.

Chunks of text are one part until something else comes. What may only be said at the end waits there: the last text is
open until then, so that its sources can be added to it, and so is a signature behind it.
"""

from typing import Final

from gateway.conversation.events import Add, Cite, Close, Finish, Logprobs, Open, Sign, StreamEvent
from gateway.conversation.parts import Native, Text, Thinking, ToolUse
from gateway.translation.codec import Json
from gateway.translation.gemini_generate.answer_media import read_media
from gateway.translation.gemini_generate.calls import made_id
from gateway.translation.gemini_generate.grounding import KEPT, read_citations, read_grounding, together
from gateway.translation.gemini_generate.logprobs import read_logprobs
from gateway.translation.gemini_generate.partial_args import Assembly
from gateway.translation.gemini_generate.reasons import read_reason, word
from gateway.translation.gemini_generate.words import NAME, encode
from gateway.translation.values import soft

BESIDE: Final = frozenset(("thought", "thoughtSignature", "text"))


class Strand:
    """What a candidate has said so far."""

    __slots__ = (
        "_assembly",
        "_at",
        "_calls",
        "_kept",
        "_number",
        "_open",
        "_seal",
        "_texts",
        "answer",
        "index",
        "word",
    )

    def __init__(self, index: int, answer: str) -> None:
        self.index, self.answer = index, answer
        self.word = ""
        """Google's finishReason; empty while there is none."""
        self._at = 0
        self._open: type[Text] | type[Thinking] | None = None
        self._number = 0
        self._seal = ""
        self._texts: list[str] = []
        self._calls = 0
        self._assembly: Assembly | None = None
        self._kept: Json = {}

    def read(self, candidate: Json, out: list[StreamEvent]) -> None:
        """The events of one chunk, or of all."""
        content = candidate.get("content")
        parts = content.get("parts") if isinstance(content, dict) else None
        if isinstance(parts, list):
            for part in parts:
                if isinstance(part, dict):
                    self._part(part, out)
        if "finishReason" in candidate:
            self.word = word(candidate["finishReason"]) or self.word
        if "logprobsResult" in candidate and (value := read_logprobs(candidate["logprobsResult"])):
            out.append(Logprobs(self.index, value))
        for name in KEPT:
            if isinstance(said := candidate.get(name), dict) and said:
                self._kept[name] = together(self._kept.get(name, {}), said)

    def _part(self, part: Json, out: list[StreamEvent]) -> None:
        """The events of a part; an empty text without a signature is none."""
        text = part.get("text")
        if isinstance(text, str) and len(part) == 1:
            if text:
                self._words(Text, text, out)
            return
        signature = soft(part.get("thoughtSignature"), str, "")
        if isinstance(call := part.get("functionCall"), dict):
            self._call(call, signature, out)
        elif isinstance(text, str) or BESIDE.issuperset(part):
            self._signed(soft(text, str, ""), signature, out, thought=part.get("thought") is True)
        else:
            self._whole(part, signature, out)

    def _words(self, kind: type[Text] | type[Thinking], text: str, out: list[StreamEvent]) -> None:
        """More words of one kind."""
        if self._open is not kind or self._seal:
            self._settle(out)
            self._open, self._number = kind, self._at
            self._begin(Text() if kind is Text else Thinking(summary=True), out)
        out.append(Add(self.index, self._number, text))
        if kind is Text:
            self._texts.append(text)

    def _signed(self, text: str, signature: str, out: list[StreamEvent], *, thought: bool) -> None:
        """Words with a signature: a thought ends with it, that of a text is a thought of its own behind it."""
        if text:
            self._words(Thinking if thought else Text, text, out)
        if not signature:
            return
        if not thought:
            if self._seal:
                self._settle(out)
            self._seal = signature
            return
        if self._open is not Thinking:
            self._settle(out)
            self._open, self._number = Thinking, self._at
            self._begin(Thinking(summary=True), out)
        out.append(Sign(self.index, self._number, signature, NAME))
        self._settle(out)

    def _begin(self, part: Text | Thinking | ToolUse, out: list[StreamEvent]) -> None:
        """Open the next part."""
        out.append(Open(self.index, self._at, part))
        self._at += 1

    def _settle(self, out: list[StreamEvent]) -> None:
        """Close what is open, and let the signature that waits follow."""
        if self._open is not None:
            out.append(Close(self.index, self._number))
            self._open = None
            self._texts.clear()
        if self._seal:
            at = self._at
            self._begin(Thinking(summary=True), out)
            out += (Sign(self.index, at, self._seal, NAME), Close(self.index, at))
            self._seal = ""

    def _call(self, call: Json, signature: str, out: list[StreamEvent]) -> None:
        """A call, which is whole in one chunk unless its arguments are streamed."""
        if self._assembly is None:
            self._assembly = Assembly(call, signature)
        self._assembly.add(call, signature)
        if call.get("willContinue") is not True:
            self._called(self._assembly, out)
            self._assembly = None

    def _called(self, call: Assembly, out: list[StreamEvent]) -> None:
        """The events of a whole call; one whose arguments cannot be put together keeps what is there, unclosed."""
        self._settle(out)
        self._calls += 1
        arguments = encode(call.args).decode()
        id = call.id or made_id(self.answer, self.index, self._calls, call.name, "" if self.answer else arguments)
        at = self._at
        self._begin(ToolUse(id, call.name), out)
        # Half an object is no JSON: whoever reads it sees that the call cannot be made.
        out.append(Add(self.index, at, arguments[:-1] if call.broken else arguments))
        if call.signature:
            out.append(Sign(self.index, at, call.signature, NAME))
        out.append(Close(self.index, at))

    def _whole(self, part: Json, signature: str, out: list[StreamEvent]) -> None:
        """A part that is neither words nor a call: what is not known passes as it is."""
        self._settle(out)
        media = None if part.get("thought") is True else read_media(part)
        name = next(one for one in part if one not in BESIDE)
        at = self._at
        out += (Open(self.index, at, media or Native(NAME, name, part)), Close(self.index, at))
        self._at += 1
        if media is not None:
            self._seal = signature

    def end(self, out: list[StreamEvent]) -> None:
        """Sources, what is still open, and why the candidate ended, if it did."""
        if self._assembly is not None:
            self._assembly.broken = True
            self._called(self._assembly, out)
            self._assembly = None
        if self._open is Text and self._kept:
            text = "".join(self._texts)
            grounding, cited = self._kept.get("groundingMetadata", {}), self._kept.get("citationMetadata", {})
            found = [*read_grounding(grounding, text), *read_citations(cited, text)]
            out += [Cite(self.index, self._number, citation) for citation in found]
        self._settle(out)
        for name, said in self._kept.items():
            out += (Open(self.index, self._at, Native(NAME, name, said)), Close(self.index, self._at))
            self._at += 1
        if self.word:
            out.append(Finish(self.index, read_reason(self.word, calls=self._calls > 0), self.word))
