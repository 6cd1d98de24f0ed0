"""A request for a provider of this dialect."""

from typing import Final

from gateway.conversation.losses import Losses
from gateway.conversation.parts import Text, Thinking
from gateway.conversation.request import Conversation
from gateway.translation.asked import asked, restrict, thinking
from gateway.translation.codec import Json, Quirks, Written
from gateway.translation.openai_responses.formats import reasoning_of, text_of
from gateway.translation.openai_responses.items_out import Items
from gateway.translation.openai_responses.own import NAME, Turn, hints_of
from gateway.translation.openai_responses.requests_in import ENCRYPTED, FIELDS, HINTS, LOGPROBS
from gateway.translation.openai_responses.tools import write_choice, write_tools

NAMES: Final = {neutral: name for name, neutral in FIELDS.items()}
"""This dialect's names by the neutral ones."""


def write_request(conversation: Conversation, losses: Losses, quirks: Quirks) -> Written:
    """The body; `losses` gets an account of what is not in it."""
    restrict(losses, quirks)
    body: Json = {"model": conversation.model} if conversation.model else {}
    _messages(body, conversation, losses, quirks)
    _tools(body, conversation, losses)
    _parameters(body, conversation, losses, quirks)
    for name, written in (("text", text_of), ("reasoning", reasoning_of)):
        value = written(conversation, losses, quirks)
        if value:
            body[name] = {**body.get(name, {}), **value}
    if conversation.dialect != NAME:
        # Nothing is to lie at the provider that the client did not ask to be kept.
        body.setdefault("store", False)
    _include(body, conversation)
    _extras(body, conversation, losses)
    if conversation.stream:
        body["stream"] = True
    hints = hints_of(conversation)
    body |= {name: hints[name] for name in HINTS if name in hints}
    return Written(body)


def instructions_of(conversation: Conversation) -> str:
    """The text of a first system message that can stand apart; empty where it must stay an item.

    A Turn was an item of the client's: it would not be kept with the response if it became instructions.
    """
    first = conversation.messages[0] if conversation.messages else None
    if first is None or first.role != "system" or first.name or isinstance(first, Turn) or len(first.parts) != 1:
        return ""
    part = first.parts[0]
    return part.text if isinstance(part, Text) and part.cache is None else ""


def _messages(body: Json, conversation: Conversation, losses: Losses, quirks: Quirks) -> None:
    """`instructions` and `input`."""
    instructions = instructions_of(conversation)
    if instructions and losses.allows("system"):
        body["instructions"] = instructions
    items = Items(conversation, losses, quirks)
    before = True
    for message in conversation.messages[1 if instructions else 0 :]:
        if message.role in ("system", "developer"):
            if losses.allows(message.role) and (before or losses.allows("system_later")):
                items.message(message)
        else:
            before = False
            items.message(message)
    if items.items:
        body["input"] = items.items


def _tools(body: Json, conversation: Conversation, losses: Losses) -> None:
    """`tools`, `tool_choice` and `parallel_tool_calls`."""
    tools = write_tools(conversation, losses)
    if tools:
        body["tools"] = tools
    choice = write_choice(conversation)
    if choice is not None and conversation.choice and losses.allows(f"tool_choice.{conversation.choice.mode}"):
        body["tool_choice"] = choice
    if conversation.parallel is not None and losses.allows("parallel_tool_calls"):
        body["parallel_tool_calls"] = conversation.parallel


def _parameters(body: Json, conversation: Conversation, losses: Losses, quirks: Quirks) -> None:
    """All that has a neutral name; `logprobs` is asked for with `include`."""
    for name, value in asked(conversation, losses):
        if name == "verbosity":
            body["text"] = {"verbosity": value}
        elif name == "logprobs":
            if value:
                body["include"] = [LOGPROBS]
        elif name == "max_tokens" and quirks.limit:
            body[quirks.limit] = value
        else:
            body[quirks.renames.get(name, NAMES[name])] = value


def _include(body: Json, conversation: Conversation) -> None:
    """Encrypted thoughts: where the client asked for them, or where another dialect's will see or return thoughts."""
    include = [*hints_of(conversation).get("include", ()), *body.get("include", ())]
    if conversation.dialect != NAME and _thinks(conversation):
        include.insert(0, ENCRYPTED)
    if include:
        body["include"] = include


def _thinks(conversation: Conversation) -> bool:
    """Whether thoughts shall be shown, or some of this dialect's are sent back."""
    wish = thinking(conversation)
    if wish is not None and wish.show:
        return True
    return any(
        isinstance(part, Thinking) and part.maker == NAME and bool(part.signature)
        for message in conversation.messages
        for part in message.parts
    )


def _extras(body: Json, conversation: Conversation, losses: Losses) -> None:
    """What only a client of this dialect can say; a path's parent is made where it is not there."""
    for name, value in conversation.extras.items():
        if conversation.dialect != NAME:
            losses.lose(name)
            continue
        parent, found, member = name.partition(".")
        if name == "include":
            body["include"] = [*body.get("include", ()), *value]
        elif found and parent in ("text", "reasoning"):
            body[parent] = {**body.get(parent, {}), member: value}
        else:
            body[name] = value
