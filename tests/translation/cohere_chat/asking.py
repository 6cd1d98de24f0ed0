"""Short ways to write conversations down."""

from typing import Any

from gateway.conversation.losses import Losses
from gateway.conversation.parts import Part, Text
from gateway.conversation.request import Conversation, Message
from gateway.translation.codec import Quirks, Written
from gateway.translation.cohere_chat import CODEC
from tests.translation.cohere_chat.shapes import check

MODEL = "command-a-reasoning-08-2025"


def talk(*parts: Part, model: str = MODEL, **fields: Any) -> Conversation:
    """One message of the user's."""
    return Conversation(fields.pop("dialect", "openai_chat"), model, [Message("user", list(parts))], **fields)


def hello(**fields: Any) -> Conversation:
    return talk(Text("Hello"), **fields)


def write(conversation: Conversation, quirks: Quirks | None = None) -> tuple[Written, Losses]:
    """What is written, which the SDK's types take, and what was lost."""
    losses = Losses(CODEC.rules)
    written = CODEC.write_request(conversation, losses, quirks or Quirks())
    check(written.body)
    return written, losses


def body(conversation: Conversation) -> dict[str, Any]:
    """The body, of which nothing was lost."""
    written, losses = write(conversation)
    assert not losses.refused
    return written.body
