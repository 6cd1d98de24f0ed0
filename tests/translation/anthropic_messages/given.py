"""Short ways to say what a client asks, and what becomes of it."""

from gateway.conversation.events import Close, Open
from gateway.conversation.losses import Losses
from gateway.conversation.parts import Text
from gateway.conversation.request import Conversation, Message
from gateway.translation.anthropic_messages import CODEC
from gateway.translation.codec import Quirks

HELLO = [Message("user", [Text("Hello")])]


def asked(messages=None, dialect="openai_chat", model="claude-sonnet-4-5", **more):
    """What a client of another dialect asks."""
    return Conversation(dialect, model, HELLO if messages is None else messages, **more)


def sent(conversation, quirks=None):
    """The body that the provider gets, and what was lost on the way."""
    losses = Losses(CODEC.rules)
    return CODEC.write_request(conversation, losses, quirks or Quirks()).body, losses.refused


def body(conversation, quirks=None):
    """The body that the provider gets, when nothing is lost."""
    written, lost = sent(conversation, quirks)
    assert lost == []
    return written


def read(**fields):
    """What a Messages client asks, who says at least this."""
    return CODEC.read_request({"model": "m", "messages": [{"role": "user", "content": "Hello"}], **fields})


def said(role, *parts):
    return Message(role, list(parts))


def whole(part, at=0):
    """The events of a part that comes in one piece."""
    return [Open(0, at, part), Close(0, at)]
