"""Whether a body is one that Cohere's SDK would send: its own types, with nothing in them that they do not know."""

import inspect
from typing import Any

import cohere
from cohere.types import Document, ResponseFormatV2, Thinking, ToolV2
from cohere.types.chat_message_v2 import (
    AssistantChatMessageV2,
    SystemChatMessageV2,
    ToolChatMessageV2,
    UserChatMessageV2,
)
from pydantic import BaseModel, TypeAdapter

MESSAGES = {
    "system": SystemChatMessageV2,
    "user": UserChatMessageV2,
    "assistant": AssistantChatMessageV2,
    "tool": ToolChatMessageV2,
}
FIELDS = set(inspect.signature(cohere.ClientV2.chat).parameters) | {"stream"}
PLAIN = {
    "model": str,
    "stream": bool,
    "strict_tools": bool,
    "max_tokens": int,
    "stop_sequences": list[str],
    "temperature": float,
    "seed": int,
    "frequency_penalty": float,
    "presence_penalty": float,
    "k": int,
    "p": float,
    "logprobs": bool,
    "tool_choice": str,
    "thinking": Thinking,
    "tools": list[ToolV2],
    "documents": list[Document],
    "response_format": ResponseFormatV2,
}


def unknown(value: Any) -> list[str]:
    """Members that the SDK's types do not have."""
    if isinstance(value, list):
        return [name for one in value for name in unknown(one)]
    if not isinstance(value, BaseModel):
        return []
    inner = [name for field in type(value).model_fields for name in unknown(getattr(value, field))]
    return [*(value.model_extra or {}), *inner]


def check(body: dict[str, Any]) -> None:
    """Fail where a type of the SDK's would not take it."""
    assert set(body) <= FIELDS
    for message in body["messages"]:
        assert not unknown(MESSAGES[message["role"]].model_validate(message)), message
    for name, value in body.items():
        if name in PLAIN:
            assert not unknown(TypeAdapter(PLAIN[name]).validate_python(value)), name
