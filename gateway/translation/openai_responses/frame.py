"""A Response without its output: what it is called, and what it repeats of the request."""

import time
from typing import Any, Final
from uuid import uuid4

from gateway.conversation.losses import Losses
from gateway.conversation.request import Conversation
from gateway.translation.codec import Json, Quirks
from gateway.translation.openai_responses.formats import reasoning_of, text_of
from gateway.translation.openai_responses.own import MADE
from gateway.translation.openai_responses.requests_in import FIELDS
from gateway.translation.openai_responses.requests_out import instructions_of
from gateway.translation.openai_responses.rules import RULES
from gateway.translation.openai_responses.tools import write_choice, write_tools

DEFAULTS: Final[Json] = {
    "max_output_tokens": None,
    "metadata": {},
    "previous_response_id": None,
    "prompt_cache_key": None,
    "safety_identifier": None,
    "temperature": None,
    "top_logprobs": 0,
    "top_p": None,
    "truncation": "disabled",
    "user": None,
}
"""What a response says of a parameter that was not given."""

EXTRAS: Final = ("background", "max_tool_calls", "conversation", "prompt")

NO_QUIRKS: Final = Quirks()


def frame(conversation: Conversation, id: str, model: str, created: int) -> Json:
    """The members that are the same in all of an answer's events, with status and usage still to come."""
    return {
        "id": id or f"resp_{MADE}{uuid4().hex}",
        "object": "response",
        "created_at": created or int(time.time()),
        "status": "in_progress",
        "error": None,
        "incomplete_details": None,
        "model": model or conversation.model,
        "output": [],
        **_echo(conversation),
        "usage": None,
    }


def _echo(conversation: Conversation) -> Json:
    """What the client asked for; a writer of requests does the work, and its account of losses is of no interest."""
    losses = Losses(RULES)
    given = conversation.parameters
    said: dict[str, Any] = {
        **DEFAULTS,
        **{name: given[neutral] for name, neutral in FIELDS.items() if neutral in given},
    }
    text = {"format": {"type": "text"}, **text_of(conversation, losses, NO_QUIRKS)}
    if "verbosity" in given:
        text["verbosity"] = given["verbosity"]
    choice = write_choice(conversation) or conversation.extras.get("tool_choice") or "auto"
    reasoning = reasoning_of(conversation, losses, NO_QUIRKS)
    return {
        **said,
        "instructions": instructions_of(conversation) or None,
        "tools": write_tools(conversation, losses),
        "tool_choice": choice,
        "parallel_tool_calls": conversation.parallel is not False,
        "text": text,
        "reasoning": {"effort": None, "summary": None, **reasoning},
        **{name: _extra(name, conversation.extras[name]) for name in EXTRAS if name in conversation.extras},
    }


def _extra(name: str, value: object) -> object:
    """An extra as a response repeats it: a conversation is an object there, also where the request had its id."""
    return {"id": value} if name == "conversation" and isinstance(value, str) else value
