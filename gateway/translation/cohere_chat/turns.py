"""Messages of a conversation as those of Cohere's v2 chat (https://docs.cohere.com/reference/chat)."""

from typing import Any, Final

from gateway.conversation.losses import Losses
from gateway.conversation.parts import Media, Native, Part, Refusing, Text, Thinking, ToolResult, ToolUse
from gateway.conversation.request import Message
from gateway.translation.asked import left_out
from gateway.translation.codec import Json

NAME: Final = "cohere_chat"


class Turns:
    """Writes the messages of one request; documents leave them, since Cohere has those apart."""

    def __init__(self, losses: Losses, *, plans: bool) -> None:
        self._losses, self._plans = losses, plans
        self._begun = False
        self.messages: list[Json] = []
        self.documents: list[Json] = []

    def add(self, message: Message) -> None:
        """Write one message, which may become several: each tool result is a message of its own."""
        if message.name:
            self._losses.allows("name")
        if any(getattr(part, "cache", None) is not None for part in message.parts):
            self._losses.allows("cache")
        if message.role in ("system", "developer"):
            self._system(message)
            return
        self._begun = True
        if message.role == "assistant":
            self._assistant(message.parts)
        else:
            self._user(message.parts)

    def _system(self, message: Message) -> None:
        """A system message, which may stand anywhere."""
        if not self._losses.allows(message.role) or (self._begun and not self._losses.allows("system_later")):
            return
        self._put("system", [block for part in message.parts if (block := self._words(part)) is not None])

    def _put(self, role: str, blocks: list[Json]) -> None:
        """Append a message, unless it would be empty."""
        if blocks:
            self.messages.append({"role": role, "content": _content(blocks)})

    def _user(self, parts: list[Part]) -> None:
        """What the user said, and between it what tools said, in order."""
        blocks: list[Json] = []
        for part in parts:
            if isinstance(part, ToolResult):
                self._put("user", blocks)
                blocks = []
                self._result(part)
            elif isinstance(part, Media):
                blocks += self._media(part)
            elif (block := self._words(part)) is not None:
                blocks.append(block)
        self._put("user", blocks)

    def _assistant(self, parts: list[Part]) -> None:
        """What the model said, thought and called."""
        calls = [self._call(part) for part in parts if isinstance(part, ToolUse) and self._callable(part)]
        plan: list[str] = []
        blocks: list[Json] = []
        citations: list[Any] = []
        for part in parts:
            if isinstance(part, Thinking):
                thought = self._thought(part)
                if thought and calls and self._plans:
                    plan.append(thought)
                elif thought:
                    blocks.append({"type": "thinking", "thinking": thought})
            elif not isinstance(part, ToolUse) and (block := self._words(part)) is not None:
                citations += self._cited(part, len(blocks))
                blocks.append(block)
        message = {
            "content": _content(blocks) if blocks else None,
            "tool_plan": "".join(plan),
            "tool_calls": calls,
            "citations": citations,
        }
        kept = {key: value for key, value in message.items() if value}
        if kept:
            self.messages.append({"role": "assistant", **kept})

    def _words(self, part: Part) -> Json | None:
        """Words, or a block that only Cohere knows; anything else has no place here."""
        if isinstance(part, Text | Refusing):
            return {"type": "text", "text": part.text} if part.text else None
        if isinstance(part, Native):
            if part.dialect == NAME and isinstance(part.value, dict):
                return part.value
            self._losses.lose(part.name)
        elif isinstance(part, Media):
            self._losses.lose(f"{part.kind}.{_form(part)}")
        elif isinstance(part, Thinking):
            self._losses.lose("thinking")
        return None

    def _media(self, part: Media) -> list[Json]:
        """An image stays where it is; a document that is text goes among the documents."""
        if not self._losses.allows(f"{part.kind}.{_form(part)}"):
            return []
        if part.kind == "image":
            image: Json = {"url": part.url or f"data:{part.mime or 'image/png'};base64,{part.data}"}
            if part.detail and self._losses.allows("image.detail"):
                image["detail"] = part.detail
            return [{"type": "image_url", "image_url": image}]
        if part.cite:
            self._losses.allows("citations")
        self.documents.append({"id": f"doc:{len(self.documents)}", "data": _document(part)})
        return []

    def _result(self, result: ToolResult) -> None:
        """A tool's message. That the tool failed can only be said in words."""
        blocks = [block for part in result.parts for block in self._told(part)]
        if result.cache is not None or any(getattr(part, "cache", None) is not None for part in result.parts):
            self._losses.allows("cache")
        if result.error and self._losses.allows("tool_result.error"):
            first = blocks.pop(0)["text"] if blocks and blocks[0]["type"] == "text" else ""
            blocks.insert(0, {"type": "text", "text": f"Error: {first}"})
        content = _content(blocks) if blocks else ""
        self.messages.append({"role": "tool", "tool_call_id": result.id, "content": content})

    def _told(self, part: Part) -> list[Json]:
        """One part of a tool's result: words or a document."""
        if not isinstance(part, Media):
            block = self._words(part)
            return [] if block is None else [block]
        held = part.kind in ("image", "document")
        fits = not held or self._losses.allows(f"tool_result.{part.kind}")
        if fits and self._losses.allows(f"{part.kind}.{_form(part)}"):
            return [{"type": "document", "document": {"data": _document(part)}}]
        return []

    def _thought(self, part: Thinking) -> str:
        """What was thought; without a signature, which Cohere neither gives nor takes."""
        if part.redacted and not part.text:
            self._losses.lose("thinking")
        return part.text if part.text and self._losses.allows("thinking") else ""

    def _callable(self, part: ToolUse) -> bool:
        """Whether a call in the history can be written."""
        return not part.custom or self._losses.allows("tools.custom")

    def _call(self, part: ToolUse) -> Json:
        """A call, whose arguments stay the text that they are."""
        return {
            "id": part.id,
            "type": "function",
            "function": {"name": part.name, "arguments": part.arguments or "{}"},
        }

    def _cited(self, part: Part, index: int) -> list[Any]:
        """Cohere's own citations of a text, each once though it became one per source."""
        own: list[Any] = []
        for citation in part.citations if isinstance(part, Text) else ():
            if citation.dialect != NAME:
                left_out(self._losses, "citations")
            elif not own or own[-1] != citation.native:
                own.append(citation.native)
        return [{**native, "content_index": index} if index else native for native in own]


def _form(media: Media) -> str:
    """In which way a medium is given, as FEATURES names it."""
    return "data" if media.data else "url" if media.url else "file" if media.file else "text"


def _document(media: Media) -> Json:
    """A document as Cohere shows it to the model."""
    return {"title": media.name, "text": media.text} if media.name else {"text": media.text}


def _content(blocks: list[Json]) -> str | list[Json]:
    """A single text as it is, which every model takes; else the blocks."""
    if len(blocks) == 1 and blocks[0].get("type") == "text":
        return str(blocks[0]["text"])
    return blocks
