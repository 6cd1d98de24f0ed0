"""What a wire format does with each thing that a client may ask for, and the account of what it could not carry."""

from collections.abc import Mapping
from typing import Literal, TypeAlias

import msgspec

from gateway.call import Refusal

How: TypeAlias = Literal["carried", "renamed", "emulated", "hint", "refused"]


class Rule(msgspec.Struct, frozen=True):
    """What becomes of one thing. `note` is for the docs: its new name, how it is emulated, why it may be left out."""

    how: How
    note: str = ""


CARRIED = Rule("carried")
REFUSED = Rule("refused")

ONE_CALL = "one at a time: of several calls the first is passed on"

Rules: TypeAlias = Mapping[str, Rule]
"""By the names of PARAMETERS and of FEATURES; what is not in it is refused."""

FEATURES: dict[str, str] = {
    "system": "system messages",
    "developer": "developer messages, which stand above the user's and below the system's",
    "system_later": "system or developer messages after the first user message",
    "name": "the name of a message's author",
    "image.data": "images as base64",
    "image.url": "images by URL",
    "image.file": "images by the id of a stored file",
    "image.detail": "how closely to look at an image",
    "audio.data": "sound as base64",
    "audio.url": "sound by URL",
    "video.data": "film as base64",
    "video.url": "film by URL",
    "document.data": "documents (PDF and others) as base64",
    "document.url": "documents by URL",
    "document.file": "documents by the id of a stored file",
    "document.text": "documents that are plain text",
    "citations": "asking for citations from documents",
    "thinking": "earlier thoughts, with their signatures, sent back",
    "tools": "functions",
    "tools.strict": "functions whose arguments are held to their schema",
    "tools.custom": "tools that take free text",
    "tool_result.error": "a tool's result marked as a failure",
    "tool_result.image": "images in a tool's result",
    "tool_result.document": "documents in a tool's result",
    "tool_choice.auto": "the model decides whether to use a tool",
    "tool_choice.none": "no tool may be used",
    "tool_choice.required": "some tool must be used",
    "tool_choice.named": "one certain tool must be used",
    "parallel_tool_calls": "one tool call at a time, or several",
    "format.json": "an answer that is JSON",
    "format.schema": "an answer that is JSON of a given schema",
    "format.strict": "the schema is enforced, not only suggested",
    "reasoning.effort": "how hard to think, in words",
    "reasoning.budget": "how many tokens to think for",
    "reasoning.adaptive": "think as long as it takes",
    "reasoning.show": "whether thoughts shall be in the answer",
    "cache": "cache markers",
}
"""What is not a plain parameter, in words for the docs."""


class Losses:
    """Collects what could not be carried: refused all at once in the end, or listed where the client allows."""

    def __init__(self, rules: Rules) -> None:
        self.rules = rules
        self.refused: list[str] = []
        self.hints: list[str] = []
        self.emulated: set[str] = set()
        """What the provider is not asked for, and its answer is made to show all the same."""

    def allows(self, name: str) -> bool:
        """Whether `name` is written; if not, it is noted. To be asked once per thing that the client gave."""
        how = self.rules.get(name, REFUSED).how
        if how == "refused":
            self.lose(name)
            return False
        if how == "hint":
            if name not in self.hints:
                self.hints.append(name)
            return False
        if how == "emulated":
            self.emulated.add(name)
        return True

    def lose(self, name: str) -> None:
        """Note something that cannot be carried in this form, though others of its name can."""
        if name not in self.refused:
            self.refused.append(name)

    def settle(self, provider: str, *, strict: bool) -> list[str]:
        """The names of all that was left out; raises Refusal 400 that names what may not be left out silently."""
        if strict and self.refused:
            names = ", ".join(self.refused)
            raise Refusal(
                400,
                2110,
                "unsupported_parameter",
                f"{provider} cannot carry: {names}. Leave it out, or send `cf-aig-strict: false` to have it left out.",
            )
        return [*self.refused, *self.hints]
