"""Function calls: ids where Google gives none, and arguments as an object."""

from collections import deque
from hashlib import blake2s
from typing import Final

from msgspec import DecodeError

from gateway.conversation.parts import ToolUse
from gateway.translation.codec import Json
from gateway.translation.gemini_generate.words import decode

MADE: Final = "call_gw"
"""Begins an id that the gateway made: Google never sees it, so that it gets back what it wrote."""


def made_id(*place: object) -> str:
    """An id that is the same each time for the same place in the same answer or conversation."""
    text = "/".join(map(str, place)).encode("utf-8", "replace")
    return MADE + blake2s(text, digest_size=8).hexdigest()


def written_id(id: str) -> Json:
    """The `id` member; none where the gateway made it."""
    return {} if not id or id.startswith(MADE) else {"id": id}


def parsed(arguments: str) -> Json | None:
    """A call's arguments as Google has them, an object; None where the model wrote something else."""
    if not arguments.strip():
        return {}
    try:
        value = decode(arguments)
    except (DecodeError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


class Ledger:
    """The calls of a conversation that have no result yet, by id and by name."""

    def __init__(self) -> None:
        self._names: dict[str, str] = {}
        self._waiting: dict[str, deque[str]] = {}

    def asked(self, call: ToolUse) -> None:
        """Note a call."""
        self._names[call.id] = call.name
        self._waiting.setdefault(call.name, deque()).append(call.id)

    def answered(self, id: str, name: str) -> tuple[str, str]:
        """Id and name of the call that a result is for: without an id, the first of its name that waits.

        The id is empty where there is none.
        """
        if id:
            return id, name or self._names.pop(id, "")
        waiting = self._waiting.get(name, ())
        while waiting:
            first = waiting.popleft()
            if first in self._names:
                del self._names[first]
                return first, name
        return "", name
