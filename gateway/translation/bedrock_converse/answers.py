"""Converse's whole answer (API reference, Converse, "Response Syntax")."""

from collections.abc import Callable
from typing import Any, Final

import msgspec

from gateway.conversation.answer import Candidate, Completion
from gateway.conversation.parts import Part, Text, Thinking, ToolUse
from gateway.translation.bedrock_converse.blocks import NAME
from gateway.translation.bedrock_converse.pieces import (
    SERVER,
    citation,
    media,
    native,
    reason,
    stop_sequence,
    texts,
    tier,
    usage,
)
from gateway.translation.codec import Json
from gateway.translation.values import soft

BESIDES: Final = ("metrics", "trace", "performanceConfig", "additionalModelResponseFields")
"""What an answer says besides."""


def read_answer(answer: Json) -> Completion:
    """The completion, without an id: Converse gives that in a header only. Only a prompt router names a model."""
    output = soft(answer.get("output"), dict, {})
    message = soft(output.get("message"), dict, {})
    word = soft(answer.get("stopReason"), str, "")
    parts = [part for block in soft(message.get("content"), list, []) if (part := _part(block)) is not None]
    return Completion(
        model=_routed(answer),
        candidates=[Candidate(parts, reason(word) if word else None, word, stop_sequence(answer))],
        usage=usage(answer.get("usage")),
        service_tier=tier(answer),
        extras={name: answer[name] for name in BESIDES if answer.get(name)},
    )


def _routed(answer: Json) -> str:
    """The model that a prompt router chose."""
    trace = soft(answer.get("trace"), dict, {})
    return soft(soft(trace.get("promptRouter"), dict, {}).get("invokedModelId"), str, "")


def _part(block: object) -> Part | None:
    """One content block, which is a union: the one member it has says what it is."""
    if not isinstance(block, dict):
        return None
    for name, value in block.items():
        if name == "text":
            return Text(value) if isinstance(value, str) and value else None
        if isinstance(value, dict):
            return READERS[name](value) if name in READERS else native(name, value)
    return None


def _call(value: Json) -> Part:
    """A tool call; one that Bedrock has run itself is kept as it stands."""
    name = soft(value.get("name"), str, "")
    if value.get("type") == SERVER:
        return native("toolUse", value, name)
    arguments = msgspec.json.encode(value.get("input") or {}).decode()
    return ToolUse(soft(value.get("toolUseId"), str, ""), name, arguments)


def _thought(value: Json) -> Part | None:
    """Thoughts in words, or encrypted."""
    redacted = soft(value.get("redactedContent"), str, "")
    if redacted:
        return Thinking(redacted=redacted, maker=NAME)
    said = soft(value.get("reasoningText"), dict, {})
    text, signature = soft(said.get("text"), str, ""), soft(said.get("signature"), str, "")
    return Thinking(text, signature, maker=NAME) if text or signature else None


def _cited(value: Json) -> Part:
    """Words with what they are taken from."""
    found = [one for given in soft(value.get("citations"), list, []) if (one := citation(given)) is not None]
    return Text("".join(texts(value.get("content"))), found)


READERS: Final[dict[str, Callable[[dict[str, Any]], Part | None]]] = {
    "toolUse": _call,
    "reasoningContent": _thought,
    "citationsContent": _cited,
    "image": lambda value: media("image", value),
    "audio": lambda value: media("audio", value),
    "toolResult": lambda value: native("toolResult", value, soft(value.get("type"), str, "")),
}
