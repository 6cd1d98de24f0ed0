"""What only this dialect knows of neutral things: other codecs see the struct beneath and need refuse nothing.

Items' ids and states, how closely thoughts are summed up, how long a cache marker holds: nothing of it changes what a
model says, but a provider of this dialect gets it back as the client sent it.
"""

from hashlib import blake2b
from typing import Final

import msgspec

from gateway.conversation.parts import Cache
from gateway.conversation.request import Choice, Conversation, Message, Reasoning
from gateway.translation.codec import Json

NAME: Final = "openai_responses"
"""The dialect's key in `gateway.dialects.DIALECTS`."""

MADE: Final = "67770000"
"""Begins the hexadecimal part of every id that is made here (it spells `gw`): no provider can look up such an id."""


class Turn(Message):
    """A message made of items; `marks` holds the other members of an item, by the number of its first part."""

    marks: dict[int, Json] = msgspec.field(default_factory=dict)


class ResponsesConversation(Conversation):
    """What a Responses client asks; `hints` are members of its body that only say how to send the answer."""

    hints: Json = msgspec.field(default_factory=dict)


class SummedUp(Reasoning, frozen=True):
    """Thoughts to be shown, in one of the lengths that this dialect has a word for."""

    summary: str = ""


class AllowedTools(Choice, frozen=True):
    """A choice among some of the tools; the others are left out of `Conversation.tools`, and are in `whole`."""

    form: Json = {}
    """The client's own `tool_choice`."""
    whole: tuple[Json, ...] = ()
    """The client's own `tools`."""


class Breakpoint(Cache, frozen=True):
    """A `prompt_cache_breakpoint`, which newer models of this dialect have."""

    form: Json = {}


def hints_of(conversation: Conversation) -> Json:
    """The hints of a client of this dialect; nothing for others."""
    return conversation.hints if isinstance(conversation, ResponsesConversation) else {}


def marks_of(message: Message) -> dict[int, Json]:
    """What a message's items had besides; nothing where it came from another dialect."""
    return message.marks if isinstance(message, Turn) else {}


def make_id(prefix: str, seed: str) -> str:
    """An id for an item that has none: the same for the same seed."""
    return f"{prefix}_{MADE}{blake2b(seed.encode('utf-8', 'replace'), digest_size=16).hexdigest()}"


def is_made(id: str) -> bool:
    """Whether the gateway made this id, so that it means nothing to a provider."""
    return id.partition("_")[2].startswith(MADE)
