"""A request's `input`: a flat list of items, gathered into the messages of turns.

What a model said in one turn (thoughts, words, calls) is one message, and so are the results that follow one another:
the other dialects have them so. The order stays, and what an item has besides is kept in `Turn.marks`.
"""

from collections.abc import Callable
from typing import Final

from gateway.conversation.parts import Native, Part, Refusing, Text, ToolResult, ToolUse
from gateway.conversation.request import Message, Role
from gateway.translation.codec import Json
from gateway.translation.openai_responses.media import read_content
from gateway.translation.openai_responses.own import NAME, Turn, is_made
from gateway.translation.openai_responses.thoughts import unseal
from gateway.translation.values import needed, optional, typed, wrong

ROLES: Final[dict[str, Role]] = {
    "user": "user",
    "system": "system",
    "developer": "developer",
    "assistant": "assistant",
}


def read_input(value: object) -> list[Message]:
    """The messages of `input`, a string or a list of items; raises Refusal 400."""
    if value is None:
        return []
    if isinstance(value, str):
        return [Message("user", [Text(value)])]
    gathering = Gathering()
    for number, one in enumerate(typed(value, list, "input")):
        gathering.item(typed(one, dict, f"input[{number}]"), f"input[{number}]")
    return gathering.messages


class Gathering:
    """The messages so far, the calls in them by their ids, and what the last one has if a model said it."""

    __slots__ = ("called", "calls", "messages", "spoke")

    def __init__(self) -> None:
        self.messages: list[Message] = []
        self.calls: dict[str, ToolUse] = {}
        self.spoke = False
        self.called = False

    def item(self, item: Json, place: str) -> None:
        """Take in one item; raises Refusal 400."""
        kind = optional(item, "type", str, place)
        if kind is None and "role" in item:
            kind = "message"
        if kind is None and "id" in item:
            kind = "item_reference"
        if kind is None:
            raise wrong(f"{place}.type", "is missing: a string belongs here.")
        read = READERS.get(kind)
        if read is None:
            self._add("assistant", [Native(NAME, kind, item)], {})
        else:
            read(self, item, place)

    def message(self, item: Json, place: str) -> None:
        """Words of anybody; a model's further words begin a new message unless calls still wait for their results."""
        role = ROLES.get(needed(item, "role", str, place))
        if role is None:
            raise wrong(f"{place}.role", f"must be one of {', '.join(ROLES)}.")
        parts = read_content(item.get("content"), f"{place}.content")
        mark = besides(item, "type", "role", "content")
        if role != "assistant":
            # A first system message is told apart from `instructions`, which become a plain Message.
            kept = {0: mark} if mark or (role == "system" and not self.messages) else {}
            self.messages.append(Turn(role, parts, marks=kept) if kept else Message(role, parts))
            return
        if any(not isinstance(part, Text | Refusing) for part in parts):
            raise wrong(f"{place}.content", "of an assistant may hold output_text and refusal only.")
        self._add("assistant", parts, mark, fresh=self.spoke and not self.called)
        self.spoke = self.spoke or bool(parts)

    def reasoning(self, item: Json, place: str) -> None:
        """Thoughts, or the signature of a call before them."""
        for name in ("id", "encrypted_content"):
            optional(item, name, str, place)
        for name in ("summary", "content"):
            for number, one in enumerate(optional(item, name, list, place) or ()):
                at = f"{place}.{name}[{number}]"
                needed(typed(one, dict, at), "text", str, at)
        found = unseal(item)
        if isinstance(found, ToolUse):
            call = self.calls.get(found.id)
            if call is not None:
                call.signature, call.maker = found.signature, found.maker
            return
        mark = besides(item, "type", "id", "content", "encrypted_content", "summary")
        if item.get("content") and item.get("summary"):
            mark["summary"] = item["summary"]
        self._add("assistant", [found], mark)

    def call(self, item: Json, place: str) -> None:
        """A call of a function, or of a tool that takes free text."""
        custom = item["type"] == "custom_tool_call"
        said = "input" if custom else "arguments"
        call = ToolUse(
            needed(item, "call_id", str, place),
            needed(item, "name", str, place),
            needed(item, said, str, place),
            custom,
        )
        self.calls[call.id] = call
        self._add("assistant", [call], besides(item, "type", "call_id", "name", said))
        self.called = True

    def result(self, item: Json, place: str) -> None:
        """What a tool said; the tool's name is its call's."""
        id = needed(item, "call_id", str, place)
        call = self.calls.get(id)
        name = call.name if call is not None else optional(item, "name", str, place) or ""
        parts = read_content(item.get("output"), f"{place}.output")
        mark = besides(item, "type", "call_id", "output")
        if call is None and item["type"] != "function_call_output":
            # The call itself lies at the provider (`previous_response_id`).
            mark["type"] = item["type"]
        self._add("tool", [ToolResult(id, parts, name)], mark)

    def _add(self, role: Role, parts: list[Part], mark: Json, *, fresh: bool = False) -> None:
        """Parts of one item, for the last message if it is of this role, else for a new one."""
        last = self.messages[-1] if self.messages else None
        if last is None or last.role != role or fresh:
            last = Message(role, [])
            self.messages.append(last)
            self.spoke = self.called = False
        if mark:
            if not isinstance(last, Turn):
                last = self.messages[-1] = Turn(last.role, last.parts)
            last.marks[len(last.parts)] = mark
        last.parts += parts


def besides(item: Json, *known: str) -> Json:
    """The members of an item that no neutral part has; an id of the gateway's making is forgotten."""
    rest = {name: value for name, value in item.items() if name not in known and value is not None}
    id = rest.get("id")
    if isinstance(id, str) and is_made(id):
        del rest["id"]
        rest.pop("status", None)
    return rest


READERS: Final[dict[str, Callable[[Gathering, Json, str], None]]] = {
    "message": Gathering.message,
    "reasoning": Gathering.reasoning,
    "function_call": Gathering.call,
    "custom_tool_call": Gathering.call,
    "function_call_output": Gathering.result,
    "custom_tool_call_output": Gathering.result,
}
