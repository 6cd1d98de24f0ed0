"""Requests to providers of the Messages API; `wrapped` makes them Vertex AI's or Bedrock's."""

from typing import Any, Final

from gateway.call import Headers
from gateway.conversation.losses import Losses
from gateway.conversation.request import Conversation
from gateway.translation.anthropic_messages.account import Account
from gateway.translation.anthropic_messages.asked import hints_of
from gateway.translation.anthropic_messages.messages_out import write_messages
from gateway.translation.anthropic_messages.reasoning_out import write_reasoning
from gateway.translation.anthropic_messages.sampling_out import write_parameters
from gateway.translation.anthropic_messages.tools_out import write_format, write_tools
from gateway.translation.codec import Json, Quirks, Written

HEADERS: Final[Headers] = [(b"anthropic-version", b"2023-06-01")]
"""The API's version, which every request must name; a Messages client's own counts more."""


def write_request(conversation: Conversation, losses: Losses, quirks: Quirks) -> Written:
    """A request for a message. What it loses is in `losses`; it raises nothing."""
    account = Account(conversation, losses, quirks)
    body: Json = {"model": conversation.model}
    write_messages(body, conversation, account)
    write_reasoning(body, conversation, account)
    write_parameters(body, conversation, account)
    write_tools(body, conversation, account)
    write_format(body, conversation.format, account)
    if conversation.stream:
        body["stream"] = True
    _write_rest(body, conversation, account)
    return Written(body, headers=[] if account.own else list(HEADERS))


def _write_rest(body: Json, conversation: Conversation, account: Account) -> None:
    """Hints and extras of a client of this dialect, back where they were; another's extras are lost by their names."""
    if not account.own:
        for name in conversation.extras:
            account.lose(name)
        return
    for name, value in hints_of(conversation).items():
        if name != "tools":
            body[name] = value
    for name, value in conversation.extras.items():
        _put(body, name, value)


def _put(body: Json, name: str, value: Any) -> None:  # noqa: ANN401 - any JSON
    """An extra by its path: a field of the body, of an object in it, or of its tools by their names."""
    holder, dot, field = name.partition(".")
    if holder == "tools" and dot:
        for tool in body.get("tools", ()):
            if isinstance(own := tool.get("name"), str) and own in value:
                tool[field] = value[own]
    elif dot:
        body.setdefault(holder, {})[field] = value
    else:
        body[name] = value
