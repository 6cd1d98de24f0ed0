"""A client's contents as messages."""

from itertools import groupby
from typing import Final

from gateway.conversation.parts import Media, Native, Part, Text, Thinking, ToolResult, ToolUse
from gateway.conversation.request import Message, Role
from gateway.translation.codec import Json
from gateway.translation.gemini_generate import media
from gateway.translation.gemini_generate.calls import Ledger, made_id
from gateway.translation.gemini_generate.results import read_response
from gateway.translation.gemini_generate.seals import unsealed
from gateway.translation.gemini_generate.words import NAME, encode, listed, members
from gateway.translation.values import needed, optional, wrong

ROLES: Final[dict[str, Role]] = {"user": "user", "model": "assistant", "function": "tool"}

BESIDE: Final = frozenset(("thought", "thoughtSignature"))
"""Members that any part may have."""

DETAILS: Final = {"MEDIA_RESOLUTION_LOW": "low", "MEDIA_RESOLUTION_HIGH": "high"}


class Contents:
    """Reads contents in their order; knows the calls that wait for a result."""

    def __init__(self) -> None:
        self._ledger = Ledger()

    def messages(self, contents: object) -> list[Message]:
        """One message per content, but the model's in a row are one; raises Refusal 400."""
        found: list[Message] = []
        for number, content in enumerate(listed(contents, "contents")):
            place = f"contents[{number}]"
            role = ROLES.get(optional(content, "role", str, place) or "user")
            if role is None:
                raise wrong(f"{place}.role", "must be user or model.")
            if role == "assistant" and found and found[-1].role == role:
                self.parts(content, place, found[-1].parts)
            else:
                parts = self.parts(content, place, [])
                found.append(Message(role if role == "assistant" else _asks(parts), parts))
        for message in found:
            if message.role == "assistant":
                message.parts = _joined(message.parts)
        return found

    def parts(self, content: Json, place: str, found: list[Part]) -> list[Part]:
        """The parts of a content, or of the system instruction, put behind those that are `found` already."""
        for number, part in enumerate(listed(content.get("parts"), f"{place}.parts")):
            for one in self._part(part, f"{place}.parts[{number}]"):
                if isinstance(one, Thinking) and part.get("thought") is True:
                    _gather(found, one)
                found.append(one)
        return found

    def _part(self, part: Json, place: str) -> list[Part]:
        """What one part says: the signature of what is no call becomes a thought without words behind it."""
        if None in part.values():
            part = {name: value for name, value in part.items() if value is not None}
        names = part.keys() - BESIDE
        signature = optional(part, "thoughtSignature", str, place) or ""
        thought = optional(part, "thought", bool, place) or False
        if names == {"text"}:
            return _words(needed(part, "text", str, place), signature, thought=thought)
        if not names:
            if not signature:
                raise wrong(place, "must have one of text, inlineData, fileData, functionCall, functionResponse.")
            return _words("", signature, thought=thought)
        if thought:
            return [Native(NAME, "thought", part)]
        one = self._one(part, signature, place)
        if one is None:
            return [Native(NAME, min(names), part)]
        return [one, unsealed(signature)] if signature and isinstance(one, Media) else [one]

    def _one(self, part: Json, signature: str, place: str) -> ToolUse | ToolResult | Media | None:
        """A call, a result, bytes or a file; None where it is something else, or says more."""
        names = part.keys() - BESIDE
        if names == {"functionCall"}:
            return self._call(members(needed(part, "functionCall", dict, place)), signature, f"{place}.functionCall")
        if names == {"functionResponse"} and not signature:
            response = members(needed(part, "functionResponse", dict, place))
            return read_response(response, self._ledger, f"{place}.functionResponse")
        return _media(part, place)

    def _call(self, call: Json, signature: str, place: str) -> ToolUse | None:
        """A call in the conversation; None where it has more than name, id and arguments."""
        if call.keys() - {"name", "id", "args"}:
            return None
        name = needed(call, "name", str, place)
        args = optional(call, "args", dict, place)
        id = optional(call, "id", str, place) or made_id(place)
        use = ToolUse(id, name, "" if args is None else encode(args).decode())
        if signature:
            seal = unsealed(signature)
            use.signature, use.maker = seal.signature, seal.maker
        self._ledger.asked(use)
        return use


def _words(text: str, signature: str, *, thought: bool) -> list[Part]:
    """Text or thoughts, with the signature where there is one."""
    if not thought:
        if not signature:
            return [Text(text)]
        seal = unsealed(signature)
        return [Text(text), seal] if text else [seal]
    if not signature:
        return [Thinking(text, summary=True)]
    seal = unsealed(signature)
    seal.text = text
    return [seal]


def _asks(parts: list[Part]) -> Role:
    """Who speaks where it is not the model: nothing but results is a tool's."""
    return "tool" if parts and all(isinstance(part, ToolResult) for part in parts) else "user"


def _gather(found: list[Part], seal: Thinking) -> None:
    """Take the thoughts that were streamed before their signature into it: they are one, cut into chunks."""
    if not seal.signature or seal.redacted:
        return
    texts = [seal.text]
    while found and _unsigned(last := found[-1]):
        texts.append(getattr(last, "text", ""))
        found.pop()
    seal.text = "".join(reversed(texts))


def _unsigned(part: Part) -> bool:
    """Whether a part is a thought without a signature."""
    return isinstance(part, Thinking) and not part.signature and not part.redacted


def _joined(parts: list[Part]) -> list[Part]:
    """The model's words as it said them: clients keep each chunk of a stream as a part or even a content of its own."""
    made: list[Part] = []
    for kind, run in groupby(parts, lambda part: Text if isinstance(part, Text) else _unsigned(part)):
        several = list(run)
        words = "".join(part.text for part in several if isinstance(part, Text | Thinking))
        if not kind:
            made += several
        elif words:
            made.append(Text(words) if kind is Text else Thinking(words, summary=True))
    return made


def _media(part: Json, place: str) -> Media | None:
    """The bytes or the file of a part; None where it is neither, or says more than the neutral form can."""
    names = part.keys() - BESIDE
    level = None
    if "mediaResolution" in names:
        level = DETAILS.get(str(members(needed(part, "mediaResolution", dict, place)).get("level")))
        names -= {"mediaResolution"}
        if level is None:
            return None
    if names == {"inlineData"}:
        seen = media.read_inline(needed(part, "inlineData", dict, place), f"{place}.inlineData")
    elif names == {"fileData"}:
        seen = media.read_stored(needed(part, "fileData", dict, place), f"{place}.fileData")
    else:
        return None
    if level is not None:
        if seen.kind != "image":
            return None
        seen.detail = level
    return seen
