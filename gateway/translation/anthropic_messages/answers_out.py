"""Whole messages for clients of this dialect."""

from uuid import uuid4

from gateway.conversation.answer import Candidate, Completion
from gateway.conversation.parts import Refusing, ToolUse
from gateway.conversation.request import Conversation
from gateway.translation.anthropic_messages.blocks_shown import shown
from gateway.translation.anthropic_messages.stops import Holds, stop_reason
from gateway.translation.anthropic_messages.usage import written
from gateway.translation.codec import Json


def message_id(given: str) -> str:
    """The provider's id, or a new one: clients (Claude Code) tell answers apart by it."""
    return given or f"msg_{uuid4().hex}"


def write_answer(completion: Completion, conversation: Conversation) -> Json:
    """The first candidate as a message; Messages knows no others."""
    candidate = completion.candidates[0] if completion.candidates else Candidate()
    ended = candidate.reason
    usage = written(completion.usage, completion.service_tier)
    message: Json = {
        "id": message_id(completion.id),
        "type": "message",
        "role": "assistant",
        "model": completion.model or conversation.model,
        "content": [block for part in candidate.parts for block in shown(part)],
        "stop_reason": None if ended is None else stop_reason(ended, candidate.native_reason, holds(candidate)),
        "stop_sequence": candidate.stop_sequence,
        "usage": usage,
    }
    for name, value in completion.extras.items():
        # What another provider says besides may be called as a field of ours is, which then counts.
        if name.startswith("usage."):
            usage.setdefault(name.removeprefix("usage."), value)
        else:
            message.setdefault(name, value)
    return message


def holds(candidate: Candidate) -> Holds:
    """Whether there is a call or a refusal in it; a call counts more."""
    if any(isinstance(part, ToolUse) for part in candidate.parts):
        return "call"
    return "refusal" if any(isinstance(part, Refusing) for part in candidate.parts) else ""
