"""Messages as turns, and the system prompt apart from them.

A Messages client's turns stay as they are. Those of others are put together: Anthropic wants tools' results in a user's
turn, before any text of it, and turns that alternate.
"""

from typing import Any, Final

from gateway.conversation.parts import Native
from gateway.conversation.request import Conversation, Message
from gateway.translation.anthropic_messages.account import Account
from gateway.translation.anthropic_messages.asked import NAME
from gateway.translation.anthropic_messages.blocks_out import spoken, written_block
from gateway.translation.codec import Json

ABOVE: Final = ("system", "developer")
"""Roles that stand above the user's."""

ROLES: Final[dict[str, str]] = {"tool": "user", "developer": "system"}
"""Whose turn it is here; the other roles are the same."""


def write_messages(body: Json, conversation: Conversation, account: Account) -> None:
    """Put `system` and `messages` into the body."""
    system: list[Json] = []
    turns: list[Json] = []
    for message in conversation.messages:
        if message.name:
            account.takes("name")
        if message.role in ABOVE and not (account.own and (turns or _whole(message) is not None)):
            # A Messages client's later system message stays in its place, as one that is kept whole does.
            if account.takes("system_later" if turns else message.role):
                system += _blocks(message, account)
        elif account.own:
            _own_turn(turns, message, account)
        else:
            _turn(turns, message, account)
    if not turns and system and not account.own:
        # A prompt that is all system: other dialects answer it, Anthropic wants a turn to answer.
        turns, system = [{"role": "user", "content": system}], []
    if system:
        body["system"] = _short(system)
    body["messages"] = turns if account.own else [{**turn, "content": _short(turn["content"])} for turn in turns]


def _whole(message: Message) -> dict[str, Any] | None:
    """A turn that was kept as it stands."""
    if len(message.parts) != 1:
        return None
    part = message.parts[0]
    if isinstance(part, Native) and part.dialect == NAME and isinstance(part.value, dict) and "role" in part.value:
        return part.value
    return None


def _blocks(message: Message, account: Account) -> list[Json]:
    """The blocks of a message; what does not fit its role is lost."""
    own_turn = message.role in ("user", "tool")
    parts = [part for part in message.parts if own_turn or spoken(part, account)]
    return [block for part in parts if (block := written_block(part, account)) is not None]


def _own_turn(turns: list[Json], message: Message, account: Account) -> None:
    """Add a turn of a Messages client's, unless blank texts or others' thoughts were all there was of it."""
    whole = _whole(message)
    if whole is not None:
        turns.append(whole)
        return
    blocks = _blocks(message, account)
    if blocks or not message.parts:
        turns.append({"role": ROLES.get(message.role, message.role), "content": _short(blocks)})


def _turn(turns: list[Json], message: Message, account: Account) -> None:
    """Add a turn of another client's, or add it to the last one where it is the same side's."""
    role = ROLES.get(message.role, message.role)
    blocks = _blocks(message, account)
    if not blocks:
        return
    if turns and turns[-1]["role"] == role:
        turns[-1]["content"] += blocks
    else:
        turns.append({"role": role, "content": blocks})
    if role == "user":
        turns[-1]["content"].sort(key=_late)


def _late(block: Json) -> bool:
    """Whether a block stands behind the tools' results."""
    return block.get("type") != "tool_result"


def _short(blocks: list[Json]) -> list[Json] | str:
    """A single plain text as a string, which is the same and shorter."""
    if len(blocks) == 1 and set(blocks[0]) == {"type", "text"}:
        return str(blocks[0]["text"])
    return blocks
