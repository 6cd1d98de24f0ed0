"""A client's messages."""

from typing import Final

import msgspec

from gateway.conversation.parts import Native, Part, Refusing, Text, Thinking, ToolResult, ToolUse
from gateway.conversation.request import Message, Role
from gateway.translation.codec import Json
from gateway.translation.openai_chat import citations, contents_in, thoughts
from gateway.translation.openai_chat.natives import ANNOTATION, MESSAGE, native
from gateway.translation.openai_chat.natives import DIALECT as CHAT
from gateway.translation.signatures import inward
from gateway.translation.values import needed, optional, typed, wrong

ROLES: Final[dict[str, Role]] = {
    "system": "system",
    "developer": "developer",
    "user": "user",
    "assistant": "assistant",
    "tool": "tool",
    "function": "tool",
}

READ: Final = frozenset(
    [
        "role",
        "content",
        "name",
        "refusal",
        "reasoning",
        "reasoning_content",
        "reasoning_details",
        "tool_calls",
        "function_call",
        "tool_call_id",
        "annotations",
        "images",
        "extra_content",
        "cache_control",
        "prompt_cache_breakpoint",
        "index",
    ]
)
"""Members of a message that have a place in the neutral form; others are Natives."""

PROOFS: Final = ("type", "text", "summary", "signature", "data", "id", "format")


class Ledger:
    """Names of the calls so far, for results that name only a call's id, or only the function."""

    def __init__(self) -> None:
        self.names: dict[str, str] = {}
        self.functions: dict[str, str] = {}
        self.nameless: list[str] = []
        """Ids made for calls that came without one, and are still without a result."""

    def made(self, name: str) -> str:
        """An id for a call that has none: the same each time the conversation is sent."""
        ident = f"call_{len(self.names)}_{name}"
        self.nameless.append(ident)
        return ident


def messages(items: list[object]) -> list[Message]:
    """Every message; raises Refusal 400 that names the place of what is not of this dialect's form."""
    ledger = Ledger()
    return [message(typed(item, dict, f"messages[{at}]"), ledger, f"messages[{at}]") for at, item in enumerate(items)]


def message(item: Json, ledger: Ledger, where: str) -> Message:
    """One message."""
    said = needed(item, "role", str, where)
    role = ROLES.get(said)
    if role is None:
        raise wrong(f"{where}.role", f"must be one of {', '.join(ROLES)}.")
    name = optional(item, "name", str, where) or ""
    if role == "tool":
        return Message(role, [result(item, ledger, where)])
    found = contents_in.parts(item.get("content"), f"{where}.content")
    if role == "assistant":
        found = answer(item, found, ledger, where)
    found += [native(MESSAGE + key, value) for key, value in item.items() if key not in READ and value]
    mark(found, item, where)
    return Message(role, found, name)


def mark(found: list[Part], item: Json, where: str) -> None:
    """Put a message's own cache marker on its last part."""
    marker = contents_in.cache(item, where)
    last = found[-1] if found else None
    if marker is not None and last is not None and not isinstance(last, Refusing | Native):
        last.cache = marker


def answer(item: Json, content: list[Part], ledger: Ledger, where: str) -> list[Part]:
    """An earlier answer of the model's, as a client sends it back: thoughts, content, refusal, calls."""
    found: list[Part] = [*recalled(item, where), *content]
    cited, others = citations.read(item.get("annotations"))
    first = next((part for part in content if isinstance(part, Text)), None)
    if first is not None:
        first.citations = cited
    found += [native(ANNOTATION, other.value) for other in others]
    found += contents_in.parts(optional(item, "images", list, where), f"{where}.images")
    declined = optional(item, "refusal", str, where)
    if declined:
        found.append(Refusing(declined))
    calls = optional(item, "tool_calls", list, where) or []
    for at, call in enumerate(calls):
        place = f"{where}.tool_calls[{at}]"
        use = tool_use(typed(call, dict, place), place)
        use.id = use.id or ledger.made(use.name)
        ledger.names[use.id] = use.name
        found.append(use)
    asked = optional(item, "function_call", dict, where)
    if asked is not None and asked.get("name"):
        found.append(function_call(asked, ledger, where))
    return found


def recalled(item: Json, where: str) -> list[Thinking]:
    """Thoughts that a client sends back, in whichever member it got them."""
    details = optional(item, "reasoning_details", list, where) or []
    for at, proof in enumerate(details):
        place = f"{where}.reasoning_details[{at}]"
        holder = typed(proof, dict, place)
        for name in PROOFS:
            optional(holder, name, str, place)
    words = optional(item, "reasoning_content", str, where) or optional(item, "reasoning", str, where) or ""
    return [*thoughts.gathered(details, words), *thoughts.on_message(item.get("extra_content"))]


def tool_use(call: Json, where: str) -> ToolUse:
    """A call of a function, or of a tool that takes free text; Writer's clients give it no id."""
    ident = optional(call, "id", str, where) or ""
    signature, maker = inward(thoughts.google(call.get("extra_content")), CHAT)
    use = ToolUse(
        ident, "", signature=signature, maker=maker if signature else "", cache=contents_in.cache(call, where)
    )
    if call.get("type") == "custom":
        inside = needed(call, "custom", dict, where)
        use.name = needed(inside, "name", str, f"{where}.custom")
        use.arguments = optional(inside, "input", str, f"{where}.custom") or ""
        use.custom = True
        return use
    inside = needed(call, "function", dict, where)
    use.name = needed(inside, "name", str, f"{where}.function")
    use.arguments = arguments(inside, f"{where}.function")
    return use


def arguments(holder: Json, where: str) -> str:
    """Arguments as JSON text; Mistral's SDK may send them as an object."""
    value = holder.get("arguments")
    if isinstance(value, dict):
        return msgspec.json.encode(value).decode()
    return optional(holder, "arguments", str, where) or ""


def function_call(asked: Json, ledger: Ledger, where: str) -> ToolUse:
    """A call from before tools had ids: it gets one, by its number and name."""
    name = needed(asked, "name", str, f"{where}.function_call")
    ident = ledger.made(name)
    ledger.names[ident] = name
    ledger.functions[name] = ident
    return ToolUse(ident, name, arguments(asked, f"{where}.function_call"))


def result(item: Json, ledger: Ledger, where: str) -> ToolResult:
    """What a tool said, or (legacy) a function, which is known by its name alone.

    Results of calls without an id come without one too, in the order of the calls.
    """
    found = contents_in.parts(item.get("content"), f"{where}.content")
    found += [native(MESSAGE + key, value) for key, value in item.items() if key not in READ and value]
    name = optional(item, "name", str, where) or ""
    if item["role"] == "function":
        name = needed(item, "name", str, where)
        ident = ledger.functions.get(name, f"call_0_{name}")
    elif not item.get("tool_call_id") and ledger.nameless:
        ident = ledger.nameless.pop(0)
        name = ledger.names.get(ident) or name
    else:
        ident = needed(item, "tool_call_id", str, where)
        name = ledger.names.get(ident) or name
    return ToolResult(ident, found, name, cache=contents_in.cache(item, where))
