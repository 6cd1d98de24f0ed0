"""Short ways to write conversations down."""

from typing import Any

from gateway.conversation.losses import Losses
from gateway.conversation.parts import Part, Text
from gateway.conversation.request import Conversation, Message
from gateway.translation.bedrock_converse import CODEC
from gateway.translation.codec import Quirks, Written
from tests.translation.bedrock_converse.shapes import check

MODEL = "us.anthropic.claude-opus-4-6-v1:0"


def talk(*parts: Part, model: str = MODEL, **fields: Any) -> Conversation:
    """One message of the user's."""
    return Conversation(fields.pop("dialect", "openai_chat"), model, [Message("user", list(parts))], **fields)


def hello(**fields: Any) -> Conversation:
    return talk(Text("Hello"), **fields)


def write(conversation: Conversation, quirks: Quirks | None = None) -> tuple[Written, Losses]:
    """What is written, which botocore accepts, and what was lost."""
    losses = Losses(CODEC.rules)
    written = CODEC.write_request(conversation, losses, quirks or Quirks())
    check(written)
    return written, losses


def body(conversation: Conversation) -> dict[str, Any]:
    """The body, of which nothing was lost."""
    written, losses = write(conversation)
    assert not losses.refused
    return written.body


def content(*parts: Part, **fields: Any) -> list[dict[str, Any]]:
    """The blocks of one message of the user's."""
    return body(talk(*parts, **fields))["messages"][0]["content"]
