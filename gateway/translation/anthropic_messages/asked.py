"""A Messages request in the neutral form, with the hints that only this dialect knows."""

from typing import Any, Final

import msgspec

from gateway.conversation.parts import Cache
from gateway.conversation.request import Conversation

NAME: Final = "anthropic_messages"
"""The dialect's key in `gateway.dialects.DIALECTS`."""

DIRECT: Final = {"type": "direct"}
"""The `caller` of a tool call that the model made itself: the same as none."""


class MessagesConversation(Conversation):
    """What a Messages client asks; `hints` change nothing of what a model says, so no other dialect need refuse them.

    They are the body's own fields by their name, and under `tools` a tool's by the tool's name.
    """

    hints: dict[str, Any] = msgspec.field(default_factory=dict)


class ScopedCache(Cache, frozen=True):
    """A cache marker with fields beside `ttl`, such as a `scope`."""

    own: Any = None


def hints_of(conversation: Conversation) -> dict[str, Any]:
    """The hints of a client of this dialect; nothing for others."""
    return conversation.hints if isinstance(conversation, MessagesConversation) else {}


def cache_of(marker: dict[str, Any] | None) -> Cache | None:
    """A `cache_control` object as a marker; a `ttl` that is no text is as if absent."""
    if marker is None:
        return None
    ttl = marker.get("ttl")
    lasts = ttl if isinstance(ttl, str) else ""
    own = {name: value for name, value in marker.items() if name not in ("type", "ttl")}
    return ScopedCache(lasts, own) if own else Cache(lasts)


def cache_control(cache: Cache) -> dict[str, Any]:
    """A marker as a `cache_control` object."""
    marker: dict[str, Any] = {"type": "ephemeral"}
    if cache.ttl:
        marker["ttl"] = cache.ttl
    if isinstance(cache, ScopedCache):
        marker.update(cache.own)
    return marker
