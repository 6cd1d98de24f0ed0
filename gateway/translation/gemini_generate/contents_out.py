"""Messages as contents, in the order in which Google wants them.

A turn of the model is one content, and so are the results of all its calls, in the calls' order; the system's and the
developer's messages are the system instruction.
"""

from typing import Final

from gateway.conversation.parts import Media, Native, Part, Refusing, Text, Thinking, ToolResult, ToolUse
from gateway.conversation.request import Message
from gateway.translation.codec import Json
from gateway.translation.gemini_generate import media
from gateway.translation.gemini_generate.calls import parsed, written_id
from gateway.translation.gemini_generate.models import generation, validates
from gateway.translation.gemini_generate.outgoing import Outgoing
from gateway.translation.gemini_generate.parts_out import write_parts
from gateway.translation.gemini_generate.results import write_response
from gateway.translation.gemini_generate.words import NAME
from gateway.translation.values import wrong

UNSIGNED: Final = "skip_thought_signature_validator"
"""What Google documents for calls that it did not make (ai.google.dev/gemini-api/docs/thought-signatures, FAQs)."""

LOOKS: Final = {"low": "MEDIA_RESOLUTION_LOW", "high": "MEDIA_RESOLUTION_HIGH"}


class Turns:
    """Writes messages; `system` and `contents` are what came of them, `look` the closest look asked for."""

    def __init__(self, out: Outgoing) -> None:
        self.system: list[Json] = []
        self.contents: list[Json] = []
        self.look = ""
        self._out = out
        self._names: dict[str, str] = {}
        self._order: dict[str, int] = {}
        self._results: list[ToolResult] = []
        self._turn = 0

    def write(self, messages: list[Message]) -> None:
        """All messages; where the client gave none but the system's, that becomes the user's."""
        for message in messages:
            if message.name:
                self._out.allows("name")
            if message.role in ("system", "developer"):
                self._instruct(message)
            elif message.role == "assistant":
                self._answer(message)
            else:
                self._ask(message)
        self._flush()
        if not self.contents and self.system and not self._out.own:
            self.contents, self.system = [{"role": "user", "parts": self.system}], []
        if validates(self._out.model):
            self._sign()

    def _instruct(self, message: Message) -> None:
        """Add to the system instruction, wherever the message stood."""
        later = bool(self.contents or self._results)
        allowed = self._out.allows(message.role)
        if later:
            allowed = self._out.allows("system_later") and allowed
        if allowed:
            self.system += self._parts(message.parts)

    def _answer(self, message: Message) -> None:
        """A turn of the model; several messages in a row are one, unless the client speaks this dialect."""
        self._flush()
        parts = self._parts(message.parts)
        calls = [part for part in message.parts if isinstance(part, ToolUse)]
        last = self.contents[-1] if self.contents else {}
        if last.get("role") == "model" and not self._out.own:
            last["parts"] += parts
        elif parts or self._out.own:
            self._order = {}
            self.contents.append({"role": "model", "parts": parts})
        for call in calls:
            self._names[call.id] = call.name
            self._order.setdefault(call.id, len(self._order))

    def _ask(self, message: Message) -> None:
        """A turn of the user: results wait for those of the other calls, the rest follows them."""
        if self._out.own:
            self._exactly(message)
            return
        self._results += [part for part in message.parts if isinstance(part, ToolResult)]
        parts = self._parts([part for part in message.parts if not isinstance(part, ToolResult)])
        if parts:
            self._flush()
            self.contents.append({"role": "user", "parts": parts})
            self._turn = len(self.contents)

    def _exactly(self, message: Message) -> None:
        """A turn as a client of this dialect wrote it."""
        parts = self._parts(message.parts)
        self.contents.append({"role": "user", "parts": parts})
        if not all("functionResponse" in part for part in parts):
            self._turn = len(self.contents)

    def _flush(self) -> None:
        """Write the results that wait, in the calls' order, and behind them the files that go with them."""
        if not self._results:
            return
        self._results.sort(key=lambda result: self._order.get(result.id, len(self._order)))
        written = [self._result(result) for result in self._results]
        self._results = []
        self.contents.append({"role": "user", "parts": [part for part, _ in written]})
        behind = [part for _, several in written for part in several]
        if behind:
            self.contents.append({"role": "user", "parts": behind})

    def _result(self, result: ToolResult) -> tuple[Json, list[Json]]:
        """A result with its call's name."""
        self._cached(result)
        return write_response(result, self._names.get(result.id, ""), self._out)

    def _parts(self, parts: list[Part]) -> list[Json]:
        """Google's parts."""
        return write_parts(parts, self._part, self._seal)

    def _seal(self, thinking: Thinking) -> str:
        """A thought's signature, if it is Google's own."""
        self._cached(thinking)
        if not self._out.allows("thinking"):
            return ""
        return thinking.signature if thinking.maker == NAME else ""

    def _part(self, part: Part) -> Json | None:
        """Any part but thoughts."""
        if isinstance(part, ToolResult):
            return self._result(part)[0]
        self._cached(part)
        if isinstance(part, Text | Refusing):
            # Google refuses a part without words, which other dialects' clients have beside calls.
            return {"text": part.text} if part.text or self._out.own else None
        if isinstance(part, Media):
            return self._media(part)
        if isinstance(part, ToolUse):
            return self._call(part)
        if isinstance(part, Native):
            if part.dialect == NAME and isinstance(part.value, dict):
                return part.value
            self._out.losses.lose(part.name)
        return None

    def _cached(self, part: Part) -> None:
        """Note a cache marker."""
        if getattr(part, "cache", None) is not None:
            self._out.allows("cache")

    def _media(self, part: Media) -> Json | None:
        """An image, a sound, a film or a document, where its form is taken."""
        if part.cite:
            self._out.allows("citations")
        if not self._out.allows(media.feature(part)):
            return None
        written = media.written(part, own=self._out.own)
        if part.detail and self._out.allows("image.detail") and part.detail in LOOKS:
            if self._out.own or generation(self._out.model) == "3":
                written["mediaResolution"] = {"level": LOOKS[part.detail]}
            elif self.look != "high":
                self.look = part.detail
        return written

    def _call(self, part: ToolUse) -> Json | None:
        """An earlier call; a client's call whose arguments are no object is refused."""
        if part.custom:
            self._out.allows("tools.custom")
            return None
        args = parsed(part.arguments)
        if args is None:
            raise wrong(f"the arguments of the call {part.id}", "must be a JSON object.")
        written: Json = {"functionCall": {**written_id(part.id), "name": part.name, "args": args}}
        if part.signature and part.maker == NAME:
            written["thoughtSignature"] = part.signature
        return written

    def _sign(self) -> None:
        """Mark the first call of each step of the current turn that has no signature of Google's."""
        for content in self.contents[self._turn :]:
            first = next((part for part in content["parts"] if "functionCall" in part), None)
            if first is not None:
                first.setdefault("thoughtSignature", UNSIGNED)
