"""Items of an answer while they are written: messages with their contents, calls, thoughts."""

from gateway.conversation.parts import Citation, Refusing, Text, Thinking, ToolUse
from gateway.translation.codec import Json
from gateway.translation.openai_responses.answers_out import call_item, content_of, thinking_item
from gateway.translation.openai_responses.citations import write_citation
from gateway.translation.openai_responses.lines import Lines, delta_head
from gateway.translation.openai_responses.thoughts import TITLE, is_open


class MessageTrack:
    """A message; it stays open until something that is no words begins, or the answer ends."""

    def __init__(self, lines: Lines, id: str, index: int) -> None:
        self.lines = lines
        self.index = index
        self.item: Json = {"type": "message", "status": "completed", "role": "assistant", "content": [], "id": id}
        self.open = 0
        self.left = False

    def begin(self) -> bytes:
        """The message's first event."""
        item = {**self.item, "status": "in_progress"}
        return self.lines.event("response.output_item.added", output_index=self.index, item=item)

    def end(self) -> bytes:
        """The message's last event."""
        return self.lines.event("response.output_item.done", output_index=self.index, item=self.item)


class WordsTrack:
    """A content of a message."""

    def __init__(self, message: MessageTrack, part: Text | Refusing) -> None:
        self.message = message
        self.lines = message.lines
        self.spoken = isinstance(part, Text)
        self.place: Json = {
            "item_id": message.item["id"],
            "output_index": message.index,
            "content_index": len(message.item["content"]),
        }
        self.content = content_of(part, [])
        self.field = "text" if self.spoken else "refusal"
        self.texts: list[str] = []
        self.head = (
            delta_head("response.output_text.delta", {**self.place, "logprobs": []})
            if self.spoken
            else delta_head("response.refusal.delta", self.place)
        )

    def begin(self) -> bytes:
        """The content's first event; what text it has already is its first delta."""
        self.message.open += 1
        text, self.content[self.field] = self.content[self.field], ""
        begun = self.lines.event("response.content_part.added", **self.place, part=self.content)
        self.message.item["content"].append(self.content)
        return begun + self.add(text) if text else begun

    def add(self, text: str) -> bytes:
        """A delta."""
        self.texts.append(text)
        return self.lines.delta(self.head, text)

    def cite(self, citation: Citation) -> bytes:
        """An annotation; words of refusal have none."""
        if not self.spoken:
            return b""
        annotation, annotations = write_citation(citation), self.content["annotations"]
        annotations.append(annotation)
        return self.lines.event(
            "response.output_text.annotation.added",
            **self.place,
            annotation_index=len(annotations) - 1,
            annotation=annotation,
        )

    def weigh(self, entries: list[Json]) -> bytes:
        """Log probabilities of what was just added, in a delta without text: the text is out already."""
        if not self.spoken or not entries:
            return b""
        self.content["logprobs"] += entries
        return self.lines.event("response.output_text.delta", **self.place, delta="", logprobs=entries)

    def end(self) -> bytes:
        """The content's last events."""
        self.message.open -= 1
        text = self.content[self.field] = "".join(self.texts)
        if self.spoken:
            tokens = self.content["logprobs"]
            done = self.lines.event("response.output_text.done", **self.place, text=text, logprobs=tokens)
        else:
            done = self.lines.event("response.refusal.done", **self.place, refusal=text)
        return done + self.lines.event("response.content_part.done", **self.place, part=self.content)


