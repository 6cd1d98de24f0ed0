"""What the writer of a stream keeps of each candidate and of its open parts."""

from typing import Any, Final

from gateway.conversation.parts import Citation, Media, Native, Part, Refusing, Text, Thinking, ToolUse
from gateway.translation.codec import Json
from gateway.translation.openai_chat import answers_out, citations, thoughts
from gateway.translation.openai_chat.natives import AUDIO, DIALECT, MESSAGE, is_annotation
from gateway.translation.signatures import outward

FIELDS: Final = {Text: b'{"content":', Refusing: b'{"refusal":', Thinking: b'{"reasoning_content":'}
"""How a delta begins that adds to a part."""


class Written:
    """A part that is open: how more of it is written, and what is owed when it is whole."""

    __slots__ = ("after", "before", "length", "number", "part", "texts")

    def __init__(self, part: Part, before: bytes | None, after: bytes, number: int = 0) -> None:
        self.part = part
        self.before = before
        self.after = after
        self.number = number
        """A call's place among the calls."""
        self.length = 0
        """Characters of text so far."""
        self.texts: list[str] = []
        """A thought so far, which stands beside its signature once more."""

    def add(self, text: str) -> None:
        """Keep account of what is written."""
        self.length += len(text)
        if isinstance(self.part, Thinking):
            self.texts.append(text)

    def sign(self, signature: str, maker: str) -> Json:
        """Take in a signature; the delta that says it where it is a call's."""
        if isinstance(self.part, ToolUse):
            extra = thoughts.signed(outward(signature, maker, DIALECT))
            kind, member = ("custom", "input") if self.part.custom else ("function", "arguments")
            # Every delta of a call must have its member: the official SDK's helper for streams asserts it.
            return {"tool_calls": [{"index": self.number, kind: {member: ""}, "extra_content": extra}]}
        if isinstance(self.part, Thinking):
            self.part = Thinking(self.part.text, signature, id=self.part.id, maker=maker, summary=self.part.summary)
        return {}


class Voice:
    """One candidate."""

    __slots__ = ("calls", "head", "notes", "offset", "parts", "proofs", "seen", "tail")

    def __init__(self, index: int) -> None:
        self.head = b'{"index":%d,"delta":' % index
        self.tail = b',"logprobs":null,"finish_reason":null}'
        self.parts: dict[int, Written] = {}
        self.calls = 0
        self.proofs = 0
        self.seen = 0
        """Calls, proofs of thoughts and images so far: each kind is numbered."""
        self.offset = 0
        """Characters of the texts that are whole, from which citations of the next one count."""
        self.notes: list[Any] = []
        """Annotations. They go out all at once: of several deltas the official Python SDK's helper makes an error, and
        Node's keeps the last one alone."""

    def begin(self, at: int, part: Part, *, legacy: bool) -> Json:
        """Open a part; the delta that says so, if any."""
        if isinstance(part, ToolUse):
            return self._call(at, part, legacy=legacy)
        if isinstance(part, Media):
            return self._media(part)
        before = FIELDS.get(type(part))
        if before is None:
            return {}
        written = self.parts[at] = Written(part, before, b"}")
        text: str = getattr(part, "text", "")
        if not text:
            return {}
        written.add(text)
        return {before[2:-2].decode(): text}

    def _call(self, at: int, part: ToolUse, *, legacy: bool) -> Json:
        """A call begins: its name and id stand in the first delta, and nowhere else."""
        number = self.calls
        self.calls += 1
        if legacy:
            self.parts[at] = Written(part, b'{"function_call":{"arguments":', b"}}", number)
            return {"function_call": {"name": part.name, "arguments": part.arguments}}
        kind, member = ("custom", "input") if part.custom else ("function", "arguments")
        before = b'{"tool_calls":[{"index":%d,"%s":{"%s":' % (number, kind.encode(), member.encode())
        self.parts[at] = Written(part, before, b"}}]}", number)
        said: Json = {"index": number, "id": part.id, "type": kind, kind: {"name": part.name, member: part.arguments}}
        if part.signature:
            said["extra_content"] = thoughts.signed(outward(part.signature, part.maker, DIALECT))
        return {"tool_calls": [said]}

    def _media(self, part: Media) -> Json:
        """An image or a sound that the model made."""
        if part.kind == "image":
            self.seen += 1
            return {"images": [answers_out.picture(part, self.seen - 1)]}
        return {"audio": {"data": part.data}} if part.kind == "audio" else {}

    def native(self, part: Native) -> Json:
        """The delta for what only this dialect knows."""
        if part.name == AUDIO:
            return {"audio": part.value}
        if is_annotation(part):
            self.notes.append(part.value)
            return {}
        return answers_out.members([part], MESSAGE)

    def cite(self, citation: Citation) -> None:
        """Keep a citation of the text that is open."""
        self.notes.append(citations.annotation(citation, self.offset))

    def end(self, at: int) -> Json:
        """Close a part; the delta that is owed for it, if any: a thought's proof."""
        written = self.parts.pop(at, None)
        if written is None:
            return {}
        part = written.part
        if isinstance(part, Text):
            self.offset += written.length
        if not isinstance(part, Thinking) or not (part.signature or part.redacted):
            return {}
        if thoughts.of_message(part):
            return {"extra_content": thoughts.on_wire([part])}
        whole = Thinking("".join(written.texts), part.signature, part.redacted, part.id, part.maker, part.summary)
        items = thoughts.numbered([whole], self.proofs, "")
        self.proofs += len(items)
        return {"reasoning_details": items}
