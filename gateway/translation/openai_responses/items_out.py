"""Messages as the items of `input`."""

from collections.abc import Sequence
from hashlib import blake2b
from typing import Final

from gateway.conversation.losses import Losses
from gateway.conversation.parts import Media, Native, Part, Refusing, Text, Thinking, ToolResult, ToolUse
from gateway.conversation.request import Conversation, Message
from gateway.translation.asked import left_out
from gateway.translation.codec import Json, Quirks
from gateway.translation.openai_responses.citations import write_citation
from gateway.translation.openai_responses.media_out import form_of, write_content
from gateway.translation.openai_responses.own import NAME, make_id, marks_of
from gateway.translation.openai_responses.thoughts import write_thinking

LONGEST: Final = 64
"""Characters that OpenAI takes in a call's id."""

OPEN: Final = "reasoning_text"
"""`Quirks.thoughts` of a provider that takes anybody's thoughts back, as plain text."""


class Items:
    """The items so far, and what was lost on the way."""

    def __init__(self, conversation: Conversation, losses: Losses, quirks: Quirks) -> None:
        self.items: list[Json] = []
        self.losses = losses
        self.own = conversation.dialect == NAME
        self.open = quirks.thoughts == OPEN
        self.customs = {
            part.id
            for message in conversation.messages
            for part in message.parts
            if isinstance(part, ToolUse) and part.custom
        }

    def message(self, message: Message) -> None:
        """Append a message's items: one for each run of contents, and one for every other part."""
        if message.name:
            self.losses.allows("name")
        marks = marks_of(message)
        run: list[Part] = []
        mark: Json = {}
        for number, part in enumerate(message.parts):
            within = isinstance(part, Text | Refusing | Media)
            if within or (isinstance(part, Native) and message.role != "assistant"):
                if run and number in marks:
                    self._words(message.role, run, mark)
                    run = []
                mark = mark if run else marks.get(number, {})
                run.append(part)
                continue
            if run:
                self._words(message.role, run, mark)
                run = []
            self._item(part, marks.get(number, {}))
        if run:
            self._words(message.role, run, mark)

    def _words(self, role: str, parts: Sequence[Part], mark: Json) -> None:
        """A message item."""
        if role == "assistant":
            self._said(parts, mark)
            return
        content = write_content(parts, self.losses)
        if content != []:
            self.items.append({"role": "user" if role == "tool" else role, "content": content, **mark})

    def _said(self, parts: Sequence[Part], mark: Json) -> None:
        """Words of a model: easily put if they are one text without an id, else as the provider put them."""
        for part in parts:
            if isinstance(part, Media):
                self.losses.lose(f"{part.kind}.{form_of(part)}")
            elif isinstance(part, Text) and part.cache is not None:
                self.losses.allows("cache")
        said = [part for part in parts if isinstance(part, Text | Refusing)]
        if not said:
            return
        first = said[0]
        if len(said) == 1 and isinstance(first, Text) and not first.citations and "id" not in mark:
            self.items.append({"role": "assistant", "content": first.text, **mark})
            return
        item: Json = {"type": "message", "role": "assistant", "content": [spoken(part) for part in said]}
        if not self.own:
            item |= {"id": make_id("msg", f"{len(self.items)}"), "status": "completed"}
        self.items.append({**item, **mark})

    def _item(self, part: Part, mark: Json) -> None:
        """A part that is an item of its own."""
        if isinstance(part, ToolUse):
            self._call(part, mark)
        elif isinstance(part, ToolResult):
            self._result(part, mark)
        elif isinstance(part, Thinking):
            self._thinking(part, mark)
        elif isinstance(part, Native) and part.dialect == NAME and isinstance(part.value, dict):
            self.items.append(part.value)
        elif isinstance(part, Native):
            self.losses.lose(part.name)

    def _call(self, call: ToolUse, mark: Json) -> None:
        """A model's call; the signature on it is only its maker's business."""
        if call.cache is not None:
            self.losses.allows("cache")
        if call.signature:
            left_out(self.losses, "thinking")
        item: Json = {"call_id": self._id(call.id), "name": call.name}
        if call.custom:
            item |= {"type": "custom_tool_call", "input": call.arguments}
        else:
            item |= {"type": "function_call", "arguments": call.arguments or "{}"}
        self.items.append({**item, **mark})

    def _result(self, result: ToolResult, mark: Json) -> None:
        """A tool's result; a failure is said in its text, for there is no other place."""
        if result.cache is not None:
            self.losses.allows("cache")
        parts = [part for part in result.parts if not isinstance(part, Media) or self._fits(part)]
        output = write_content(parts, self.losses)
        if result.error and self.losses.allows("tool_result.error"):
            output = failed(output)
        kind = "custom_tool_call_output" if result.id in self.customs else "function_call_output"
        self.items.append({"type": kind, "call_id": self._id(result.id), "output": output, **mark})

    def _fits(self, media: Media) -> bool:
        """Whether a tool's result may have it; kinds that no message may have are noted with the message."""
        return media.kind not in ("image", "document") or self.losses.allows(f"tool_result.{media.kind}")

    def _thinking(self, thinking: Thinking, mark: Json) -> None:
        """A reasoning item, if the provider can do anything with it.

        It takes back only what it encrypted or stored itself, and does not read summaries; other makers' thoughts are
        left out, as the model would leave out its own of earlier turns.
        """
        if thinking.cache is not None:
            self.losses.allows("cache")
        if not self.losses.allows("thinking"):
            return
        proven = thinking.signature or thinking.redacted
        if thinking.maker == NAME or (not thinking.maker and proven):
            item = write_thinking(thinking)
            if thinking.id:
                item["id"] = thinking.id
            if proven:
                item["encrypted_content"] = proven
            self.items.append({**item, **mark})
        elif self.open and thinking.text:
            said = [{"type": "reasoning_text", "text": thinking.text}]
            id = make_id("rs", f"{len(self.items)}")
            self.items.append({"type": "reasoning", "id": id, "summary": [], "content": said})
        else:
            left_out(self.losses, "thinking")

    def _id(self, call: str) -> str:
        """A call's id; one that is too long for OpenAI is hashed, in the call and in its result alike."""
        if self.own or len(call) <= LONGEST:
            return call
        return f"call_{blake2b(call.encode('utf-8', 'replace'), digest_size=24).hexdigest()}"


def spoken(part: Text | Refusing) -> Json:
    """One content of a message that a model said."""
    if isinstance(part, Refusing):
        return {"type": "refusal", "refusal": part.text}
    return {
        "type": "output_text",
        "text": part.text,
        "annotations": [write_citation(citation) for citation in part.citations],
    }


def failed(output: str | list[Json]) -> str | list[Json]:
    """A tool's output with a word before it that it is an error, unless it begins so by itself."""
    if isinstance(output, list):
        return [{"type": "input_text", "text": "Error:"}, *output]
    return output if output.lower().startswith("error") else f"Error: {output}"