class CallTrack:
    """A tool call."""

    def __init__(self, lines: Lines, id: str, index: int, call: ToolUse) -> None:
        self.lines = lines
        self.index = index
        self.id = id
        self.call = call
        self.texts: list[str] = []
        self.kind = "response.custom_tool_call_input" if call.custom else "response.function_call_arguments"
        self.field = "input" if call.custom else "arguments"
        self.place: Json = {"item_id": id, "output_index": index}
        self.head = delta_head(f"{self.kind}.delta", self.place)

    def begin(self) -> bytes:
        """The call's first event; what arguments it has already are its first delta."""
        text, item = self.call.arguments, {**call_item(self.call), "id": self.id, self.field: ""}
        if "status" in item:
            item["status"] = "in_progress"
        begun = self.lines.event("response.output_item.added", output_index=self.index, item=item)
        return begun + self.add(text) if text else begun

    def add(self, text: str) -> bytes:
        """A delta."""
        self.texts.append(text)
        return self.lines.delta(self.head, text)

    def end(self) -> tuple[bytes, Json]:
        """The call's last events, and the whole of it."""
        empty = b"" if self.call.custom or any(self.texts) else self.add("{}")
        self.call.arguments = "".join(self.texts)
        item = {**call_item(self.call), "id": self.id}
        done = self.lines.event(f"{self.kind}.done", **self.place, **{self.field: item[self.field]})
        whole = self.lines.event("response.output_item.done", output_index=self.index, item=item)
        return empty + done + whole, item


class ThoughtsTrack:
    """Thoughts: as one open text, or as summaries, of which a further one begins with a title in bold."""

    def __init__(self, lines: Lines, id: str, index: int, thinking: Thinking) -> None:
        self.lines = lines
        self.index = index
        self.thinking = thinking
        thinking.id = id
        self.texts: list[str] = []
        self.whole: list[str] = []
        self.held = ""
        self.count = 0
        self.open = is_open(thinking)
        self.numbered = "content_index" if self.open else "summary_index"
        self.name = "response.reasoning_text" if self.open else "response.reasoning_summary_text"
        self.head = b""

    def begin(self) -> bytes:
        """The item's first event."""
        text = self.thinking.text
        item = {"id": self.thinking.id, "type": "reasoning", "summary": []}
        begun = self.lines.event("response.output_item.added", output_index=self.index, item=item)
        return begun + self.add(text) if text else begun

    def add(self, text: str) -> bytes:
        """A delta; what may be the beginning of a further summary is held back."""
        self.whole.append(text)
        if self.open or (not self.held and "\n" not in text):
            return self._delta(text)
        first, *others = (self.held + text).split(TITLE)
        last = others[-1] if others else first
        tail = next((TITLE[:size] for size in (3, 2, 1) if last.endswith(TITLE[:size])), "")
        pieces = [first, *("**" + other for other in others)]
        pieces[-1] = pieces[-1].removesuffix(tail)
        self.held = tail
        said = self._delta(pieces[0])
        for piece in pieces[1:]:
            said += (self._close() if self.head else self._open() + self._close()) + self._delta(piece)
        return said

    def _delta(self, text: str) -> bytes:
        """Text for the open section, which is opened if there is none."""
        if not text:
            return b""
        begun = b"" if self.head else self._open()
        self.texts.append(text)
        return begun + self.lines.delta(self.head, text)

    def _place(self) -> Json:
        """Where the open section is."""
        return {"item_id": self.thinking.id, "output_index": self.index, self.numbered: self.count}

    def _part(self, text: str) -> Json:
        """A section."""
        return {"type": "reasoning_text" if self.open else "summary_text", "text": text}

    def _open(self) -> bytes:
        """A section begins."""
        self.head = delta_head(f"{self.name}.delta", self._place())
        kind = "response.content_part.added" if self.open else "response.reasoning_summary_part.added"
        return self.lines.event(kind, **self._place(), part=self._part(""))

    def _close(self) -> bytes:
        """A section is whole."""
        text = "".join(self.texts)
        kind = "response.content_part.done" if self.open else "response.reasoning_summary_part.done"
        done = self.lines.event(f"{self.name}.done", **self._place(), text=text)
        done += self.lines.event(kind, **self._place(), part=self._part(text))
        self.texts, self.head, self.count = [], b"", self.count + 1
        return done

    def end(self) -> tuple[bytes, Json]:
        """The item's last events, and the whole of it."""
        said = self._delta(self.held)
        said += self._close() if self.head else b""
        self.thinking.text = "".join(self.whole)
        item = thinking_item(self.thinking)
        return said + self.lines.event("response.output_item.done", output_index=self.index, item=item), item
