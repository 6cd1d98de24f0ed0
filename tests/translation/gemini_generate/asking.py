"""Short ways to write conversations down and to see what Google would get of them."""

import json
from typing import Any

from google.genai import types

from gateway.conversation.losses import Losses
from gateway.conversation.parts import Part, Text, ToolResult, ToolUse
from gateway.conversation.request import Conversation, Message
from gateway.translation.codec import Quirks, Written
from gateway.translation.gemini_generate import CODEC

OWN = "gemini_generate"
MODEL = "gemini-2.5-flash"


def talk(*messages: Message, model: str = MODEL, dialect: str = "openai_chat", **fields: Any) -> Conversation:
    return Conversation(dialect, model, list(messages), **fields)


def user(*parts: Part | str) -> Message:
    return Message("user", [Text(one) if isinstance(one, str) else one for one in parts])


def model(*parts: Part | str) -> Message:
    return Message("assistant", [Text(one) if isinstance(one, str) else one for one in parts])


def tool(*results: ToolResult) -> Message:
    return Message("tool", list(results))


def call(id: str, name: str = "add", arguments: str = '{"a":1}', **fields: Any) -> ToolUse:
    return ToolUse(id, name, arguments, **fields)


def result(id: str, text: str = "3", **fields: Any) -> ToolResult:
    return ToolResult(id, [Text(text)], **fields)


def hello(**fields: Any) -> Conversation:
    return talk(user("Hello"), **fields)


def write(conversation: Conversation, quirks: Quirks | None = None) -> tuple[Written, Losses]:
    """What is written, which google-genai's types accept, and what was lost."""
    losses = Losses(CODEC.rules)
    written = CODEC.write_request(conversation, losses, quirks or Quirks())
    for content in written.body["contents"]:
        types.Content.model_validate(content)
    types.GenerationConfig.model_validate(written.body.get("generationConfig", {}))
    for one in written.body.get("tools", ()):
        types.Tool.model_validate(one)
    return written, losses


def body(conversation: Conversation) -> dict[str, Any]:
    """The body, of which nothing was lost."""
    written, losses = write(conversation)
    assert not losses.refused
    return written.body


def contents(*messages: Message, **fields: Any) -> list[dict[str, Any]]:
    return body(talk(*messages, **fields))["contents"]


def config(**fields: Any) -> dict[str, Any]:
    return body(hello(**fields)).get("generationConfig", {})


def read(**members: Any) -> Conversation:
    """A client's request with these members."""
    asked = {"contents": [{"role": "user", "parts": [{"text": "Hello"}]}], **members}
    return CODEC.read_request({"model": MODEL, "stream": False, **asked})


def sdk(text: bytes) -> types.GenerateContentResponse:
    """An answer, or a chunk of one, as the official SDK reads it."""
    return types.GenerateContentResponse._from_response(response=json.loads(text), kwargs={})
